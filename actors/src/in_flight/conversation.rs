//! The call of a verification: what it says, what is pressed in it, and when it is over.
//! Refuses sound: words are found by the speech of the settings, and spoken by the gateway.

use super::InFlight;
use crate::desk::OnlyItsCall;
use crate::keys::{self, Pressed};
use crate::letters::Told;
use crate::line::Outgoing;
use crate::speech::Said;
use actix::{AsyncContext, Context};
use channels::call::{Call, Keys, Listen, Order, Part, Turn, Utterance};
use engine::id::{AttemptId, UserId};
use engine::moment::Moment;
use engine::notice::Notice;
use engine::prompt::Prompt;
use engine::secret::Secret;
use engine::verification::{self, Event, Keyed, NewPin, Saying};
use std::time::Duration;
use store::Operation;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// How long a call may go on after the verification has ended: the goodbye is said meanwhile, and nobody else is called there.
const GOODBYE: Duration = Duration::from_secs(30);

/// A call that is out.
pub(super) struct OnCall {
    attempt: AttemptId,
    orders: UnboundedSender<Order>,
    /// The new PIN, until it is keyed once more, and when the one was set that it is to replace.
    new_pin: Option<(Secret<String>, Moment)>,
}

impl InFlight {
    /// The call to place, for whoever has leave to.
    pub(super) fn place(&mut self, attempt: AttemptId) -> Option<Outgoing> {
        let rung = self.verification.rung()?;
        let dialling = rung.dialling.as_deref()?;
        let call = Call {
            attempt,
            to: rung.to?,
            ring: Duration::from_secs(dialling.ring_seconds.into()),
            longest: Duration::from_secs(dialling.longest_seconds.into()),
        };
        let (orders, receiver) = unbounded_channel();
        self.call = Some(Box::new(OnCall { attempt, orders, new_pin: None }));
        Some(Outgoing::Call(call, receiver))
    }

    pub(super) fn say(&self, attempt: AttemptId, turn: &verification::Turn) {
        self.order(attempt, || Order::Say(self.turn(attempt, turn)));
    }

    pub(super) fn hang_up(&self, attempt: AttemptId) {
        self.order(attempt, || Order::HangUp);
    }

    /// A call that is over meanwhile hears nothing any more, and has told its end.
    fn order(&self, attempt: AttemptId, order: impl FnOnce() -> Order) {
        if let Some(call) = self.call.as_ref().filter(|call| call.attempt == attempt) {
            let _ = call.orders.send(order());
        }
    }

    fn turn(&self, attempt: AttemptId, turn: &verification::Turn) -> Turn {
        let rung = self.verification.rungs.get(usize::from(attempt.rung));
        let extension = rung.and_then(|rung| rung.dialling.as_deref()).and_then(|dialling| dialling.extension.as_ref());
        let part = |saying: &Saying| match saying {
            Saying::Prompt(prompt) => Some(Part::Say(self.utterance(*prompt, attempt))),
            Saying::Extension => extension.cloned().map(Part::Dial),
        };
        let listen = turn.listens.map(|listens| Listen {
            wait: Duration::from_secs(listens.seconds.into()),
            most: listens.most,
            pound_alone: listens.pound_alone,
        });
        Turn { parts: turn.says.iter().filter_map(part).collect(), listen }
    }

    fn utterance(&self, prompt: Prompt, attempt: AttemptId) -> Utterance {
        let policy = self.house.policy();
        let of = &self.verification;
        let dialling = of.rungs.get(usize::from(attempt.rung)).and_then(|rung| rung.dialling.as_deref());
        let people = self.house.people.borrow();
        let user = people.get(&of.user).and_then(|person| person.user.as_ref());
        let said = Said {
            prompt,
            application: policy.application_name(&of.application),
            company: &policy.voice.company,
            fraud_code: dialling.map_or(&*policy.fraud.code, |dialling| &*dialling.fraud_code),
            extension: dialling.and_then(|dialling| dialling.extension.as_ref()),
            least_digits: policy.pin.shortest_for(user.and_then(|user| user.value.pin_min_length)),
        };
        let language = dialling.and_then(|dialling| dialling.language.as_deref()).unwrap_or(&of.language);
        (self.house.shared.speech)(language, &said, &self.house.shared.recordings.load())
    }

    /// The worth of keys; `None` if nobody of this name is in memory.
    pub(super) fn pressed(&mut self, attempt: AttemptId, keys: &Keys, now: Moment) -> Option<Event> {
        let policy = self.house.policy();
        let people = self.house.people.borrow();
        let person = people.get(&self.verification.user)?;
        let call = self.call.as_mut().filter(|call| call.attempt == attempt);
        let new_pin = call.as_ref().and_then(|call| call.new_pin.as_ref()).map(|(pin, set_at)| (pin, *set_at));
        let (shared, of) = (&self.house.shared, &self.verification);
        let keyed = Pressed { shared, of, attempt, person, policy: &policy, keys, new_pin, now }.worth();
        if keyed == Keyed::NewPin(NewPin::Possible)
            && let (Some(call), Some(user)) = (call, &person.user)
        {
            call.new_pin = Some((keys.digits.clone(), user.value.pin.set_at));
        }
        Some(Event::Keyed { attempt, keyed })
    }

    /// What is written where the machine says that the PIN is changed: it was keyed twice, and is in memory.
    pub(super) fn changed_pin(&self, now: Moment) -> Vec<Operation> {
        let Some((pin, _)) = self.call.as_ref().and_then(|call| call.new_pin.as_ref()) else { return vec![] };
        let (shared, policy) = (&self.house.shared, self.house.policy());
        let mut people = self.house.people.borrow_mut();
        let person = people.get_mut(&self.verification.user);
        let Some(user) = person.and_then(|person| person.user.as_mut()) else { return vec![] };
        keys::change_pin(&mut user.value, shared, &policy, pin.expose(), now);
        let told = shared.doors().mail(&user.value, &policy, Notice::PinChanged, &Told::default(), now);
        [user.write(&self.verification.user), pin_changed(user.value.id, now)].into_iter().chain(told).collect()
    }

    /// A call of ours is over, whatever it was about.
    pub(super) fn call_over(&mut self, event: &Event) {
        let over = match event {
            Event::CallEnded { attempt, .. }
            | Event::Refused { attempt, .. }
            | Event::Uncertain { attempt, .. }
            | Event::LineLost { attempt } => Some(*attempt),
            Event::TurnCame
            | Event::Reserved { .. }
            | Event::Limited { .. }
            | Event::Dispatched { .. }
            | Event::Accepted { .. }
            | Event::Rang { .. }
            | Event::PickedUp { .. }
            | Event::Keyed { .. }
            | Event::Receipt { .. }
            | Event::Entered { .. }
            | Event::FraudReported
            | Event::ResendAsked
            | Event::Cancelled { .. }
            | Event::Recovered
            | Event::Tick
            | Event::Broken => None,
        };
        if self.call.as_ref().is_some_and(|call| Some(call.attempt) == over) {
            self.call = None;
        }
    }

    /// The verification has ended and is told; its actor stays while the goodbye is said, so that neither the number nor the
    /// person is called meanwhile. Nobody joins it any more.
    pub(super) fn linger(&mut self, ctx: &mut Context<Self>) {
        self.lingers = true;
        self.house.tell_desk(OnlyItsCall(self.over()));
        ctx.run_later(GOODBYE, |actor, ctx| {
            if !actor.ended {
                actor.end(ctx);
            }
        });
    }

    /// The end of a goodbye.
    pub(super) fn leave_call(&mut self, ctx: &mut Context<Self>) {
        if self.lingers && self.call.is_none() && !self.ended {
            self.end(ctx);
        }
    }
}

/// The link of the audit chain.
fn pin_changed(user: UserId, now: Moment) -> Operation {
    let body = serde_json::json!({ "act": "phone.pin", "by": user.to_string(), "on": user.to_string() });
    Operation::Audit { at: now, body: body.to_string().into_bytes() }
}
