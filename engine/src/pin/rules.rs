//! The rules that a new PIN obeys, all checked at once.
//! Refuses characters other than 0 to 9; it never repeats the PIN in a fault.

use super::weak;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The fewest digits that any company may ask for.
pub const SHORTEST: u8 = 4;
/// The most digits of a PIN.
pub const LONGEST: u8 = 16;

/// `[pin]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PinRules {
    /// Fewest digits, 4 to 16; it may rise for one person.
    pub min_length: u8,
    /// Whether repeated and sequential digits and parts of the person's phone number are refused.
    pub prevent_weak: bool,
    /// Days until a PIN must be changed, 0 to 3650; 0 is never.
    pub expiry_days: u32,
    /// Earlier PINs that may not come back, 0 to 24; the present one never may.
    pub history: u8,
    /// Whether people may change their PIN themselves.
    pub user_can_change: bool,
    /// Whether a PIN that an administrator set must be changed at the first verification.
    pub change_required_on_create: bool,
    /// Wrong PINs until the verification is denied, 1 to 5.
    pub tries_per_verification: u8,
}

impl Default for PinRules {
    fn default() -> Self {
        Self {
            min_length: SHORTEST,
            prevent_weak: true,
            expiry_days: 0,
            history: 5,
            user_can_change: true,
            change_required_on_create: true,
            tries_per_verification: 3,
        }
    }
}

impl PinRules {
    /// Every value out of its range: the path of the setting and a sentence.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let ranges = [
            ("pin.min_length", u32::from(self.min_length), u32::from(SHORTEST), u32::from(LONGEST)),
            ("pin.expiry_days", self.expiry_days, 0, 3650),
            ("pin.history", u32::from(self.history), 0, 24),
            ("pin.tries_per_verification", u32::from(self.tries_per_verification), 1, 5),
        ];
        let outside = ranges.into_iter().filter(|(_, value, least, most)| value < least || value > most);
        outside.map(|(path, value, least, most)| (path, format!("must be {least} to {most}, not {value}"))).collect()
    }

    /// Fewest digits for one person: the company's value, or the person's own where that is more.
    pub fn shortest_for(&self, min_for_user: Option<u8>) -> u8 {
        self.min_length.max(min_for_user.unwrap_or(0)).clamp(SHORTEST, LONGEST)
    }
}

/// A rule that a new PIN breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PinFault {
    /// Shorter than this person's minimum.
    #[error("the PIN needs at least {least} digits")]
    Length {
        /// The person's minimum.
        least: u8,
    },
    /// Longer than sixteen digits.
    #[error("the PIN has more than {LONGEST} digits")]
    TooLong,
    /// A character that is not 0 to 9.
    #[error("the PIN may hold the digits 0 to 9 only")]
    NotDigits,
    /// A digit three or more times in a row.
    #[error("the PIN repeats a digit three times in a row")]
    Repeating,
    /// Three or more neighbours that count up or down by one.
    #[error("the PIN counts up or down over three digits")]
    Sequential,
    /// Four neighbouring digits of a phone number of the person.
    #[error("the PIN holds four digits of a phone number in a row")]
    PhoneSubset,
    /// The present PIN or one of the last.
    #[error("the PIN was used before")]
    History,
}

impl PinFault {
    /// The stable word of the rule (mfa-server.md §5.2), for messages in other languages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Length { .. } => "length",
            Self::TooLong => "too_long",
            Self::NotDigits => "not_digits",
            Self::Repeating => "repeating",
            Self::Sequential => "sequential",
            Self::PhoneSubset => "phone_subset",
            Self::History => "history",
        }
    }
}

/// Checks a new PIN against every rule. `min_for_user` is the person's own minimum, `phones` the E.164 digits (with or
/// without `+`) of the primary and backup phone, `earlier` says whether the present PIN or one of the remembered ones is the
/// same ([`super::PinState::used`]). All broken rules are returned together.
pub fn check_new(
    pin: &str,
    rules: &PinRules,
    min_for_user: Option<u8>,
    phones: &[&str],
    earlier: impl Fn(&str) -> bool,
) -> Result<(), Vec<PinFault>> {
    let least = rules.shortest_for(min_for_user);
    let length = pin.chars().count();
    let digits = pin.bytes().all(|b| b.is_ascii_digit());
    let weak = rules.prevent_weak && digits;
    let checks = [
        (length < usize::from(least), PinFault::Length { least }),
        (length > usize::from(LONGEST), PinFault::TooLong),
        (!digits, PinFault::NotDigits),
        (weak && weak::repeating(pin), PinFault::Repeating),
        (weak && weak::sequential(pin), PinFault::Sequential),
        (weak && phones.iter().any(|phone| weak::phone_subset(pin, phone)), PinFault::PhoneSubset),
        (earlier(pin), PinFault::History),
    ];
    let faults: Vec<_> = checks.into_iter().filter_map(|(broken, fault)| broken.then_some(fault)).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &[&str] = &["+15551234867"];

    fn faults(pin: &str) -> Vec<PinFault> {
        check_new(pin, &PinRules::default(), None, PHONE, |_| false).err().unwrap_or_default()
    }

    #[test]
    fn the_table_of_the_specification() {
        let table: [(PinFault, &[&str], &[&str]); 3] = [
            (PinFault::Repeating, &["1112", "90007"], &["1122", "1212", "1011"]),
            (PinFault::Sequential, &["1235", "8761", "0129"], &["1357", "1243", "8902"]),
            (PinFault::PhoneSubset, &["4867", "951239"], &["4876"]),
        ];
        for (fault, refused, accepted) in table {
            assert!(refused.iter().all(|pin| faults(pin).contains(&fault)), "{fault:?}");
            // By this rule: 4876 counts down over 876 and falls to another.
            assert!(accepted.iter().all(|pin| !faults(pin).contains(&fault)), "{fault:?}");
        }
    }

    #[test]
    fn all_broken_rules_are_named_together() {
        let own = check_new("111", &PinRules::default(), Some(6), PHONE, |_| true);
        assert_eq!(own, Err(vec![PinFault::Length { least: 6 }, PinFault::Repeating, PinFault::History]));
        assert_eq!(faults("12a4"), [PinFault::NotDigits]);
        assert_eq!(faults("１３５７"), [PinFault::NotDigits]);
        assert_eq!(faults("13571357135713571"), [PinFault::TooLong]);
        assert_eq!(faults(""), [PinFault::Length { least: 4 }]);
    }

    #[test]
    fn weak_pins_pass_where_the_company_allows_them() {
        let rules = PinRules { prevent_weak: false, ..PinRules::default() };
        for pin in ["1111", "1234", "4867"] {
            assert_eq!(check_new(pin, &rules, None, PHONE, |_| false), Ok(()));
        }
        assert_eq!(check_new("1111", &rules, None, PHONE, |pin| pin == "1111"), Err(vec![PinFault::History]));
    }

    #[test]
    fn a_persons_minimum_never_lowers_the_companys() {
        let rules = PinRules { min_length: 6, ..PinRules::default() };
        assert_eq!(rules.shortest_for(Some(4)), 6);
        assert_eq!(rules.shortest_for(Some(8)), 8);
        assert_eq!(rules.shortest_for(Some(200)), 16);
        assert_eq!(rules.shortest_for(None), 6);
    }

    #[test]
    fn values_out_of_range_are_named_at_once() {
        assert!(PinRules::default().problems().is_empty());
        let rules = PinRules {
            min_length: 3,
            expiry_days: 3651,
            history: 25,
            tries_per_verification: 0,
            ..PinRules::default()
        };
        let paths: Vec<_> = rules.problems().into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["pin.min_length", "pin.expiry_days", "pin.history", "pin.tries_per_verification"]);
    }
}
