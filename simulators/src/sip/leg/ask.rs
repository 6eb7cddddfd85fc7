//! Requests of the phone in a call: hold and refresh, keys by INFO, and BYE; and what is answered to them.
//! It has one of a kind under way at a time.

use std::collections::VecDeque;
use std::time::Duration;

use super::super::sdp::{self, Direction};
use super::super::tally::Violation;
use super::super::text::message::{Message, Start};
use super::resend::What;
use super::{Leg, Phase, Timer};
use crate::calls::End;

/// What is asked and not answered.
#[derive(Default)]
pub(super) struct Ask {
    /// Number and branch of what is under way.
    invite: Option<(u32, String)>,
    info: Option<(u32, String)>,
    bye: Option<(u32, String)>,
    /// Keys that wait for the one before them.
    keys: VecDeque<char>,
    /// The direction that is wanted once the INVITE under way is answered.
    wanted: Option<Direction>,
    /// The ACK of our last INVITE, for when its 200 comes again.
    ack: Option<(u32, Vec<u8>)>,
}

/// Not the owner of the Call-ID: up to two seconds (RFC 3261 §14.1).
const AFTER_GLARE: Duration = Duration::from_millis(1_000);

impl Leg {
    pub(super) fn is_asking(&self) -> bool {
        self.ask.invite.is_some()
    }

    /// Asks for another direction of the sound: hold, or its end.
    pub(super) fn ask_for(&mut self, direction: Direction) {
        self.ask.wanted = Some(direction);
        // An INVITE of either side that is under way comes first (RFC 3261 §14.1).
        if self.ask.invite.is_some() || self.awaited.as_ref().is_some_and(|awaited| awaited.ok) {
            return self.set(AFTER_GLARE, Timer::AskAgain);
        }
        self.ask_again(false);
    }

    /// Asks for what is wanted, or, to refresh, for what is there.
    pub(super) fn ask_again(&mut self, refresh: bool) {
        if self.ask.invite.is_some() {
            return self.set(AFTER_GLARE, Timer::AskAgain);
        }
        let wanted = self.ask.wanted.take();
        let Some(sound) = self.sound.as_mut().filter(|_| refresh || wanted.is_some()) else { return };
        if let Some(direction) = wanted.filter(|direction| *direction != sound.ours.direction) {
            sound.ours.direction = direction;
            sound.ours.version += 1;
        }
        let offer = sdp::write(&sound.ours, None);
        let (request, number, branch) = self.dialog.request("INVITE", &self.carrier.clone());
        let bytes = request.with_body("application/sdp", offer).bytes();
        self.ask.invite = Some((number, branch));
        self.send_request(What::Invite, bytes);
    }

    pub(super) fn ask_bye(&mut self) {
        let (request, number, branch) = self.dialog.request("BYE", &self.carrier.clone());
        self.ask.bye = Some((number, branch));
        self.send_request(What::Bye, request.bytes());
    }

    pub(super) fn ask_key(&mut self, key: char) {
        self.ask.keys.push_back(key);
        self.ask_next_key();
    }

    fn ask_next_key(&mut self) {
        if self.ask.info.is_some() {
            return;
        }
        let Some(key) = self.ask.keys.pop_front() else { return };
        let (request, number, branch) = self.dialog.request("INFO", &self.carrier.clone());
        let body = format!("Signal={key}\r\nDuration=160\r\n");
        self.ask.info = Some((number, branch));
        self.send_request(What::Info, request.with_body("application/dtmf-relay", body).bytes());
    }

    fn send_request(&mut self, what: What, bytes: Vec<u8>) {
        let path = self.dialog.path_of(what);
        path.send(bytes.clone());
        let again = path.is_datagram();
        self.resends.add(what, bytes, again);
    }

    /// An answer to a request of ours.
    pub(super) fn take_answer(&mut self, answer: &Message, code: u16) {
        let Some((number, method)) = super::super::carrier::answered_request(answer) else {
            return self.carrier.trunk.tally.blame(Violation::MissingField);
        };
        let via = answer.list("Via").first().and_then(|via| super::super::text::field::Via::read(via));
        let branch = via.map(|via| via.branch).unwrap_or_default();
        let asked = match method.as_str() {
            "INVITE" => &self.ask.invite,
            "INFO" => &self.ask.info,
            "BYE" => &self.ask.bye,
            _ => &None,
        };
        if asked.as_ref() != Some(&(number, branch.clone())) {
            return self.take_late_answer(number, &method, code);
        }
        match method.as_str() {
            "INVITE" => self.take_invite_answer(answer, code, (number, branch)),
            "INFO" if code >= 200 => {
                self.ask.info = None;
                self.resends.stop(What::Info);
                if !self.ends_dialog(code) {
                    self.ask_next_key();
                }
            }
            "BYE" if code >= 200 => {
                self.resends.stop(What::Bye);
                self.phase = Phase::Over;
            }
            _ => {}
        }
    }

    fn take_late_answer(&mut self, number: u32, method: &str, code: u16) {
        match &self.ask.ack {
            // Its ACK was lost.
            Some((acknowledged, ack)) if method == "INVITE" && code >= 200 && *acknowledged == number => {
                self.dialog.path_of(What::Invite).send(ack.clone());
            }
            Some(_) | None if code >= 200 && method == "INVITE" => {
                self.carrier.trunk.tally.blame(Violation::StrayAnswer);
            }
            // Answers to others come again without harm.
            Some(_) | None => {}
        }
    }

    fn take_invite_answer(&mut self, answer: &Message, code: u16, (number, branch): (u32, String)) {
        if code < 200 {
            return self.resends.calm(What::Invite);
        }
        self.resends.stop(What::Invite);
        self.ask.invite = None;
        let ok = code < 300;
        if ok {
            self.dialog.refresh(answer);
        }
        // The ACK of a 200 is a transaction of its own (RFC 3261 §13.2.2.4).
        let branch = if ok { format!("{}{}", super::super::text::field::COOKIE, self.carrier.token()) } else { branch };
        let ack = self.dialog.numbered("ACK", number, &branch).bytes();
        self.dialog.path_of(What::Invite).send(ack.clone());
        self.ask.ack = Some((number, ack));
        if ok && self.take_answer_sdp(&answer.body).is_err() {
            self.carrier.trunk.tally.blame(Violation::BadSdp);
        }
        if code == 491 {
            let direction = self.sound.as_ref().map(|sound| sound.ours.direction);
            self.ask.wanted = self.ask.wanted.take().or(direction);
            self.set(AFTER_GLARE, Timer::AskAgain);
        }
        if !self.ends_dialog(code) && ok && self.ask.wanted.is_some() {
            self.ask_again(false);
        }
    }

    /// Answers that say that the other side has no such call (RFC 3261 §12.2.1.2).
    fn ends_dialog(&mut self, code: u16) -> bool {
        let ends = matches!(code, 408 | 481);
        if ends {
            self.end(End::Cut);
            self.phase = Phase::Over;
        }
        ends
    }

    /// Sorts a message: an answer to us, or a request.
    pub(super) fn status_of(message: &Message) -> Option<u16> {
        match message.start {
            Start::Status { code, .. } => Some(code),
            Start::Request { .. } => None,
        }
    }
}
