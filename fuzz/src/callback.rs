//! A gateway's callback: the path with its query on the first line, then the form.
//! Refuses a callback without a signature, and a body in `Debug`.

use crate::input;
use channels::text::{RawCallback, TextGateway};
use channels::twilio::{Privacy, Twilio, TwilioSettings, parse_form, sign};
use engine::secret::Secret;
use std::sync::LazyLock;

const TOKEN: &str = "a token of the tests";
const URL: &str = "https://mfa.example.com";

static GATEWAY: LazyLock<Twilio> = LazyLock::new(|| {
    let settings = TwilioSettings {
        account_sid: "AC1".into(),
        auth_token: Secret::new(TOKEN.into()),
        second_auth_token: None,
        api_key_sid: None,
        api_key_secret: None,
        from: vec!["+12025550100".into()],
        messaging_service_sid: None,
        base_url: "http://127.0.0.1:1".into(),
        ca_file: None,
        timeout_seconds: 1,
        pipelining: std::num::NonZeroU8::MIN,
        risk_check: false,
        privacy: Privacy::default(),
    };
    Twilio::new("sms", settings, URL).expect("the settings are right")
});

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let (path, body) = input::line(data);
    let callback = RawCallback { path_and_query: &path, signature: None, body };
    let read = (GATEWAY.inbound(&callback), GATEWAY.receipt(&callback));
    if let Ok(text) = &read.0 {
        assert!(![&text.message_id, &text.from, &text.to].iter().any(|part| part.is_empty()));
        let body = text.body.expose();
        assert!(parse_form(callback.body).expect("a form").iter().any(|(name, value)| name == "Body" && value == body));
        let elsewhere = format!("{}{}{}", text.message_id, text.from, text.to).contains(body.as_str());
        assert!(body.len() < 12 || elsewhere || !format!("{text:?}").contains(body.as_str()));
    }
    if let Ok(receipt) = &read.1 {
        assert!(!receipt.message_id.is_empty() && receipt.error_code != Some(0));
        assert!(receipt.attempt.is_none() || path.contains('?'));
    }
    signed(&callback);
    read.0.is_ok() || read.1.is_ok()
}

/// Only the gateway's own signature counts.
fn signed(callback: &RawCallback<'_>) {
    assert!(GATEWAY.verify(callback).is_err());
    let path = callback.path_and_query;
    if path.contains("bodySHA256") {
        return;
    }
    let url = format!("{URL}{path}");
    // A body that is no form cannot be what was signed, whatever was.
    let (form, is_form) = parse_form(callback.body).map_or_else(|_| (Vec::new(), false), |form| (form, true));
    for (token, good) in [(TOKEN, is_form), ("another token", false), ("", false)] {
        let signature = sign(token, &url, &form);
        let signed = RawCallback { signature: Some(&signature), ..*callback };
        assert_eq!(GATEWAY.verify(&signed).is_ok(), good, "{path}");
    }
}
