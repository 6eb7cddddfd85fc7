//! A gateway's callback about a call: the path with its query on the first line, then the form.
//! Refuses keys in `Debug`, an id that cannot stand in an address, and words to a call that nobody here owns.

use crate::input;
use channels::text::{CallbackError, RawCallback};
use channels::twilio::voice::webhook::{About, Asked, asked, told};
use channels::twilio::voice::{TwilioVoice, Twiml, VoiceSettings};
use channels::twilio::{Privacy, Twilio, TwilioSettings, parse_form, sign};
use engine::secret::Secret;
use futures_util::FutureExt;
use std::sync::{Arc, LazyLock};

const TOKEN: &str = "a token of the tests";
const URL: &str = "https://mfa.example.com";

static GATEWAY: LazyLock<TwilioVoice> = LazyLock::new(|| {
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
    let account = Twilio::new("calls", settings, URL).expect("the settings are right");
    TwilioVoice::new(Arc::new(account), VoiceSettings::default()).expect("the account has a number")
});

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let (path, body) = input::line(data);
    let callback = RawCallback { path_and_query: &path, signature: None, body };
    let (question, progress) = (asked(&callback), told(&callback));
    if let Ok((about, asked)) = &question {
        names_a_call(about, &path);
        holds_keys(asked, body);
    }
    if let Ok((about, told)) = &progress {
        names_a_call(about, &path);
        assert_ne!(told.code, Some(0));
    }
    nobody_is_spoken_to(&callback, &question);
    signed(&callback);
    question.is_ok() || progress.is_ok()
}

fn names_a_call(about: &About, path: &str) {
    assert!((1..=64).contains(&about.sid.len()) && about.sid.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert!(about.attempt.is_none() || path.contains('?'));
}

/// Silence has no pound key: it must have come as a key, or as what ended the keys.
fn holds_keys(asked: &Asked, body: &[u8]) {
    let digits = asked.keys.digits.expose();
    assert!(digits.len() <= 64 && digits.chars().all(|key| matches!(key, '0'..='9' | '*' | 'A'..='D')));
    let form = parse_form(body).expect("it was read");
    let value = |name: &str| form.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value);
    let pound = value("Digits").contains('#') || value("FinishedOnKey") == "#";
    assert_eq!(asked.keys.pound, pound);
    assert!(digits.len() < 12 || !format!("{asked:?}").contains(digits.as_str()));
}

fn nobody_is_spoken_to(callback: &RawCallback<'_>, question: &Result<(About, Asked), CallbackError>) {
    let answers = [GATEWAY.answered(callback).now_or_never(), GATEWAY.gathered(callback).now_or_never()];
    for answer in answers {
        let answer = answer.expect("there is no call to wait for");
        assert_eq!(answer, question.as_ref().map(|_| Twiml::hang_up()).map_err(Clone::clone));
    }
}

/// Only the gateway's own signature counts.
fn signed(callback: &RawCallback<'_>) {
    assert!(GATEWAY.verify(callback).is_err());
    let path = callback.path_and_query;
    if path.contains("bodySHA256") {
        return;
    }
    let (form, is_form) = parse_form(callback.body).map_or_else(|_| (Vec::new(), false), |form| (form, true));
    for (token, good) in [(TOKEN, is_form), ("another token", false)] {
        let signature = sign(token, &format!("{URL}{path}"), &form);
        let signed = RawCallback { signature: Some(&signature), ..*callback };
        assert_eq!(GATEWAY.verify(&signed).is_ok(), good, "{path}");
    }
}
