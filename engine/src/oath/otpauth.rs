//! The address in the QR picture that an authenticator app reads: `otpauth://…`.
//! Refuses to be shown again later: it holds the key, and whoever builds it shows it once.

use super::{Kind, TokenSettings, TokenState, base32};
use crate::secret::Secret;
use std::fmt::Write;

/// The address for a token. `issuer` is the company as the app shows it, `account` the person. Everything is written out,
/// also what apps take for granted, except the padding of the key.
pub fn uri(
    settings: &TokenSettings,
    state: &TokenState,
    secret: &Secret<Vec<u8>>,
    issuer: &str,
    account: &str,
) -> Secret<String> {
    let key = base32::encode(secret);
    let (issuer, account) = (percent_encoded(issuer), percent_encoded(account));
    let (kind, moving) = match settings.kind {
        Kind::Hotp => ("hotp", format!("counter={}", state.next)),
        Kind::Totp { period_seconds } => ("totp", format!("period={period_seconds}")),
    };
    let label = if issuer.is_empty() { account } else { format!("{issuer}:{account}") };
    let rest =
        format!("&issuer={issuer}&algorithm={}&digits={}&{moving}", settings.algorithm.as_str(), settings.digits);
    // With room for all of it: growing would leave copies of the key behind in memory.
    let mut uri = String::with_capacity(32 + label.len() + key.expose().len() + rest.len());
    for part in ["otpauth://", kind, "/", &label, "?secret=", key.expose(), &rest] {
        uri.push_str(part);
    }
    Secret::new(uri)
}

/// RFC 3986: everything but unreserved characters. A space is `%20`, since apps show a `+`.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a String does not fail");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::super::Algorithm;
    use super::*;

    fn check(settings: TokenSettings, issuer: &str, account: &str, expected: &str) {
        let state = TokenState { next: 7, ..TokenState::default() };
        let secret = Secret::new(b"1234567890".to_vec());
        assert_eq!(uri(&settings, &state, &secret, issuer, account).expose(), expected);
    }

    #[test]
    fn the_address_of_a_token() {
        check(
            TokenSettings::default(),
            "Example & Co",
            "ann@example.com",
            "otpauth://totp/Example%20%26%20Co:ann%40example.com?secret=GEZDGNBVGY3TQOJQ\
             &issuer=Example%20%26%20Co&algorithm=SHA1&digits=6&period=30",
        );
        check(
            TokenSettings { kind: Kind::Hotp, algorithm: Algorithm::Sha512, digits: 8 },
            "",
            "zoë",
            "otpauth://hotp/zo%C3%AB?secret=GEZDGNBVGY3TQOJQ&issuer=&algorithm=SHA512&digits=8&counter=7",
        );
    }
}
