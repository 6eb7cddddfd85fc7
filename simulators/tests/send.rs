//! Stories of `POST /Messages.json`: what the provider takes, what it answers, what it refuses and by which code.
//! Nothing here misbehaves on purpose; that is `faults.rs`.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::{Answer, GATEWAY, OURS, PHONE, SID, Stage, TOKEN};

/// The provider's error document, whole.
fn assert_refused(answer: &Answer, status: u16, code: u32) {
    assert_eq!(answer.status, status, "{code}: {}", answer.text);
    let error = answer.json();
    assert_eq!(error["code"], code, "{error}");
    assert_eq!(error["status"], status);
    assert_eq!(error["more_info"], format!("https://www.twilio.com/docs/errors/{code}"));
    assert!(!error["message"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn an_accepted_text_is_answered_in_the_providers_shape() {
    let stage = Stage::start().await;
    let answer = stage.send(&[("To", PHONE), ("From", OURS), ("Body", "Grüße 世界 123456")]).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, "application/json"));
    let message = answer.json();
    let sid = message["sid"].as_str().unwrap();
    assert!(sid.len() == 34 && sid.starts_with("SM") && sid[2..].bytes().all(|b| b.is_ascii_hexdigit()), "{sid}");
    let resource = format!("/2010-04-01/Accounts/{SID}/Messages/{sid}");
    let expected = json!({
        "account_sid": SID, "api_version": "2010-04-01", "body": "Grüße 世界 123456", "direction": "outbound-api",
        "error_code": null, "error_message": null, "from": OURS, "to": PHONE, "messaging_service_sid": null,
        "num_media": "0", "num_segments": "1", "price": null, "price_unit": "USD", "status": "queued", "sid": sid,
        "date_sent": null, "tags": null, "uri": format!("{resource}.json"),
        "subresource_uris": { "media": format!("{resource}/Media.json") },
        "date_created": message["date_created"], "date_updated": message["date_updated"],
    });
    assert_eq!(message, expected);
    let date = message["date_created"].as_str().unwrap();
    assert!(jiff::fmt::rfc2822::parse(date).is_ok() && date.ends_with(" +0000"), "{date}");
    assert_eq!(stage.texts(PHONE).await, [("in".to_owned(), "Grüße 世界 123456".to_owned())]);
}

#[tokio::test]
async fn each_mistake_has_its_code() {
    let stage = Stage::start().await;
    let long = "x".repeat(1_601);
    let cases: [(u32, &[(&str, &str)]); 14] = [
        (21_604, &[("From", OURS), ("Body", "x")]),
        (21_604, &[("To", ""), ("From", OURS), ("Body", "x")]),
        (21_211, &[("To", "nope"), ("From", OURS), ("Body", "x")]),
        (21_211, &[("To", "2025550123"), ("From", OURS), ("Body", "x")]),
        (21_603, &[("To", PHONE), ("Body", "x")]),
        (21_212, &[("To", PHONE), ("From", "nope"), ("Body", "x")]),
        (21_606, &[("To", PHONE), ("From", "+12025550199"), ("Body", "x")]),
        (21_602, &[("To", PHONE), ("From", OURS)]),
        (21_617, &[("To", PHONE), ("From", OURS), ("Body", &long)]),
        (21_609, &[("To", PHONE), ("From", OURS), ("Body", "x"), ("StatusCallback", "/relative")]),
        (21_701, &[("To", PHONE), ("MessagingServiceSid", "XX1"), ("Body", "x")]),
        (20_001, &[("To", PHONE), ("From", OURS), ("Body", "x"), ("ValidityPeriod", "0")]),
        (20_001, &[("To", PHONE), ("From", OURS), ("Body", "x"), ("ValidityPeriod", "36001")]),
        (20_001, &[("To", PHONE), ("From", OURS), ("Body", "x"), ("ValidityPeriod", "soon")]),
    ];
    for (code, form) in cases {
        assert_refused(&stage.send(form).await, 400, code);
    }
    let gateway = stage.get(GATEWAY).await;
    assert_eq!((&gateway["accepted"], &gateway["refused"]["21604"]), (&json!(0), &json!(2)));
    assert_eq!(gateway["refused"]["20001"], 3);
    assert!(stage.texts(PHONE).await.is_empty());
}

#[tokio::test]
async fn sixteen_hundred_characters_are_not_too_many() {
    let stage = Stage::start().await;
    let message = stage.text(PHONE, &"x".repeat(1_600)).await;
    assert_eq!(message["num_segments"], "11");
}

#[tokio::test]
async fn a_messaging_service_sends_from_the_first_number() {
    let stage = Stage::start().await;
    let service = format!("MG{}", "0".repeat(32));
    let answer = stage.send(&[("To", PHONE), ("MessagingServiceSid", &service), ("Body", "x")]).await;
    let message = answer.json();
    assert_eq!((&message["from"], &message["messaging_service_sid"]), (&json!(OURS), &json!(service)));
}

#[tokio::test]
async fn unknown_parameters_are_taken_and_ignored() {
    let stage = Stage::start().await;
    let more = [("RiskCheck", "disable"), ("ContentRetention", "discard"), ("ValidityPeriod", "36000")];
    stage.text_and(PHONE, "x", &more).await;
}

#[tokio::test]
async fn only_the_account_may_send() {
    let stage = Stage::start().await;
    let url = stage.url(&format!("/2010-04-01/Accounts/{SID}/Messages.json"));
    let form = [("To", PHONE), ("From", OURS), ("Body", "x")];
    let post = || stage.client.post(&url).form(&form);
    for request in [
        post(),
        post().basic_auth(SID, Some("wrong")),
        post().basic_auth("AC1", Some(TOKEN)),
        post().bearer_auth(TOKEN),
    ] {
        let answer = Answer::of(request).await;
        assert_refused(&answer, 401, 20_003);
        assert!(answer.header("www-authenticate").starts_with("Basic "));
    }
    let other = stage.client.post(stage.url("/2010-04-01/Accounts/AC1/Messages.json")).basic_auth(SID, Some(TOKEN));
    assert_refused(&Answer::of(other.form(&form)).await, 401, 20_003);
    assert_eq!(stage.accepted().await, 0);
}

#[tokio::test]
async fn what_the_provider_does_not_have_is_its_404() {
    let stage = Stage::start().await;
    for path in ["/Calls/CA1/Recordings.json", "/Messages/SM1/Media.json", "/Nothing.json"] {
        assert_refused(&Answer::of(stage.provider(Method::POST, path)).await, 404, 20_404);
    }
    assert_refused(&Answer::of(stage.provider(Method::DELETE, "/Messages.json")).await, 404, 20_404);
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused_unread() {
    let stage = Stage::start().await;
    let body = format!("Body={}", "x".repeat(70_000));
    let request = stage.provider(Method::POST, "/Messages.json");
    let answer =
        Answer::of(request.header("content-type", "application/x-www-form-urlencoded").body(body.clone())).await;
    assert_refused(&answer, 413, 20_413);
    // As much as a broken client may send. The server may close before all of it was written; then there is no answer to see.
    let request = stage.provider(Method::POST, "/Messages.json").body(body.repeat(143));
    if let Ok(answer) = request.send().await {
        assert_eq!(answer.status(), 413);
    }
    stage.text(PHONE, "still here").await;
    assert_eq!(stage.accepted().await, 1);
}

#[tokio::test]
async fn the_ledger_has_every_accepted_text_in_order() {
    let stage = Stage::start().await;
    let mut sids = Vec::new();
    for turn in 0..5 {
        sids.push(stage.text(PHONE, &format!("text {turn}")).await["sid"].clone());
        stage.send(&[("To", "nope"), ("From", OURS), ("Body", "refused, so not in it")]).await;
        stage.reply(PHONE, "inbound, so not in it").await;
    }
    let ledger = stage.get(&format!("{GATEWAY}/messages?after=0")).await;
    let items = ledger["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| item["sid"].clone()).collect::<Vec<Value>>(), sids);
    let positions: Vec<u64> = items.iter().map(|item| item["position"].as_u64().unwrap()).collect();
    assert_eq!(positions, [1, 2, 3, 4, 5]);
    assert_eq!((&ledger["last_position"], &ledger["first_position"]), (&json!(5), &json!(1)));
    let rest = stage.get(&format!("{GATEWAY}/messages?after=3&limit=1")).await;
    assert_eq!((&rest["items"][0]["position"], rest["items"].as_array().unwrap().len()), (&json!(4), 1));
}

#[tokio::test]
async fn a_full_queue_refuses_by_21611() {
    let stage = Stage::with(|settings| settings.in_flight = 2).await;
    stage.behave(PHONE, json!({ "receive": false })).await;
    stage.text(PHONE, "waits").await;
    stage.text(PHONE, "waits").await;
    let answer = stage.send(&[("To", PHONE), ("From", OURS), ("Body", "x")]).await;
    assert_refused(&answer, 429, 21_611);
}

#[tokio::test]
async fn accounts_are_kept_apart() {
    let second = simulators::Account {
        name: "second".to_owned(),
        sid: "AC2".to_owned(),
        auth_token: "other".to_owned(),
        numbers: vec!["+12025550101".to_owned()],
        ..simulators::Account::default()
    };
    let stage = Stage::with(|settings| settings.accounts.push(second)).await;
    let sent = stage.text(PHONE, "from the first").await;
    let url = stage.url(&format!("/2010-04-01/Accounts/AC2/Messages/{}.json", sent["sid"].as_str().unwrap()));
    let foreign = Answer::of(stage.client.get(&url).basic_auth("AC2", Some("other"))).await;
    assert_refused(&foreign, 404, 20_404);
    assert_refused(&Answer::of(stage.client.get(&url).basic_auth(SID, Some(TOKEN))).await, 401, 20_003);
    assert_eq!(stage.get("/sim/v1/gateways/second").await["accepted"], 0);
}
