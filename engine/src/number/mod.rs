//! Phone numbers in E.164, and what is dialled after one is answered (mfa-server.md §6).
//! Refuses to look a number up anywhere but in the number plans that were built in.

mod parse;
mod plan;
pub(crate) mod region;

pub use parse::{NumberFault, parse};
pub use plan::{NumberPlan, NumberRefusal, country, sms_allowed, sms_monitored, voice_allowed, voice_monitored};
pub use region::main_region;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Fewest and most digits of a number with its country code (E.164 §6; the shortest in use have seven).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A number in E.164: up to fifteen digits, country code first. Written and stored `+12025550123`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(u64);

/// A text that is not a number in E.164.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number in E.164: it must be + and 7 to 15 digits, and for +1 ten digits after the 1")]
pub struct NotE164;

impl PhoneNumber {
    /// From the digits alone. The form is checked, not whether the number plan knows it: plans change, stored numbers stay.
    fn from_digits(digits: &str) -> Result<Self, NotE164> {
        let form =
            DIGITS.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        let american = !digits.starts_with('1') || digits.len() == 11;
        if form && american { digits.parse().map(Self).map_err(|_| NotE164) } else { Err(NotE164) }
    }

    /// The digits without `+`.
    pub fn digits(self) -> String {
        self.0.to_string()
    }

    /// The country code: one to three digits.
    pub fn country_code(self) -> u16 {
        let digits = self.digits();
        let (code, _) = region::split(&digits);
        code.parse().expect("one to three digits")
    }

    /// The number for logs and pages: dots and the last two digits.
    pub fn masked(self) -> String {
        format!("••••••{:02}", self.0 % 100)
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// Masked: `Debug` ends in logs (mfa-server.md §20.2).
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl FromStr for PhoneNumber {
    type Err = NotE164;

    fn from_str(text: &str) -> Result<Self, NotE164> {
        Self::from_digits(text.strip_prefix('+').ok_or(NotE164)?)
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = NotE164;

    fn try_from(text: String) -> Result<Self, NotE164> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.to_string()
    }
}

/// What is sent as tones after a call is answered: 1 to 32 of `0`–`9`, `*`, `#` and `,` (a second of silence).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Extension(Box<str>);

impl Extension {
    /// Most characters of an extension.
    pub const LONGEST: usize = 32;

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Extension {
    type Err = NumberFault;

    fn from_str(text: &str) -> Result<Self, NumberFault> {
        let alphabet = |b: u8| b.is_ascii_digit() || matches!(b, b'*' | b'#' | b',');
        let form = (1..=Self::LONGEST).contains(&text.len()) && text.bytes().all(alphabet);
        if form { Ok(Self(text.into())) } else { Err(NumberFault::Extension) }
    }
}

impl TryFrom<String> for Extension {
    type Error = NumberFault;

    fn try_from(text: String) -> Result<Self, NumberFault> {
        text.parse()
    }
}

impl From<Extension> for String {
    fn from(extension: Extension) -> Self {
        extension.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_survives_its_text() {
        for text in ["+12025550123", "+442079460018", "+390612345678", "+2907777", "+999999999999999"] {
            let number: PhoneNumber = text.parse().unwrap();
            assert_eq!(number.to_string(), text);
            let json = serde_json::to_string(&number).unwrap();
            assert_eq!(serde_json::from_str::<PhoneNumber>(&json).unwrap(), number);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "+",
            "12025550123",
            "+1202555012",
            "+120255501234",
            "+01234567",
            "+123",
            "+1 2025550123",
            "+1234567890123456",
        ] {
            assert_eq!(text.parse::<PhoneNumber>(), Err(NotE164), "{text}");
        }
    }

    #[test]
    fn only_the_last_two_digits_are_shown() {
        let number: PhoneNumber = "+12025550103".parse().unwrap();
        assert_eq!(number.masked(), "••••••03");
        assert_eq!(format!("{number:?}"), "••••••03");
    }

    #[test]
    fn country_codes_have_one_to_three_digits() {
        for (text, code) in [
            ("+12025550123", 1),
            ("+79123456789", 7),
            ("+442079460018", 44),
            ("+35314567890", 353),
            ("+870773111632", 870),
        ] {
            assert_eq!(text.parse::<PhoneNumber>().unwrap().country_code(), code);
        }
    }

    #[test]
    fn extensions_hold_keys_and_pauses() {
        for text in ["890", ",,1*2#", "0"] {
            assert_eq!(text.parse::<Extension>().unwrap().as_str(), text);
        }
        for text in ["", "12a", "1 2", "١", &"1".repeat(33)] {
            assert_eq!(text.parse::<Extension>(), Err(NumberFault::Extension), "{text}");
        }
    }
}
