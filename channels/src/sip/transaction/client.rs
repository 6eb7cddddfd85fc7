//! A request of ours until its final answer: RFC 3261 §17.1 with the Accepted state of RFC 6026.
//! Refuses to tell an answer again, but for each 2xx to an INVITE, which its caller must acknowledge anew.

use super::super::message::{Message, Method};
use super::{LONG, Repeat, Step, T2, T4};
use std::time::Duration;

/// The longest that an INVITE waits for its final answer: some far sides never send one.
const PROCEEDING: Duration = Duration::from_secs(300);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Sent, nothing came.
    Trying,
    /// A provisional answer came.
    Proceeding,
    /// A final answer came that is no 2xx to an INVITE.
    Completed,
    /// A 2xx to an INVITE came; more of them may.
    Accepted,
    Terminated,
}

/// What happened.
enum Event {
    Provisional(Message),
    Success(Message),
    Failure(Message),
}

/// A client transaction.
#[derive(Debug, Clone)]
pub(super) struct Client {
    request: Message,
    state: State,
    invite: bool,
    /// Over a stream nothing is sent twice.
    reliable: bool,
    repeat: Option<Repeat>,
    ends: Option<Duration>,
    ack: Option<Message>,
}

impl Client {
    /// A request that goes out now; the step is its sending.
    pub(super) fn start(request: Message, reliable: bool, now: Duration) -> (Self, Step) {
        let invite = request.method() == Some(&Method::Invite);
        let most = if invite { Duration::MAX } else { T2 };
        let repeat = (!reliable).then(|| Repeat::new(now, most));
        let send = Step::Send(request.clone());
        (Self { request, state: State::Trying, invite, reliable, repeat, ends: Some(now + LONG), ack: None }, send)
    }

    pub(super) const fn request(&self) -> &Message {
        &self.request
    }

    pub(super) fn is_over(&self) -> bool {
        self.state == State::Terminated
    }

    /// A response that names this transaction.
    pub(super) fn receive(&mut self, response: Message, now: Duration) -> Vec<Step> {
        let event = match response.status() {
            Some(100..200) => Event::Provisional(response),
            Some(200..300) => Event::Success(response),
            Some(_) => Event::Failure(response),
            None => return Vec::new(),
        };
        match (self.state, event) {
            (State::Trying | State::Proceeding, Event::Provisional(response)) => self.proceed(response, now),
            (State::Trying | State::Proceeding, Event::Success(response)) if self.invite => self.accept(response, now),
            (State::Trying | State::Proceeding, Event::Success(response) | Event::Failure(response)) => {
                self.complete(response, now)
            }
            (State::Accepted, Event::Success(response)) => vec![Step::Tell(response)],
            // A final answer that is repeated is acknowledged again (§17.1.1.2).
            (State::Completed, Event::Failure(_)) => self.ack.clone().map(Step::Send).into_iter().collect(),
            // A fork may answer after another one failed for good; its caller ends it.
            (State::Completed, Event::Success(response)) if self.invite => vec![Step::Tell(response)],
            (State::Completed, Event::Success(_) | Event::Provisional(_))
            | (State::Accepted, Event::Provisional(_) | Event::Failure(_))
            | (State::Terminated, Event::Provisional(_) | Event::Success(_) | Event::Failure(_)) => Vec::new(),
        }
    }

    fn proceed(&mut self, response: Message, now: Duration) -> Vec<Step> {
        if self.invite {
            // Timers A and B end: from now on the caller decides how long it rings, within reason.
            self.repeat = None;
            if self.state == State::Trying {
                self.ends = Some(now + PROCEEDING);
            }
        } else if let Some(repeat) = &mut self.repeat {
            repeat.interval = T2;
        }
        self.state = State::Proceeding;
        vec![Step::Tell(response)]
    }

    fn accept(&mut self, response: Message, now: Duration) -> Vec<Step> {
        (self.state, self.repeat, self.ends) = (State::Accepted, None, Some(now + LONG));
        vec![Step::Tell(response)]
    }

    fn complete(&mut self, response: Message, now: Duration) -> Vec<Step> {
        self.ack = self.invite.then(|| acknowledgement(&self.request, &response));
        let wait = match (self.reliable, self.invite) {
            (true, true | false) => Duration::ZERO,
            (false, true) => LONG,
            (false, false) => T4,
        };
        (self.state, self.repeat, self.ends) = (State::Completed, None, Some(now + wait));
        let ack = self.ack.clone().map(Step::Send);
        ack.into_iter().chain([Step::Tell(response)]).collect()
    }

    /// The time is come that [`Self::deadline`] said, or another: then nothing happens. With whether nobody answered.
    pub(super) fn tick(&mut self, now: Duration) -> (Vec<Step>, bool) {
        if self.ends.is_some_and(|ends| now >= ends) {
            let unanswered = self.is_unanswered();
            self.terminate();
            return (Vec::new(), unanswered);
        }
        let due = self.repeat.as_mut().is_some_and(|repeat| repeat.is_due(now));
        (if due { vec![Step::Send(self.request.clone())] } else { Vec::new() }, false)
    }

    /// Ends at once, as when its connection broke.
    pub(super) fn terminate(&mut self) {
        (self.state, self.repeat, self.ends) = (State::Terminated, None, None);
    }

    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self.state, State::Trying | State::Proceeding)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.repeat.map(|repeat| repeat.next).into_iter().chain(self.ends).min()
    }
}

/// The ACK for a final answer that is no 2xx (§17.1.1.3).
fn acknowledgement(invite: &Message, response: &Message) -> Message {
    let mut ack = Message::request(Method::Ack, invite.uri().expect("it is a request"));
    for name in ["Via", "Max-Forwards", "Route", "From", "Call-ID"] {
        let mut values = invite.all(name);
        let values: Vec<&str> = if name == "Via" { values.next().into_iter().collect() } else { values.collect() };
        values.into_iter().for_each(|value| ack.push(name, value));
    }
    ack.push("To", response.get("To").unwrap_or_default());
    let (number, _) = invite.cseq().expect("we wrote it");
    ack.with("CSeq", format!("{number} ACK"))
}
