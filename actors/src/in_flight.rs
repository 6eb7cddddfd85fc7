//! One verification in flight: it asks the machine, makes the answer durable, then does what follows.
//! Refuses rules: they are in `engine::verification`; and refuses to be ahead of the store.

use crate::desk::{Desk, Ended};
use crate::house::House;
use crate::judge::{Judgement, code_of, judge};
use crate::ledger::NotWritten;
use crate::line::{Job, Withdraw};
use crate::router::NoRoute;
use crate::switchboard::{Heard, NumberNews, Release, Reserve};
use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, SpawnHandle, WrapFuture,
};
use channels::text::Text;
use engine::decision::cache_request;
use engine::id::AttemptId;
use engine::method::Mode;
use engine::moment::Moment;
use engine::secret::Secret;
use engine::timeline::Entry;
use engine::verification::{Door, Effect, Event, Mark, Refusal, Stage, Verdict, Verification};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;
use store::{Change, Document, Expect, Kind, Operation};
use tokio::sync::oneshot;
use tracing::Span;

/// How long a step waits that could not be written.
const RETRY: Duration = Duration::from_millis(500);

/// What became of something that was brought to a verification.
#[derive(Debug)]
pub enum Answered {
    /// It was taken, and this is how the verification stands; `invite` asks for a text that invites another try.
    Taken {
        /// The verification now.
        verification: Box<Verification>,
        /// Whether a reply should be answered with an invitation.
        invite: bool,
    },
    /// Codes of this person are not judged before this.
    Paused(Moment),
    /// It could not be made durable; nothing happened.
    NotWritten(NotWritten),
}

/// Something for the machine.
pub enum What {
    /// An event.
    Event(Event),
    /// A code that is to be judged when its turn comes.
    Code(Door, Secret<String>),
}

/// Something happened to this verification.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Happened {
    /// What.
    pub what: What,
    /// What must become durable with it.
    pub operations: Vec<Operation>,
    /// Who wants to know.
    pub answer: Option<oneshot::Sender<Answered>>,
}

impl From<Event> for Happened {
    fn from(event: Event) -> Self {
        Self { what: What::Event(event), operations: vec![], answer: None }
    }
}

/// What makes a new verification durable.
pub struct Birth {
    /// Beside the verification itself.
    pub operations: Vec<Operation>,
    /// What was decided.
    pub notes: Vec<Entry>,
    /// Who waits for it.
    pub answer: oneshot::Sender<Result<Verification, NotWritten>>,
}

/// The actor of one verification.
pub struct InFlight {
    house: Rc<House>,
    desk: Addr<Desk>,
    verification: Verification,
    version: u64,
    birth: Option<Birth>,
    inbox: VecDeque<Happened>,
    busy: bool,
    waiters: Vec<oneshot::Sender<Verification>>,
    timer: Option<SpawnHandle>,
    line: Option<usize>,
    release: Option<(AttemptId, oneshot::Sender<Option<Text>>)>,
    span: Span,
    ended: bool,
}

struct Step {
    stage: Stage,
    effects: Vec<Effect>,
    happened: Happened,
}

impl InFlight {
    /// A verification that is in the store in this version, or is to be born (version 0).
    pub fn new(
        house: Rc<House>,
        desk: Addr<Desk>,
        verification: Verification,
        version: u64,
        birth: Option<Birth>,
    ) -> Self {
        let span = tracing::info_span!("verification", id = %verification.id, application = %verification.application);
        Self {
            house,
            desk,
            verification,
            version,
            birth,
            inbox: VecDeque::new(),
            busy: false,
            waiters: Vec::new(),
            timer: None,
            line: None,
            release: None,
            span,
            ended: false,
        }
    }

    fn drive(&mut self, ctx: &mut Context<Self>) {
        while !self.busy && !self.ended {
            let Some(happened) = self.inbox.pop_front() else { return };
            if self.house.people.borrow().get(&self.verification.user).is_none() {
                return self.read_person(happened, ctx);
            }
            self.step(happened, ctx);
        }
    }

    fn read_person(&mut self, happened: Happened, ctx: &mut Context<Self>) {
        self.busy = true;
        let (house, name) = (Rc::clone(&self.house), self.verification.user.clone());
        let read = async move { house.reload(&name).await };
        ctx.spawn(read.into_actor(self).map(|read, actor, ctx| {
            actor.busy = false;
            match read {
                Ok(()) => {
                    actor.inbox.push_front(happened);
                    actor.drive(ctx);
                }
                Err(cause) => {
                    tracing::error!(parent: &actor.span, %cause, "the person could not be read");
                    actor.later(happened, NotWritten::Unavailable, ctx);
                }
            }
        }));
    }

    fn step(&mut self, mut happened: Happened, ctx: &mut Context<Self>) {
        let now = self.house.now();
        let span = self.span.clone();
        let _in_span = span.enter();
        let Some((event, token)) = self.event(&happened, now) else {
            return self.pause(happened, now);
        };
        happened.operations.extend(token);
        let (stage, effects) = self.next(&event, now);
        if self.birth.is_some() && matches!(stage, Stage::Reserving(_)) {
            return self.reserve_before_birth(stage, effects, ctx);
        }
        let idle = stage == self.verification.stage && effects.is_empty() && happened.operations.is_empty();
        if idle && self.birth.is_none() {
            return self.answer(happened, false);
        }
        let change = self.change(stage, &effects, &mut happened, now);
        if change.operations.is_empty() {
            return self.durable(Step { stage, effects, happened }, ctx);
        }
        self.commit(change, Step { stage, effects, happened }, ctx);
    }

    /// The rules, with a floor under them: a panic in them ends this verification and no other.
    fn next(&self, event: &Event, now: Moment) -> (Stage, Vec<Effect>) {
        let stepped = catch_unwind(AssertUnwindSafe(|| {
            if let Some(watch) = &self.house.shared.watch {
                watch(&self.verification, event);
            }
            self.verification.next(event, now)
        }));
        stepped.unwrap_or_else(|_| {
            tracing::warn!("a rule broke; the verification ends");
            self.verification.next(&Event::Broken, now)
        })
    }

    /// The event, and the token that moves with it; `None` while codes of this person are not judged.
    fn event(&self, happened: &Happened, now: Moment) -> Option<(Event, Option<Operation>)> {
        let (door, digits) = match &happened.what {
            What::Event(event) => return Some((event.clone(), None)),
            What::Code(door, digits) => (*door, digits),
        };
        let policy = self.house.policy();
        let mut people = self.house.people.borrow_mut();
        let person = people.get(&self.verification.user)?;
        if !self.verification.stage.is_settled() && person.standing.value.guesses.pause_until(now).is_some() {
            return None;
        }
        let Judgement { verdict, token } =
            judge(&self.house.shared, &self.verification, person, &policy, digits.expose(), now);
        let counts = matches!(self.verification.stage, Stage::Awaiting(_)) && verdict == Verdict::Right;
        let moved = token
            .filter(|_| counts)
            .and_then(|(index, state)| people.move_token(&self.verification.user, index, state));
        Some((Event::Entered { door, verdict }, moved))
    }

    fn pause(&self, happened: Happened, now: Moment) {
        let people = self.house.people.borrow();
        let until = people.get(&self.verification.user).and_then(|p| p.standing.value.guesses.pause_until(now));
        if let Some(answer) = happened.answer {
            let _ = answer.send(Answered::Paused(until.unwrap_or(now)));
        }
    }

    /// Before the first commit nobody knows of this verification, so asking the number's owner needs no durable stage.
    fn reserve_before_birth(&mut self, stage: Stage, effects: Vec<Effect>, ctx: &mut Context<Self>) {
        self.verification.apply(stage);
        for effect in effects {
            if let (Effect::Note(entry), Some(birth)) = (&effect, self.birth.as_mut()) {
                birth.notes.push(entry.clone());
            } else {
                self.perform(effect, ctx);
            }
        }
    }

    fn change(&mut self, stage: Stage, effects: &[Effect], happened: &mut Happened, now: Moment) -> Change {
        let before = self.verification.stage;
        self.verification.apply(stage);
        let id = self.verification.id;
        let mut operations = std::mem::take(&mut happened.operations);
        let mut notes = Vec::new();
        if let Some(birth) = self.birth.as_mut() {
            operations.append(&mut birth.operations);
            notes.append(&mut birth.notes);
        }
        operations.extend(self.state_change(before, stage, now));
        self.verification.apply(before);
        notes.extend(effects.iter().filter_map(|effect| match effect {
            Effect::Note(entry) => Some(entry.clone()),
            Effect::Reserve { .. }
            | Effect::Send { .. }
            | Effect::Withdraw { .. }
            | Effect::Release { .. }
            | Effect::Hold { .. }
            | Effect::Invite
            | Effect::Mark(_)
            | Effect::Settle(_) => None,
        }));
        if !notes.is_empty() {
            let body = serde_json::to_vec(&notes).expect("entries are plain structs");
            operations.push(Operation::Append { verification: id, at: now, body });
        }
        operations.extend(self.marks(effects, now));
        Change { operations }
    }

    fn state_change(&self, before: Stage, stage: Stage, now: Moment) -> Vec<Operation> {
        let id = self.verification.id.to_string();
        let expect = if self.version == 0 { Expect::Absent } else { Expect::Version(self.version) };
        if before.is_settled() || (stage == before && self.version > 0) {
            return vec![];
        }
        if !stage.is_settled() {
            return vec![Operation::put(id, &self.verification, expect)];
        }
        let mut operations = vec![settle(&self.verification, now)];
        if self.version > 0 {
            operations.push(Operation::delete(Kind::Open, id, expect));
        }
        operations
    }

    fn marks(&self, effects: &[Effect], now: Moment) -> Vec<Operation> {
        let marks: Vec<_> = effects
            .iter()
            .filter_map(|effect| if let Effect::Mark(mark) = effect { Some(*mark) } else { None })
            .collect();
        if marks.is_empty() {
            return vec![];
        }
        let policy = self.house.policy();
        let caller = self.verification.caller.to_string();
        let key = cache_request(&self.verification.application, &caller, self.verification.client_ip, &policy);
        self.house.people.borrow_mut().mark(&self.verification.user, &marks, &policy, &key, now)
    }

    fn commit(&mut self, change: Change, step: Step, ctx: &mut Context<Self>) {
        self.busy = true;
        let ledger = self.house.shared.ledger.clone();
        let written = async move { ledger.commit(change).await };
        ctx.spawn(written.into_actor(self).map(move |written, actor, ctx| {
            let span = actor.span.clone();
            let _in_span = span.enter();
            actor.busy = false;
            match written {
                Ok(_) => actor.durable(step, ctx),
                Err(why) => actor.not_written(step.happened, why, ctx),
            }
            actor.drive(ctx);
        }));
    }

    fn durable(&mut self, step: Step, ctx: &mut Context<Self>) {
        let Step { stage, effects, happened } = step;
        if self.version == 0 || stage != self.verification.stage {
            self.version += 1;
        }
        self.verification.apply(stage);
        let invite = effects.contains(&Effect::Invite);
        if let Some(birth) = self.birth.take() {
            let _ = birth.answer.send(Ok(self.verification.clone()));
        }
        for effect in effects {
            self.perform(effect, ctx);
        }
        self.answer(happened, invite);
        self.arm(ctx);
    }

    /// Whatever was brought by somebody who waits is refused; what happened by itself is tried again.
    fn not_written(&mut self, happened: Happened, why: NotWritten, ctx: &mut Context<Self>) {
        self.house.people.borrow_mut().forget(&self.verification.user);
        if let Some(birth) = self.birth.take() {
            let _ = birth.answer.send(Err(why));
            self.end(ctx);
            return;
        }
        tracing::warn!(%why, "a step could not be written");
        self.later(happened, why, ctx);
    }

    fn later(&mut self, happened: Happened, why: NotWritten, ctx: &mut Context<Self>) {
        if let Some(answer) = happened.answer {
            let _ = answer.send(Answered::NotWritten(why));
            return;
        }
        self.busy = true;
        ctx.run_later(RETRY, move |actor, ctx| {
            actor.busy = false;
            actor.inbox.push_front(happened);
            actor.drive(ctx);
        });
    }

    fn answer(&self, happened: Happened, invite: bool) {
        if let Some(answer) = happened.answer {
            let _ = answer.send(Answered::Taken { verification: Box::new(self.verification.clone()), invite });
        }
    }

    fn arm(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        if let Some(deadline) = self.verification.deadline() {
            let wait = deadline.since(self.house.now());
            self.timer = Some(ctx.run_later(wait, |actor, ctx| {
                actor.timer = None;
                actor.inbox.push_back(Event::Tick.into());
                actor.drive(ctx);
                if actor.timer.is_none() && !actor.busy && !actor.ended {
                    actor.arm(ctx);
                }
            }));
        }
    }

    fn perform(&mut self, effect: Effect, ctx: &mut Context<Self>) {
        match effect {
            Effect::Note(entry) => tracing::info!(what = %entry.what, detail = entry.detail.as_deref(), "timeline"),
            Effect::Reserve { code, resend } => self.reserve(code, resend, ctx),
            Effect::Send { attempt, tried } => self.send(attempt, tried, ctx),
            Effect::Withdraw { attempt } => self.withdraw(attempt),
            Effect::Release { attempt } => self.release(attempt),
            Effect::Hold { attempt } => self.hold(attempt),
            Effect::Mark(mark) => self.tell_number(mark),
            Effect::Settle(_) => self.settled(ctx),
            Effect::Invite => {}
        }
    }

    fn reserve(&mut self, code: u16, resend: bool, ctx: &mut Context<Self>) {
        let (Some(leg), Some(rung)) = (self.verification.leg(), self.verification.rung()) else { return };
        let Some(number) = rung.to else { return };
        let two_way = matches!(rung.mode, Mode::TwoWayOtp | Mode::TwoWayOtpPin);
        let resend = resend.then(|| leg.resends.saturating_sub(1));
        let wish = Reserve { number, verification: self.verification.id, rung: leg.rung, code, resend, two_way };
        let asked = self.house.shared.switchboard(number).send(wish);
        ctx.spawn(asked.into_actor(self).map(|answer, actor, ctx| {
            let event = match answer {
                Ok(Ok(code)) => Event::Reserved { code },
                Ok(Err(reason)) => Event::Limited { reason },
                Err(_) => Event::Limited { reason: engine::reason::Reason::InternalError },
            };
            actor.inbox.push_back(event.into());
            actor.drive(ctx);
        }));
    }

    fn send(&mut self, attempt: AttemptId, tried: u32, ctx: &mut Context<Self>) {
        let (Some(leg), Some(rung)) = (self.verification.leg(), self.verification.rung()) else { return };
        let Some(to) = rung.to else { return };
        let job = Job { attempt, to, until: leg.until, owner: ctx.address() };
        let (refusal, detail) = match self.house.shared.router().send(to, tried, job) {
            Ok(line) => {
                self.line = Some(line);
                return;
            }
            Err(NoRoute::Busy) => (Refusal::Busy, "the queue of the line is full"),
            Err(NoRoute::NoLine) => (Refusal::NoLine, "no line is left that could send it"),
        };
        self.inbox.push_back(Event::Refused { attempt, refusal, detail: detail.into() }.into());
    }

    fn withdraw(&mut self, attempt: AttemptId) {
        if let Some(line) = self.line.and_then(|index| self.house.shared.router().lines().get(index)) {
            line.addr.do_send(Withdraw(attempt));
        }
    }

    fn release(&mut self, attempt: AttemptId) {
        let Some((asked, answer)) = self.release.take() else { return };
        let text = (asked == attempt).then(|| self.text(attempt)).flatten();
        let _ = answer.send(text);
    }

    fn hold(&mut self, attempt: AttemptId) {
        if self.release.as_ref().is_some_and(|(asked, _)| *asked == attempt)
            && let Some((_, answer)) = self.release.take()
        {
            let _ = answer.send(None);
        }
    }

    fn text(&self, attempt: AttemptId) -> Option<Text> {
        let (leg, rung) = (self.verification.leg()?, self.verification.rung()?);
        let policy = self.house.policy();
        let code = code_of(&self.house.shared, &self.verification, leg, &policy);
        let name = policy.application_name(&self.verification.application);
        let body = engine::wording::text(&policy.sms.text, rung.mode, &code, name);
        Some(Text { attempt, to: rung.to?.to_string(), body, valid_for: leg.until.since(self.house.now()) })
    }

    fn tell_number(&self, mark: Mark) {
        let Some(number) = self.verification.rung().and_then(|rung| rung.to) else { return };
        let news = match mark {
            Mark::NumberAnswered => NumberNews::Answered,
            Mark::NumberBad => NumberNews::Bad,
            Mark::NumberOptedOut => NumberNews::OptedOut,
            Mark::WrongCode | Mark::PinDenied | Mark::Success | Mark::Fraud => return,
        };
        self.house.shared.switchboard(number).do_send(Heard { number, news });
    }

    fn settled(&mut self, ctx: &mut Context<Self>) {
        for waiter in self.waiters.drain(..) {
            let _ = waiter.send(self.verification.clone());
        }
        self.end(ctx);
    }

    fn end(&mut self, ctx: &mut Context<Self>) {
        self.ended = true;
        for number in self.verification.rungs.iter().filter_map(|rung| rung.to) {
            self.house.shared.switchboard(number).do_send(Release { number, verification: self.verification.id });
        }
        if let Some((_, answer)) = self.release.take() {
            let _ = answer.send(None);
        }
        for left in self.inbox.drain(..) {
            if let Some(answer) = left.answer {
                let verification = Box::new(self.verification.clone());
                let _ = answer.send(Answered::Taken { verification, invite: false });
            }
        }
        self.desk.do_send(Ended {
            id: self.verification.id,
            user: self.verification.user.clone(),
            reason: self.verification.reason(),
        });
        ctx.stop();
    }
}

/// The outcome of a settled verification, for the feed.
pub fn settle(verification: &Verification, now: Moment) -> Operation {
    Operation::Settle {
        verification: verification.id,
        at: now,
        caller: verification.caller.to_string(),
        application: verification.application.to_string(),
        body: verification.to_body(),
    }
}

impl Actor for InFlight {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.birth.is_none() {
            self.arm(ctx);
        }
    }
}

impl Handler<Happened> for InFlight {
    type Result = ();

    fn handle(&mut self, happened: Happened, ctx: &mut Self::Context) {
        self.inbox.push_back(happened);
        self.drive(ctx);
    }
}

/// A line has a free place: may this send go?
#[derive(Message)]
#[rtype(result = "()")]
pub struct MayISend {
    /// Which send.
    pub attempt: AttemptId,
    /// The line's name.
    pub line: Box<str>,
    /// The text to send, or `None`.
    pub answer: oneshot::Sender<Option<Text>>,
}

impl Handler<MayISend> for InFlight {
    type Result = ();

    fn handle(&mut self, ask: MayISend, ctx: &mut Self::Context) {
        let MayISend { attempt, line, answer } = ask;
        self.release = Some((attempt, answer));
        self.inbox.push_back(Event::Dispatched { attempt, line }.into());
        self.drive(ctx);
    }
}

/// How does it stand?
#[derive(Message)]
#[rtype(result = "Seen")]
pub struct Look {
    /// Whether to be told of its end too.
    pub wait: bool,
}

/// A verification as it stands, and a promise of its end.
#[derive(actix::MessageResponse)]
pub struct Seen {
    /// Now.
    pub verification: Verification,
    /// Its end.
    pub end: Option<oneshot::Receiver<Verification>>,
}

impl Handler<Look> for InFlight {
    type Result = Seen;

    fn handle(&mut self, look: Look, _: &mut Self::Context) -> Seen {
        self.waiters.retain(|waiter| !waiter.is_closed());
        let end = look.wait.then(|| {
            let (tell, told) = oneshot::channel();
            self.waiters.push(tell);
            told
        });
        Seen { verification: self.verification.clone(), end }
    }
}
