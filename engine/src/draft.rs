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
    /// What becomes of the backup phone.
    #[serde(default, skip_serializing_if = "Backup::stays")]
    pub backup: Backup,
    /// Whether it takes a change of the phone back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undoes: bool,
    /// The number that was entered last, also where another method was chosen since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered: Option<PhoneNumber>,
    /// When that number was changed, within a day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<Moment>,
}

/// What a draft does with the backup phone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backup {
    /// It stays.
    #[default]
    Stays,
    /// There is none any more.
    Gone,
    /// It is this one.
    Is(Phone),
}

impl Backup {
    /// Whether nothing changes.
    pub fn stays(&self) -> bool {
        *self == Self::Stays
    }
}

/// What counted before a change of the phone, and can be taken back for a while by whoever has that phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// The phone.
    pub phone: Phone,
    /// The method.
    pub method: Method,
    /// Its mode.
    pub mode: Mode,
    /// Until then.
    pub until: Moment,
}

/// What an adoption changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// Whether it was the first method of all.
    pub first: bool,
    /// Whether it took a change back.
    pub undid: bool,
    /// The phone that counted before, if another one counts now.
    pub old_phone: Option<Phone>,
    /// Whether another method counts.
    pub method_changed: bool,
    /// Whether another PIN counts.
    pub pin_changed: bool,
}

/// How long a change of the phone can be taken back.
pub const UNDO: Duration = Duration::from_secs(7 * 86_400);
/// How long a change waits for its verification; a first set-up waits for ever.
const CHANGE: Duration = Duration::from_secs(86_400);

/// How often the number may be changed within a day (portal.md §14): each change may cost a text.
const NUMBERS_A_DAY: usize = 5;
const DAY: Duration = Duration::from_secs(86_400);

impl Draft {
    /// A draft of this method, with nothing in it yet.
    pub const fn begin(method: Method, mode: Mode, now: Moment) -> Self {
        Self {
            method,
            mode,
            phone: None,
            pin: None,
            proof: None,
            saved_at: now,
            backup: Backup::Stays,
            undoes: false,
            entered: None,
            numbers: Vec::new(),
        }
    }

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
    /// What waits to be verified now: a change that nobody went on with is over after a day.
    pub fn draft_at(&self, now: Moment) -> Option<&Draft> {
        self.draft.as_deref().filter(|draft| !self.set_up || now < draft.saved_at + CHANGE)
    }

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

    /// The draft was verified by `proof`: it counts from now on. `None` if it is another draft by now.
    pub fn adopt(&mut self, proof: VerificationId, rules: &PinRules, now: Moment) -> Option<Adopted> {
        let draft = self.draft.take_if(|draft| draft.proof == Some(proof))?;
        let other = draft.phone.is_some() && draft.phone != self.phone;
        let adopted = Adopted {
            first: !self.set_up,
            undid: draft.undoes,
            old_phone: if other { self.phone.clone() } else { None },
            method_changed: draft.method != self.method,
            pin_changed: draft.pin.is_some(),
        };
        self.remember_phone(&adopted, now);
        (self.method, self.mode) = (draft.method, draft.mode);
        if draft.phone.is_some() {
            self.phone = draft.phone;
        }
        match draft.backup {
            Backup::Stays => {}
            Backup::Gone => self.backup_phone = None,
            Backup::Is(phone) => self.backup_phone = Some(phone),
        }
        if let Some(hash) = draft.pin {
            self.pin.set(hash, rules, now, false);
        }
        self.set_up = true;
        Some(adopted)
    }

    /// What can be taken back is what counted before the first of several changes: who holds the account for a moment must
    /// not push the owner's phone out by changing it twice.
    fn remember_phone(&mut self, adopted: &Adopted, now: Moment) {
        if adopted.undid {
            self.before = None;
        } else if let Some(phone) = adopted.old_phone.clone().filter(|_| !adopted.first)
            && self.before_at(now).is_none()
        {
            self.before = Some(Box::new(Before { phone, method: self.method, mode: self.mode, until: now + UNDO }));
        }
    }

    /// What can be taken back now.
    pub fn before_at(&self, now: Moment) -> Option<&Before> {
        self.before.as_deref().filter(|before| now < before.until)
    }

    /// The draft that takes the change of the phone back, once the old phone has answered.
    pub fn undo(&self, now: Moment) -> Option<Draft> {
        let before = self.before_at(now)?;
        let draft = Draft::begin(before.method, before.mode, now);
        Some(Draft { phone: Some(before.phone.clone()), undoes: true, ..draft })
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
        let mode = if pin.is_some() { Mode::TwoWayOtpPin } else { Mode::TwoWayOtp };
        Box::new(Draft {
            phone: Some(Phone { number: "+12025550101".parse().unwrap(), extension: None }),
            pin: pin.map(|pin| PinHash::make(&key, [0; 16], UserId::from_bits(1), pin)),
            proof: Some(PROOF),
            ..Draft::begin(Method::Sms, mode, NOW)
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

        assert!(
            user.adopt(VerificationId::from_bits(6), &PinRules::default(), NOW).is_none(),
            "the proof of an earlier draft"
        );
        assert!(user.draft.is_some() && !user.set_up);
        let adopted = user.adopt(PROOF, &PinRules::default(), NOW).unwrap();
        assert!(adopted.first && adopted.pin_changed && !adopted.method_changed && user.before.is_none());
        assert!(user.draft.is_none() && user.set_up && user.pin.hash.is_some());
        assert_eq!(user.phone.as_ref().unwrap().number.to_string(), "+12025550101");
        assert!(user.adopt(PROOF, &PinRules::default(), NOW).is_none(), "once");
    }

    #[test]
    fn what_a_draft_does_not_name_stays() {
        let mut user = user();
        user.draft = Some(Box::new(Draft { phone: None, ..*draft(None) }));
        assert_eq!(user.drafted().unwrap().phone, user.phone);
        let before = user.phone.clone();
        assert!(user.adopt(PROOF, &PinRules::default(), NOW).is_some());
        assert_eq!(user.phone, before);
    }

    #[test]
    fn a_change_of_the_phone_can_be_taken_back_for_a_week_however_often_it_was_changed() {
        let change = |user: &mut User, last: u32, now| {
            let number = format!("+120255501{last:02}").parse().unwrap();
            let phone = Some(Phone { number, extension: None });
            user.draft = Some(Box::new(Draft { phone, ..*draft(None) }));
            user.adopt(PROOF, &PinRules::default(), now).unwrap()
        };
        let mut user = User { set_up: true, ..user() };
        let own = user.phone.clone();
        assert_eq!(change(&mut user, 2, NOW).old_phone, own);
        change(&mut user, 3, NOW + DAY);
        assert_eq!(user.before_at(NOW + DAY).unwrap().phone, own.clone().unwrap());
        assert_eq!(user.before_at(NOW + UNDO), None);
        user.draft = user.undo(NOW + DAY).map(|undo| Box::new(Draft { proof: Some(PROOF), ..undo }));
        assert!(user.adopt(PROOF, &PinRules::default(), NOW + DAY).unwrap().undid);
        assert!(user.phone == own && user.before.is_none() && user.undo(NOW + DAY).is_none());
    }

    #[test]
    fn a_change_waits_a_day_and_a_set_up_for_ever() {
        let mut user = user();
        user.draft = Some(draft(None));
        assert!(user.draft_at(NOW + UNDO).is_some());
        user.set_up = true;
        assert!(user.draft_at(NOW).is_some() && user.draft_at(NOW + DAY).is_none());
    }
}
