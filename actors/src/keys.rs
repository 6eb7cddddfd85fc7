//! What the keys pressed in a call are worth: the fraud code, a PIN, a new PIN.
//! Refuses to keep either; only the verdict goes on.

use crate::house::Shared;
use crate::judge;
use crate::people::Person;
use channels::call::Keys;
use engine::id::AttemptId;
use engine::moment::Moment;
use engine::person::User;
use engine::pin::{self, PinFault, PinHash};
use engine::policy::Policy;
use engine::prompt::Prompt;
use engine::secret::Secret;
use engine::verification::{Keyed, NewPin, Rung, Stage, Talk, Verdict, Verification};
use subtle::ConstantTimeEq;

/// All that the worth of keys depends on.
pub struct Pressed<'a> {
    /// The keys of the engine.
    pub shared: &'a Shared,
    /// Whose call it is.
    pub of: &'a Verification,
    /// Which call.
    pub attempt: AttemptId,
    /// Who is called.
    pub person: &'a Person,
    /// Company settings.
    pub policy: &'a Policy,
    /// What was pressed.
    pub keys: &'a Keys,
    /// The new PIN that was keyed before, and when the one was set that it is to replace.
    pub new_pin: Option<(&'a Secret<String>, Moment)>,
    /// Now.
    pub now: Moment,
}

impl Pressed<'_> {
    /// What they are worth.
    pub fn worth(&self) -> Keyed {
        let digits = self.keys.digits.expose().as_str();
        let talk = match self.of.stage {
            Stage::Calling(_, talk) if self.of.attempt() == Some(self.attempt) => Some(talk),
            Stage::Waiting
            | Stage::Reserving(_)
            | Stage::Queued(_)
            | Stage::Sending(_)
            | Stage::Awaiting(_)
            | Stage::Calling(..)
            | Stage::Settled { .. } => None,
        };
        if talk == Some(Talk::ReportingFraud) {
            return if digits == "1" { Keyed::One } else { Keyed::Other };
        }
        match (digits, self.keys.pound, talk) {
            ("", false, _) => Keyed::Nothing,
            ("", true, _) => Keyed::Pound,
            (digits, true, _) if self.is_fraud_code(digits) => Keyed::FraudCode,
            // Who keys the code alone, where no other digits are asked for, means it; whether to block is asked.
            (digits, false, _) if self.is_fraud_code(digits) && !self.needs_pin() => Keyed::FraudCode,
            (_, false, _) => Keyed::NoPound,
            (digits, true, Some(talk)) => self.digits(talk, digits),
            (_, true, None) => Keyed::Other,
        }
    }

    /// The code that was spoken in this call counts, also where the settings changed meanwhile.
    fn is_fraud_code(&self, digits: &str) -> bool {
        self.rung().and_then(|rung| rung.dialling.as_deref()).is_some_and(|dialling| dialling.is_fraud_code(digits))
    }

    fn needs_pin(&self) -> bool {
        self.rung().is_some_and(|rung| rung.mode.needs_pin())
    }

    /// Of the call, which may not be the one in progress any more.
    fn rung(&self) -> Option<&Rung> {
        self.of.rungs.get(usize::from(self.attempt.rung))
    }

    fn digits(&self, talk: Talk, digits: &str) -> Keyed {
        let Some(user) = self.owner() else { return Keyed::Other };
        match talk {
            Talk::Ringing { .. } | Talk::PutThrough | Talk::ReportingFraud => Keyed::Other,
            Talk::Asked { .. } if self.needs_pin() => self.pin(&user, digits),
            Talk::Asked { .. } => Keyed::Other,
            Talk::NewPin { .. } => self.new_pin(&user, digits).map_or(Keyed::NewPin(NewPin::Possible), refused),
            Talk::PinAgain { .. } => self.repeated(&user, digits),
        }
    }

    /// The person as the verification is about them: a set-up proves the draft.
    fn owner(&self) -> Option<User> {
        let user = &self.person.user.as_ref()?.value;
        let drafted = if self.of.purpose.proves_a_draft(self.of.caller) { user.drafted() } else { None };
        Some(drafted.unwrap_or_else(|| user.clone()))
    }

    fn pin(&self, user: &User, digits: &str) -> Keyed {
        let may_change = user.may_change_pin(&self.policy.pin);
        match judge::pin(user, self.policy, &self.shared.pin_keys, digits, self.now) {
            // Whoever may not change it needs the help desk (mfa-server.md §5.3).
            Verdict::PinChangeDue if !may_change => Keyed::Pin(Verdict::PinTooOld),
            Verdict::PinChangeDue if user.pin.too_old(&self.policy.pin, self.now) => Keyed::PinRenewal,
            verdict @ (Verdict::Right
            | Verdict::WrongCode
            | Verdict::WrongPin
            | Verdict::PinChangeDue
            | Verdict::PinTooOld
            | Verdict::Replayed
            | Verdict::OutOfDate) => Keyed::Pin(verdict),
        }
    }

    fn new_pin(&self, user: &User, digits: &str) -> Option<PinFault> {
        let phones = user.phone_digits();
        let phones: Vec<_> = phones.iter().map(String::as_str).collect();
        let used = |pin: &str| user.pin.used(&self.shared.pin_keys, user.id, pin);
        let checked = pin::check_new(digits, &self.policy.pin, user.pin_min_length, &phones, used);
        checked.err().and_then(|faults| faults.into_iter().next())
    }

    fn repeated(&self, user: &User, digits: &str) -> Keyed {
        // A call that was carried on by another process has lost the first entry.
        let Some((first, set_at)) = self.new_pin else { return Keyed::NewPin(NewPin::Mismatch) };
        // The help desk has set another one meanwhile: that one stays.
        if user.pin.set_at != set_at {
            return Keyed::NewPin(NewPin::Mismatch);
        }
        if !bool::from(first.expose().as_bytes().ct_eq(digits.as_bytes())) {
            return Keyed::NewPin(NewPin::Mismatch);
        }
        self.new_pin(user, digits).map_or(Keyed::NewPin(NewPin::Repeated), refused)
    }
}

/// The PIN that the person has from now on.
pub fn change_pin(user: &mut User, shared: &Shared, policy: &Policy, digits: &str, now: Moment) {
    let Some(key) = shared.pin_keys.first() else { return };
    let hash = PinHash::make(key, crate::random::bytes(), user.id, digits);
    user.pin.set(hash, &policy.pin, now, false);
}

/// The prompt of the rule that a new PIN breaks. Too long and not digits are told as too short: the rule is "so many digits".
const fn refused(fault: PinFault) -> Keyed {
    Keyed::NewPin(NewPin::Refused(match fault {
        PinFault::Length { .. } | PinFault::TooLong | PinFault::NotDigits => Prompt::PinShort,
        PinFault::Repeating => Prompt::PinRepeating,
        PinFault::Sequential => Prompt::PinSequential,
        PinFault::PhoneSubset => Prompt::PinPhone,
        PinFault::History => Prompt::PinHistory,
    }))
}
