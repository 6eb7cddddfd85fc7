//! A callback's signature: the signature, the token and the URL, a line each, then the body.
//! Refuses a signature that is good without the token.

use crate::input;
use channels::twilio::{parse_form, sign, sign_sha256, verify};

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let (signature, rest) = input::line(data);
    let (token, rest) = input::line(rest);
    let (url, body) = input::line(rest);
    assert!(!verify(&[], &url, body, &signature) && !verify(&[""], &url, body, &signature));
    let given = verify(&[&token], &url, body, &signature);
    if url.contains("bodySHA256=") {
        let another = [body, b"x"].concat();
        assert!(!given || !verify(&[&token], &url, &another, &signature), "the hash is another body's");
        return given;
    }
    let Ok(form) = parse_form(body) else {
        assert!(!given, "a body that is no form was signed by nobody");
        return false;
    };
    for ours in [sign(&token, &url, &form), sign_sha256(&token, &url, &form)] {
        assert_eq!(verify(&[&token], &url, body, &ours), !token.is_empty());
        assert_eq!(verify(&["another", &token], &url, body, &ours), !token.is_empty());
        assert!(!verify(&[&format!("{token}x")], &url, body, &ours));
        assert!(!verify(&[&token], &format!("{url}x"), body, &ours));
    }
    given
}
