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
    /// Where it was typed, a browser or a login: there alone it is shown in full, and signs in when it is proved.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub saved_by: String,
    /// The key of the form that saved it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub once: String,
    /// What was entered for another method before: going back loses nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<Box<Self>>,
}

/// The numbers that a person entered, and how often that was another one. It is with the person, so that a draft that is given up
/// takes no count with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entered {
    last: Option<PhoneNumber>,
    changed_at: Vec<Moment>,
}

impl Entered {
    /// Another number is entered; `false` if there were too many today.
    pub fn note(&mut self, number: PhoneNumber, now: Moment) -> bool {
        self.changed_at.retain(|at| now.since(*at) < DAY);
        if self.last.is_some_and(|last| last != number) {
            if self.changed_at.len() >= NUMBERS_A_DAY {
                return false;
            }
            self.changed_at.push(now);
        }
        self.last = Some(number);
        true
    }

    /// Whether nothing was entered.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
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
    /// The PIN: whoever changed the phone may have changed it too.
    #[serde(default)]
    pub pin: PinState,
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
    /// When what was taken back had been changed.
    pub changed_at: Option<Moment>,
    /// The phone that was texted or called before, and is neither any more.
    pub left_phone: Option<Phone>,
    /// Whether another PIN counts.
    pub pin_changed: bool,
    /// The method that counted before.
    pub method_before: Method,
}

impl Before {
    /// When it was changed.
    pub fn changed_at(&self) -> Moment {
        self.until - UNDO
    }
}

/// How long nothing else takes the place of a return: what is out to the old phone must not be pushed away.
const RETURNS: Duration = Duration::from_secs(600);
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
            saved_by: String::new(),
            once: String::new(),
            aside: None,
        }
    }

    /// Whether another draft comes from the same form, sent again.
    pub fn is_of_the_same_form(&self, other: &Self) -> bool {
        !self.once.is_empty() && self.once == other.once && (self.method, &self.phone) == (other.method, &other.phone)
    }

    /// Another method is chosen: this one is set aside, and what was set aside for that one comes back.
    #[must_use]
    pub fn making_room_for(&self, fresh: Self) -> Self {
        let before = self.aside.as_deref().filter(|aside| aside.method == fresh.method).cloned();
        let back = before.map(|before| Self { mode: fresh.mode, saved_at: fresh.saved_at, ..before });
        Self { aside: Some(Box::new(self.set_aside())), ..back.unwrap_or(fresh) }
    }

    /// As it waits for its method to be chosen again: nothing is out for it, and no form sent again is taken for it.
    #[must_use]
    pub fn set_aside(&self) -> Self {
        Self { proof: None, aside: None, once: String::new(), ..self.clone() }
    }
}

impl Draft {
    /// Whether it is a return of the old phone that is under way.
    pub fn returns(&self, now: Moment) -> bool {
        self.undoes && now < self.saved_at + RETURNS
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
        let leaves = self.set_up && !other && self.method.has_phone() && !draft.method.has_phone();
        let adopted = Adopted {
            first: !self.set_up,
            undid: draft.undoes,
            old_phone: if other { self.phone.clone() } else { None },
            method_changed: draft.method != self.method,
            changed_at: self.before.as_ref().filter(|_| draft.undoes).map(|before| before.changed_at()),
            left_phone: if leaves { self.phone.clone() } else { None },
            pin_changed: draft.pin.is_some() && !draft.undoes,
            method_before: self.method,
        };
        self.remember(&adopted, now);
        self.leave_method();
        (self.method, self.mode) = (draft.method, draft.mode);
        if draft.phone.is_some() {
            self.phone = draft.phone;
        }
        match draft.backup {
            Backup::Stays => {}
            Backup::Gone => self.set_backup(None),
            Backup::Is(phone) => self.set_backup(Some(phone)),
        }
        if let Some(hash) = draft.pin.filter(|_| !draft.undoes) {
            self.pin.set(hash, rules, now, false);
        }
        self.adopted = Some(Box::new(Proof { proof, saved_by: draft.saved_by }));
        (self.set_up, self.begun) = (true, None);
        Some(adopted)
    }

    /// A token has shown its first code: it is the first method.
    pub fn adopt_token(&mut self) {
        self.leave_method();
        (self.method, self.mode) = (Method::Oath, Mode::Code);
        (self.set_up, self.draft, self.begun) = (true, None, None);
    }

    /// The mode of texts, or of calls, is known when somebody comes back to them.
    fn leave_method(&mut self) {
        match self.method {
            Method::Sms => self.text_mode = Some(self.mode),
            Method::Voice => self.voice_mode = Some(self.mode),
            Method::App | Method::Oath => {}
        }
    }

    /// What can be taken back is what counted before the first of several changes: who holds the account for a moment must
    /// not push the owner's phone out by changing it twice. A phone that no longer checks anything is pushed out too.
    fn remember(&mut self, adopted: &Adopted, now: Moment) {
        if adopted.undid {
            if let Some(before) = self.before.take() {
                self.pin = before.pin;
            }
            return;
        }
        let phone = adopted.old_phone.clone().or_else(|| adopted.left_phone.clone());
        if let Some(phone) = phone.filter(|_| !adopted.first)
            && self.before_at(now).is_none()
        {
            let (method, mode, pin) = (self.method, self.mode, self.pin.clone());
            self.before = Some(Box::new(Before { phone, method, mode, pin, until: now + UNDO }));
        }
    }

    /// What can be taken back now.
    pub fn before_at(&self, now: Moment) -> Option<&Before> {
        self.before.as_deref().filter(|before| now < before.until)
    }

    /// The draft that takes the change back, once the old phone has answered: a call where it was called, else a text in `mode`;
    /// nothing else shows that it is there.
    pub fn undo(&self, mode: Mode, now: Moment) -> Option<Draft> {
        let before = self.before_at(now)?;
        let (method, mode) = match before.method {
            Method::Voice | Method::Sms => (before.method, before.mode),
            Method::App | Method::Oath => (Method::Sms, mode),
        };
        // The PIN of before comes back with the phone, so it is the one to answer with.
        let pin = before.pin.hash.clone();
        let draft = Draft::begin(method, mode, now);
        Some(Draft { phone: Some(before.phone.clone()), pin, undoes: true, ..draft })
    }
}

/// What made a draft count, and where that was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The verification.
    pub proof: VerificationId,
    /// The browser or login.
    pub saved_by: String,
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
        let number = |last: u32| format!("+120255501{last:02}").parse().unwrap();
        let mut entered = Entered::default();
        assert!(entered.note(number(0), NOW));
        for change in 1..=5 {
            assert!(entered.note(number(change), NOW) && entered.note(number(change), NOW));
        }
        assert!(!entered.note(number(6), NOW));
        assert!(entered.note(number(5), NOW), "the same one again");
        assert!(entered.note(number(6), NOW + DAY));
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
        user.draft = user.undo(Mode::TwoWayOtp, NOW + DAY).map(|undo| Box::new(Draft { proof: Some(PROOF), ..undo }));
        assert!(user.adopt(PROOF, &PinRules::default(), NOW + DAY).unwrap().undid);
        assert!(user.phone == own && user.before.is_none() && user.undo(Mode::TwoWayOtp, NOW + DAY).is_none());
    }

    #[test]
    fn a_phone_that_checks_nothing_any_more_and_the_pin_of_before_come_back_too() {
        let key = PinKey::new(1, [1; 32]);
        let mut user = User { set_up: true, mode: Mode::TwoWayOtpPin, ..user() };
        user.pin.set(PinHash::make(&key, [0; 16], user.id, "2580"), &PinRules::default(), NOW, false);
        let pin = user.pin.clone();
        user.draft = Some(Box::new(Draft { proof: Some(PROOF), ..Draft::begin(Method::Oath, Mode::Code, NOW) }));
        assert!(user.adopt(PROOF, &PinRules::default(), NOW).unwrap().method_changed);
        user.pin.set(PinHash::make(&key, [0; 16], user.id, "9999"), &PinRules::default(), NOW, false);
        let undo = user.undo(Mode::TwoWayOtp, NOW).unwrap();
        assert_eq!((undo.method, undo.mode), (Method::Sms, Mode::TwoWayOtpPin));
        user.draft = Some(Box::new(Draft { proof: Some(PROOF), ..undo }));
        assert!(user.drafted().unwrap().pin.matches(&[key], user.id, "2580"));
        assert!(user.adopt(PROOF, &PinRules::default(), NOW).unwrap().undid);
        assert!(user.pin == pin && user.mode == Mode::TwoWayOtpPin);
    }

    #[test]
    fn a_phone_that_was_called_comes_back_by_a_call_and_one_that_is_still_called_was_not_left() {
        let mut user = User { set_up: true, method: Method::Voice, mode: Mode::Standard, ..user() };
        let own = user.phone.clone();
        let to = |user: &mut User, method, mode| {
            user.draft = Some(Box::new(Draft { proof: Some(PROOF), ..Draft::begin(method, mode, NOW) }));
            user.adopt(PROOF, &PinRules::default(), NOW).unwrap()
        };
        assert_eq!(to(&mut user, Method::Sms, Mode::TwoWayOtp).left_phone, None, "the same phone, by texts");
        assert_eq!(
            (user.voice_mode, to(&mut user, Method::Voice, Mode::Standard).left_phone),
            (Some(Mode::Standard), None)
        );
        assert_eq!(to(&mut user, Method::Oath, Mode::Code).left_phone, own);
        let undo = user.undo(Mode::TwoWayOtp, NOW).unwrap();
        assert_eq!((undo.method, undo.mode, undo.phone), (Method::Voice, Mode::Standard, own));
    }

    #[test]
    fn a_backup_phone_is_verified_by_its_own_answer_and_another_one_begins_anew() {
        let phone = |last: u32| Phone { number: format!("+120255501{last:02}").parse().unwrap(), extension: None };
        let mut user = user();
        user.set_backup(Some(phone(7)));
        assert!(!user.backup_answered(phone(8).number, NOW), "a call that was out to an earlier one");
        assert!(user.backup_answered(phone(7).number, NOW) && !user.backup_answered(phone(7).number, NOW));
        user.set_backup(Some(phone(7)));
        assert!(user.backup_verified_at.is_some(), "the same one");
        user.set_backup(Some(phone(8)));
        assert_eq!(user.backup_verified_at, None);
    }

    #[test]
    fn a_token_as_the_first_method_takes_the_draft_away_and_remembers_the_mode_of_texts() {
        let mut user = User { mode: Mode::TwoWayOtpPin, draft: Some(draft(None)), ..user() };
        user.adopt_token();
        assert_eq!((user.method, user.mode, user.text_mode), (Method::Oath, Mode::Code, Some(Mode::TwoWayOtpPin)));
        assert!(user.set_up && user.draft.is_none());
    }

    #[test]
    fn another_method_and_back_again_loses_nothing_but_what_was_asked() {
        let text = Draft { proof: Some(PROOF), ..*draft(Some("+12025550102")) };
        let other = text.making_room_for(Draft::begin(Method::Oath, Mode::Code, NOW));
        assert_eq!((other.method, &other.phone, other.proof), (Method::Oath, &None, None));
        let back = other.making_room_for(Draft::begin(Method::Sms, text.mode, NOW));
        assert_eq!((back.phone, back.pin, back.proof), (text.phone.clone(), text.pin.clone(), None));
        let mut user = User { draft: Some(Box::new(Draft { proof: Some(PROOF), ..other })), ..user() };
        user.adopt(PROOF, &PinRules::default(), NOW);
        assert_ne!(user.phone, text.phone, "what is aside does not count");
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
