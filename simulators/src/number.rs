//! A telephone number in E.164.
//! It refuses national notation, short codes and names: one number has one spelling here.

use std::fmt;

use serde::{Serialize, Serializer};

/// `+` and 7 to 15 digits, the first not 0 (E.164 §6.2.1), in eight bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Number(u64);

impl Number {
    /// Reads exactly the E.164 spelling with its `+`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::from_digits(text.strip_prefix('+')?)
    }

    /// Reads a number out of a path, where the `+` may have been left away or turned into a blank.
    pub(crate) fn parse_path(text: &str) -> Option<Self> {
        Self::from_digits(text.trim().trim_start_matches('+'))
    }

    fn from_digits(digits: &str) -> Option<Self> {
        let plain = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !plain || digits.starts_with('0') {
            return None;
        }
        digits.parse().ok().map(Self)
    }

    /// The country of the few prefixes that testers use, as ISO 3166 letters; empty where it isn't known.
    pub(crate) fn country(self) -> &'static str {
        let digits = self.0.to_string();
        let known = [("1", "US"), ("44", "GB"), ("49", "DE"), ("33", "FR"), ("41", "CH"), ("43", "AT"), ("61", "AU")];
        known.iter().find(|(prefix, _)| digits.starts_with(prefix)).map_or("", |(_, country)| country)
    }

    /// A small number that spreads telephone numbers evenly over `parts`.
    pub(crate) fn shard(self, parts: usize) -> usize {
        let mixed = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        usize::try_from(mixed).unwrap_or_default() % parts
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_has_one_spelling() {
        let number = Number::parse("+12025550123").expect("valid");
        assert_eq!(number.to_string(), "+12025550123");
        for wrong in ["12025550123", "+0123456789", "+123", "+1 202 555 0123", "+1234567890123456", "", "+"] {
            assert_eq!(Number::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Number::parse_path(" 12025550123"), Some(number));
    }
}
