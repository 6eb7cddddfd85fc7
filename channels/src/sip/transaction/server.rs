//! A request of the far side until its answer was taken: RFC 3261 §17.2 with the Accepted state of RFC 6026.
//! Refuses to tell a request again: what is repeated gets the answer it had.

use super::super::message::{Message, Method};
use super::{LONG, Repeat, Step, T2, T4};
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Told, not answered.
    Trying,
    /// Answered, but not with a 2xx to an INVITE.
    Completed,
    /// The ACK of such an answer came.
    Confirmed,
    /// Answered with a 2xx to an INVITE, which its caller repeats.
    Accepted,
    Terminated,
}

/// Call-ID, CSeq and tag of a request.
pub(super) type Merge = (String, String, String);

/// A server transaction.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Of the request: who sees the same again under another branch is told.
    pub(super) merge: Merge,
    state: State,
    invite: bool,
    reliable: bool,
    answer: Option<Message>,
    repeat: Option<Repeat>,
    ends: Option<Duration>,
}

impl Server {
    pub(super) fn start(request: &Message, reliable: bool) -> Self {
        let text = |name| request.get(name).unwrap_or_default().to_owned();
        Self {
            merge: (text("Call-ID"), text("CSeq"), request.from_tag().unwrap_or_default()),
            state: State::Trying,
            invite: request.method() == Some(&Method::Invite),
            reliable,
            answer: None,
            repeat: None,
            ends: None,
        }
    }

    /// The same request came again.
    pub(super) fn again(&self) -> Vec<Step> {
        match self.state {
            State::Completed | State::Accepted => self.answer.clone().map(Step::Send).into_iter().collect(),
            State::Trying | State::Confirmed | State::Terminated => Vec::new(),
        }
    }

    /// Our final answer.
    pub(super) fn answer(&mut self, response: Message, now: Duration) -> Vec<Step> {
        let success = response.status().is_some_and(|status| (200..300).contains(&status));
        self.answer = Some(response.clone());
        let wait = match (self.invite, self.reliable) {
            (true, true | false) | (false, false) => LONG,
            (false, true) => Duration::ZERO,
        };
        self.ends = Some(now + wait);
        self.state = if self.invite && success { State::Accepted } else { State::Completed };
        self.repeat = (self.invite && !success && !self.reliable).then(|| Repeat::new(now, T2));
        vec![Step::Send(response)]
    }

    /// An ACK with this branch; whether it was for this transaction. That of a 2xx is not, though some send it so.
    pub(super) fn acknowledged(&mut self, now: Duration) -> bool {
        match self.state {
            State::Completed if self.invite => {
                let wait = if self.reliable { Duration::ZERO } else { T4 };
                (self.state, self.repeat, self.ends) = (State::Confirmed, None, Some(now + wait));
                true
            }
            State::Completed | State::Trying | State::Confirmed | State::Terminated => true,
            State::Accepted => false,
        }
    }

    pub(super) fn tick(&mut self, now: Duration) -> Vec<Step> {
        if self.ends.is_some_and(|ends| now >= ends) {
            (self.state, self.repeat, self.ends) = (State::Terminated, None, None);
            return Vec::new();
        }
        let due = self.repeat.as_mut().is_some_and(|repeat| repeat.is_due(now));
        if due { self.answer.clone().map(Step::Send).into_iter().collect() } else { Vec::new() }
    }

    pub(super) fn is_over(&self) -> bool {
        self.state == State::Terminated
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.repeat.map(|repeat| repeat.next).into_iter().chain(self.ends).min()
    }
}
