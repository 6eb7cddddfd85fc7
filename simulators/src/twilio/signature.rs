//! `X-Twilio-Signature` as the provider computes it (gateways.md §2.1).
//! It only signs; whoever receives must check by an implementation of its own.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// base64(HMAC-SHA1(token, url ‖ name ‖ value …)), names in byte order, of a repeated name each distinct value once, in order.
/// `url` is exactly what is called, `parameters` are not yet form-encoded.
pub(crate) fn sign(token: &str, url: &str, parameters: &[(&str, String)]) -> String {
    let mut sorted: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    BASE64.encode(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example() {
        let parameters = [
            ("To", "+18005551212"),
            ("CallSid", "CA1234567890ABCDE"),
            ("From", "+14158675309"),
            ("Digits", "1234"),
            ("Caller", "+14158675309"),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        let signed = sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", &parameters);
        assert_eq!(signed, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn repeated_values_count_once() {
        let once = [("A", "1".to_owned()), ("A", "2".to_owned())];
        let twice = [("A", "2".to_owned()), ("A", "1".to_owned()), ("A", "2".to_owned())];
        assert_eq!(sign("t", "http://h/", &once), sign("t", "http://h/", &twice));
    }
}
