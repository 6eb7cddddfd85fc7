//! What an entered code is worth: the secrets of a person meet what was typed.
//! Refuses to keep either; only the verdict goes on.

use crate::house::Shared;
use crate::people::Person;
use engine::code::{self, Code};
use engine::id::ApiKeyId;
use engine::method::Method;
use engine::moment::Moment;
use engine::oath::{self, TokenState, Windows};
use engine::person::User;
use engine::pin::{self, PinKey, PinStanding};
use engine::policy::Policy;
use engine::reply;
use engine::verification::{Leg, Purpose, Rung, Verdict, Verification};

/// A verdict, and the token that moves on with it.
pub struct Judgement {
    /// What the code was worth.
    pub verdict: Verdict,
    /// Which of the person's tokens moves on, and to where.
    pub token: Option<(usize, TokenState)>,
    /// Whether the PIN was right, and has become too weak to stay.
    pub weak_pin: bool,
}

/// Judges `digits`, entered for the rung in progress.
pub fn judge(
    shared: &Shared,
    of: &Verification,
    person: &Person,
    policy: &Policy,
    digits: &str,
    now: Moment,
) -> Judgement {
    let (Some(leg), Some(rung)) = (of.leg(), of.rung()) else { return plain(Verdict::WrongCode) };
    match rung.method {
        Method::Oath => token(shared, person, policy, digits, now),
        Method::Sms | Method::Voice | Method::App => {
            let code = code_of(shared, of, leg, rung);
            let drafted =
                if of.purpose.proves_a_draft(of.caller) { user(person).and_then(User::drafted) } else { None };
            let owner = drafted.as_ref().or_else(|| user(person));
            let verdict = text(&code, rung, owner, policy, &shared.pin_keys, digits, now);
            let due = matches!(verdict, Verdict::PinChangeDue);
            if due && leads_to_change(of, owner, policy) {
                // Written down, so that the portal knows what it has to lead to.
                return Judgement { weak_pin: true, ..plain(Verdict::Right) };
            }
            plain(verdict)
        }
    }
}

/// The code that is valid on this leg.
pub fn code_of(shared: &Shared, of: &Verification, leg: Leg, rung: &Rung) -> Code {
    code::derive(&shared.code_key, of.id, leg.rung, leg.code, rung.digits)
}

/// The portal takes a PIN that must be changed once, and leads straight to the change (mfa-server.md §5.3).
fn leads_to_change(of: &Verification, owner: Option<&User>, policy: &Policy) -> bool {
    let signs_in = of.caller == ApiKeyId::PORTAL && of.purpose == Purpose::SignIn;
    signs_in && policy.portal.allow_change_pin && owner.is_some_and(|user| user.may_change_pin(&policy.pin))
}

fn user(person: &Person) -> Option<&User> {
    person.user.as_ref().map(|user| &user.value)
}

const fn plain(verdict: Verdict) -> Judgement {
    Judgement { verdict, token: None, weak_pin: false }
}

fn text(
    code: &Code,
    rung: &Rung,
    owner: Option<&User>,
    policy: &Policy,
    keys: &[PinKey],
    digits: &str,
    now: Moment,
) -> Verdict {
    let (head, pin) = reply::split(digits, code.expose().len());
    if !code.matches(head) || (!rung.mode.needs_pin() && !pin.is_empty()) {
        return Verdict::WrongCode;
    }
    if !rung.mode.needs_pin() {
        return Verdict::Right;
    }
    owner.map_or(Verdict::WrongPin, |user| self::pin(user, policy, keys, pin, now))
}

/// What a PIN is worth.
pub fn pin(user: &User, policy: &Policy, keys: &[PinKey], pin: &str, now: Moment) -> Verdict {
    if !user.pin.matches(keys, user.id, pin) {
        return Verdict::WrongPin;
    }
    let (may_change, rules) = (user.may_change_pin(&policy.pin), &policy.pin);
    match user.pin.standing(rules, now) {
        // A number that changed since may have made it weak (mfa-server.md §5.2).
        PinStanding::Ok if may_change && rules.prevent_weak && in_a_phone(pin, user) => Verdict::PinChangeDue,
        PinStanding::Ok => Verdict::Right,
        PinStanding::ChangeRequired => Verdict::PinChangeDue,
        // Who may change it is led to do so; others need the help desk (§5.3).
        PinStanding::Expired if may_change => Verdict::PinChangeDue,
        PinStanding::Expired => Verdict::PinTooOld,
        PinStanding::None => Verdict::WrongPin,
    }
}

fn in_a_phone(pin: &str, user: &User) -> bool {
    user.phone_digits().iter().any(|phone| pin::phone_subset(pin, phone))
}

/// Every token of the person is tried; the best answer counts.
fn token(shared: &Shared, person: &Person, policy: &Policy, digits: &str, now: Moment) -> Judgement {
    let windows = Windows { steps: policy.oath.window_steps, look_ahead: policy.oath.look_ahead, ..Windows::default() };
    let mut best = plain(Verdict::WrongCode);
    for (index, token) in person.tokens.iter().enumerate().filter(|(_, token)| token.value.activated) {
        let record = &token.value;
        let secret = match shared.vault.open(&record.id.to_string(), &record.sealed_key) {
            Ok(secret) => secret,
            Err(cause) => {
                tracing::error!(token = %record.id, %cause, "a token's key cannot be opened");
                continue;
            }
        };
        match oath::check(&record.settings, &record.state, &secret, digits, now, &windows) {
            oath::Verdict::Accepted(state) => {
                return Judgement { verdict: Verdict::Right, token: Some((index, state)), weak_pin: false };
            }
            oath::Verdict::Replayed => best = plain(Verdict::Replayed),
            oath::Verdict::OutOfDate if best.verdict == Verdict::WrongCode => best = plain(Verdict::OutOfDate),
            oath::Verdict::OutOfDate | oath::Verdict::Wrong => {}
        }
    }
    best
}
