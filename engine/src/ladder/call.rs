//! Rungs that call: the primary phone, and the backup phone behind it.
//! Refuses a call that policy or number plan does not allow.

use crate::decision::Facts;
use crate::method::{Method, Mode};
use crate::number;
use crate::person::{Phone, User};
use crate::pin::PinStanding;
use crate::reason::Reason;
use crate::request::Wish;
use crate::velocity::ResendGaps;
use crate::verification::{Dialling, FraudReports, Rung};

/// Seconds beyond the ringing and the longest call, for the gateway to tell how it ended.
const GRACE: u32 = 10;

/// The backup phone comes right behind the primary one, whatever was asked for: that is what it is for (mfa-server.md §6.3).
/// What proves a draft is the phone of the draft alone, and what tries a phone is about that one.
pub(super) fn backup(facts: &Facts<'_>, user: &User, wish: Wish) -> Option<(Result<Rung, Reason>, &'static str)> {
    let phone =
        user.backup_phone.as_ref().filter(|_| wish.method == Method::Voice && facts.policy.voice.allow_backup)?;
    if facts.request.stands_alone() || user.phone.as_ref() == Some(phone) {
        return None;
    }
    Some((to_backup(facts, user, wish.mode, true), " to the backup phone"))
}

/// A rung that calls the backup phone.
pub(super) fn to_backup(facts: &Facts<'_>, user: &User, mode: Mode, fallback: bool) -> Result<Rung, Reason> {
    let phone = user.backup_phone.as_ref().filter(|_| facts.policy.voice.allow_backup);
    let mut rung = rung(facts, Some(phone.ok_or(Reason::CallNotPlaced)?), user, mode, fallback)?;
    if let Some(dialling) = rung.dialling.as_mut() {
        dialling.backup = true;
    }
    Ok(rung)
}

/// A rung that calls this phone.
pub(super) fn rung(
    facts: &Facts<'_>,
    phone: Option<&Phone>,
    user: &User,
    mode: Mode,
    fallback: bool,
) -> Result<Rung, Reason> {
    let voice = &facts.policy.voice;
    let may = if mode.needs_pin() { voice.pin } else { voice.standard };
    let has_pin = !matches!(user.pin.standing(&facts.policy.pin, facts.now), PinStanding::None);
    if !may || (mode.needs_pin() && !has_pin) {
        return Err(Reason::PinModeNotAllowed);
    }
    let phone = phone.ok_or(Reason::CallNotPlaced)?;
    if phone.extension.is_some() && !voice.allow_extensions {
        return Err(Reason::ExtensionNotAllowed);
    }
    number::voice_allowed(&phone.number, &facts.policy.numbers).map_err(|refusal| refusal.reason())?;
    let country = number::country(&phone.number);
    if voice.quiet_hours.iter().any(|hours| hours.keeps_quiet(&country, facts.now)) {
        return Err(Reason::QuietHours);
    }
    if !facts.voice_gateway {
        return Err(Reason::CallNotPlaced);
    }
    let dialling = dialling(facts, user, phone, mode);
    Ok(Rung {
        method: Method::Voice,
        mode,
        to: Some(phone.number),
        seconds: dialling.ring_seconds + dialling.longest_seconds + GRACE,
        digits: 0,
        tries: voice.tries_per_call,
        all_tries: if mode.needs_pin() { facts.policy.pin.tries_per_verification } else { u8::MAX },
        fallback,
        resend_gaps: ResendGaps::default(),
        dialling: Some(Box::new(dialling)),
    })
}

fn dialling(facts: &Facts<'_>, user: &User, phone: &Phone, mode: Mode) -> Dialling {
    let (voice, fraud) = (&facts.policy.voice, &facts.policy.fraud);
    let long = phone.extension.is_some() || mode.needs_pin();
    Dialling {
        extension: phone.extension.clone(),
        operator: voice.operator_prompt,
        backup: false,
        language: user.languages.voice.as_deref().filter(|_| facts.request.language.is_none()).map(Into::into),
        ring_seconds: voice.ring_seconds,
        longest_seconds: if long { voice.max_long_call_seconds } else { voice.max_call_seconds },
        input_seconds: voice.input_seconds,
        fraud: match (fraud.enabled, fraud.auto_block) {
            (false, _) => FraudReports::Off,
            (true, false) => FraudReports::Told,
            (true, true) => FraudReports::Block,
        },
        fraud_code: fraud.code.as_str().into(),
    }
}

/// Whether both call one phone.
pub(super) fn is_of_one_phone(one: &Rung, other: &Rung) -> bool {
    let extension = |rung: &Rung| rung.dialling.as_ref().map(|dialling| dialling.extension.clone());
    one.method == Method::Voice
        && other.method == Method::Voice
        && one.to == other.to
        && extension(one) == extension(other)
}
