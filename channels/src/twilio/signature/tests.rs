//! Signatures: the provider's published example, what its own validator computes, and what must be refused.
//! Refuses expectations that our signer made: the vectors come from outside.

use super::*;
use proptest::prelude::*;

const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const BODY: &[u8] =
    b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
const PUBLISHED: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_published_example() {
    assert_eq!(sign("12345", URL, &parse_form(BODY).unwrap()), PUBLISHED);
    assert!(verify(&["12345"], URL, BODY, PUBLISHED));
}

/// Computed with `RequestValidator("12345")` of the provider's Python library 9.13.0.
#[test]
fn what_the_providers_library_computes() {
    let long = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=";
    assert!(verify(&["12345"], URL, BODY, long));
    assert!(!verify(&["12346"], URL, BODY, long));
    let unicode = "Body=Gr%C3%BC%C3%9Fe+12%20%E2%80%93%20%E4%B8%96%E7%95%8C&Empty=&From=%2B12025550123";
    assert!(verify(
        &["12345"],
        "https://example.com/callbacks/sms/sms",
        unicode.as_bytes(),
        "oT0cFpeQYLsAwQaHrtmJp9rmr2s="
    ));
    let repeated = b"b=2&a=9&b=1&b=2";
    assert!(verify(&["12345"], "https://example.com/x", repeated, "eTTlvdvP5rYWNZqdm7sQgM6tuck="));
    let json = "https://example.com/x?bodySHA256=33c1c92944a084e89ac8cbfe15da3c741575cbddd50a0301b946fb6da8441a93";
    assert!(verify(&["12345"], json, br#"{"code":1}"#, "UWBOwEacsi8nfpfz0fMnGq1iVL0="));
    assert!(
        !verify(&["12345"], json, br#"{"code":2}"#, "UWBOwEacsi8nfpfz0fMnGq1iVL0="),
        "another body under the same hash"
    );
    assert!(!verify(&["12345"], json, b"", "UWBOwEacsi8nfpfz0fMnGq1iVL0="), "no body under the hash of one");
    assert!(
        verify(&["12345"], "https://example.com/x?attempt=%2e1&z", b"", "/aYAdSuh1UgVbdMuaWG0/GCuehU="),
        "the query stays as it came"
    );
}

#[test]
fn the_port_may_be_there_or_not() {
    let with_port = "https://mycompany.com:443/myapp.php?foo=1&bar=2";
    assert!(verify(&["12345"], with_port, BODY, PUBLISHED));
    let signed_with = sign("12345", with_port, &parse_form(BODY).unwrap());
    assert!(verify(&["12345"], URL, BODY, &signed_with));
    for (url, other) in [
        ("http://example.com/x", "http://example.com:80/x"),
        ("https://example.com?x=1:2", "https://example.com:443?x=1:2"),
        ("http://[::1]/x", "http://[::1]:80/x"),
        ("http://[::1]:8080/x", "http://[::1]/x"),
        ("https://example.com:8443/a:1", "https://example.com/a:1"),
        ("nonsense", "nonsense"),
    ] {
        assert_eq!(with_other_port(url), other);
    }
}

#[test]
fn each_of_two_tokens_counts_and_an_empty_one_never() {
    assert!(verify(&["new", "12345"], URL, BODY, PUBLISHED));
    assert!(verify(&["12345", "new"], URL, BODY, PUBLISHED));
    let forged = sign("", URL, &parse_form(BODY).unwrap());
    assert!(!verify(&["", "12345"], URL, BODY, &forged));
    assert!(!verify(&[], URL, BODY, PUBLISHED));
}

#[test]
fn anything_else_is_refused() {
    let tampered = String::from_utf8(BODY.to_vec()).unwrap().replace("1234&", "1235&");
    assert!(!verify(&["12345"], URL, tampered.as_bytes(), PUBLISHED));
    assert!(!verify(&["12346"], URL, BODY, PUBLISHED));
    assert!(!verify(&["12345"], "https://mycompany.com/myapp.php?foo=1&bar=3", BODY, PUBLISHED));
    assert!(!verify(&["12345"], "http://mycompany.com/myapp.php?foo=1&bar=2", BODY, PUBLISHED));
    for signature in ["", "=", &PUBLISHED[1..], &PUBLISHED.to_lowercase(), &format!("{PUBLISHED} ")] {
        assert!(!verify(&["12345"], URL, BODY, signature), "{signature}");
    }
    let twice = format!("https://example.com/x?bodySHA256={0}&bodySHA256={0}", HEXLOWER.encode(&Sha256::digest(b"x")));
    assert!(!verify(&["12345"], &twice, b"x", &sign("12345", &twice, &[])));
}

#[test]
fn a_repeated_value_counts_once_and_order_does_not_matter() {
    let once = sign("t", "u", &pairs(&[("a", "9"), ("b", "1"), ("b", "2")]));
    assert_eq!(sign("t", "u", &pairs(&[("b", "2"), ("a", "9"), ("b", "1"), ("b", "2")])), once);
    // By bytes, not by letters: capitals first.
    let parts = |names: [&str; 2]| pairs(&[(names[0], "1"), (names[1], "2")]);
    assert_eq!(sign("t", "u", &parts(["B", "a"])), sign("t", "uB1a2", &[]));
}

proptest! {
    #[test]
    fn nothing_breaks_it_and_nothing_random_is_good(
        url in "\\PC{0,80}",
        body in prop::collection::vec(any::<u8>(), 0..200),
        signature in "\\PC{0,60}",
    ) {
        prop_assert!(!verify(&["token"], &url, &body, &signature));
    }

    #[test]
    fn what_is_signed_is_good_and_a_flipped_byte_is_not(
        form in prop::collection::vec(("[A-Za-z]{1,8}", "\\PC{0,20}"), 0..8),
        flip in any::<prop::sample::Index>(),
    ) {
        let body = serde_urlencoded::to_string(&form).unwrap();
        let signature = sign("token", URL, &form);
        prop_assert!(verify(&["token"], URL, body.as_bytes(), &signature));
        let mut flipped = signature.into_bytes();
        let place = flip.index(flipped.len());
        flipped[place] = if flipped[place] == b'A' { b'B' } else { b'A' };
        prop_assert!(!verify(&["token"], URL, body.as_bytes(), std::str::from_utf8(&flipped).unwrap()));
    }
}
