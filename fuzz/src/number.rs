//! A phone number as people type it: the default country code on the first line, then the number.
//! Refuses an accepted number that is another one when it is read again.

use crate::input;
use engine::number::{Extension, NumberPlan, PhoneNumber, parse, sms_allowed, voice_allowed};

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let (country, rest) = input::line(data);
    let text = input::text(rest);
    let read = parse(&text, &country);
    if let Ok((number, extension)) = read.clone() {
        canonical(number);
        reads_again(number, extension);
    }
    if let Ok(number) = text.parse::<PhoneNumber>() {
        assert_eq!(number.to_string(), text, "E.164 has one form");
        canonical(number);
    }
    if let Ok(extension) = text.parse::<Extension>() {
        assert_eq!(extension.as_str(), text);
        input::survives(&extension);
    }
    read.is_ok()
}

fn canonical(number: PhoneNumber) {
    let digits = number.digits();
    assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
    assert!(digits.starts_with(&number.country_code().to_string()));
    assert_eq!(number.to_string().parse(), Ok(number));
    input::survives(&number);
    assert!(!format!("{number:?}").contains(&digits[..5]), "Debug masks it");
    let plan = NumberPlan::default();
    let allowed = sms_allowed(&number, &plan).is_ok() || voice_allowed(&number, &plan).is_ok();
    assert!(!allowed || number.country_code() == 1, "only listed countries are reached");
}

fn reads_again(number: PhoneNumber, extension: Option<Extension>) {
    let written = extension.as_ref().map_or_else(|| number.to_string(), |extension| format!("{number} x{extension}"));
    let again = parse(&written, "").map(|(number, extension)| (number.digits(), extension));
    assert_eq!(again, Ok((number.digits(), extension)), "{written}");
}
