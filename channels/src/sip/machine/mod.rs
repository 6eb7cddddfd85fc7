//! The signalling of one call, as a machine: what comes goes in with its time, what is to be done comes out.
//! Refuses sockets, clocks and randomness; transactions are below it, the conversation is above it.

mod asked;
mod bye;
mod cancel;
mod elsewhere;
mod exchange;
mod invite;
mod plan;
mod progress;
mod refresh;
mod timers;
mod within;

pub use plan::{CallerId, Plan};

use super::dialog::Dialog;
use super::digest::Wallet;
use super::message::Message;
use super::tokens::Tokens;
use crate::call::CallEnd;
use crate::media::InfoRefused;
use std::time::Duration;
use timers::{Timer, Timers};
use within::Open;

/// The media of a call, as far as signalling has to do with it.
pub trait Media {
    /// Our offer.
    fn offer(&self) -> Vec<u8>;
    /// The far side's answer to it; an error says what cannot be agreed on.
    fn take_answer(&self, sdp: &[u8]) -> Result<(), String>;
    /// The far side's offer; gives our answer.
    fn take_offer(&self, sdp: &[u8]) -> Result<Vec<u8>, String>;
    /// The call is answered: keys count from now on, and sound goes out.
    fn connect(&self);
    /// A key that came in an INFO.
    fn info(&self, content_type: &str, body: &[u8]) -> Result<(), InfoRefused>;
}

/// The media of a call that is over: there are none.
pub struct Over;

impl Media for Over {
    fn offer(&self) -> Vec<u8> {
        Vec::new()
    }

    fn take_answer(&self, _sdp: &[u8]) -> Result<(), String> {
        Err("the call is over".into())
    }

    fn take_offer(&self, _sdp: &[u8]) -> Result<Vec<u8>, String> {
        Err("the call is over".into())
    }

    fn connect(&self) {}

    fn info(&self, content_type: &str, body: &[u8]) -> Result<(), InfoRefused> {
        crate::media::read_info(content_type, body).map(|_| ())
    }
}

/// What happens to a call.
#[derive(Debug, Clone)]
pub enum Event {
    /// Place it.
    Place,
    /// An answer to a request of ours came.
    Response(Message),
    /// A request of ours was not answered.
    TimedOut(Message),
    /// A request of ours was not answered and never will be, as its connection broke.
    Broken {
        /// Which.
        request: Message,
        /// Whether any of it may have arrived.
        sent: bool,
    },
    /// The far side asks something.
    Request(Message),
    /// Hang up; before the answer, take it back. It ends so, unless the far side was faster.
    HangUp(CallEnd),
    /// The time of [`Signalling::deadline`] is come.
    Tick,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Start a client transaction. Outside a dialog it goes to this address of the trunk.
    Request(Message, usize),
    /// Send an ACK, which is answered by nobody.
    Ack(Message, usize),
    /// Answer a request.
    Respond(Message),
    /// The INVITE was taken back and never answered: its transaction ends.
    Forget(Message),
    /// Tell whoever placed the call.
    Tell(Signal),
    /// The trunk refuses us for this reason.
    Trouble(String),
    /// This address of the trunk takes no calls for a while.
    Avoid {
        /// Which.
        peer: usize,
        /// Its `Retry-After`.
        retry_after: Option<Duration>,
    },
}

/// What is told of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// The trunk took it: its Call-ID.
    Placed(String),
    /// The phone rings.
    Ringing,
    /// It was answered, acknowledged, and sound flows.
    Answered,
    /// It is over; the last that is told.
    Ended(CallEnd),
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// An INVITE is out, nothing came.
    Calling,
    /// A provisional answer came.
    Ringing,
    /// It is to be taken back; the CANCEL waits for a provisional answer.
    Unwanted,
    /// The CANCEL is out.
    Cancelling,
    /// It was answered.
    Up,
    /// It is over; what comes late is still answered.
    Gone,
}

/// The signalling of one call.
pub struct Signalling {
    plan: Plan,
    tokens: Tokens,
    wallet: Wallet,
    stage: Stage,
    call_id: String,
    /// The value of `From`, with our tag.
    from: String,
    tag: String,
    calling: invite::Calling,
    /// Early ones, the one that won, and forks that are being ended.
    dialogs: Vec<Dialog>,
    /// Our requests within dialogs that are not answered yet.
    open: Vec<Open>,
    /// The 200 to a re-INVITE of theirs that they have not acknowledged.
    unacknowledged: Option<exchange::Unacknowledged>,
    session: refresh::Session,
    timers: Timers,
    /// How it ends if it was taken back.
    why: CallEnd,
    actions: Vec<Action>,
}

impl Signalling {
    /// A call that is not placed yet.
    pub fn new(call_id: String, plan: Plan, wallet: Wallet, mut tokens: Tokens) -> Self {
        let tag = tokens.word();
        Self {
            stage: Stage::Calling,
            from: plan.from(&tag),
            calling: invite::Calling::new(&plan),
            dialogs: Vec::new(),
            open: Vec::new(),
            unacknowledged: None,
            session: refresh::Session::default(),
            timers: Timers::default(),
            why: CallEnd::Done,
            actions: Vec::new(),
            plan,
            tokens,
            wallet,
            call_id,
            tag,
        }
    }

    /// Takes an event in; what is to be done, in order.
    pub fn step(&mut self, event: Event, media: &dyn Media, now: Duration) -> Vec<Action> {
        match event {
            Event::Place => self.place(media, now),
            Event::Response(response) => self.answered(response, media, now),
            Event::TimedOut(request) => self.unanswered(&request, invite::Answer::Nothing, media, now),
            Event::Broken { request, sent } => self.unanswered(&request, invite::Answer::Broken { sent }, media, now),
            Event::Request(request) => self.asked(&request, media, now),
            Event::HangUp(why) => self.hang_up(why, now),
            Event::Tick => self.tick(media, now),
        }
        std::mem::take(&mut self.actions)
    }

    /// When [`Event::Tick`] is due.
    pub fn deadline(&self) -> Option<Duration> {
        self.timers.next()
    }

    /// Whether nothing of it can come any more.
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Gone && !self.timers.is_set(Timer::Linger)
    }

    fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    fn tell(&mut self, signal: Signal) {
        self.act(Action::Tell(signal));
    }

    /// Ends the call, once.
    fn end(&mut self, end: CallEnd, now: Duration) {
        if self.stage == Stage::Gone {
            return;
        }
        self.stage = Stage::Gone;
        self.timers.clear();
        self.timers.set(Timer::Linger, now + super::transaction::LONG);
        self.tell(Signal::Ended(end));
    }

    fn tick(&mut self, media: &dyn Media, now: Duration) {
        while let Some(timer) = self.timers.due(now) {
            match timer {
                Timer::Ring => self.hang_up(CallEnd::NoAnswer, now),
                Timer::GiveUp => self.give_up(now),
                Timer::Repeat => self.repeat_answer(now),
                Timer::Unacknowledged => self.never_acknowledged(now),
                Timer::Refresh => self.refresh(media, now),
                Timer::Expire => self.expired(now),
                Timer::Linger => {}
            }
        }
    }
}

#[cfg(test)]
mod tests;
