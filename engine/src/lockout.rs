//! Lockout: too many denials in modes with a PIN shut those modes for a while (mfa-server.md §9.2).
//! Refuses to know why a verification was denied: the caller counts only wrong PINs that ended one.

use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// The end of a lock that only an administrator ends: the last second of the year 9999.
pub const BY_HAND: Moment = Moment::from_millis(253_402_300_799_000);

/// `[lockout]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LockoutRules {
    /// Denials until the lock, 0 to 50; 0 is off.
    pub denials: u8,
    /// Minutes without a denial after which the count begins anew, 1 to 1440.
    pub counter_reset_minutes: u32,
    /// Minutes until the lock opens by itself, 0 to 10080; 0 is by hand.
    pub auto_unlock_minutes: u32,
}

impl Default for LockoutRules {
    fn default() -> Self {
        Self { denials: 5, counter_reset_minutes: 10, auto_unlock_minutes: 15 }
    }
}

impl LockoutRules {
    /// Every value out of its range: the path of the setting and a sentence.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let ranges = [
            ("lockout.denials", u32::from(self.denials), 0, 50),
            ("lockout.counter_reset_minutes", self.counter_reset_minutes, 1, 1440),
            ("lockout.auto_unlock_minutes", self.auto_unlock_minutes, 0, 10_080),
        ];
        let outside = ranges.into_iter().filter(|(_, value, least, most)| value < least || value > most);
        outside.map(|(path, value, least, most)| (path, format!("must be {least} to {most}, not {value}"))).collect()
    }
}

/// The denials of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lockout {
    denials: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
}

impl Lockout {
    /// Counts a wrong PIN that ended a verification. While locked nothing is counted.
    pub fn denied(&mut self, rules: &LockoutRules, now: Moment) {
        if self.locked_until(now).is_some() {
            return;
        }
        let gap = minutes(rules.counter_reset_minutes);
        if self.until.is_some() || self.last.is_none_or(|last| now.since(last) >= gap) {
            *self = Self::default();
        }
        self.denials = self.denials.saturating_add(1);
        self.last = Some(now);
        if rules.denials > 0 && self.denials >= rules.denials {
            self.until = Some(end(rules, now));
        }
    }

    /// A success clears the count. A lock in force stays: only modes without a PIN can succeed then.
    pub fn succeeded(&mut self, now: Moment) {
        if self.locked_until(now).is_none() {
            self.unlock();
        }
    }

    /// The end of the lock in force; [`BY_HAND`] if only an administrator ends it.
    pub fn locked_until(&self, now: Moment) -> Option<Moment> {
        self.until.filter(|&until| now < until)
    }

    /// Opens the lock and clears the count.
    pub fn unlock(&mut self) {
        *self = Self::default();
    }
}

fn end(rules: &LockoutRules, now: Moment) -> Moment {
    if rules.auto_unlock_minutes == 0 { BY_HAND } else { now + minutes(rules.auto_unlock_minutes) }
}

fn minutes(n: u32) -> Duration {
    Duration::from_secs(60 * u64::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> Moment {
        Moment::default() + minutes(minute)
    }

    fn denied(rules: &LockoutRules, at_minutes: &[u32]) -> Lockout {
        let mut lockout = Lockout::default();
        at_minutes.iter().for_each(|&minute| lockout.denied(rules, at(minute)));
        lockout
    }

    #[test]
    fn five_denials_lock_for_a_quarter_of_an_hour() {
        let rules = LockoutRules::default();
        assert_eq!(denied(&rules, &[0, 1, 2, 3]).locked_until(at(3)), None);
        let locked = denied(&rules, &[0, 1, 2, 3, 4]);
        assert_eq!(locked.locked_until(at(4)), Some(at(19)));
        assert_eq!(locked.locked_until(at(19)), None);
    }

    #[test]
    fn a_pause_between_denials_begins_the_count_anew() {
        let rules = LockoutRules::default();
        assert_eq!(denied(&rules, &[0, 1, 2, 3, 13]).locked_until(at(13)), None);
        assert!(denied(&rules, &[0, 9, 18, 27, 36]).locked_until(at(36)).is_some());
    }

    #[test]
    fn after_a_lock_the_count_begins_anew() {
        let rules = LockoutRules { counter_reset_minutes: 1440, ..LockoutRules::default() };
        let mut lockout = denied(&rules, &[0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(lockout.locked_until(at(6)), Some(at(19)), "denials while locked change nothing");
        lockout.denied(&rules, at(19));
        assert_eq!(lockout.locked_until(at(19)), None);
    }

    #[test]
    fn zero_is_off_and_by_hand() {
        let off = LockoutRules { denials: 0, ..LockoutRules::default() };
        assert_eq!(denied(&off, &[0; 300]).locked_until(at(0)), None);
        let by_hand = LockoutRules { auto_unlock_minutes: 0, ..LockoutRules::default() };
        let mut lockout = denied(&by_hand, &[0; 5]);
        assert_eq!(lockout.locked_until(at(100_000_000)), Some(BY_HAND));
        lockout.unlock();
        assert_eq!(lockout, Lockout::default());
    }

    #[test]
    fn a_success_clears_the_count_and_not_the_lock() {
        let rules = LockoutRules::default();
        let mut lockout = denied(&rules, &[0, 0, 0, 0]);
        lockout.succeeded(at(1));
        assert_eq!(lockout, Lockout::default());
        let mut lockout = denied(&rules, &[0; 5]);
        lockout.succeeded(at(1));
        assert!(lockout.locked_until(at(1)).is_some());
    }

    #[test]
    fn values_out_of_range_are_named_at_once() {
        assert!(LockoutRules::default().problems().is_empty());
        let rules = LockoutRules { denials: 51, counter_reset_minutes: 0, auto_unlock_minutes: 10_081 };
        assert_eq!(rules.problems().len(), 3);
    }
}
