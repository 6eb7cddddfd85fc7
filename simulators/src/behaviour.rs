//! What the person with a simulated phone does when a text arrives, or a call.
//! It plans replies from the text alone and never learns a code by any other way.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::calls::{HangUp, Hold, KeyStyle, OnCall, check_habits};
use crate::faults::LONGEST_MS;
use crate::message::mix;

/// Body of `PUT /sim/v1/phones/{number}/behaviour` and `PUT /sim/v1/behaviour`. A `PUT` replaces the whole behaviour: what is left out
/// goes back to its default, an unknown field is refused with 400.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// What to reply; `{otp}` is the first run of 6 to 8 digits in the text, `{pin}` the PIN. A text without such a run gets
    /// no reply where `{otp}` is asked for. `null`: no reply.
    pub reply: Option<String>,
    /// The PIN for `{pin}`, digits.
    pub pin: Option<String>,
    /// Milliseconds from the text to the reply, and from one reply to the next; in a call, from the end of the prompt to the first key.
    pub after_ms: u64,
    /// Up to so many milliseconds more, by the seed.
    pub jitter_ms: u64,
    /// How many times the right reply is sent, each with its own id. 0 to 100.
    pub times: u32,
    /// How many replies with a wrong code (or PIN, where the reply has only that) come before the right one. 0 to 20.
    pub wrong_first: u32,
    /// `false`: switched off. Texts wait until it is switched on or their validity ends (then undelivered, 30003).
    pub receive: bool,
    /// Texts end undelivered with this code, for example 30003.
    pub delivery_error: Option<u32>,
    /// Replies `FRAUD` instead of `reply`; in a call presses `0#` and then `1` instead of `keys`.
    pub report_fraud: bool,
    /// What happens when a call comes: `ring` (until the caller gives up, unless a tester answers), `answer`, `busy`, `decline`,
    /// `unreachable`, `unallocated`, or `voicemail`.
    pub on_call: OnCall,
    /// Milliseconds of ringing before the call is answered or declined.
    pub answer_after_ms: u64,
    /// What is pressed: one entry for each time the gateway listens, or one text where that is once. `{pin}` is the PIN, `,` a
    /// pause of a second.
    #[serde(deserialize_with = "crate::calls::one_or_many")]
    pub keys: Vec<String>,
    /// Keys are pressed as soon as somebody speaks, not once the prompt is over.
    pub barge_in: bool,
    /// How keys travel where the gateway carries sound: `event`, `info` or `tone`.
    pub key_style: KeyStyle,
    /// An automatic attendant picks up and wants these keys before it connects to the person. `null`: none.
    pub extension: Option<String>,
    /// When the phone hangs up by itself: `after_answer` or `mid_prompt`. `null`: it doesn't.
    pub hang_up: Option<HangUp>,
    /// Milliseconds from what `hang_up` says to the hanging up.
    pub hang_up_after_ms: u64,
    /// `{"after_ms", "for_ms"}`: so long after the answer the caller is put on hold for so long (SIP). `null`: never.
    pub hold: Option<Hold>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            reply: None,
            pin: None,
            after_ms: 300,
            jitter_ms: 0,
            times: 1,
            wrong_first: 0,
            receive: true,
            delivery_error: None,
            report_fraud: false,
            on_call: OnCall::Ring,
            answer_after_ms: 300,
            keys: Vec::new(),
            barge_in: false,
            key_style: KeyStyle::Event,
            extension: None,
            hang_up: None,
            hang_up_after_ms: 1_000,
            hold: None,
        }
    }
}

/// A reply that is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// After the one before it, or after the text.
    pub(crate) wait: Duration,
    pub(crate) body: String,
}

const OTP: &str = "{otp}";
const PIN: &str = "{pin}";

impl Behaviour {
    /// What is wrong, as a sentence for whoever wrote it.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let pin = self.pin.as_deref();
        if pin.is_some_and(|pin| pin.is_empty() || pin.len() > 32 || !pin.bytes().all(|b| b.is_ascii_digit())) {
            return Err("pin is 1 to 32 digits, or null");
        }
        if self.reply.as_deref().is_some_and(|reply| reply.is_empty() || reply.chars().count() > 1600) {
            return Err("reply is 1 to 1600 characters, or null");
        }
        if pin.is_none() && self.reply.as_deref().is_some_and(|reply| reply.contains(PIN)) {
            return Err("reply has {pin}, but pin is null");
        }
        if self.after_ms > LONGEST_MS || self.jitter_ms > LONGEST_MS {
            return Err("after_ms and jitter_ms are at most 3600000");
        }
        if self.times > 100 || self.wrong_first > 20 {
            return Err("times is at most 100 and wrong_first at most 20");
        }
        if self.delivery_error.is_some_and(|code| !(10_000..=99_999).contains(&code)) {
            return Err("delivery_error is an error code of five digits, for example 30003, or null");
        }
        check_habits(self)
    }

    /// The replies to `text`, in order. `whim` decides jitter.
    pub(crate) fn replies(&self, text: &str, whim: u64) -> Vec<Reply> {
        let Some(right) = self.right(text) else {
            return Vec::new();
        };
        let wrong = if self.report_fraud { 0 } else { self.wrong_first };
        let mut replies: Vec<Reply> = (0..wrong)
            .filter_map(|shift| self.wrong(text, shift))
            .zip(0..)
            .map(|(body, turn)| self.after(body, whim, turn))
            .collect();
        let turn = replies.len() as u64;
        replies.extend((0..self.times).map(|repeat| match repeat {
            0 => self.after(right.clone(), whim, turn),
            _ => Reply { wait: Duration::ZERO, body: right.clone() },
        }));
        replies
    }

    fn after(&self, body: String, whim: u64, turn: u64) -> Reply {
        let jitter = mix(whim.wrapping_add(turn)) % (self.jitter_ms + 1);
        Reply { wait: Duration::from_millis(self.after_ms + jitter), body }
    }

    fn right(&self, text: &str) -> Option<String> {
        if self.report_fraud {
            return Some("FRAUD".to_owned());
        }
        fill(self.reply.as_deref()?, code_in(text), self.pin.as_deref())
    }

    fn wrong(&self, text: &str, shift: u32) -> Option<String> {
        let reply = self.reply.as_deref()?;
        let otp = code_in(text);
        let pin = self.pin.as_deref();
        if reply.contains(OTP) {
            fill(reply, otp.map(|code| altered(code, shift)).as_deref(), pin)
        } else {
            fill(reply, otp, pin.map(|pin| altered(pin, shift)).as_deref())
        }
    }
}

fn fill(reply: &str, otp: Option<&str>, pin: Option<&str>) -> Option<String> {
    let mut body = reply.to_owned();
    if body.contains(OTP) {
        body = body.replace(OTP, otp?);
    }
    if body.contains(PIN) {
        body = body.replace(PIN, pin?);
    }
    Some(body)
}

/// The first run of exactly 6 to 8 digits.
pub(crate) fn code_in(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii_digit()).find(|run| (6..=8).contains(&run.len()))
}

/// Every digit moved on, by 1 to 9: never the same, and another for each of the first nine shifts.
fn altered(code: &str, shift: u32) -> String {
    let by = shift % 9 + 1;
    let moved = |digit: u32| char::from_digit((digit + by) % 10, 10);
    code.chars().filter_map(|c| c.to_digit(10).and_then(moved)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(behaviour: &Behaviour, text: &str) -> Vec<String> {
        behaviour.replies(text, 1).into_iter().map(|reply| reply.body).collect()
    }

    fn replying(reply: &str) -> Behaviour {
        Behaviour { reply: Some(reply.to_owned()), pin: Some("2468".to_owned()), ..Behaviour::default() }
    }

    #[test]
    fn finds_the_code() {
        let cases = [
            ("Your code is 123456.", Some("123456")),
            ("12345 then 12345678", Some("12345678")),
            ("call +12025550123 or 999999", Some("999999")),
            ("123456789", None),
            ("", None),
        ];
        for (text, code) in cases {
            assert_eq!(code_in(text), code, "{text}");
        }
    }

    #[test]
    fn fills_in_code_and_pin() {
        assert_eq!(bodies(&replying("{otp}{pin}"), "code 123456"), ["1234562468"]);
        assert_eq!(bodies(&replying("yes"), "no code"), ["yes"]);
        assert!(bodies(&replying("{otp}"), "no code").is_empty());
        assert!(bodies(&Behaviour::default(), "123456").is_empty());
    }

    #[test]
    fn wrong_ones_come_first_and_differ() {
        let behaviour = Behaviour { wrong_first: 2, times: 2, ..replying("{otp}") };
        assert_eq!(bodies(&behaviour, "907856"), ["018967", "129078", "907856", "907856"]);
        let pin = Behaviour { wrong_first: 1, ..replying("{pin}") };
        assert_eq!(bodies(&pin, ""), ["3579", "2468"]);
    }

    #[test]
    fn fraud_instead_of_the_reply() {
        let behaviour = Behaviour { report_fraud: true, wrong_first: 3, ..replying("{otp}") };
        assert_eq!(bodies(&behaviour, "no code"), ["FRAUD"]);
    }

    #[test]
    fn the_whim_decides_jitter() {
        let behaviour = Behaviour { jitter_ms: 1_000_000, ..replying("x") };
        assert_eq!(behaviour.replies("", 4), behaviour.replies("", 4));
        assert_ne!(behaviour.replies("", 4), behaviour.replies("", 5));
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        let wrong = [
            Behaviour { pin: None, ..replying("{pin}") },
            Behaviour { pin: Some("12a".to_owned()), ..replying("x") },
            Behaviour { times: 101, ..replying("x") },
            Behaviour { delivery_error: Some(3), ..replying("x") },
            replying(""),
        ];
        assert!(wrong.iter().all(|behaviour| behaviour.check().is_err()));
        assert!(replying("{otp}{pin}").check().is_ok());
    }
}
