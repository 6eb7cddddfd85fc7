//! The body of a text that a person sent, or a code that was typed: the fraud code on the first line, then the body.
//! Refuses digits that stand nowhere in the body, and a code beside a refusal.

use crate::input;
use engine::reply::{LONGEST, Reply, digits, read, split};

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let (fraud_code, rest) = input::line(data);
    let body = input::text(rest);
    let meaning = meant(&body, &fraud_code);
    if body.chars().count() > LONGEST {
        assert_eq!(meaning, "Unreadable");
        assert!(digits(&body).is_none());
        return false;
    }
    if is_digits(&meaning) {
        carries(&body, &meaning);
    }
    if body.chars().count() + 2 <= LONGEST {
        assert_eq!(meant(&format!(" {body}\n"), &fraud_code), meaning, "spaces around a body mean nothing");
    }
    assert_eq!(meant(&body.to_ascii_lowercase(), &fraud_code), meaning, "case means nothing");
    typed(&body);
    meaning != "Unreadable"
}

fn meant(body: &str, fraud_code: &str) -> String {
    match read(body, fraud_code) {
        Reply::Digits(digits) => digits.expose().clone(),
        reply @ (Reply::Fraud | Reply::Stop | Reply::Start | Reply::Help | Reply::Unreadable) => format!("{reply:?}"),
    }
}

fn is_digits(meaning: &str) -> bool {
    !meaning.is_empty() && meaning.bytes().all(|byte| byte.is_ascii_digit())
}

/// A body of ASCII alone shows by itself what its digits are, and that no refusal stands beside them.
fn carries(body: &str, digits: &str) {
    assert!(digits.len() <= body.chars().count());
    if body.is_ascii() {
        let found: String = body.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(found, digits);
        let mut words = body.split(|c: char| !c.is_ascii_alphabetic());
        assert!(!words.any(|word| ["FRAUD", "STOP"].iter().any(|refusal| word.eq_ignore_ascii_case(refusal))));
    }
}

fn typed(body: &str) {
    let Some(typed) = digits(body) else { return };
    let typed = typed.expose();
    assert!(is_digits(typed));
    assert_eq!(&meant(body, ""), typed, "what may be typed may be sent");
    for code_digits in 0..10 {
        let (code, pin) = split(typed, code_digits);
        assert_eq!(format!("{code}{pin}"), *typed);
        assert!(pin.is_empty() || code.len() == code_digits);
    }
}
