//! Reads a number as people write it (mfa-server.md §6.1, §6.2).
//! Refuses letters for digits, and more than one reading: what is ambiguous is not a number.

use super::{Extension, PhoneNumber, region};
use crate::reason::Reason;

/// Characters of the longest input that is looked at.
const LONGEST: usize = 100;

/// A number that whoever typed it must type differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NumberFault {
    /// No number, or characters that do not belong into one.
    #[error("the number may hold digits, spaces, dots, dashes, brackets and a leading + or 00 only")]
    Format,
    /// No country has this code.
    #[error("no country has this country code")]
    CountryCode,
    /// Too short or too long for its country; for +1 not ten digits.
    #[error("the number has too few or too many digits for its country")]
    Length,
    /// The part after `x` is not an extension.
    #[error("the extension may hold 1 to 32 of the characters 0-9 * # , only")]
    Extension,
}

impl NumberFault {
    /// How a verification with such a number ends.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Format | Self::CountryCode | Self::Length | Self::Extension => Reason::NumberFormat,
        }
    }
}

/// Reads a number with spaces, dots, dashes, slashes and brackets, with a leading `+` or `00` and the country code, or
/// without either and then in the country of `default_country_code` (digits, for example `1`). An extension may follow after
/// `x`, `ext`, `ext.` or `;ext=`. Digits of all scripts are read. The number is *possible* afterwards: whether it exists is
/// asked before anything is sent ([`super::sms_allowed`]).
pub fn parse(input: &str, default_country_code: &str) -> Result<(PhoneNumber, Option<Extension>), NumberFault> {
    if input.chars().nth(LONGEST).is_some() {
        return Err(NumberFault::Format);
    }
    let (number, extension) = cut_extension(strip_scheme(input.trim()))?;
    let written = Written::of(number)?;
    let digits = match written.international() {
        Some(digits) => from_international(digits, written.trunk_in_brackets)?,
        None => national(default_country_code, &written.digits)?,
    };
    let number = PhoneNumber::from_digits(&digits).map_err(|_| NumberFault::Length)?;
    Ok((number, extension))
}

fn strip_scheme(input: &str) -> &str {
    match input.split_at_checked(4) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel:") => rest,
        Some(_) | None => input,
    }
}

fn cut_extension(input: &str) -> Result<(&str, Option<Extension>), NumberFault> {
    let Some(start) = input.find([';', 'x', 'X', 'e', 'E']) else { return Ok((input, None)) };
    let (number, rest) = input.split_at(start);
    let starts = |marker: &&&str| rest.get(..marker.len()).is_some_and(|start| start.eq_ignore_ascii_case(marker));
    let marker = [";ext=", "ext.", "ext", "x"].iter().find(starts).ok_or(NumberFault::Format)?;
    Ok((number, Some(rest[marker.len()..].trim().parse()?)))
}

/// A number with everything but its digits taken off.
struct Written {
    digits: String,
    plus: bool,
    trunk_in_brackets: bool,
}

impl Written {
    fn of(number: &str) -> Result<Self, NumberFault> {
        let mut written = Self { digits: String::new(), plus: false, trunk_in_brackets: number.contains("(0)") };
        for c in number.chars() {
            match c {
                '+' | '＋' if written.digits.is_empty() && !written.plus => written.plus = true,
                '(' | ')' | '[' | ']' | '/' => {}
                c if crate::reply::is_separator(c) => {}
                c => written.digits.push(crate::reply::fold(c).ok_or(NumberFault::Format)?),
            }
        }
        if written.digits.is_empty() { Err(NumberFault::Format) } else { Ok(written) }
    }

    /// The digits from the country code on, if they are written so.
    fn international(&self) -> Option<&str> {
        if self.plus { Some(&self.digits) } else { self.digits.strip_prefix("00") }
    }
}

fn from_international(digits: &str, trunk_in_brackets: bool) -> Result<String, NumberFault> {
    let (code, rest) = region::split(digits);
    match region::without_trunk(code, rest) {
        // +44 (0)20 …: the brackets say that this zero is not dialled from abroad.
        Some(rest) if trunk_in_brackets => possible(code, [Some(rest), None]),
        without_trunk => possible(code, [Some(rest), without_trunk]),
    }
}

fn national(code: &str, digits: &str) -> Result<String, NumberFault> {
    possible(code, [Some(digits), region::without_trunk(code, digits)])
}

/// The first reading that exists in the country's plan, else the first whose length is possible.
fn possible(code: &str, readings: [Option<&str>; 2]) -> Result<String, NumberFault> {
    if region::is_unknown(code) {
        return Err(NumberFault::CountryCode);
    }
    let fits = |national: &&str| if code == "1" { national.len() == 10 } else { region::is_possible(code, national) };
    let readings: Vec<&str> = readings.into_iter().flatten().filter(fits).collect();
    let exists = readings.iter().find(|national| readings.len() > 1 && region::line_type(code, national).is_some());
    let national = exists.or(readings.first()).ok_or(NumberFault::Length)?;
    Ok(format!("{code}{national}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(number: &str, country: &str, inputs: &[&str]) {
        for input in inputs {
            let (parsed, extension) = parse(input, country).unwrap_or_else(|fault| panic!("{input}: {fault}"));
            assert_eq!((parsed.to_string().as_str(), extension), (number, None), "{input}");
        }
    }

    #[test]
    fn numbers_as_people_write_them() {
        let washington = [
            "2025550123",
            "202-555-0123",
            "(202) 555-0123",
            "202.555.0123",
            "12025550123",
            "1 (202) 555 0123",
            "+12025550123",
            "+1 202 555 0123",
            "0012025550123",
            "00 1 202 555 0123",
            " [202] 555/0123 ",
            "２０２５５５０１２３",
            "＋1 202‑555‑0123",
            "202\u{a0}555\u{a0}0123",
            "tel:+1-202-555-0123",
            "\u{202a}+1 202 555 0123\u{202c}",
        ];
        check("+12025550123", "1", &washington);
        check("+15551234867", "1", &["555-123-4867"]);
    }

    #[test]
    fn the_trunk_prefix_is_no_part_of_a_number() {
        check(
            "+442079460018",
            "44",
            &["020 7946 0018", "2079460018", "+44 20 7946 0018", "+44 (0)20 7946 0018", "+44 020 7946 0018"],
        );
        check("+442079460018", "1", &["+44 (0) 20 7946 0018", "0044 20 7946 0018"]);
        check("+390612345678", "39", &["06 1234 5678", "+39 06 1234 5678"]);
        check("+4930901820", "49", &["030 901820", "+49 30 901820", "+49 (0)30 901820"]);
        check("+78001234567", "7", &["8 800 123 45 67", "+7 800 123 45 67"]);
        check("+375292491911", "375", &["8 029 249 19 11", "+375 29 249 19 11", "29 249 19 11"]);
    }

    #[test]
    fn extensions_in_every_form() {
        for (input, extension) in [
            ("202-555-0123 x890", "890"),
            ("202-555-0123x890", "890"),
            ("202-555-0123 X 890", "890"),
            ("202-555-0123 ext 890", "890"),
            ("202-555-0123 Ext. 890", "890"),
            ("+12025550123;ext=890", "890"),
            ("202-555-0123 x,,1*2#", ",,1*2#"),
        ] {
            let (number, found) = parse(input, "1").unwrap();
            assert_eq!(number.to_string(), "+12025550123");
            assert_eq!(found.unwrap().as_str(), extension, "{input}");
        }
    }

    #[test]
    fn faults() {
        use NumberFault::*;
        let table = [
            ("", Format),
            ("call me", Format),
            ("202-555-CALL", Format),
            ("202+5550123", Format),
            ("++12025550123", Format),
            ("202-555-0123 e890", Format),
            ("202-555-0123;890", Format),
            ("202-555-0123, 202-555-0124", Format),
            ("x", Extension),
            ("x1", Format),
            ("202-555-0123 x", Extension),
            ("202-555-0123 x12b", Extension),
            ("202-555-0123 extension 8", Extension),
            ("202-555-012", Length),
            ("202-555-01234", Length),
            ("+1 202 555 012", Length),
            ("+1 202 555 01234", Length),
            ("+44 20 7946", Length),
            ("5550123", Length),
            ("+999 12345678", CountryCode),
            ("+0", CountryCode),
            ("+", Format),
        ];
        for (input, fault) in table {
            assert_eq!(parse(input, "1").map(|(number, _)| number.to_string()), Err(fault), "{input}");
        }
        assert_eq!(parse("2025550123", "").map(|_| ()), Err(CountryCode));
        assert_eq!(parse(&"1".repeat(101), "1").map(|_| ()), Err(Format));
    }

    proptest! {
        #[test]
        fn any_text_is_read(input in "[0-9+() x.;=ext-]{0,30}|\\PC*", country in "1|44|39|7|[0-9]{0,4}|x") {
            if let Ok((number, _)) = parse(&input, &country) {
                prop_assert_eq!(number.to_string().parse(), Ok(number));
            }
        }
    }
}
