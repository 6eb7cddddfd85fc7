//! What a person may set up themselves, and in which mode (portal.md §5).
//! Refuses methods that are not on offer, and those in place of one that an administrator has set.

use crate::method::{Method, Mode};
use crate::moment::Moment;
use crate::number;
use crate::person::{Phone, User};
use crate::policy::Policy;
use std::time::Duration;

/// Whether the first set-up is open to this person now (portal.md §3.2). What was begun in time may be finished late by nobody:
/// the help desk opens it again.
pub fn window_is_open(user: &User, policy: &Policy, now: Moment) -> bool {
    window_closes_at(user, policy).is_none_or(|closes| now < closes)
}

/// When it closes, if it ever does.
pub fn window_closes_at(user: &User, policy: &Policy) -> Option<Moment> {
    let days = u64::from(policy.portal.enrollment_window_days);
    let since = user.reopened_at.unwrap_or(user.created_at);
    (days > 0).then(|| since + Duration::from_secs(days * 86_400))
}

/// What there is a gateway for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Texts.
    pub texts: bool,
    /// Calls.
    pub calls: bool,
}

impl Reach {
    /// Everything.
    pub const ALL: Self = Self { texts: true, calls: true };
}

/// Whether anybody can be called now.
pub const fn calls(policy: &Policy, reach: Reach) -> bool {
    reach.calls && (policy.voice.standard || policy.voice.pin)
}

/// Whether a method can be set up by anybody now.
const fn is_usable(method: Method, policy: &Policy, reach: Reach) -> bool {
    match method {
        Method::Oath => {
            let portal = &policy.portal;
            let some = portal.allow_software_totp || portal.allow_oath_association || portal.prompt_oath_token;
            some && policy.oath.enabled
        }
        Method::Sms => reach.texts && (policy.sms.two_way || policy.sms.one_way),
        Method::Voice => calls(policy, reach),
        Method::App => false,
    }
}

/// The methods that people may choose from; none where methods are set for them.
pub fn choices(policy: &Policy, reach: Reach) -> Vec<Method> {
    let portal = &policy.portal;
    let offered = [Method::Voice, Method::Sms, Method::Oath].into_iter().filter(|_| portal.allow_select_method);
    offered.filter(|method| portal.selectable_methods.contains(method) && is_usable(*method, policy, reach)).collect()
}

/// Whether this person may set up this method: one to choose from, or the one that is set for them.
pub fn may_set_up(user: &User, method: Method, policy: &Policy, reach: Reach) -> bool {
    if policy.portal.allow_select_method {
        choices(policy, reach).contains(&method)
    } else {
        user.method == method && is_usable(method, policy, reach)
    }
}

/// Whether a method only has to be shown to work, because all that it needs is there.
pub fn is_ready(user: &User, method: Method, tokens: usize, policy: &Policy) -> bool {
    let has_pin = !mode_of(user, method, policy).needs_pin() || user.pin.hash.is_some();
    match method {
        Method::Oath => tokens > 0,
        Method::Sms => user.phone.as_ref().is_some_and(|phone| takes_texts(phone, policy)) && has_pin,
        Method::Voice => user.phone.as_ref().is_some_and(|phone| takes_calls(phone, policy)) && has_pin,
        Method::App => false,
    }
}

/// The mode of a call that only tries a phone or a language: the simplest one that is allowed and possible.
pub fn trial_mode(user: &User, policy: &Policy) -> Option<Mode> {
    let with_pin = policy.voice.pin && user.pin.hash.is_some();
    if policy.voice.standard { Some(Mode::Standard) } else { with_pin.then_some(Mode::Pin) }
}

/// Whether texts may go to a phone; one behind an extension gets none (mfa-server.md §6.2).
pub fn takes_texts(phone: &Phone, policy: &Policy) -> bool {
    phone.extension.is_none() && number::sms_allowed(&phone.number, &policy.numbers).is_ok()
}

/// Whether a phone may be called.
pub fn takes_calls(phone: &Phone, policy: &Policy) -> bool {
    let direct = phone.extension.is_none() || policy.voice.allow_extensions;
    direct && number::voice_allowed(&phone.number, &policy.numbers).is_ok()
}

/// Why somebody who signs in would not get on with the set-up, wherever they are; `None` if they would.
pub fn closed(user: &User, policy: &Policy, reach: Reach, now: Moment) -> Option<Closed> {
    let portal = &policy.portal;
    if !user.enabled || user.blocked(now) {
        Some(Closed::Person)
    } else if !portal.allow_log_in || !portal.allow_enrollment {
        Some(Closed::Portal)
    } else if !window_is_open(user, policy, now) {
        Some(Closed::Time)
    } else if choices(policy, reach).is_empty() && !may_set_up(user, user.method, policy, reach) {
        Some(Closed::Method)
    } else {
        None
    }
}

/// Why a set-up does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// The account.
    #[error("the person is off or blocked; end that first")]
    Person,
    /// Nobody sets up here.
    #[error("portal.allow_enrollment is off")]
    Portal,
    /// Too late.
    #[error("the time for the set-up is over (portal.enrollment_window_days); reopen it first")]
    Time,
    /// There is nothing to set up.
    #[error("the method of the person cannot be set up at the portal")]
    Method,
}

/// The mode in which a person has a method, or would have it.
pub fn mode_of(user: &User, method: Method, policy: &Policy) -> Mode {
    match method {
        Method::Voice => voice_mode(user, policy),
        Method::Sms => text_mode(user, policy),
        Method::App => Mode::Standard,
        Method::Oath => Mode::Code,
    }
}

/// The person's own mode of calls, the present or the last one; else with a PIN where texts had one. What the company's settings
/// do not allow is replaced by the other one.
fn voice_mode(user: &User, policy: &Policy) -> Mode {
    let own = if user.method == Method::Voice { Some(user.mode) } else { user.voice_mode };
    let pin = own.or(user.text_mode).unwrap_or(user.mode).needs_pin();
    if (pin && policy.voice.pin) || !policy.voice.standard { Mode::Pin } else { Mode::Standard }
}

/// The person's own mode of texts, the present or the last one; else with a PIN where calls have one. In a direction that the
/// company's settings allow.
pub fn text_mode(user: &User, policy: &Policy) -> Mode {
    let own = if user.method == Method::Sms { Some(user.mode) } else { user.text_mode };
    let typed = match own {
        Some(mode) if mode.needs_input() => policy.sms.one_way || !policy.sms.two_way,
        Some(_) | None => !policy.sms.two_way,
    };
    match (typed, own.unwrap_or(user.mode).needs_pin()) {
        (true, true) => Mode::OneWayOtpPin,
        (true, false) => Mode::OneWayOtp,
        (false, true) => Mode::TwoWayOtpPin,
        (false, false) => Mode::TwoWayOtp,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::id::UserId;

    fn user(method: &str, mode: &str) -> User {
        let id = UserId::from_bits(1);
        let user = serde_json::json!({
            "id": id, "name": "ann", "enabled": true, "set_up": false, "created_at": 0, "method": method, "mode": mode,
        });
        serde_json::from_value(user).unwrap()
    }

    #[test]
    fn what_is_set_for_somebody_is_not_chosen_away() {
        let mut policy = Policy::default();
        let ann = user("sms", "two_way_otp_pin");
        let may = |method, policy: &Policy| may_set_up(&ann, method, policy, Reach::ALL);
        assert_eq!(choices(&policy, Reach::ALL), []);
        assert!(may(Method::Sms, &policy) && !may(Method::Voice, &policy) && !may(Method::Oath, &policy));
        policy.portal.allow_select_method = true;
        assert_eq!(choices(&policy, Reach::ALL), [Method::Voice, Method::Sms, Method::Oath]);
        policy.portal.allow_software_totp = false;
        assert!(!may(Method::Oath, &policy));
        policy.portal.selectable_methods = vec![Method::Oath];
        assert_eq!(choices(&policy, Reach::ALL), []);
    }

    #[test]
    fn only_what_there_is_a_gateway_for_and_a_mode_of_is_on_offer() {
        let mut policy = Policy::default();
        policy.portal.allow_select_method = true;
        let check = |policy: &Policy, texts, calls, expected: &[Method]| {
            assert_eq!(choices(policy, Reach { texts, calls }), expected, "{texts} {calls}");
        };
        check(&policy, true, false, &[Method::Sms, Method::Oath]);
        check(&policy, false, true, &[Method::Voice, Method::Oath]);
        policy.voice.standard = false;
        check(&policy, false, true, &[Method::Voice, Method::Oath]);
        policy.voice.pin = false;
        check(&policy, false, true, &[Method::Oath]);
    }

    #[test]
    fn calls_keep_the_persons_pin_and_the_companys_modes() {
        let check = |user: &User, (standard, pin): (bool, bool), expected: Mode| {
            let mut policy = Policy::default();
            (policy.voice.standard, policy.voice.pin) = (standard, pin);
            assert_eq!(mode_of(user, Method::Voice, &policy), expected);
        };
        check(&user("sms", "two_way_otp"), (true, true), Mode::Standard);
        check(&user("sms", "two_way_otp_pin"), (true, true), Mode::Pin);
        check(&user("sms", "two_way_otp_pin"), (true, false), Mode::Standard);
        check(&user("voice", "standard"), (false, true), Mode::Pin);
        check(&user("oath", "code"), (true, true), Mode::Standard);
        let back = User { voice_mode: Some(Mode::Pin), ..user("oath", "code") };
        check(&back, (true, true), Mode::Pin);
        assert_eq!(mode_of(&user("voice", "pin"), Method::Sms, &Policy::default()), Mode::TwoWayOtpPin);
    }

    #[test]
    fn a_method_is_ready_where_its_phone_may_be_reached_so_and_its_pin_is_there() {
        let mut policy = Policy::default();
        let phone = |number: &str, extension: Option<&str>| Phone {
            number: number.parse().unwrap(),
            extension: extension.map(|text| text.parse().unwrap()),
        };
        let with = |phone: Phone| User { phone: Some(phone), ..user("oath", "code") };
        let (direct, behind) = (with(phone("+12025550123", None)), with(phone("+12025550123", Some("12"))));
        let ready = |user: &User, method, policy: &Policy| is_ready(user, method, 0, policy);
        assert!(ready(&direct, Method::Sms, &policy) && ready(&direct, Method::Voice, &policy));
        assert!(!ready(&behind, Method::Sms, &policy) && ready(&behind, Method::Voice, &policy));
        policy.voice.allow_extensions = false;
        assert!(!ready(&behind, Method::Voice, &policy));
        policy.voice.standard = false;
        assert!(!ready(&direct, Method::Voice, &policy), "there is no PIN");
        assert!(!ready(&user("oath", "code"), Method::Voice, &policy) && is_ready(&direct, Method::Oath, 1, &policy));
    }

    #[test]
    fn the_first_set_up_closes_and_can_be_opened_again() {
        let mut policy = Policy::default();
        let mut ann = user("sms", "two_way_otp");
        let day = |days: u64| Moment::default() + Duration::from_secs(days * 86_400);
        assert!(window_is_open(&ann, &policy, day(9999)));
        policy.portal.enrollment_window_days = 7;
        assert!(window_is_open(&ann, &policy, day(6)) && !window_is_open(&ann, &policy, day(7)));
        ann.reopened_at = Some(day(7));
        assert!(window_is_open(&ann, &policy, day(13)) && !window_is_open(&ann, &policy, day(14)));
    }

    #[test]
    fn a_direction_that_is_off_is_replaced_and_the_pin_stays() {
        let check = |user: &User, (two_way, one_way): (bool, bool), expected: Mode| {
            let mut policy = Policy::default();
            (policy.sms.two_way, policy.sms.one_way) = (two_way, one_way);
            assert_eq!(text_mode(user, &policy), expected);
        };
        let (replies, types) = (user("sms", "two_way_otp_pin"), user("sms", "one_way_otp"));
        check(&replies, (true, true), Mode::TwoWayOtpPin);
        check(&replies, (false, true), Mode::OneWayOtpPin);
        check(&types, (true, true), Mode::OneWayOtp);
        check(&types, (true, false), Mode::TwoWayOtp);
        check(&user("oath", "code"), (true, true), Mode::TwoWayOtp);
        let back = User { text_mode: Some(Mode::TwoWayOtpPin), ..user("oath", "code") };
        check(&back, (true, true), Mode::TwoWayOtpPin);
    }
}
