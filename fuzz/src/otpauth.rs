//! The address that an authenticator app reads: issuer, account and key, a line each.
//! Refuses an address that an app would read as somebody else's.

use crate::input;
use channels::twilio::parse_form;
use engine::oath::{Algorithm, Kind, TokenSettings, TokenState, base32, otpauth};
use engine::secret::Secret;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let (issuer, rest) = input::line(data);
    let (account, key) = input::line(rest);
    if data.len() > 4096 {
        return false;
    }
    let key = Secret::new(key.to_vec());
    let state = TokenState { next: u64::MAX, ..TokenState::default() };
    let hotp = TokenSettings { kind: Kind::Hotp, algorithm: Algorithm::Sha256, digits: 8 };
    for (settings, begins, last) in [
        (TokenSettings::default(), "otpauth://totp/", ("period", "30")),
        (hotp, "otpauth://hotp/", ("counter", "18446744073709551615")),
    ] {
        let uri = otpauth::uri(&settings, &state, &key, &issuer, &account);
        let uri = uri.expose();
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
        let (label, query) = uri.strip_prefix(begins).and_then(|rest| rest.split_once('?')).expect("label and query");
        assert_eq!(unescaped(label), label_of(&issuer, &account));
        let algorithm = settings.algorithm.as_str();
        let digits = settings.digits.to_string();
        let secret = base32::encode(&key);
        let expected = [
            ("secret", secret.expose().as_str()),
            ("issuer", &*issuer),
            ("algorithm", algorithm),
            ("digits", &digits),
            last,
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parse_form(query.as_bytes()).expect("a query"), expected);
    }
    true
}

/// The parts of a label: issuer, if there is one, and account.
fn label_of(issuer: &str, account: &str) -> Vec<String> {
    [issuer, account].iter().skip(usize::from(issuer.is_empty())).map(|part| (*part).to_owned()).collect()
}

/// A colon that is not escaped separates; a plus means itself, so it must not be there.
fn unescaped(label: &str) -> Vec<String> {
    assert!(!label.contains('+') && !label.contains('/'), "{label}");
    let part = |part: &str| {
        let form = parse_form(format!("a={part}").as_bytes()).expect("escapes that can be read");
        form.into_iter().map(|(_, value)| value).collect()
    };
    label.split(':').map(part).collect()
}
