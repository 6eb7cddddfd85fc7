//! The signature of callbacks: base64(HMAC-SHA1(token, URL ‖ each name ‖ value in byte order of the names)).
//! Refuses to stop at the first difference: comparing takes the same time always.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use std::collections::{BTreeMap, BTreeSet};
use subtle::{Choice, ConstantTimeEq};

/// Signs `url` (exactly as the gateway calls it, with its query) and the parameters of the body.
pub fn sign(token: &str, url: &str, parameters: &[(String, String)]) -> String {
    let mut by_name: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in parameters {
        by_name.entry(name).or_default().insert(value);
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(url.as_bytes());
    for (name, values) in by_name {
        for value in values {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
    }
    BASE64.encode(&mac.finalize().into_bytes())
}

/// Whether `signature` is one of `tokens` over the URL, with or without its port: the provider is not of one mind there.
pub fn verify(tokens: &[&str], url: &str, parameters: &[(String, String)], signature: &str) -> bool {
    let urls = url_forms(url);
    let mut good = Choice::from(0);
    for token in tokens {
        for url in &urls {
            good |= sign(token, url, parameters).as_bytes().ct_eq(signature.as_bytes());
        }
    }
    good.into()
}

fn url_forms(url: &str) -> Vec<String> {
    let mut forms = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return forms };
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    match host.rsplit_once(':') {
        Some((bare, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            forms.push(format!("{scheme}://{bare}{path}"));
        }
        _ => {
            let port = if scheme == "https" { 443 } else { 80 };
            forms.push(format!("{scheme}://{host}:{port}{path}"));
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn published() -> Vec<(String, String)> {
        pairs(&[
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ])
    }

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    #[test]
    fn the_published_example() {
        assert_eq!(sign("12345", URL, &published()), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn the_port_may_be_there_or_not_and_two_tokens_count() {
        let signature = sign("12345", URL, &published());
        let with_port = "https://mycompany.com:443/myapp.php?foo=1&bar=2";
        assert!(verify(&["other", "12345"], with_port, &published(), &signature));
        let signature = sign("12345", with_port, &published());
        assert!(verify(&["12345"], URL, &published(), &signature));
    }

    #[test]
    fn anything_else_is_refused() {
        let good = sign("12345", URL, &published());
        let mut tampered = published();
        tampered[2].1 = "1235".into();
        assert!(!verify(&["12345"], URL, &tampered, &good));
        assert!(!verify(&["12346"], URL, &published(), &good));
        assert!(!verify(&["12345"], "https://mycompany.com/myapp.php?foo=1&bar=3", &published(), &good));
        assert!(!verify(&["12345"], URL, &published(), ""));
        assert!(!verify(&[], URL, &published(), &good));
    }

    #[test]
    fn repeated_names_count_once_per_value_in_order() {
        let twice = pairs(&[("b", "2"), ("a", "9"), ("b", "1"), ("b", "2")]);
        assert_eq!(sign("t", "u", &twice), sign("t", "u", &pairs(&[("a", "9"), ("b", "1"), ("b", "2")])));
    }
}
