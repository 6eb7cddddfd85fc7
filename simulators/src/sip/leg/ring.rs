//! A call before it is answered: what is refused at once, the ringing, and its ends.
//! It rings no phone for a caller who was not let in.

use std::time::Duration;

use rand::RngExt;

use super::super::sdp;
use super::super::settings::Ringing;
use super::super::tally::{Happening, Violation};
use super::super::text::field::{address, user};
use super::super::text::message::Message;
use super::resend::What;
use super::{Awaited, Leg, Phase, Timer};
use crate::calls::{Act, Draft, End};
use crate::number::Number;
use crate::sound::tone;

/// A refusal and the fields it has more than others.
type Refusal = (u16, Vec<(&'static str, String)>);

impl Leg {
    /// Lets the caller in, or not, and rings.
    pub(super) async fn begin(&mut self) {
        let carrier = self.carrier.clone();
        if let Some(challenge) = carrier.challenge(&self.dialog.invite, &self.dialog.tag, &self.dialog.path) {
            return self.refuse_with(challenge);
        }
        self.draw();
        if self.luck.silence {
            carrier.trunk.tally.count(Happening::Silenced);
            self.phase = Phase::Cut;
            return self.set(super::MEMORY, Timer::End);
        }
        let delay = carrier.trunk.faults().delay_ms;
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        self.provisional(100, None);
        match self.check() {
            Ok(to) => self.ring(to),
            Err((code, more)) => self.refuse(code, &more, End::Cut),
        }
    }

    fn check(&mut self) -> Result<Number, Refusal> {
        if let Some(fault) = self.luck.status.clone() {
            let mut more = Vec::new();
            more.extend(fault.retry_after.map(|seconds| ("Retry-After", seconds.to_string())));
            more.extend(fault.cause.map(|cause| ("Reason", format!("Q.850;cause={cause}"))));
            more.extend(fault.contact.map(|contact| ("Contact", format!("<{contact}>"))));
            return Err((fault.status, more));
        }
        let trunk = &self.carrier.trunk;
        let invite = &self.dialog.invite;
        if !self.dialog.has_contact() {
            trunk.tally.blame(Violation::MissingField);
            return Err((400, Vec::new()));
        }
        if !invite.body.is_empty() && invite.content_type() != "application/sdp" {
            return Err((415, vec![("Accept", "application/sdp".to_owned())]));
        }
        let caller = caller(invite);
        if !trunk.caller_ids.is_empty() && !caller.is_some_and(|caller| trunk.caller_ids.contains(&caller)) {
            return Err((403, Vec::new()));
        }
        let called = user(invite.uri()).and_then(Number::parse).ok_or((404, Vec::new()))?;
        let least = trunk.settings.min_session_seconds;
        if invite.number("Session-Expires").is_some_and(|seconds| seconds < least) {
            return Err((422, vec![("Min-SE", least.to_string())]));
        }
        if !invite.body.is_empty()
            && let Err(problem) = sdp::read(&invite.body)
        {
            tracing::debug!(problem, "an offer was refused");
            return Err((488, Vec::new()));
        }
        Ok(called)
    }

    fn ring(&mut self, to: Number) {
        let invite = &self.dialog.invite;
        let draft = Draft { id: None, gateway: self.carrier.trunk.name.clone(), from: Self::shown_caller(invite), to };
        let (_, person) = self.carrier.world.ring(draft, self.luck.whim);
        self.person = Some(person);
        self.carrier.trunk.tally.count(Happening::Rang);
        self.set(Duration::from_secs(self.carrier.trunk.settings.ring_seconds), Timer::RungOut);
        let early = self.carrier.trunk.settings.ringing == Ringing::EarlyMedia && !self.dialog.invite.body.is_empty();
        let sdp = if early { self.describe(tone::ringback()) } else { None };
        let code = if sdp.is_some() { 183 } else { 180 };
        self.provisional(code, sdp);
    }

    /// Opens the sound before the answer; the caller hears it ring.
    fn describe(&mut self, ringback: Vec<i16>) -> Option<String> {
        let sdp = self.open_sound().ok()?;
        if let Some(sound) = &self.sound {
            sound.line.repeat(ringback);
        }
        Some(sdp)
    }

    fn provisional(&mut self, code: u16, sdp: Option<String>) {
        let invite = &self.dialog.invite;
        let wanted = invite.lists("Require", "100rel")
            || self.carrier.trunk.settings.reliable && invite.lists("Supported", "100rel");
        let mut answer = self.dialog.answer(invite, code, &self.dialog.path);
        let reliable = wanted && code > 100;
        if reliable {
            let number = self.dice.random_range(1..1 << 30);
            self.reliable = Some(number);
            self.described = sdp.is_some();
            answer.add("Require", "100rel");
            answer.add("RSeq", number.to_string());
        }
        if let Some(sdp) = sdp {
            answer = answer.with_body("application/sdp", sdp);
        }
        let bytes = answer.bytes();
        self.send_about_call(bytes.clone());
        if reliable {
            self.resends.add(What::Provisional, bytes, true);
        }
    }

    /// Sends an answer to the INVITE, twice where a fault says so.
    pub(super) fn send_about_call(&self, bytes: Vec<u8>) {
        self.carrier.remember(&self.dialog.key(), &bytes, &self.dialog.path);
        if self.luck.twice {
            self.dialog.path.send(bytes.clone());
        }
        self.dialog.path.send(bytes);
    }

    /// Ends the call before it was answered.
    pub(super) fn refuse(&mut self, code: u16, more: &[(&'static str, String)], why: End) {
        if self.phase != Phase::Ringing {
            return;
        }
        let mut answer = self.dialog.answer(&self.dialog.invite, code, &self.dialog.path);
        for (name, value) in more {
            answer.add(name, value.clone());
        }
        self.end(why);
        self.refuse_with(answer);
        self.carrier.trunk.tally.refuse(code);
    }

    fn refuse_with(&mut self, answer: Message) {
        let bytes = answer.bytes();
        self.send_about_call(bytes.clone());
        self.resends.stop(What::Provisional);
        self.resends.add(What::Refusal, bytes, self.dialog.path.is_datagram());
        let envelope = &self.dialog.envelope;
        let branch = envelope.via.branch.clone();
        self.awaited = Some(Awaited { number: envelope.number, branch, ok: false, wants_sdp: false });
        self.phase = Phase::Refused;
    }

    pub(super) fn act_ringing(&mut self, act: Act) {
        match act {
            Act::Answer if self.reliable.is_some() => self.wants_to_answer = true,
            Act::Answer => self.pick_up(),
            Act::Busy => self.refuse(486, &[], End::Busy),
            Act::Decline => self.refuse(603, &[], End::Declined),
            Act::Unreachable => self.refuse(480, &[], End::Unreachable),
            Act::Unallocated => self.refuse(404, &[], End::Unallocated),
            Act::Forget => self.refuse(480, &[], End::Cut),
            // Nobody has the phone in hand yet.
            Act::Press(_) | Act::HangUp | Act::Hold | Act::Resume => {}
        }
    }
}

/// Whose number the carrier takes it for: what a trusted trunk asserts (RFC 3325), or the From.
fn caller(invite: &Message) -> Option<Number> {
    let asserted = invite.first("P-Asserted-Identity").or(invite.first("From"))?;
    Number::parse(user(address(asserted))?)
}
