//! Which rungs a verification gets: what was asked or the person's own method, less what is not allowed or not enrolled,
//! plus the fallbacks of the policy.
//! Refuses a rung that could never succeed; each rung left out is noted with its reason.

mod call;

use crate::decision::Facts;
use crate::method::{Method, Mode};
use crate::number;
use crate::person::User;
use crate::pin::PinStanding;
use crate::reason::Reason;
use crate::request::{Request, Wish};
use crate::timeline::Entry;
use crate::velocity::ResendGaps;
use crate::verification::Rung;

/// The word in the timeline for a rung to a country that is monitored; the detail is its code.
pub const COUNTRY_MONITORED: &str = "country_monitored";

/// The ladder that is wished for: the caller's, or the person's own method.
pub fn asked(request: &Request, user: &User) -> Vec<Wish> {
    if request.plan.is_empty() { vec![Wish::new(user.method, user.mode)] } else { request.plan.clone() }
}

/// The rungs that are possible, or the reason of the first that is not when none is left.
pub fn build(facts: &Facts<'_>, user: &User, asked: &[Wish], notes: &mut Vec<Entry>) -> Result<Vec<Rung>, Reason> {
    let mut rungs = Vec::new();
    let mut first_refusal = None;
    // What proves or tries a number or app is that alone.
    let fallback =
        facts.policy.fallback.oath && facts.request.can_input && facts.has_token && !facts.request.stands_alone();
    let oath = Wish::new(Method::Oath, Mode::Code);
    let wishes = asked.iter().copied().chain((fallback && !asked.contains(&oath)).then_some(oath));
    for (index, wish) in wishes.enumerate() {
        let fallback = index > 0 || facts.request.falls_back(wish.method, user);
        let named = asked.iter().any(|wish| wish.backup);
        let behind = if named { None } else { call::backup(facts, user, wish) };
        for (rung, of) in [(rung(facts, user, wish, fallback), "")].into_iter().chain(behind) {
            match rung {
                // Each phone is called once (mfa-server.md §6.3).
                Ok(rung) if rungs.iter().any(|before| call::is_of_one_phone(before, &rung)) => {}
                Ok(rung) => {
                    notes.extend(monitored(facts, &rung));
                    rungs.push(rung);
                }
                Err(reason) => {
                    let name = format!("{} {}{of}: {reason}", wish.method, wish.mode);
                    notes.push(Entry::new("rung_left_out").saying(name));
                    first_refusal.get_or_insert(reason);
                }
            }
        }
    }
    if rungs.is_empty() {
        return Err(first_refusal.unwrap_or(Reason::InternalError));
    }
    shorten_texts_before_others(facts, &mut rungs);
    Ok(rungs)
}

fn rung(facts: &Facts<'_>, user: &User, wish: Wish, fallback: bool) -> Result<Rung, Reason> {
    match wish.method {
        Method::Sms => text(facts, user, wish.mode, fallback),
        Method::Oath => oath(facts, fallback),
        Method::Voice if wish.backup => call::to_backup(facts, user, wish.mode, fallback),
        Method::Voice => call::rung(facts, user.phone.as_ref(), user, wish.mode, fallback),
        Method::App => Err(Reason::AppModeNotAllowed),
    }
}

/// Somebody is to look at what goes to this country (abuse-and-limits.md §1.1, row 3).
fn monitored(facts: &Facts<'_>, rung: &Rung) -> Option<Entry> {
    let (to, plan) = (rung.to?, &facts.policy.numbers);
    let country = match rung.method {
        Method::Sms => number::sms_monitored(&to, plan),
        Method::Voice => number::voice_monitored(&to, plan),
        Method::App | Method::Oath => None,
    }?;
    Some(Entry::new(COUNTRY_MONITORED).saying(format!("+{country}")))
}

fn text(facts: &Facts<'_>, user: &User, mode: Mode, fallback: bool) -> Result<Rung, Reason> {
    let sms = &facts.policy.sms;
    let direction = if mode.needs_input() { sms.one_way && facts.request.can_input } else { sms.two_way };
    if !direction {
        return Err(Reason::SmsModeNotAllowed);
    }
    let phone = user.phone.as_ref().filter(|phone| phone.extension.is_none()).ok_or(Reason::SmsModeNotAllowed)?;
    if mode.needs_pin() && matches!(user.pin.standing(&facts.policy.pin, facts.now), PinStanding::None) {
        return Err(Reason::SmsModeNotAllowed);
    }
    number::sms_allowed(&phone.number, &facts.policy.numbers).map_err(|refusal| refusal.reason())?;
    if !facts.text_gateway {
        return Err(Reason::SmsNotSent);
    }
    let all_tries = if mode.needs_pin() { facts.policy.pin.tries_per_verification } else { u8::MAX };
    Ok(Rung {
        method: Method::Sms,
        mode,
        to: Some(phone.number),
        seconds: sms.otp_seconds,
        digits: sms.otp_digits,
        tries: sms.max_tries,
        all_tries,
        fallback,
        resend_gaps: sms.resend_gap_seconds,
        dialling: None,
    })
}

fn oath(facts: &Facts<'_>, fallback: bool) -> Result<Rung, Reason> {
    let rules = &facts.policy.oath;
    if !rules.enabled || !facts.has_token || !facts.request.can_input {
        return Err(Reason::OathNotAllowed);
    }
    Ok(Rung {
        method: Method::Oath,
        mode: Mode::Code,
        to: None,
        seconds: rules.seconds,
        digits: 0,
        tries: rules.max_tries,
        all_tries: u8::MAX,
        fallback,
        resend_gaps: ResendGaps::default(),
        dialling: None,
    })
}

fn shorten_texts_before_others(facts: &Facts<'_>, rungs: &mut [Rung]) {
    let Some((_, before)) = rungs.split_last_mut() else { return };
    for rung in before.iter_mut().filter(|rung| rung.method == Method::Sms) {
        rung.seconds = rung.seconds.min(facts.policy.fallback.text_seconds);
    }
}
