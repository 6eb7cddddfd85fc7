//! What a person has begun to set up or to change: it stands beside what counts until it is verified (portal.md §6).
//! Refuses to count before that, and to keep a PIN in clear.

use crate::id::VerificationId;
use crate::method::{Method, Mode};
use crate::moment::Moment;
use crate::number::PhoneNumber;
use crate::person::{Phone, User};
use crate::pin::{PinHash, PinRules, PinState};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A method that is to become the person's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// How.
    pub method: Method,
    /// In which variant.
    pub mode: Mode,
    /// Where to; the present phone where it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// A new PIN; the present one where it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<PinHash>,
    /// The verification that is to prove it. Saving anything else takes it away, so that what was asked before proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<VerificationId>,
    /// When it was saved.
    pub saved_at: Moment,
    /// The number that was entered last, also where another method was chosen since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered: Option<PhoneNumber>,
    /// When that number was changed, within a day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<Moment>,
}

/// How often the number may be changed within a day (portal.md §14): each change may cost a text.
const NUMBERS_A_DAY: usize = 5;
const DAY: Duration = Duration::from_secs(86_400);

impl Draft {
    /// This draft in place of the one before; `None` if its number was changed too often.
    pub fn after(mut self, before: Option<&Self>, now: Moment) -> Option<Self> {
        let changes = before.map(|before| before.numbers.clone()).unwrap_or_default();
        self.numbers = changes.into_iter().filter(|at| now.since(*at) < DAY).collect();
        let earlier = before.and_then(|before| before.entered);
        self.entered = self.phone.as_ref().map(|phone| phone.number).or(earlier);
        if earlier.is_some() && earlier != self.entered {
            self.numbers.push(now);
        }
        (self.numbers.len() <= NUMBERS_A_DAY).then_some(self)
    }
}

impl User {
    /// The person as they would be with their draft.
    pub fn drafted(&self) -> Option<Self> {
        let draft = self.draft.as_deref()?;
        let mut drafted = self.clone();
        (drafted.method, drafted.mode) = (draft.method, draft.mode);
        drafted.phone = draft.phone.clone().or(drafted.phone);
        if let Some(hash) = draft.pin.clone() {
            drafted.pin = PinState { hash: Some(hash), set_at: draft.saved_at, ..PinState::default() };
        }
        Some(drafted)
    }

    /// The draft was verified by `proof`: it counts from now on. `false` if it is another draft by now.
    pub fn adopt(&mut self, proof: VerificationId, rules: &PinRules, now: Moment) -> bool {
        let Some(draft) = self.draft.take_if(|draft| draft.proof == Some(proof)) else { return false };
        (self.method, self.mode) = (draft.method, draft.mode);
        if draft.phone.is_some() {
            self.phone = draft.phone;
        }
        if let Some(hash) = draft.pin {
            self.pin.set(hash, rules, now, false);
        }
        self.set_up = true;
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::id::UserId;
    use crate::pin::PinKey;

    const PROOF: VerificationId = VerificationId::from_bits(5);
    const NOW: Moment = Moment::from_millis(1_700_000_000_000);

    fn user() -> User {
        serde_json::from_value(serde_json::json!({
            "id": UserId::from_bits(1), "name": "ann", "enabled": true, "set_up": false, "created_at": 0,
            "method": "sms", "mode": "two_way_otp", "phone": { "number": "+12025550100" },
        }))
        .unwrap()
    }

    fn draft(pin: Option<&str>) -> Box<Draft> {
        let key = PinKey::new(1, [1; 32]);
        Box::new(Draft {
            method: Method::Sms,
            mode: if pin.is_some() { Mode::TwoWayOtpPin } else { Mode::TwoWayOtp },
            phone: Some(Phone { number: "+12025550101".parse().unwrap(), extension: None }),
            pin: pin.map(|pin| PinHash::make(&key, [0; 16], UserId::from_bits(1), pin)),
            proof: Some(PROOF),
            saved_at: NOW,
            entered: None,
            numbers: vec![],
        })
    }

    #[test]
    fn a_number_may_be_changed_five_times_a_day() {
        let with = |last: u32, before: Option<&Draft>, now| {
            let number = format!("+120255501{last:02}").parse().unwrap();
            Draft { phone: Some(Phone { number, extension: None }), ..*draft(None) }.after(before, now)
        };
        let mut current = with(0, None, NOW).unwrap();
        for change in 1..=5 {
            current = with(change, Some(&current), NOW).unwrap();
            current = with(change, Some(&current), NOW).unwrap();
        }
        assert_eq!(with(6, Some(&current), NOW), None);
        let app = Draft { phone: None, ..*draft(None) }.after(Some(&current), NOW).unwrap();
        assert_eq!(with(6, Some(&app), NOW), None, "a detour over another method counts too");
        assert!(with(5, Some(&current), NOW).is_some(), "the same one again");
        assert!(with(6, Some(&current), NOW + DAY).is_some());
    }

    #[test]
    fn a_draft_counts_once_it_is_verified_and_not_before() {
        let mut user = user();
        assert!(user.drafted().is_none());
        user.draft = Some(draft(Some("2580")));
        assert_eq!(user.phone.as_ref().unwrap().number.to_string(), "+12025550100");
        let drafted = user.drafted().unwrap();
        assert_eq!(
            (drafted.phone.unwrap().number.to_string(), drafted.mode),
            ("+12025550101".into(), Mode::TwoWayOtpPin)
        );
        assert!(drafted.pin.hash.is_some() && user.pin.hash.is_none());

        assert!(!user.adopt(VerificationId::from_bits(6), &PinRules::default(), NOW), "the proof of an earlier draft");
        assert!(user.draft.is_some() && !user.set_up);
        assert!(user.adopt(PROOF, &PinRules::default(), NOW));
        assert!(user.draft.is_none() && user.set_up && user.pin.hash.is_some());
        assert_eq!(user.phone.as_ref().unwrap().number.to_string(), "+12025550101");
        assert!(!user.adopt(PROOF, &PinRules::default(), NOW), "once");
    }

    #[test]
    fn what_a_draft_does_not_name_stays() {
        let mut user = user();
        user.draft = Some(Box::new(Draft { phone: None, ..*draft(None) }));
        assert_eq!(user.drafted().unwrap().phone, user.phone);
        let before = user.phone.clone();
        assert!(user.adopt(PROOF, &PinRules::default(), NOW));
        assert_eq!(user.phone, before);
    }
}
