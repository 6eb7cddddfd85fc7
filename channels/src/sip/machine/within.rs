//! Our requests within dialogs, and what their answers do (RFC 3261 §12.2.1).
//! Refuses to send one again unless it was challenged, or is to be sent otherwise.

use super::super::digest::Attempts;
use super::super::message::{Message, Method};
use super::invite::Answer;
use super::timers::Timer;
use super::{Action, Media, Signalling, Stage};
use std::time::Duration;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Prack,
    Bye,
    Refresh,
}

/// A request that is not answered.
pub(super) struct Open {
    branch: String,
    method: Method,
    /// Of the far side: the dialog that it is in.
    tag: String,
    purpose: Purpose,
    attempts: Attempts,
    body: Option<Vec<u8>>,
    extra: Vec<(String, String)>,
}

/// What became of a request.
enum Reply {
    Provisional,
    Success(Message),
    Challenge(Message),
    /// 481, 408 or nothing: the far side knows of no dialog (§12.2.1.2).
    Lost,
    /// 491 (§14.1).
    Glare,
    Refused(Message),
}

impl Reply {
    fn of(response: Message) -> Self {
        match response.status().unwrap_or_default() {
            0..200 => Self::Provisional,
            200..300 => Self::Success(response),
            401 | 407 => Self::Challenge(response),
            408 | 481 => Self::Lost,
            491 => Self::Glare,
            _ => Self::Refused(response),
        }
    }
}

impl Signalling {
    /// Sends a request of a dialog.
    pub(super) fn ask(&mut self, request: Message, at: usize, purpose: Purpose) {
        self.ask_again(request, at, purpose, Attempts::default());
    }

    fn ask_again(&mut self, request: Message, at: usize, purpose: Purpose, attempts: Attempts) {
        let named = ["RAck", "Session-Expires", "Min-SE", "Supported", "Contact", "Allow", "Content-Type"];
        let extra = request.headers().filter(|(name, _)| named.contains(name));
        let extra = extra.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut request = self.with_via(request);
        self.wallet.sign(&mut request, &mut self.tokens);
        self.open.push(Open {
            branch: request.branch().expect("we wrote it"),
            method: request.method().cloned().expect("it is a request"),
            tag: self.dialogs[at].tag.clone(),
            purpose,
            attempts,
            body: (!request.body.is_empty()).then(|| request.body.clone()),
            extra,
        });
        self.act(Action::Request(request, self.dialogs[at].peer));
    }

    /// Whether such a request of ours is not answered.
    pub(super) fn has_open(&self, method: &Method) -> bool {
        self.open.iter().any(|open| open.method == *method)
    }

    /// A response: to the INVITE, to one of these, or to a CANCEL, whose answer says nothing.
    pub(super) fn answered(&mut self, response: Message, media: &dyn Media, now: Duration) {
        let method = response.cseq().map(|(_, method)| method);
        if method == Some(Method::Cancel) {
            return;
        }
        match self.open_of(&response) {
            Some(at) => self.replied(at, Reply::of(response), media, now),
            None if method == Some(Method::Invite) => self.of_invite(response, media, now),
            None => {}
        }
    }

    /// A 2xx to a refresh of ours that comes again wants its ACK again; everything else is for the INVITE.
    fn of_invite(&mut self, response: Message, media: &dyn Media, now: Duration) {
        let current = response.cseq().map(|(number, _)| number) == Some(self.number());
        let branch = self.calling.invite.as_ref().and_then(Message::branch);
        let stray = response.branch() != branch && self.stage != Stage::Gone;
        let answer = Answer::of(response);
        match answer {
            Answer::Success(response) if !current => self.answered_again(&response, now),
            // Its transaction would never end.
            Answer::Success(_) if stray => {}
            // An attempt before this one has nothing to say any more.
            answer if current => self.invited(answer, media, now),
            Answer::Provisional(_)
            | Answer::Success(_)
            | Answer::Redirect(_)
            | Answer::Challenge(_)
            | Answer::TooBrief(_)
            | Answer::Failure(_)
            | Answer::Nothing
            | Answer::Broken { .. } => {}
        }
    }

    fn open_of(&self, message: &Message) -> Option<usize> {
        let branch = message.branch()?;
        self.open.iter().position(|open| open.branch == branch)
    }

    /// A request of ours was not answered.
    pub(super) fn unanswered(&mut self, request: &Message, answer: Answer, media: &dyn Media, now: Duration) {
        match self.open_of(request) {
            Some(at) => self.replied(at, Reply::Lost, media, now),
            None if request.method() == Some(&Method::Invite) => self.invited(answer, media, now),
            None => {}
        }
    }

    fn replied(&mut self, at: usize, reply: Reply, media: &dyn Media, now: Duration) {
        if matches!(reply, Reply::Provisional) {
            return;
        }
        let open = self.open.remove(at);
        match (open.purpose, reply) {
            (Purpose::Prack | Purpose::Bye | Purpose::Refresh, Reply::Challenge(response)) => {
                self.challenged_within(open, &response, now);
            }
            (Purpose::Refresh, Reply::Success(response)) => self.refreshed(&open.method, &response, media, now),
            (Purpose::Refresh, Reply::Lost) => self.cut("the far side knows the call no more", now),
            (Purpose::Refresh, Reply::Glare) => self.wait_for_glare(now),
            (Purpose::Refresh, Reply::Refused(response)) => self.refresh_refused(&response, media, now),
            // A provisional answer that is no longer known was followed by a final one, which is told by itself. A BYE ends
            // the dialog whatever is answered.
            (Purpose::Prack | Purpose::Bye, Reply::Success(_) | Reply::Lost | Reply::Glare | Reply::Refused(_))
            | (Purpose::Prack | Purpose::Bye | Purpose::Refresh, Reply::Provisional) => {}
        }
    }

    fn challenged_within(&mut self, mut open: Open, response: &Message, now: Duration) {
        let dialog = self.dialogs.iter().position(|dialog| dialog.tag == open.tag);
        match (self.wallet.take_known(response, &mut open.attempts), dialog) {
            (Ok(()), Some(at)) => {
                let mut request = self.dialogs[at].request(open.method);
                open.extra.iter().for_each(|(name, value)| request.push(name, value));
                request.body = open.body.unwrap_or_default();
                self.ask_again(request, at, open.purpose, open.attempts);
            }
            // It may be the callee who asks, so that it says nothing of the trunk.
            (Err(fault), _) if open.purpose == Purpose::Refresh => self.cut(&fault.to_string(), now),
            (Err(_) | Ok(()), _) => {}
        }
    }

    /// We own the Call-ID, so we wait the longer of the two times (§14.1).
    fn wait_for_glare(&mut self, now: Duration) {
        let wait = self.tokens.between(Duration::from_millis(2100), Duration::from_secs(4));
        if self.stage == Stage::Up {
            self.timers.set(Timer::Refresh, now + wait);
        }
    }
}
