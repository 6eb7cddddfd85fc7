//! One verification in flight: it asks the machine, makes the answer durable, then does what follows.
//! Refuses rules: they are in `engine::verification`; and refuses to be ahead of the store.

mod conversation;
mod effects;
mod step;

pub use step::settle;

use crate::desk::{Ended, Lost, open_code};
use crate::house::House;
use crate::ledger::NotWritten;
use crate::line::Outgoing;
use crate::router::Entry;
use crate::switchboard::{Release, Restore};
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, SpawnHandle, WrapFuture};
use channels::call::Keys;
use conversation::OnCall;
use engine::id::AttemptId;
use engine::moment::Moment;
use engine::number::PhoneNumber;
use engine::secret::Secret;
use engine::timeline;
use engine::verification::{Door, Event, Stage, Verification};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use store::Operation;
use tokio::sync::oneshot;

/// How long something waits that could not be done at once.
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
    /// The verification ended before its turn came.
    Ended,
}

/// Something for the machine.
pub enum What {
    /// An event.
    Event(Event),
    /// A code that is to be judged when its turn comes.
    Code(Door, Secret<String>),
    /// Keys of a call that are to be judged when their turn comes.
    Keys(AttemptId, Keys),
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
    pub notes: Vec<timeline::Entry>,
    /// Who waits for it.
    pub answer: oneshot::Sender<Result<Verification, NotWritten>>,
    /// Who waits for its end.
    pub end: Option<oneshot::Sender<Verification>>,
}

/// The actor of one verification. Most of its life it waits, and there may be a million: what it holds only for a moment
/// is in boxes.
pub struct InFlight {
    house: Rc<House>,
    verification: Verification,
    version: u64,
    birth: Option<Box<Birth>>,
    inbox: VecDeque<Happened>,
    busy: bool,
    /// The stage that is being made durable.
    coming: Option<Box<Stage>>,
    waiters: Vec<oneshot::Sender<Verification>>,
    timer: Option<SpawnHandle>,
    /// Cleared when the text that waits in a line, or for another try, is wanted no more.
    wanted: Option<Arc<AtomicBool>>,
    release: Option<Box<(AttemptId, oneshot::Sender<Option<Outgoing>>)>>,
    /// A place at the gateway, for the text that goes with the first change.
    entry: Option<Box<(AttemptId, Entry)>>,
    /// A call that is out.
    call: Option<Box<OnCall>>,
    /// Whether it has ended and only its call goes on.
    lingers: bool,
    /// Counts the questions to the owner of the number, so that an answer of one that died since is known.
    question: u32,
    ended: bool,
    /// Whether it was taken up because its actor died before.
    pub reborn: bool,
}

impl InFlight {
    /// A verification that is in the store in this version, or is to be born (version 0).
    pub fn new(house: Rc<House>, verification: Verification, version: u64, mut birth: Option<Birth>) -> Self {
        let waiters = birth.as_mut().and_then(|birth| birth.end.take()).into_iter().collect();
        Self {
            house,
            verification,
            version,
            birth: birth.map(Box::new),
            inbox: VecDeque::new(),
            busy: false,
            coming: None,
            waiters,
            timer: None,
            wanted: None,
            release: None,
            entry: None,
            call: None,
            lingers: false,
            question: 0,
            ended: false,
            reborn: false,
        }
    }

    /// The stage that it has, or is about to have.
    fn coming_stage(&self) -> Stage {
        self.coming.as_deref().copied().unwrap_or(self.verification.stage)
    }

    fn drive(&mut self, ctx: &mut Context<Self>) {
        while !self.busy && !self.ended {
            if self.house.closed.get() {
                return self.leave(ctx);
            }
            let Some(happened) = self.inbox.pop_front() else { return };
            self.step(happened, ctx);
        }
    }

    /// Its Desk is gone, and the next one takes it up from the store: whatever it did now would be done twice.
    fn leave(&mut self, ctx: &mut Context<Self>) {
        self.ended = true;
        self.withdraw();
        ctx.stop();
    }

    pub(super) fn read_person(&mut self, happened: Happened, ctx: &mut Context<Self>) {
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
                    tracing::error!(verification = %actor.verification.id, %cause, "the person could not be read");
                    actor.later(happened, NotWritten::Unavailable, ctx);
                }
            }
        }));
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
        self.inbox.shrink_to_fit();
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

    fn settled(&mut self, ctx: &mut Context<Self>) {
        for waiter in self.waiters.drain(..) {
            let _ = waiter.send(self.verification.clone());
        }
        self.house.shared.post(&self.verification);
        if self.call.is_some() { self.linger(ctx) } else { self.end(ctx) }
    }

    /// No code of ours is open at this number any more.
    fn release_number(&self, number: PhoneNumber) {
        self.house.shared.switchboard(number).do_send(Release { number, verification: self.verification.id });
    }

    fn end(&mut self, ctx: &mut Context<Self>) {
        self.ended = true;
        self.withdraw();
        for number in self.verification.rungs.iter().filter_map(|rung| rung.to) {
            self.release_number(number);
        }
        self.refuse_release();
        for left in self.inbox.drain(..) {
            if let Some(answer) = left.answer {
                let _ = answer.send(Answered::Ended);
            }
        }
        self.house.tell_desk(self.over());
        ctx.stop();
    }

    fn over(&self) -> Ended {
        Ended { id: self.verification.id, user: self.verification.user.clone(), reason: self.verification.reason() }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.withdraw();
        if !self.ended && !self.house.closed.get() {
            let (id, user) = (self.verification.id, self.verification.user.clone());
            self.house.tell_desk(Lost { id, user, again: self.reborn });
        }
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
    /// What is to be sent, or `None`.
    pub answer: oneshot::Sender<Option<Outgoing>>,
}

impl Handler<MayISend> for InFlight {
    type Result = ();

    fn handle(&mut self, ask: MayISend, ctx: &mut Self::Context) {
        let MayISend { attempt, line, answer } = ask;
        self.release = Some(Box::new((attempt, answer)));
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

/// Which code has it open? For an owner of numbers that is built anew.
#[derive(Message)]
#[rtype(result = "Option<Restore>")]
pub struct WhichCode;

impl Handler<WhichCode> for InFlight {
    type Result = Option<Restore>;

    /// Leave that the former owner gave and that was not taken over yet is asked for anew.
    fn handle(&mut self, _: WhichCode, ctx: &mut Self::Context) -> Self::Result {
        let stage = self.coming_stage();
        if let Stage::Reserving(leg) = stage {
            self.reserve(leg.code, leg.resends > 0, ctx);
        }
        open_code(&self.verification, stage)
    }
}
