//! What a person may set up themselves, and in which mode (portal.md §5).
//! Refuses methods that are not on offer, and those in place of one that an administrator has set.

use crate::method::{Method, Mode};
use crate::moment::Moment;
use crate::person::User;
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

/// Whether a method can be set up by anybody now.
const fn is_usable(method: Method, policy: &Policy) -> bool {
    match method {
        Method::Oath => {
            let portal = &policy.portal;
            let some = portal.allow_software_totp || portal.allow_oath_association || portal.prompt_oath_token;
            some && policy.oath.enabled
        }
        Method::Sms => policy.sms.two_way || policy.sms.one_way,
        Method::Voice | Method::App => false,
    }
}

/// The methods that people may choose from; none where methods are set for them.
pub fn choices(policy: &Policy) -> Vec<Method> {
    let portal = &policy.portal;
    let offered = [Method::Sms, Method::Oath].into_iter().filter(|_| portal.allow_select_method);
    offered.filter(|method| portal.selectable_methods.contains(method) && is_usable(*method, policy)).collect()
}

/// Whether this person may set up this method: one to choose from, or the one that is set for them.
pub fn may_set_up(user: &User, method: Method, policy: &Policy) -> bool {
    if policy.portal.allow_select_method {
        choices(policy).contains(&method)
    } else {
        user.method == method && is_usable(method, policy)
    }
}

/// Why somebody who signs in would not get on with the set-up, wherever they are; `None` if they would.
pub fn closed(user: &User, policy: &Policy, now: Moment) -> Option<Closed> {
    let portal = &policy.portal;
    if !user.enabled || user.blocked(now) {
        Some(Closed::Person)
    } else if !portal.allow_log_in || !portal.allow_enrollment {
        Some(Closed::Portal)
    } else if !window_is_open(user, policy, now) {
        Some(Closed::Time)
    } else if choices(policy).is_empty() && !may_set_up(user, user.method, policy) {
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

/// The person's own mode of texts, the present or the last one, else one without PIN; in a direction that the company's settings
/// allow.
pub fn text_mode(user: &User, policy: &Policy) -> Mode {
    let own = if user.method == Method::Sms { Some(user.mode) } else { user.text_mode };
    let typed = match own {
        Some(mode) if mode.needs_input() => policy.sms.one_way || !policy.sms.two_way,
        Some(_) | None => !policy.sms.two_way,
    };
    match (typed, own.is_some_and(Mode::needs_pin)) {
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
        assert_eq!(choices(&policy), []);
        assert!(may_set_up(&ann, Method::Sms, &policy) && !may_set_up(&ann, Method::Oath, &policy));
        policy.portal.allow_select_method = true;
        assert_eq!(choices(&policy), [Method::Sms, Method::Oath]);
        policy.portal.allow_software_totp = false;
        assert!(!may_set_up(&ann, Method::Oath, &policy));
        policy.portal.selectable_methods = vec![Method::Oath];
        assert_eq!(choices(&policy), []);
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
