//! A call is placed: what is asked for, and what each answer means.
//! Refuses a second request whatever the first was answered with.

use crate::call::{OURS, PHONE, PUBLIC, Story, TOKEN, attempt, call, voice};
use crate::gateway::{CALL, CALLS, CREATED, Gateway};
use channels::call::{CallEnd, Order, VoiceGateway};
use channels::twilio::voice::{TwilioVoice, VoiceSettings};
use channels::twilio::{BuildError, Twilio};
use data_encoding::BASE64;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;

fn post() -> String {
    format!("POST {CALLS}")
}

#[tokio::test]
async fn a_call_is_one_form() {
    let mut story = Story::begin(|gateway| gateway.plan(post(), 201, CREATED)).await;
    story.hears("placed CA1").await;
    let asked = story.gateway.asked(&post()).await;
    let credentials = BASE64.encode(format!("AC1:{TOKEN}").as_bytes());
    assert!(asked.head.contains(&format!("Authorization: Basic {credentials}\r\n")), "{}", asked.head);
    let (answer, status) =
        (format!("{PUBLIC}/callbacks/calls/voice/answer"), format!("{PUBLIC}/callbacks/calls/voice/status"));
    let (answer, status) = (format!("{answer}?attempt={}", attempt()), format!("{status}?attempt={}", attempt()));
    let expected = [
        ("To", PHONE),
        ("From", OURS),
        ("Url", &answer),
        ("Method", "POST"),
        ("StatusCallback", &status),
        ("StatusCallbackMethod", "POST"),
        ("StatusCallbackEvent", "initiated"),
        ("StatusCallbackEvent", "ringing"),
        ("StatusCallbackEvent", "answered"),
        ("StatusCallbackEvent", "completed"),
        ("Timeout", "30"),
        ("TimeLimit", "60"),
    ];
    assert_eq!(asked.form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(story.voice.trouble(), None);
    story.status("completed", "&CallDuration=0").await;
    story.ends().await;
}

#[tokio::test]
async fn a_caller_id_and_machine_detection_are_asked_for_as_set() {
    let mut gateway = Gateway::start().await;
    gateway.plan(post(), 400, r#"{"code":21211}"#);
    let settings =
        VoiceSettings { caller_id: Some("+12025550199".into()), machine_detection: true, ..VoiceSettings::default() };
    let (_orders, ordered) = unbounded_channel();
    let mut short = call();
    (short.ring, short.longest) = (Duration::ZERO, Duration::from_secs(1_000_000));
    voice(&gateway.url, settings).call(short, ordered, Box::new(|_| ())).await;
    let asked = gateway.asked(&post()).await;
    let value = |name: &str| asked.form.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    assert_eq!((value("From"), value("MachineDetection")), (Some("+12025550199"), Some("Enable")));
    assert_eq!((value("Timeout"), value("TimeLimit")), (Some("1"), Some("14400")));
}

async fn refused(status: u16, headers: &'static str, body: &str, expected: CallEnd, has_trouble: bool) {
    let plan = |gateway: &Gateway| gateway.plan_with(post(), Some((status, headers, body.to_owned())));
    let story = Story::begin(plan).await;
    let voice = Arc::clone(&story.voice);
    let (end, mut gateway) = story.ends().await;
    assert_eq!(end, expected, "{status} {body}");
    assert_eq!(voice.trouble().is_some(), has_trouble, "{status} {body}");
    gateway.asked(&post()).await;
    assert!(gateway.is_quiet(), "{status} {body}");
}

#[tokio::test]
async fn a_refusal_says_who_must_act() {
    let cause = |code: u32| format!("error {code}");
    let code = |code: u32| format!(r#"{{"code":{code}}}"#);
    refused(400, "", &code(21211), CallEnd::NumberInvalid { cause: cause(21211) }, false).await;
    refused(400, "", &code(21214), CallEnd::Unreachable { cause: cause(21214) }, false).await;
    refused(400, "", &code(21215), CallEnd::FraudGuard { cause: cause(21215) }, false).await;
    refused(401, "", &code(20003), CallEnd::GatewayRefused { cause: cause(20003) }, true).await;
    refused(403, "", "<html>", CallEnd::GatewayRefused { cause: "HTTP 403".into() }, true).await;
    let later = |retry_after| CallEnd::Unavailable { cause: "it asks to slow down".into(), retry_after };
    refused(429, "Retry-After: 7\r\n", &code(20429), later(Some(Duration::from_secs(7))), true).await;
    refused(429, "", "", later(None), true).await;
}

#[tokio::test]
async fn no_connection_is_surely_no_call() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let voice = voice(&format!("http://{closed}"), VoiceSettings::default());
    let (_orders, ordered) = unbounded_channel();
    let end = voice.call(call(), ordered, Box::new(|_| ())).await;
    assert!(matches!(end, CallEnd::Unavailable { retry_after: None, .. }), "{end:?}");
    assert!(voice.trouble().unwrap().contains("no connection"), "{:?}", voice.trouble());
}

fn list() -> String {
    format!("GET {CALLS}?To=%2B12025550123&PageSize=50")
}

/// One of ours to that number is not answered yet; the others are, or are over, or another's, or to somebody else.
const LISTED: &str = r#"{"calls":[
    {"sid":"CA5","status":"ringing","to":"+12025550123","from":"+12025550198"},
    {"sid":"CA4","status":"ringing","to":"+12025550124","from":"+12025550100"},
    {"sid":"CA2","status":"in-progress","to":"+12025550123","from":"+12025550100"},
    {"sid":"CA3","status":"completed","to":"+12025550123","from":"+12025550100"},
    {"sid":"CA1","status":"queued","to":"+12025550123","from":"+12025550100"}]}"#;

#[tokio::test]
async fn what_was_not_answered_is_looked_for_and_never_placed_again() {
    let plan = |gateway: &Gateway| {
        gateway.plan_with(post(), None);
        gateway.plan(list(), 200, LISTED);
    };
    let mut story = Story::begin(plan).await;
    story.hears("placed CA1").await;
    story.status("busy", "").await;
    let (end, mut gateway) = story.ends().await;
    assert_eq!(end, CallEnd::Busy);
    gateway.asked(&post()).await;
    gateway.asked(&list()).await;
    assert!(gateway.is_quiet());
}

#[tokio::test]
async fn what_is_not_found_or_not_one_is_not_known() {
    let two = LISTED.replace("completed", "ringing");
    for listed in [r#"{"calls":[]}"#, two.as_str(), "<html>"] {
        let plan = |gateway: &Gateway| {
            gateway.plan(post(), 500, "");
            gateway.plan(list(), 200, listed);
        };
        let (end, mut gateway) = Story::begin(plan).await.ends().await;
        assert!(matches!(end, CallEnd::Ambiguous { .. }), "{listed}: {end:?}");
        gateway.asked(&post()).await;
        gateway.asked(&list()).await;
        assert!(gateway.is_quiet());
    }
}

#[tokio::test]
async fn a_callback_says_that_it_was_placed() {
    let mut story = Story::begin(|gateway| gateway.plan_with(post(), None)).await;
    story.gateway.asked(&post()).await;
    story.status("ringing", "").await;
    story.hears("placed CA1").await;
    story.hears("ringing").await;
    story.status("no-answer", "").await;
    assert_eq!(story.ends().await.0, CallEnd::NoAnswer);
}

#[tokio::test]
async fn a_hang_up_before_the_answer_cancels_and_is_tried_again() {
    let plan = |gateway: &Gateway| {
        gateway.plan(post(), 201, CREATED);
        gateway.plan(format!("POST {CALL}"), 503, "");
        gateway.plan(format!("POST {CALL}"), 200, CREATED);
    };
    let mut story = Story::begin(plan).await;
    story.hears("placed CA1").await;
    story.order(Order::HangUp);
    story.gateway.asked(&post()).await;
    for _ in 0..2 {
        let asked = story.gateway.asked(&format!("POST {CALL}")).await;
        assert_eq!(asked.form, [("Status".to_owned(), "canceled".to_owned())]);
    }
    story.status("canceled", "").await;
    assert_eq!(story.ends().await.0, CallEnd::Done);
}

#[tokio::test]
async fn an_attempt_is_called_once_at_a_time() {
    let mut story = Story::begin(|gateway| gateway.plan(post(), 201, CREATED)).await;
    story.hears("placed CA1").await;
    let (_orders, ordered) = unbounded_channel();
    let second = story.voice.call(call(), ordered, Box::new(|_| ())).await;
    assert!(matches!(second, CallEnd::Unavailable { .. }), "{second:?}");
    // The first one is not disturbed.
    story.status("busy", "").await;
    assert_eq!(story.ends().await.0, CallEnd::Busy);
}

#[test]
fn calls_need_a_number_that_they_come_from() {
    let account = channels::twilio::TwilioSettings {
        account_sid: "AC1".into(),
        auth_token: engine::secret::Secret::new(TOKEN.into()),
        second_auth_token: None,
        api_key_sid: None,
        api_key_secret: None,
        from: vec![],
        messaging_service_sid: Some("MG1".into()),
        base_url: "http://127.0.0.1:1".into(),
        ca_file: None,
        timeout_seconds: 1,
        pipelining: std::num::NonZeroU8::MIN,
        risk_check: true,
        privacy: channels::twilio::Privacy::default(),
    };
    let account = Arc::new(Twilio::new("calls", account, PUBLIC).unwrap());
    let built = TwilioVoice::new(Arc::clone(&account), VoiceSettings::default());
    assert!(matches!(built, Err(BuildError::NoCaller)));
    let settings = VoiceSettings { caller_id: Some(OURS.into()), ..VoiceSettings::default() };
    assert!(TwilioVoice::new(account, settings).is_ok());
}
