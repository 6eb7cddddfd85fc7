//! The INVITE: how it is written, and what each answer to it does (RFC 3261 §13.2).
//! Refuses a second attempt unless the first surely placed nothing.

use super::super::digest::{Attempts, AuthFault};
use super::super::message::{ALLOW, Message, Method};
use super::super::status;
use super::timers::Timer;
use super::{Action, Media, Plan, Signal, Signalling, Stage};
use crate::call::CallEnd;
use std::time::Duration;

/// Redirections that are followed (sip.md §4.4).
const MOST_REDIRECTS: u8 = 2;
/// How often a longer session may be demanded.
pub(super) const MOST_BRIEFS: u8 = 2;
/// The shortest session (RFC 4028 §5), in seconds.
pub(super) const MIN_SE: u32 = 90;
/// The session that we ask for, in seconds.
const SESSION: u32 = 1800;

/// What changes from one attempt of the INVITE to the next.
pub(super) struct Calling {
    /// The one that is out.
    pub(super) invite: Option<Message>,
    number: u32,
    uri: String,
    /// Which of the plan's peers.
    pub(super) peer: usize,
    /// The address that each attempt went to, by its number: an answer to one before the last may come late.
    pub(super) ways: Vec<(u32, usize)>,
    session: u32,
    min_se: u32,
    redirects: u8,
    briefs: u8,
    pub(super) attempts: Attempts,
    /// A provisional answer was told.
    pub(super) placed: bool,
    /// It got beyond the trunk: the phone rings, or may, as after a 183 with sound that the network plays.
    pub(super) rang: bool,
    /// That the phone rings was told.
    pub(super) told: bool,
}

impl Calling {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            invite: None,
            number: 0,
            uri: plan.uri(),
            peer: 0,
            ways: Vec::new(),
            session: SESSION,
            min_se: MIN_SE,
            redirects: 0,
            briefs: 0,
            attempts: Attempts::default(),
            placed: false,
            rang: false,
            told: false,
        }
    }
}

/// What became of an INVITE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Provisional(Message),
    Success(Message),
    Redirect(Message),
    Challenge(Message),
    TooBrief(Message),
    Failure(Message),
    /// Timer B.
    Nothing,
    Broken {
        sent: bool,
    },
}

impl Answer {
    pub(super) fn of(response: Message) -> Self {
        match response.status().unwrap_or_default() {
            0..200 => Self::Provisional(response),
            200..300 => Self::Success(response),
            300..=399 => Self::Redirect(response),
            401 | 407 => Self::Challenge(response),
            422 => Self::TooBrief(response),
            _ => Self::Failure(response),
        }
    }
}

impl Signalling {
    pub(super) fn place(&mut self, media: &dyn Media, now: Duration) {
        self.timers.set(Timer::Ring, now + self.plan.ring);
        self.invite(media);
    }

    pub(super) fn via(&mut self) -> String {
        format!("SIP/2.0/{};rport;branch={}", self.plan.via, self.tokens.branch())
    }

    /// Sends the INVITE, or the next attempt of it.
    pub(super) fn invite(&mut self, media: &dyn Media) {
        self.stage = Stage::Calling;
        self.calling.number += 1;
        let mut invite = Message::request(Method::Invite, &self.calling.uri)
            .with("Via", self.via())
            .with("Max-Forwards", "70")
            .with("From", &self.from)
            .with("To", format!("<sip:{}@{}>", self.plan.to, self.plan.domain))
            .with("Call-ID", &self.call_id)
            .with("CSeq", format!("{} INVITE", self.calling.number))
            .with("Contact", format!("<{}>", self.plan.contact))
            .with("Allow", ALLOW)
            .with("Supported", "100rel, timer")
            .with("Session-Expires", self.calling.session.to_string())
            .with("Min-SE", self.calling.min_se.to_string());
        if let Some(asserted) = self.plan.asserted() {
            invite.push("P-Asserted-Identity", &asserted);
        }
        self.wallet.sign(&mut invite, &mut self.tokens);
        let invite = invite.with_body("application/sdp", media.offer());
        self.calling.invite = Some(invite.clone());
        self.calling.ways.push((self.calling.number, self.peer()));
        self.act(Action::Request(invite, self.peer()));
    }

    /// The table of stages and answers.
    pub(super) fn invited(&mut self, answer: Answer, media: &dyn Media, now: Duration) {
        match (self.stage, answer) {
            (Stage::Calling | Stage::Ringing, Answer::Provisional(response)) => self.progress(&response, media, now),
            (Stage::Unwanted, Answer::Provisional(_)) => self.cancel(now),
            (Stage::Calling | Stage::Ringing, Answer::Success(response)) => self.win(&response, media, now),
            // It crossed our CANCEL, or another fork was first (§15.1 and §13.2.2.4).
            (Stage::Unwanted | Stage::Cancelling, Answer::Success(response)) => {
                self.refuse_answer(&response, now);
                self.end(self.why.clone(), now);
            }
            (Stage::Up | Stage::Gone, Answer::Success(response)) => self.answered_again(&response, now),
            (Stage::Calling | Stage::Ringing, Answer::Redirect(response)) => self.redirected(&response, media, now),
            (Stage::Calling | Stage::Ringing, Answer::Challenge(response)) => self.challenged(&response, media, now),
            (Stage::Calling | Stage::Ringing, Answer::TooBrief(response)) => self.too_brief(&response, media, now),
            (Stage::Calling | Stage::Ringing, Answer::Failure(response)) => self.failed(&response, media, now),
            (Stage::Calling | Stage::Ringing, Answer::Nothing) => self.silent(now),
            (Stage::Calling | Stage::Ringing, Answer::Broken { sent }) => self.broken(sent, media, now),
            (
                Stage::Unwanted | Stage::Cancelling,
                Answer::Redirect(_) | Answer::Challenge(_) | Answer::TooBrief(_) | Answer::Failure(_),
            )
            | (Stage::Cancelling, Answer::Nothing) => self.end(self.why.clone(), now),
            // Nobody waits any longer than the trunk was silent, so that this is how a dead address is found.
            (Stage::Unwanted, Answer::Nothing | Answer::Broken { .. }) => {
                self.avoid();
                self.end(self.why.clone(), now);
            }
            // The CANCEL may have gone with the connection.
            (Stage::Cancelling, Answer::Broken { .. }) => {
                self.cancel(now);
                self.end(self.why.clone(), now);
            }
            // What is late changes nothing; the transaction has acknowledged it.
            (Stage::Cancelling | Stage::Up | Stage::Gone, Answer::Provisional(_))
            | (
                Stage::Up | Stage::Gone,
                Answer::Redirect(_)
                | Answer::Challenge(_)
                | Answer::TooBrief(_)
                | Answer::Failure(_)
                | Answer::Nothing
                | Answer::Broken { .. },
            ) => {}
        }
    }

    fn challenged(&mut self, response: &Message, media: &dyn Media, now: Duration) {
        if self.calling.rang {
            // The trunk asks before it calls anybody: this is somebody who was called.
            let cause = format!("SIP {}: whoever is called wants a password", response.status().unwrap_or_default());
            return self.end(CallEnd::Unreachable { cause }, now);
        }
        match self.wallet.take(response, &mut self.calling.attempts) {
            Ok(()) => self.invite(media),
            Err(fault) => self.refused(&fault, now),
        }
    }

    fn refused(&mut self, fault: &AuthFault, now: Duration) {
        self.act(Action::Trouble(fault.to_string()));
        self.end(CallEnd::GatewayRefused { cause: fault.to_string() }, now);
    }

    /// 422 (RFC 4028 §7.3): a longer session, with the same `Min-SE` told back.
    fn too_brief(&mut self, response: &Message, media: &dyn Media, now: Duration) {
        self.calling.briefs += 1;
        match response.seconds("Min-SE") {
            Some(least) if least > self.calling.min_se && self.calling.briefs <= MOST_BRIEFS => {
                self.calling.min_se = least;
                self.calling.session = self.calling.session.max(least);
                self.invite(media);
            }
            Some(_) | None => self.end(status::end(response, self.calling.rang), now),
        }
    }

    fn redirected(&mut self, response: &Message, media: &dyn Media, now: Duration) {
        self.calling.redirects += 1;
        match self.plan.may_follow(response.all("Contact")) {
            Some(uri) if self.calling.redirects <= MOST_REDIRECTS => {
                self.calling.uri = uri;
                self.calling.attempts = Attempts::default();
                self.invite(media);
            }
            Some(_) | None => {
                let status = response.status().unwrap_or_default();
                let cause = format!("SIP {status}: redirected to another number or host, which is not followed");
                self.end(CallEnd::Unreachable { cause }, now);
            }
        }
    }

    fn failed(&mut self, response: &Message, media: &dyn Media, now: Duration) {
        if response.status() == Some(503) {
            // Without a time it is about this call alone (§21.5.4): carriers say it of a number that they cannot reach.
            // Beyond the trunk it is the word of whoever was called.
            if let Some(wait) = response.seconds("Retry-After").filter(|_| !self.calling.rang) {
                let retry_after = Some(Duration::from_secs(wait.into()));
                self.act(Action::Avoid { peer: self.peer(), retry_after });
            }
            if !self.calling.rang && self.next_peer(media) {
                return;
            }
        }
        self.end(status::end(response, self.calling.rang), now);
    }

    /// The first provisional answer says that the trunk took the call.
    pub(super) fn placed(&mut self) {
        if !std::mem::replace(&mut self.calling.placed, true) {
            self.tell(Signal::Placed(self.call_id.clone()));
        }
    }

    /// The number of the INVITE that is out.
    pub(super) const fn number(&self) -> u32 {
        self.calling.number
    }
}
