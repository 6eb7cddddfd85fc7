//! A call that was answered: what the phone does, what it hears, and how it ends.
//! It goes on only while both sides keep the session.

use std::time::Duration;

use super::super::media::Heard;
use super::super::sdp::Direction;
use super::super::tally::Happening;
use super::super::text::field::parameter;
use super::super::text::message::Message;
use super::resend::What;
use super::{Awaited, Leg, Phase, Timer};
use crate::calls::{Act, End, Greeting, KeyStyle};
use crate::sound::tone;

/// From the answer to the fault that cuts the call.
const UNTIL_CUT: Duration = Duration::from_secs(1);
/// Syllables of an attendant's greeting.
const SYLLABLES: u32 = 8;

impl Leg {
    /// The phone answers.
    pub(super) fn pick_up(&mut self) {
        let sdp = match self.open_sound() {
            Ok(sdp) => sdp,
            Err(problem) => {
                tracing::debug!(problem, "a call could not be answered");
                return self.refuse(488, &[], End::Cut);
            }
        };
        let invite = self.dialog.invite.clone();
        let mut answer = self.dialog.answer(&invite, 200, &self.dialog.path);
        self.agree_on_session(&invite, &mut answer);
        if !self.described {
            answer = answer.with_body("application/sdp", sdp);
        }
        self.phase = Phase::Answered;
        self.timers.retain(|(_, timer)| *timer != Timer::RungOut);
        self.say_ok(&invite, answer.bytes(), self.dialog.envelope.via.branch.clone());
        self.carrier.trunk.tally.count(Happening::Answered);
        self.carrier.trunk.tally.enter();
        self.begin_to_talk();
        if self.luck.cut {
            self.set(UNTIL_CUT, Timer::Cut);
        }
    }

    fn begin_to_talk(&mut self) {
        let Some((person, sound)) = self.person.as_mut().zip(self.sound.as_mut()) else { return };
        sound.counted = true;
        let greeting = person.answered();
        sound.line.fall_silent();
        sound.line.listen(greeting == Some(Greeting::Attendant));
        match greeting {
            Some(Greeting::Voicemail) => sound.line.say(&tone::voicemail()),
            Some(Greeting::Attendant) => sound.line.say(&tone::murmur(SYLLABLES)),
            None => {}
        }
    }

    /// Sends a 200 to an INVITE, again until its ACK, and loses it where a fault says so.
    pub(super) fn say_ok(&mut self, invite: &Message, bytes: Vec<u8>, branch: String) {
        if !self.loses_ok() {
            self.send_about_call(bytes.clone());
        }
        self.resends.add(What::Ok, bytes, true);
        let number = super::super::carrier::answered_request(invite).map_or(0, |(number, _)| number);
        self.awaited = Some(Awaited { number, branch, ok: true, wants_sdp: invite.body.is_empty() });
    }

    /// Session timers (RFC 4028 §9): who refreshes, and what happens if not.
    pub(super) fn agree_on_session(&mut self, request: &Message, answer: &mut Message) {
        let asked = request.number("Session-Expires").filter(|_| request.lists("Supported", "timer"));
        let Some(seconds) = asked else { return };
        let field = request.first("Session-Expires").unwrap_or_default();
        let ours = parameter(field, "refresher").is_some_and(|who| who.eq_ignore_ascii_case("uas"));
        let who = if ours { "uas" } else { "uac" };
        answer.add("Require", "timer");
        answer.add("Session-Expires", format!("{seconds};refresher={who}"));
        if ours {
            self.set(Duration::from_secs(u64::from(seconds) / 2), Timer::Refresh);
        } else {
            let early = (seconds / 3).min(32);
            self.set(Duration::from_secs(u64::from(seconds - early)), Timer::Expired);
        }
    }

    pub(super) fn act_answered(&mut self, act: Act) {
        match act {
            Act::Press(key) => self.press(key),
            Act::HangUp => self.hang_up(End::HungUp),
            Act::Forget => self.hang_up(End::Cut),
            Act::Hold => self.ask_for(Direction::SendOnly),
            Act::Resume => self.ask_for(Direction::SendReceive),
            // It was answered already.
            Act::Answer | Act::Busy | Act::Decline | Act::Unreachable | Act::Unallocated => {}
        }
    }

    fn press(&mut self, key: char) {
        let style = self.person.as_ref().map(|person| person.behaviour().key_style);
        if let Some(sound) = &self.sound {
            sound.line.press(key, style);
        }
        if style == Some(KeyStyle::Info) {
            self.ask_key(key);
        }
    }

    pub(super) fn hear(&mut self, heard: Heard) {
        let Some(person) = self.person.as_mut().filter(|_| self.phase == Phase::Answered) else { return };
        match heard {
            Heard::Began => person.prompt_began(),
            Heard::Stretch { law, over } => {
                self.carrier.world.calls.hear_sound(person.call(), law);
                if over {
                    person.prompt_over();
                }
            }
            Heard::Key(key) => self.hear_key(key),
        }
    }

    pub(super) fn hear_key(&mut self, key: char) {
        self.carrier.trunk.tally.count(Happening::KeysHeard);
        if let Some(person) = &mut self.person {
            person.hear_key(key);
        }
    }

    /// The phone hangs up, or the carrier does.
    pub(super) fn hang_up(&mut self, why: End) {
        if self.phase != Phase::Answered {
            return;
        }
        self.end(why);
        self.resends = super::Resends::default();
        self.phase = Phase::Leaving;
        self.carrier.trunk.tally.count(Happening::ByesSent);
        self.ask_bye();
    }
}
