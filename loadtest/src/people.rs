//! The people of a run: made in the engine, with a phone or a token each, and habits.
//! Refuses to reach anybody: the numbers are of number plans, the phones are simulated.

use crate::human::{Habit, Human};
use crate::scenario::{Mix, Scenario, Shape};
use crate::stage::Stage;
use anyhow::Context;
use futures_util::StreamExt;
use futures_util::stream;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;

/// Areas whose numbers the number plan knows; each gives ten thousand.
const AREAS: [u32; 100] = [
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231, 234,
    239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309,
    310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 331, 334, 336, 337, 339, 347, 351, 352, 360,
    361, 386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414, 415, 417, 419, 423, 424, 425, 430, 432, 434,
    435, 440, 443, 458, 469, 470, 475, 478,
];
/// Requests at once while people are made.
const AT_ONCE: usize = 128;
/// The PIN of everybody whose mode has one.
const PIN: &str = "246813";

/// The most people of a run.
pub const MOST: u32 = 2_000_000;
/// Different phones.
pub const PHONES: u32 = 1_000_000;

/// The user name of a person.
pub fn name(person: u32) -> String {
    format!("person{person}")
}

/// Beyond a million, two people share a phone.
pub fn phone(person: u32) -> String {
    let area = AREAS[(person / 10_000) as usize % AREAS.len()];
    format!("+1{area}555{:04}", person % 10_000)
}

/// Everybody of a run.
pub struct People {
    human: Human,
    mix: Vec<Mix>,
    /// Whether they make themselves.
    enrol: bool,
    /// The counter of the next code of each person's token.
    counters: Vec<Cell<u32>>,
    /// Who has a verification open, and whose turn is next.
    busy: RefCell<HashSet<u32>>,
    turn: Cell<u32>,
}

impl People {
    /// As a scenario wants them.
    pub fn of(scenario: &Scenario, count: u32) -> Self {
        Self {
            human: scenario.human.clone(),
            mix: scenario.mix.clone(),
            enrol: scenario.shape == Shape::Enrol,
            counters: (0..count).map(|_| Cell::new(1)).collect(),
            busy: RefCell::default(),
            turn: Cell::new(0),
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.counters.len()).unwrap_or(u32::MAX)
    }

    /// The next person who has nothing open; they have from now on.
    pub fn free(&self) -> Option<u32> {
        let mut busy = self.busy.borrow_mut();
        for _ in 0..self.count() {
            let person = self.turn.get();
            self.turn.set((person + 1) % self.count());
            if busy.insert(person) {
                return Some(person);
            }
        }
        None
    }

    /// What a person had open has ended. Whoever is enrolled never is again.
    pub fn is_free_again(&self, person: u32) {
        if self.enrol {
            return;
        }
        self.busy.borrow_mut().remove(&person);
    }

    /// A person's method. Neighbours have different ones, in the shares of the scenario.
    pub fn mix(&self, person: u32) -> &Mix {
        let place = f64::from(person.wrapping_mul(2_654_435_769)) / f64::from(u32::MAX);
        let mut left = place;
        for mix in &self.mix {
            if left < mix.share {
                return mix;
            }
            left -= mix.share;
        }
        &self.mix[self.mix.len() - 1]
    }

    /// A person's habit.
    pub fn habit(&self, person: u32) -> Habit {
        self.human.habit(person)
    }

    /// How long a person thinks.
    pub fn think(&self, person: u32) -> std::time::Duration {
        self.human.think(person)
    }

    /// Whether a person answers by typing into the caller's own page.
    pub fn types(&self, person: u32) -> bool {
        let mode = &self.mix(person).mode;
        mode == "code" || mode.starts_with("one_way")
    }

    /// The reasons for which a verification of this person may end.
    pub fn expected(&self, person: u32) -> &'static [&'static str] {
        let oath = self.mix(person).method == "oath";
        match (self.habit(person), oath) {
            (Habit::Right | Habit::Twice | Habit::WrongOnce, false) => &["sms_ok"],
            (Habit::Right | Habit::Twice | Habit::WrongOnce, true) => &["oath_ok"],
            // Whoever is always wrong is made to wait after some time, and then the time is over before the tries are.
            (Habit::WrongAlways, false) => {
                &["sms_code_wrong", "sms_code_pin_wrong", "sms_no_reply", "timeout", "locked", "rate_limited"]
            }
            (Habit::WrongAlways, true) => &["oath_wrong", "oath_timeout", "timeout", "locked", "rate_limited"],
            (Habit::Silent, false) => &["sms_no_reply", "timeout"],
            (Habit::Silent, true) => &["oath_timeout", "timeout"],
        }
    }

    /// The next code of a person's token, six digits.
    pub fn next_code(&self, person: u32) -> String {
        let counter = &self.counters[person as usize];
        let code = hotp(&secret(person), u64::from(counter.get()));
        counter.set(counter.get() + 1);
        code
    }

    /// Makes them in the engine, unless they do so themselves, and gives the phones their behaviour.
    pub async fn make(&self, stage: &Stage) -> anyhow::Result<()> {
        let free = json!({ "gap_seconds": 0, "per_hour": 0, "per_day": 0 });
        let mut settings = json!({ "velocity": { "number": free, "user": free } });
        if self.enrol {
            settings["portal"] = json!({ "primary_authentication": "radius", "allow_enrollment": true });
        }
        stage.put("/v1/settings", &settings).await?;
        let usual = self.human.uniform().unwrap_or(Habit::Right);
        stage.behave("/sim/v1/behaviour", &self.behaviour(usual, "two_way_otp", 0)).await?;
        let count = if self.enrol { 0 } else { self.count() };
        let mut making = stream::iter(0..count).map(|person| self.make_one(stage, person)).buffer_unordered(AT_ONCE);
        while let Some(made) = making.next().await {
            made?;
        }
        Ok(())
    }

    async fn make_one(&self, stage: &Stage, person: u32) -> anyhow::Result<()> {
        let mix = self.mix(person);
        let mut user = json!({ "name": name(person), "method": mix.method, "mode": mix.mode });
        if mix.method == "sms" {
            user["phone"] = phone(person).into();
        }
        if mix.mode.ends_with("_pin") {
            user["pin"] = PIN.into();
            user["pin_change_required"] = false.into();
        }
        let (status, answer) = stage.post("/v1/users", &user).await?;
        anyhow::ensure!(status == 201, "a person could not be made: {}", String::from_utf8_lossy(&answer));
        if mix.method == "oath" {
            return self.give_token(stage, person).await;
        }
        if mix.mode.starts_with("two_way") && (self.human.uniform().is_none() || mix.mode.ends_with("_pin")) {
            let behaviour = self.behaviour(self.habit(person), &mix.mode, person);
            stage.behave(&format!("/sim/v1/phones/{}/behaviour", phone(person)), &behaviour).await?;
        }
        Ok(())
    }

    async fn give_token(&self, stage: &Stage, person: u32) -> anyhow::Result<()> {
        let secret = secret(person);
        let token = json!({
            "serial": format!("LT{person}"),
            "secret": data_encoding::BASE32_NOPAD.encode(&secret),
            "settings": { "kind": "hotp" },
            "code": hotp(&secret, 0),
        });
        let (status, answer) = stage.post(&format!("/v1/users/name:{}/tokens", name(person)), &token).await?;
        anyhow::ensure!(status == 201, "a token could not be made: {}", String::from_utf8_lossy(&answer));
        Ok(())
    }

    fn behaviour(&self, habit: Habit, mode: &str, person: u32) -> Value {
        let pin = mode.ends_with("_pin");
        let reply = (habit != Habit::Silent).then_some(if pin { "{otp}{pin}" } else { "{otp}" });
        let think = u64::try_from(self.think(person).as_millis()).unwrap_or(u64::MAX);
        let (wrong_first, times) = match habit {
            Habit::WrongOnce => (1, 1),
            Habit::WrongAlways => (20, 0),
            Habit::Twice => (0, 2),
            Habit::Right | Habit::Silent => (0, 1),
        };
        let pin = pin.then_some(PIN);
        json!({ "reply": reply, "pin": pin, "after_ms": think, "wrong_first": wrong_first, "times": times })
    }
}

/// What a person types, with the PIN where the mode has one.
pub fn typed(code: &str, mode: &str) -> String {
    if mode.ends_with("_pin") { format!("{code}{PIN}") } else { code.to_owned() }
}

/// Another code: every digit moved on.
pub fn wrong(code: &str) -> String {
    code.bytes().map(|digit| char::from((digit - b'0' + 1) % 10 + b'0')).collect()
}

fn secret(person: u32) -> [u8; 20] {
    let mut secret = [0x5A; 20];
    secret[..4].copy_from_slice(&person.to_be_bytes());
    secret
}

/// RFC 4226 §5.3, six digits.
fn hotp(secret: &[u8], counter: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("a key of any length is one");
    mac.update(&counter.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes([hash[offset] & 0x7f, hash[offset + 1], hash[offset + 2], hash[offset + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// The code in a text: its first run of six to eight digits.
pub fn code_in(text: &str) -> anyhow::Result<String> {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    let code = runs.into_iter().find(|run| (6..=8).contains(&run.len()));
    code.map(str::to_owned).context("a text without a code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        let codes: Vec<_> = (0..4).map(|counter| hotp(secret, counter)).collect();
        assert_eq!(codes, ["755224", "287082", "359152", "969429"], "RFC 4226 appendix D");
    }

    #[test]
    fn methods_come_in_their_shares() {
        let text = crate::scenario::text("people").unwrap();
        let people = People::of(&crate::scenario::read("people", &text).unwrap(), 10_000);
        let oath = (0..10_000).filter(|person| people.mix(*person).method == "oath").count();
        assert!((1900..2100).contains(&oath), "{oath}");
        assert_eq!((wrong("901"), typed("123456", "one_way_otp_pin")), ("012".into(), "123456246813".into()));
        assert_eq!(code_in("Your code is 123456.").unwrap(), "123456");
    }
}
