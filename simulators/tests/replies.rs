//! Stories of what a phone's owner does: by a behaviour set before, or by hand through the control API.
//! They see replies as the customer's webhook does.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::receiver::Post;
use stage::{OURS, PHONE, SID, Stage, TOKEN};

const OTHER: &str = "+12025550124";

fn bodies(posts: &[Post]) -> Vec<&str> {
    posts.iter().map(|post| post.get("Body")).collect()
}

#[tokio::test]
async fn a_reply_reaches_the_webhook_whole_and_signed() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "reply": "{otp}{pin}", "pin": "2468", "after_ms": 1 })).await;
    stage.text(PHONE, "Your code is 123456.").await;
    let post = stage.receiver.next().await;
    let sid = post.get("MessageSid");
    let expected = [
        ("SmsSid", sid),
        ("SmsMessageSid", sid),
        ("AccountSid", SID),
        ("From", PHONE),
        ("To", OURS),
        ("Body", "1234562468"),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("ApiVersion", "2010-04-01"),
        ("FromCountry", "US"),
        ("ToCountry", "US"),
    ];
    for (name, value) in expected {
        assert_eq!(post.get(name), value, "{name}");
    }
    for name in ["FromCity", "FromState", "FromZip", "ToCity", "ToState", "ToZip"] {
        assert!(post.form.iter().any(|(known, _)| known == name), "{name} is left out");
    }
    assert!(post.form.iter().all(|(name, _)| name != "OptOutType"));
    assert!(post.is_signed_with(TOKEN) && !post.is_signed_with("other"));
    assert!(!post.idempotency_token().is_empty());
    let listed = stage.look(&json!(sid)).await.json();
    assert_eq!((&listed["direction"], &listed["body"]), (&json!("inbound"), &json!("1234562468")));
    assert_eq!(stage.texts(PHONE).await[1], ("out".to_owned(), "1234562468".to_owned()));
}

#[tokio::test]
async fn wrong_codes_come_first_and_the_right_one_as_often_as_told() {
    let stage = Stage::start().await;
    let behaviour = json!({ "reply": "{otp}{pin}", "pin": "2468", "after_ms": 20, "wrong_first": 1, "times": 2 });
    stage.behave(PHONE, behaviour).await;
    stage.text(PHONE, "code 123456").await;
    let posts = stage.receiver.next_few(3).await;
    let mut came = bodies(&posts);
    came.sort_unstable();
    assert_eq!(came, ["1234562468", "1234562468", "2345672468"]);
    let distinct = |name: fn(&Post) -> String| posts.iter().map(name).collect::<std::collections::HashSet<_>>().len();
    assert_eq!(distinct(|post| post.get("MessageSid").to_owned()), 3);
    assert_eq!(distinct(|post| post.idempotency_token().to_owned()), 3);
    assert!(posts.iter().all(|post| post.is_signed_with(TOKEN)));
    // In the provider's list the wrong one is the oldest.
    let listed = stage.list(&[("To", OURS)]).await.json();
    assert_eq!(listed["messages"][2]["body"], "2345672468");
}

#[tokio::test]
async fn a_wrong_pin_where_the_reply_is_the_pin_alone() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "reply": "{pin}", "pin": "2468", "after_ms": 0, "wrong_first": 1, "times": 0 })).await;
    stage.text(PHONE, "enter your PIN").await;
    assert_eq!(stage.receiver.next().await.get("Body"), "3579");
    assert_eq!(stage.settled().await["replies"], 1);
}

#[tokio::test]
async fn fraud_is_reported_instead_of_a_reply() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "report_fraud": true, "reply": "{otp}", "after_ms": 0, "wrong_first": 2 })).await;
    stage.text(PHONE, "code 123456").await;
    assert_eq!(stage.receiver.next().await.get("Body"), "FRAUD");
    assert_eq!(stage.settled().await["replies"], 1);
}

#[tokio::test]
async fn a_text_without_a_code_gets_no_code_back() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "reply": "{otp}", "after_ms": 0 })).await;
    stage.text(PHONE, "12345 is too short, 123456789 too long").await;
    assert_eq!(stage.settled().await["replies"], 0);
}

#[tokio::test]
async fn replies_keep_people_waiting() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "reply": "yes!", "after_ms": 300 })).await;
    let start = tokio::time::Instant::now();
    stage.text(PHONE, "x").await;
    stage.receiver.next().await;
    assert!(start.elapsed().as_millis() >= 300, "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_default_behaviour_is_for_phones_without_their_own() {
    let stage = Stage::start().await;
    stage.put("/sim/v1/behaviour", json!({ "reply": "by default", "after_ms": 0 })).await;
    stage.behave(OTHER, json!({ "reply": "my own", "after_ms": 0 })).await;
    stage.text(PHONE, "x").await;
    assert_eq!(stage.receiver.next().await.get("Body"), "by default");
    stage.text(OTHER, "x").await;
    assert_eq!(stage.receiver.next().await.get("Body"), "my own");
    let gone = stage.call(Method::DELETE, &format!("/sim/v1/phones/{OTHER}/behaviour"), None).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    stage.text(OTHER, "x").await;
    assert_eq!(stage.receiver.next().await.get("Body"), "by default");
    let phone = stage.get(&format!("/sim/v1/phones/{OTHER}")).await;
    assert_eq!((&phone["default_behaviour"], &phone["behaviour"]["reply"]), (&json!(true), &json!("by default")));
}

#[tokio::test]
async fn a_reply_by_hand_says_what_the_webhook_answered() {
    let stage = Stage::start().await;
    stage.text(PHONE, "hello").await;
    let replied = stage.reply(PHONE, "hi").await;
    assert_eq!(replied["webhook"], json!({ "status": 200 }));
    let post = stage.receiver.next().await;
    assert_eq!((post.get("MessageSid"), post.get("To")), (replied["id"].as_str().unwrap(), OURS));
    stage.receiver.answer_once(403, "");
    assert_eq!(stage.reply(PHONE, "hi").await["webhook"], json!({ "status": 403 }));
}

#[tokio::test]
async fn a_reply_without_a_webhook_is_only_listed() {
    let stage = Stage::with(|settings| settings.accounts[0].sms_url = None).await;
    stage.text(PHONE, "hello").await;
    let replied = stage.reply(PHONE, "hi").await;
    assert!(replied["webhook"]["error"].as_str().unwrap().contains("sms_url"), "{replied}");
    assert_eq!(stage.look(&replied["id"]).await.json()["body"], "hi");
    stage.put(&format!("{}/sms_url", stage::GATEWAY), json!({ "url": stage.receiver.url("/later") })).await;
    stage.reply(PHONE, "again").await;
    assert_eq!(stage.receiver.next().await.target, "/later");
    stage.simulators.set_sms_url("sms", &stage.receiver.url("/by-name"));
    stage.reply(PHONE, "again").await;
    assert_eq!(stage.receiver.next().await.target, "/by-name");
}

#[tokio::test]
async fn twiml_texts_go_to_the_phone() {
    let stage = Stage::start().await;
    stage.text(PHONE, "hello").await;
    stage.receiver.answer_once(200, "<Response><Message>try again &amp; so</Message></Response>");
    stage.reply(PHONE, "wrong").await;
    assert_eq!(stage.texts(PHONE).await[2], ("in".to_owned(), "try again & so".to_owned()));
    let answered = stage.list(&[("To", PHONE)]).await.json()["messages"][0].clone();
    assert_eq!((&answered["direction"], &answered["status"]), (&json!("outbound-reply"), &json!("delivered")));
    stage.receiver.answer_once(500, "<Response><Message>not from an error</Message></Response>");
    stage.reply(PHONE, "wrong").await;
    let others = stage.texts(OTHER).await;
    stage.receiver.answer_once(200, &format!("<Response><Message to=\"{OTHER}\">elsewhere</Message></Response>"));
    stage.reply(PHONE, "wrong").await;
    assert!(others.is_empty());
    assert_eq!(stage.texts(OTHER).await, [("in".to_owned(), "elsewhere".to_owned())]);
    assert!(stage.texts(PHONE).await.iter().all(|(_, body)| body != "not from an error"));
}

#[tokio::test]
async fn a_twiml_text_gets_no_reply_from_a_behaviour() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "reply": "ping", "after_ms": 0 })).await;
    stage.receiver.answer_once(200, "<Response><Message>pong</Message></Response>");
    stage.text(PHONE, "begin").await;
    assert_eq!(stage.receiver.next().await.get("Body"), "ping");
    assert_eq!(stage.settled().await["replies"], 1);
    assert_eq!(stage.texts(PHONE).await.last().unwrap().1, "pong");
}

/// The status and code of one more text to the phone.
async fn sending(stage: &Stage) -> (u16, Value) {
    let answer = stage.send(&[("To", PHONE), ("From", OURS), ("Body", "x")]).await;
    (answer.status, answer.json()["code"].clone())
}

#[tokio::test]
async fn stop_ends_texts_until_start() {
    let stage = Stage::start().await;
    stage.text(PHONE, "hello").await;
    stage.reply(PHONE, " Stop\n").await;
    let post = stage.receiver.next().await;
    assert_eq!((post.get("OptOutType"), post.get("Body")), ("STOP", " Stop\n"));
    assert!(post.is_signed_with(TOKEN));
    assert_eq!(sending(&stage).await, (400, json!(21_610)));
    let phone = stage.get(&format!("/sim/v1/phones/{PHONE}")).await;
    assert_eq!(phone["opted_out"], json!([OURS]));
    // The carrier confirms, and drops what the webhook says to somebody who stopped.
    assert_eq!(stage.texts(PHONE).await.len(), 3);
    stage.receiver.answer_once(200, "<Response><Message>please come back</Message></Response>");
    stage.reply(PHONE, "hello?").await;
    assert_eq!(stage.texts(PHONE).await.last().unwrap().1, "hello?");
    stage.receiver.next().await;
    stage.reply(PHONE, "START").await;
    assert_eq!(stage.receiver.next().await.get("OptOutType"), "START");
    assert_eq!(sending(&stage).await.0, 201);
}

#[tokio::test]
async fn only_the_bare_word_stops() {
    let stage = Stage::start().await;
    stage.text(PHONE, "hello").await;
    for body in ["please stop", "stop it", "123456 stop"] {
        stage.reply(PHONE, body).await;
        assert_eq!(stage.receiver.next().await.get("OptOutType"), "", "{body}");
    }
    assert_eq!(sending(&stage).await.0, 201);
    stage.reply(PHONE, "help").await;
    assert_eq!(stage.receiver.next().await.get("OptOutType"), "HELP");
    assert_eq!(sending(&stage).await.0, 201);
}

#[tokio::test]
async fn stop_is_between_one_phone_and_one_number() {
    let second = "+12025550101";
    let stage = Stage::with(|settings| settings.accounts[0].numbers.push(second.to_owned())).await;
    stage.text(PHONE, "hello").await;
    stage.reply(PHONE, "STOP").await;
    assert_eq!(stage.send(&[("To", PHONE), ("From", second), ("Body", "x")]).await.status, 201);
    stage.text(OTHER, "another phone").await;
    assert_eq!(sending(&stage).await, (400, json!(21_610)));
}

#[tokio::test]
async fn a_behaviour_can_stop_too() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "reply": "STOP", "after_ms": 0 })).await;
    stage.text(PHONE, "hello").await;
    assert_eq!(stage.receiver.next().await.get("OptOutType"), "STOP");
    assert_eq!(sending(&stage).await, (400, json!(21_610)));
}
