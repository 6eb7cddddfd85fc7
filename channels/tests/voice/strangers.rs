//! Callbacks that are not of a call here, and callbacks that are not the gateway's.
//! Refuses to have anything said to whoever is on such a call.

use crate::call::{PUBLIC, Story, TOKEN, attempt, raw, said};
use crate::gateway::{CALLS, CREATED, Gateway};
use channels::call::CallEnd;
use channels::callback::{CallbackError, RawCallback};
use channels::twilio::sign;
use channels::twilio::voice::{Twiml, VoiceSettings};

async fn begin() -> Story {
    let plan = |gateway: &Gateway| gateway.plan(format!("POST {CALLS}"), 201, CREATED);
    let mut story = Story::begin(plan).await;
    story.hears("placed CA1").await;
    story
}

#[tokio::test]
async fn a_call_that_nobody_owns_is_hung_up() {
    let voice = crate::call::voice("http://127.0.0.1:1", VoiceSettings::default());
    for query in [format!("attempt={}&turn=1", attempt()), "attempt=none".into(), String::new()] {
        let path = format!("/callbacks/calls/voice/gather?{query}");
        let asked = raw(&path, "CallSid=CA1&Digits=1234");
        assert_eq!(voice.answered(&asked).await, Ok(Twiml::hang_up()));
        assert_eq!(voice.gathered(&asked).await, Ok(Twiml::hang_up()));
        assert_eq!(voice.status(&raw(&path, "CallSid=CA1&CallStatus=completed")).await, Ok(()));
    }
}

#[tokio::test]
async fn another_call_under_the_same_attempt_is_hung_up_and_changes_nothing() {
    let story = begin().await;
    story.say("Press pound");
    let path = format!("/callbacks/calls/voice/answer?attempt={}", attempt());
    assert_eq!(story.voice.answered(&raw(&path, "CallSid=CA2")).await, Ok(Twiml::hang_up()));
    story.voice.status(&raw(&path, "CallSid=CA2&CallStatus=completed")).await.unwrap();
    story.status("busy", "").await;
    assert_eq!(story.ends().await.0, CallEnd::Busy);
}

#[tokio::test]
async fn a_document_that_was_never_given_out_has_no_answer() {
    let story = begin().await;
    assert_eq!(said(story.gathered(7, "&Digits=1")).await, "<Hangup/>");
    story.status("busy", "").await;
    assert_eq!(story.ends().await.0, CallEnd::Busy);
}

#[tokio::test]
async fn a_callback_after_the_end_is_nobodys() {
    let mut story = begin().await;
    let asks = story.answered("");
    story.hears("answered").await;
    let voice = std::sync::Arc::clone(&story.voice);
    story.status("completed", "&CallDuration=1").await;
    assert_eq!(story.ends().await.0, CallEnd::HungUp);
    assert_eq!(said(asks).await, "<Hangup/>", "whoever asked when it ended is not left alone");
    let path = format!("/callbacks/calls/voice/answer?attempt={}", attempt());
    assert_eq!(voice.answered(&raw(&path, "CallSid=CA1")).await, Ok(Twiml::hang_up()));
}

#[tokio::test]
async fn what_makes_no_sense_is_named() {
    let voice = crate::call::voice("http://127.0.0.1:1", VoiceSettings::default());
    assert_eq!(voice.answered(&raw("/x", "")).await, Err(CallbackError::Missing("CallSid")));
    assert_eq!(voice.gathered(&raw("/x", "CallSid=1&Digits=1&Digits=2")).await, Err(CallbackError::Repeated("Digits")));
    assert_eq!(voice.status(&raw("/x", "CallSid=1")).await, Err(CallbackError::Missing("CallStatus")));
}

#[test]
fn only_the_gateways_own_signature_counts() {
    let voice = crate::call::voice("http://127.0.0.1:1", VoiceSettings::default());
    let path = format!("/callbacks/calls/voice/gather?attempt={}&turn=1", attempt());
    let form = [("CallSid".to_owned(), "CA1".to_owned()), ("Digits".to_owned(), "1#".to_owned())];
    let signed = |token| sign(token, &format!("{PUBLIC}{path}"), &form);
    let verified = |signature: &str, body: &[u8]| {
        let callback = RawCallback { path_and_query: &path, signature: Some(signature), body };
        voice.verify(&callback).is_ok()
    };
    assert!(verified(&signed(TOKEN), b"CallSid=CA1&Digits=1%23"));
    assert!(!verified(&signed(TOKEN), b"CallSid=CA1&Digits=2%23"));
    assert!(!verified(&signed("other"), b"CallSid=CA1&Digits=1%23"));
    assert!(voice.verify(&raw(&path, "CallSid=CA1&Digits=1%23")).is_err());
}
