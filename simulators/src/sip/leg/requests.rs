//! Requests of the caller in a call: ACK, CANCEL, BYE, PRACK, INFO, UPDATE and the INVITE that changes it.
//! It refuses what comes out of its order (RFC 3261 §12.2.2).

use super::super::carrier::{ALLOW, Incoming};
use super::super::envelope::Envelope;
use super::super::path::Path;
use super::super::tally::{Happening, Violation};
use super::super::text::message::Message;
use super::resend::What;
use super::{Awaited, Leg, Phase};
use crate::calls::{End, is_key};

impl Leg {
    pub(super) fn take(&mut self, incoming: Incoming) {
        let Incoming { message, path } = incoming;
        if let Some(code) = Self::status_of(&message) {
            return self.take_answer(&message, code);
        }
        let Some(envelope) = Envelope::read(&message) else { return };
        match message.method() {
            "ACK" => self.take_ack(&envelope, &message),
            "CANCEL" => self.take_cancel(&envelope),
            _ => self.take_numbered(&envelope, &message, &path),
        }
    }

    fn take_numbered(&mut self, envelope: &Envelope, message: &Message, path: &Path) {
        if envelope.number <= self.dialog.theirs {
            self.carrier.trunk.tally.blame(Violation::OldNumber);
            return self.reply(envelope, self.dialog.answer(message, 500, path), path);
        }
        self.dialog.theirs = envelope.number;
        if self.carrier.trunk.settings.challenge_in_dialog
            && let Some(challenge) = self.carrier.challenge(message, &self.dialog.tag, path)
        {
            return self.reply(envelope, challenge, path);
        }
        match (message.method(), self.phase) {
            ("BYE", _) => self.take_bye(envelope, message, path),
            ("PRACK", Phase::Ringing) => self.take_prack(envelope, message, path),
            ("INFO", Phase::Answered) => self.take_info(envelope, message, path),
            ("INVITE", Phase::Answered) => self.take_invite(envelope, message, path),
            ("UPDATE", Phase::Answered) => self.take_update(envelope, message, path),
            ("OPTIONS", _) => {
                let answer = self.dialog.answer(message, 200, path).with("Allow", ALLOW);
                self.reply(envelope, answer, path);
            }
            ("PRACK" | "INFO" | "INVITE" | "UPDATE", _) => {
                self.reply(envelope, self.dialog.answer(message, 481, path), path);
            }
            _ => self.reply(envelope, self.dialog.answer(message, 405, path).with("Allow", ALLOW), path),
        }
    }

    fn reply(&self, envelope: &Envelope, answer: Message, path: &Path) {
        let method = answer.first("CSeq").and_then(|cseq| cseq.split_whitespace().nth(1)).unwrap_or_default();
        let key = envelope.key(method);
        self.carrier.reply(&key, answer, path);
    }

    fn take_ack(&mut self, envelope: &Envelope, message: &Message) {
        let Some(awaited) = &self.awaited else {
            // One that comes again was sent for a 200 that came again.
            if self.acknowledged != Some(envelope.number) {
                self.carrier.trunk.tally.blame(Violation::StrayAck);
            }
            return;
        };
        if envelope.number != awaited.number {
            if self.acknowledged != Some(envelope.number) {
                self.carrier.trunk.tally.blame(Violation::WrongAck);
            }
            return;
        }
        if !self.is_right_ack(awaited, envelope, message) {
            self.carrier.trunk.tally.blame(Violation::WrongAck);
        }
        let (ok, wants_sdp) = (awaited.ok, awaited.wants_sdp);
        self.resends.stop(if ok { What::Ok } else { What::Refusal });
        self.acknowledged = Some(envelope.number);
        self.awaited = None;
        if ok && wants_sdp && self.take_answer_sdp(&message.body).is_err() {
            self.carrier.trunk.tally.blame(Violation::BadSdp);
            self.hang_up(End::Cut);
        }
        if self.phase == Phase::Refused {
            self.phase = Phase::Over;
        }
    }

    /// RFC 3261 §17.1.1.3 for a refusal, §13.2.2.4 for a 200.
    fn is_right_ack(&self, awaited: &Awaited, envelope: &Envelope, message: &Message) -> bool {
        let same_branch = envelope.via.branch == awaited.branch;
        let tagged = envelope.to_tag.as_deref() == Some(self.dialog.tag.as_str());
        let uri = message.uri();
        if awaited.ok {
            return !same_branch && tagged && uri == self.dialog.our_contact();
        }
        let asked = if self.phase == Phase::Refused { self.dialog.invite.uri() } else { uri };
        same_branch && tagged && uri == asked
    }

    fn take_cancel(&mut self, envelope: &Envelope) {
        if !self.carrier.has_answered(&self.dialog.key()) || envelope.number != self.dialog.envelope.number {
            self.carrier.trunk.tally.blame(Violation::WrongCancel);
        }
        if self.phase == Phase::Ringing {
            self.carrier.trunk.tally.count(Happening::Cancelled);
            self.refuse(487, &[], End::Cancelled);
        }
    }

    fn take_bye(&mut self, envelope: &Envelope, message: &Message, path: &Path) {
        self.reply(envelope, self.dialog.answer(message, 200, path), path);
        self.carrier.trunk.tally.count(Happening::ByesHeard);
        match self.phase {
            Phase::Ringing => self.refuse(487, &[], End::Cancelled),
            Phase::Answered => {
                self.end(End::CallerHungUp);
                self.phase = Phase::Over;
            }
            // Both hung up at once: our own BYE is still to be answered.
            Phase::Leaving | Phase::Refused | Phase::Cut | Phase::Over => {}
        }
    }

    fn take_prack(&mut self, envelope: &Envelope, message: &Message, path: &Path) {
        let invite = self.dialog.envelope.number;
        let expected = self.reliable.map(|number| format!("{number} {invite} INVITE"));
        let said: Vec<&str> = message.first("RAck").unwrap_or_default().split_whitespace().collect();
        if expected.is_none() || expected != Some(said.join(" ")) {
            self.carrier.trunk.tally.blame(Violation::WrongPrack);
            return self.reply(envelope, self.dialog.answer(message, 481, path), path);
        }
        self.carrier.trunk.tally.count(Happening::Prack);
        self.resends.stop(What::Provisional);
        self.reliable = None;
        self.reply(envelope, self.dialog.answer(message, 200, path), path);
        if std::mem::take(&mut self.wants_to_answer) {
            self.pick_up();
        }
    }

    fn take_info(&mut self, envelope: &Envelope, message: &Message, path: &Path) {
        match key_of_info(message) {
            Ok(key) => {
                self.reply(envelope, self.dialog.answer(message, 200, path), path);
                if let Some(key) = key {
                    self.hear_key(key);
                }
            }
            Err(accept) => {
                let refusal = self.dialog.answer(message, 415, path).with("Accept", accept);
                self.reply(envelope, refusal, path);
            }
        }
    }

    fn take_invite(&mut self, envelope: &Envelope, message: &Message, path: &Path) {
        if self.is_asking() {
            return self.refuse_invite(envelope, message, 491, path);
        }
        if self.awaited.is_some() {
            return self.refuse_invite(envelope, message, 500, path);
        }
        match self.renegotiate(&message.body) {
            Ok(sdp) => {
                self.dialog.refresh(message);
                let mut answer = self.dialog.answer(message, 200, path);
                self.agree_on_session(message, &mut answer);
                let bytes = answer.with_body("application/sdp", sdp).bytes();
                self.carrier.remember(&envelope.key("INVITE"), &bytes, path);
                self.say_ok(message, bytes, envelope.via.branch.clone());
            }
            Err(_) => self.refuse_invite(envelope, message, 488, path),
        }
    }

    fn refuse_invite(&mut self, envelope: &Envelope, message: &Message, code: u16, path: &Path) {
        let mut answer = self.dialog.answer(message, code, path);
        if code == 500 {
            answer.add("Retry-After", "1");
        }
        let bytes = answer.bytes();
        self.carrier.reply(&envelope.key("INVITE"), answer, path);
        if self.awaited.is_none() {
            self.resends.add(What::Refusal, bytes, path.is_datagram());
            let branch = envelope.via.branch.clone();
            self.awaited = Some(Awaited { number: envelope.number, branch, ok: false, wants_sdp: false });
        }
    }

    fn take_update(&mut self, envelope: &Envelope, message: &Message, path: &Path) {
        let sdp = if message.body.is_empty() { Ok(None) } else { self.renegotiate(&message.body).map(Some) };
        match sdp {
            Ok(sdp) => {
                self.dialog.refresh(message);
                let mut answer = self.dialog.answer(message, 200, path);
                self.agree_on_session(message, &mut answer);
                if let Some(sdp) = sdp {
                    answer = answer.with_body("application/sdp", sdp);
                }
                self.reply(envelope, answer, path);
            }
            Err(_) => self.reply(envelope, self.dialog.answer(message, 488, path), path),
        }
    }
}

/// The key of an INFO; the error says what would be taken.
fn key_of_info(message: &Message) -> Result<Option<char>, &'static str> {
    let text = String::from_utf8_lossy(&message.body);
    let signal = match message.content_type().as_str() {
        "application/dtmf-relay" => {
            let lines = text.lines().filter_map(|line| line.split_once('='));
            lines
                .filter(|(name, _)| name.trim().eq_ignore_ascii_case("signal"))
                .map(|(_, value)| value.trim().to_owned())
                .next()
        }
        "application/dtmf" => Some(text.trim().to_owned()),
        // An INFO without a body asks whether the call is still there.
        "" if message.body.is_empty() => None,
        _ => return Err("application/dtmf-relay, application/dtmf"),
    };
    Ok(signal.and_then(|signal| match signal.as_str() {
        "10" => Some('*'),
        "11" => Some('#'),
        other => {
            other.chars().next().map(|key| key.to_ascii_uppercase()).filter(|key| other.len() == 1 && is_key(*key))
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_by_info() {
        let info = |kind: &str, body: &str| key_of_info(&Message::request("INFO", "sip:a").with_body(kind, body));
        assert_eq!(info("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"), Ok(Some('5')));
        assert_eq!(info("Application/DTMF-Relay; x=y", "signal = *\n"), Ok(Some('*')));
        assert_eq!(info("application/dtmf", "11"), Ok(Some('#')));
        assert_eq!(info("application/dtmf", "55"), Ok(None));
        assert_eq!(key_of_info(&Message::request("INFO", "sip:a")), Ok(None));
        assert!(info("text/plain", "5").is_err());
    }
}
