//! A call as a machine: what the provider tells and asks, and what we order, in; what is to be done, out.
//! Refuses IO and clocks, to place anything, and to tell anything after the end.

use super::ending;
use super::step::{Act, Event};
use super::webhook::{Asked, Ended, Progress, Told};
use crate::call::{CallEnd, Keys, Listen, News, ORDER_WAIT, Order, Turn};
use engine::secret::Secret;
use std::mem;
use std::time::Duration;
use tokio::time::Instant;

/// Beyond the time that it may ring: the provider adds some seconds itself, and may listen for a machine for half a minute.
const RING_SLACK: Duration = Duration::from_secs(60);
/// Beyond the time that a call may last, for its last word to come.
const LAST_SLACK: Duration = Duration::from_secs(15);
/// How long the provider may listen for a machine.
const LISTENING: Duration = Duration::from_secs(30);
/// How long the last word is waited for once we hung up.
const GRACE: Duration = Duration::from_secs(5);
/// How long callbacks may say that a call was placed of which we do not know it, before its list is looked at.
const DOUBT: Duration = Duration::from_secs(2);

/// Where a call is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// The request to place it is out.
    Placing {
        hang_up: bool,
        doubt: Option<String>,
    },
    /// Placed and not answered.
    Ringing,
    /// Whoever asks waits for an order.
    Asking,
    /// A document is carried out; the last one hangs up by itself.
    Speaking {
        last: bool,
    },
    /// We hung up, and wait for the provider to say so.
    Leaving(CallEnd),
    Over,
}

/// One call.
#[derive(Debug)]
pub(super) struct Talk {
    ring: Duration,
    longest: Duration,
    stage: Stage,
    /// The provider's id, once it is known.
    sid: Option<String>,
    rang: bool,
    /// Whether it was told that somebody, or something, picked up.
    picked_up: bool,
    /// To be said when the provider asks next.
    order: Option<Turn>,
    /// How the rest is listened for once the first key of a turn is there.
    rest: Option<Listen>,
    /// The first key of the turn, while the rest is listened for.
    first_key: Option<Secret<String>>,
    /// Documents that were given out.
    given: u32,
    /// When the answered call is over, whatever happens.
    last_moment: Option<Instant>,
    deadline: Option<Instant>,
}

impl Talk {
    pub(super) const fn new(ring: Duration, longest: Duration) -> Self {
        Self {
            ring,
            longest,
            stage: Stage::Placing { hang_up: false, doubt: None },
            sid: None,
            rang: false,
            picked_up: false,
            order: None,
            rest: None,
            first_key: None,
            given: 0,
            last_moment: None,
            deadline: None,
        }
    }

    /// When [`Event::Late`] is due.
    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether the provider waits for an order.
    pub(super) fn is_asking(&self) -> bool {
        self.stage == Stage::Asking
    }

    /// The provider's id of the call.
    pub(super) fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// A callback names the call. Whether it is this one; the first that comes says which it is.
    pub(super) fn is_named(&mut self, sid: &str, now: Instant, acts: &mut Vec<Act>) -> bool {
        self.placed(sid, now, acts);
        self.sid() == Some(sid)
    }

    /// Takes one step.
    pub(super) fn on(&mut self, event: Event, now: Instant) -> Vec<Act> {
        let mut acts = Vec::new();
        match event {
            Event::Placed(sid) | Event::Found(Some(sid)) => self.placed(&sid, now, &mut acts),
            Event::Found(None) => self.not_found(&mut acts),
            Event::NotPlaced(end) if self.sid.is_none() => self.end(end, &mut acts),
            Event::NotPlaced(_) => {}
            Event::Doubtful(cause) => self.doubt(cause, now),
            Event::Order(Order::Say(turn)) => self.say(turn, now, &mut acts),
            Event::Order(Order::HangUp) => self.hang_up(now, &mut acts),
            Event::Asked(asked) => self.asked(asked, now, &mut acts),
            Event::Told(told) => self.told(&told, &mut acts),
            Event::Looked(told) => self.looked(told, &mut acts),
            Event::HungUp => self.deadline = matches!(self.stage, Stage::Leaving(_)).then(|| now + GRACE),
            Event::Late => self.late(now, &mut acts),
        }
        acts
    }

    /// The first to say so counts: the answer to the request, a callback, or the list.
    fn placed(&mut self, sid: &str, now: Instant, acts: &mut Vec<Act>) {
        if self.sid.is_some() || self.stage == Stage::Over {
            return;
        }
        acts.push(Act::Tell(News::Placed { provider_id: sid.to_owned() }));
        self.sid = Some(sid.to_owned());
        if let Stage::Placing { hang_up, .. } = self.stage {
            self.stage = Stage::Ringing;
            self.deadline = Some(now + self.ring + RING_SLACK);
            if hang_up {
                self.leave(CallEnd::Done, false, acts);
            }
        }
    }

    /// Nothing but a callback or the list can say now that it was placed.
    fn doubt(&mut self, cause: String, now: Instant) {
        if let Stage::Placing { doubt, .. } = &mut self.stage {
            *doubt = Some(cause);
            self.deadline = Some(now + DOUBT);
        }
    }

    fn not_found(&mut self, acts: &mut Vec<Act>) {
        if let Stage::Placing { doubt: Some(cause), .. } = &mut self.stage {
            let cause = mem::take(cause);
            self.end(CallEnd::Ambiguous { cause }, acts);
        }
    }

    fn say(&mut self, turn: Turn, now: Instant, acts: &mut Vec<Act>) {
        match self.stage {
            Stage::Placing { .. } | Stage::Ringing => self.order = Some(turn),
            Stage::Asking => self.give(turn, now, acts),
            Stage::Speaking { .. } => {
                self.order = Some(turn);
                acts.push(Act::Redirect(self.given));
            }
            Stage::Leaving(_) | Stage::Over => {}
        }
    }

    /// The provider's finish key is documented to work after other keys, so where `#` alone is an answer the first key is listened
    /// for alone: that way `#` comes as a key (gateways.md §3). Not elsewhere: a key that is pressed between two documents is lost.
    fn give(&mut self, turn: Turn, now: Instant, acts: &mut Vec<Act>) {
        let (alone, rest) = match turn.listen {
            Some(listen) if listen.most > 1 && listen.pound_alone => {
                (Some(Listen { most: 1, ..listen }), Some(Listen { most: listen.most - 1, ..listen }))
            }
            one_or_none => (one_or_none, None),
        };
        (self.rest, self.first_key) = (rest, None);
        self.give_out(Turn { listen: alone, ..turn }, now, acts);
    }

    fn give_out(&mut self, turn: Turn, now: Instant, acts: &mut Vec<Act>) {
        self.given += 1;
        self.stage = Stage::Speaking { last: turn.listen.is_none() };
        self.deadline = Some(self.last_moment.unwrap_or(now + self.longest + LAST_SLACK));
        acts.push(Act::Say(turn, self.given));
    }

    fn hang_up(&mut self, now: Instant, acts: &mut Vec<Act>) {
        match &mut self.stage {
            Stage::Placing { hang_up, .. } => *hang_up = true,
            Stage::Ringing => self.leave(CallEnd::Done, false, acts),
            Stage::Asking => self.dismiss(CallEnd::Done, now, acts),
            Stage::Speaking { .. } => self.leave(CallEnd::Done, true, acts),
            Stage::Leaving(_) | Stage::Over => {}
        }
    }

    /// By a request; the last word is waited for once that is answered.
    fn leave(&mut self, end: CallEnd, answered: bool, acts: &mut Vec<Act>) {
        self.stage = Stage::Leaving(end);
        self.deadline = None;
        acts.push(Act::HangUp { answered });
    }

    /// By what is answered to whoever asks.
    fn dismiss(&mut self, end: CallEnd, now: Instant, acts: &mut Vec<Act>) {
        self.stage = Stage::Leaving(end);
        self.deadline = Some(now + GRACE);
        acts.push(Act::Dismiss);
    }

    fn asked(&mut self, asked: Asked, now: Instant, acts: &mut Vec<Act>) {
        match self.stage {
            // It joins whoever asks already.
            Stage::Asking if asked.turn == self.given => {}
            // A callback that is here has told its call's id, so it is not being placed any more.
            Stage::Placing { .. } | Stage::Leaving(_) | Stage::Over => acts.push(Act::Dismiss),
            Stage::Ringing | Stage::Asking | Stage::Speaking { .. } => match asked.turn.cmp(&self.given) {
                // Asked for again: what was answered may have been lost.
                std::cmp::Ordering::Less => acts.push(Act::Repeat),
                std::cmp::Ordering::Equal => self.asked_next(asked, now, acts),
                // A document that we never gave out.
                std::cmp::Ordering::Greater => acts.push(Act::Dismiss),
            },
        }
    }

    fn asked_next(&mut self, asked: Asked, now: Instant, acts: &mut Vec<Act>) {
        let first = asked.turn == 0;
        if first && asked.machine {
            return self.dismiss(CallEnd::Voicemail, now, acts);
        }
        self.last_moment.get_or_insert(now + self.longest + LAST_SLACK);
        let order = self.order.take();
        if first {
            acts.push(Act::Tell(News::Answered));
        } else if order.is_none() {
            match self.all_keys(asked.keys) {
                Some(keys) => acts.push(Act::Tell(News::Keyed(keys))),
                None => return self.listen_on(now, acts),
            }
        }
        match order {
            Some(turn) => self.give(turn, now, acts),
            None => {
                self.stage = Stage::Asking;
                self.deadline = Some(now + ORDER_WAIT);
            }
        }
    }

    /// The keys of the turn, unless this was the first of several.
    fn all_keys(&mut self, keys: Keys) -> Option<Keys> {
        if let Some(first) = self.first_key.take() {
            let digits = Secret::new(format!("{}{}", first.expose(), keys.digits.expose()));
            return Some(Keys { digits, ..keys });
        }
        if self.rest.is_none() || keys.pound || keys.digits.expose().is_empty() {
            return Some(keys);
        }
        self.first_key = Some(keys.digits);
        None
    }

    fn listen_on(&mut self, now: Instant, acts: &mut Vec<Act>) {
        let listen = self.rest.take();
        self.give_out(Turn { parts: vec![], listen }, now, acts);
    }

    fn told(&mut self, told: &Told, acts: &mut Vec<Act>) {
        match told.progress {
            Progress::Ringing if self.stage == Stage::Ringing && !self.rang => {
                self.rang = true;
                acts.push(Act::Tell(News::Ringing));
            }
            Progress::InProgress => self.picked_up = true,
            Progress::Begun | Progress::Ringing => {}
            Progress::Ended(ended) => {
                let end = self.ended(ended, told);
                self.end(end, acts);
            }
        }
    }

    fn ended(&self, ended: Ended, told: &Told) -> CallEnd {
        let by_status = || ending::of_status(ended, told.sip, told.code);
        match &self.stage {
            Stage::Leaving(end) => end.clone(),
            Stage::Speaking { last: true } if ended == Ended::Completed => CallEnd::Done,
            Stage::Asking | Stage::Speaking { .. } => by_status().unwrap_or_else(|| self.completed(told)),
            // While the provider listens for a machine it asks nothing, and people hang up on silence.
            Stage::Ringing if self.picked_up && is_short(told) => by_status().unwrap_or(CallEnd::HungUp),
            Stage::Placing { .. } | Stage::Ringing | Stage::Over => by_status().unwrap_or_else(unasked),
        }
    }

    fn completed(&self, told: &Told) -> CallEnd {
        let too_long = told.seconds.is_some_and(|seconds| Duration::from_secs(seconds) >= self.longest);
        if too_long { CallEnd::TooLong } else { CallEnd::HungUp }
    }

    fn late(&mut self, now: Instant, acts: &mut Vec<Act>) {
        self.deadline = None;
        match &self.stage {
            Stage::Placing { doubt: Some(_), .. } => acts.push(Act::LookFor),
            Stage::Placing { doubt: None, .. } | Stage::Over => {}
            Stage::Ringing | Stage::Speaking { .. } => acts.push(Act::LookAt),
            Stage::Asking => self.dismiss(CallEnd::Done, now, acts),
            Stage::Leaving(end) => {
                let end = end.clone();
                self.end(end, acts);
            }
        }
    }

    /// The last word was lost, or is still to come.
    fn looked(&mut self, told: Option<Told>, acts: &mut Vec<Act>) {
        let progress = told.as_ref().map(|told| told.progress);
        if let (Some(told), Some(Progress::Ended(_))) = (&told, progress) {
            return self.told(told, acts);
        }
        if self.deadline.is_some() {
            // It went on meanwhile.
            return;
        }
        match self.stage {
            Stage::Ringing if progress == Some(Progress::InProgress) => self.leave(unasked(), true, acts),
            Stage::Ringing => self.leave(CallEnd::NoAnswer, false, acts),
            Stage::Speaking { .. } => self.leave(CallEnd::TooLong, true, acts),
            Stage::Placing { .. } | Stage::Asking | Stage::Leaving(_) | Stage::Over => {}
        }
    }

    fn end(&mut self, end: CallEnd, acts: &mut Vec<Act>) {
        if mem::replace(&mut self.stage, Stage::Over) != Stage::Over {
            self.deadline = None;
            acts.push(Act::End(end));
        }
    }
}

/// Whether somebody may have hung up before the provider was through with listening for a machine.
fn is_short(told: &Told) -> bool {
    told.seconds.is_some_and(|seconds| seconds < LISTENING.as_secs())
}

/// A call that ended without a question: whoever picked up heard nothing of us.
fn unasked() -> CallEnd {
    CallEnd::Cut { cause: "the gateway never asked us what to say; look at the public URL".into() }
}

#[cfg(test)]
#[path = "talk/tests.rs"]
mod tests;
