//! Stories of what goes wrong on purpose: each fault as a sender meets it, and the seed that decides.
//! They hold that a fault touches only what it names: what was not accepted is nowhere, the control API answers all the time.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use std::io::ErrorKind;

use serde_json::{Value, json};
use stage::{GATEWAY, OURS, PHONE, Stage, TOKEN, wire};
use tokio::net::TcpStream;
use tokio::time::Instant;

const FORM: [(&str, &str); 3] = [("To", PHONE), ("From", OURS), ("Body", "f")];

#[tokio::test]
async fn refusals_have_the_status_and_body_asked_for() {
    let stage = Stage::start().await;
    for body in ["json", "html", "empty", "broken"] {
        stage.faults(json!({ "errors": [{ "probability": 1.0, "status": 503, "code": 20_503, "body": body }] })).await;
        let answer = stage.send(&FORM).await;
        let (kind, text) = (answer.header("content-type"), answer.text.as_str());
        let as_told = match body {
            "json" => kind == "application/json" && answer.json()["code"] == 20_503 && answer.json()["status"] == 503,
            "html" => kind.starts_with("text/html") && text.starts_with("<html") && text.ends_with("</html>"),
            "empty" => text.is_empty(),
            _ => kind == "application/json" && text.starts_with('{') && serde_json::from_str::<Value>(text).is_err(),
        };
        assert!(answer.status == 503 && as_told, "{body}: {answer:?}");
    }
    let gateway = stage.settled().await;
    assert_eq!((&gateway["accepted"], &gateway["refused"]), (&json!(0), &json!({ "20503": 4 })));
    assert!(stage.texts(PHONE).await.is_empty());
}

#[tokio::test]
async fn the_providers_codes_can_be_had() {
    let stage = Stage::start().await;
    for (status, code) in [(400, 21_614), (400, 21_408), (403, 60_605), (400, 30_450), (401, 20_003), (500, 20_500)] {
        stage.faults(json!({ "errors": [{ "probability": 1, "status": status, "code": code }] })).await;
        let answer = stage.send(&FORM).await;
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)));
    }
}

#[tokio::test]
async fn probabilities_add_up() {
    let stage = Stage::start().await;
    let errors = json!([{ "probability": 0.5, "status": 500 }, { "probability": 0.5, "status": 502 }]);
    stage.faults(json!({ "errors": errors })).await;
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(stage.send(&FORM).await.status);
    }
    assert!(statuses.contains(&500) && statuses.contains(&502), "{statuses:?}");
    assert!(statuses.iter().all(|status| *status != 201), "{statuses:?}");
}

#[tokio::test]
async fn throttled_sends_get_429_and_when_to_come_again() {
    let stage = Stage::start().await;
    stage.faults(json!({ "throttle_per_second": 2 })).await;
    let mut admitted = 0;
    let throttled = loop {
        let answer = stage.send(&FORM).await;
        if answer.status != 201 {
            break answer;
        }
        admitted += 1;
        assert!(admitted < 100, "nothing is throttled");
    };
    assert!(admitted >= 2, "{admitted}");
    assert_eq!((throttled.status, throttled.header("retry-after")), (429, "1"));
    assert_eq!(throttled.json()["code"], 20_429);
    assert_eq!(stage.accepted().await, admitted);
    stage.faults(json!({})).await;
    stage.text(PHONE, "free again").await;
}

#[tokio::test]
async fn a_delayed_answer_does_not_hold_up_the_text() {
    let stage = Stage::start().await;
    stage.faults(json!({ "delay_ms": 2_000 })).await;
    let start = Instant::now();
    let at_the_phone = format!("/sim/v1/phones/{PHONE}");
    let arrives = stage.until(&at_the_phone, |phone| phone["texts"][0]["body"] == "f");
    let mut sending = std::pin::pin!(stage.send(&FORM));
    tokio::select! {
        _ = &mut sending => panic!("the text came only with the answer"),
        // The control API is not delayed.
        _ = arrives => {}
    }
    assert_eq!(sending.await.status, 201);
    assert!(start.elapsed().as_millis() >= 2_000);
    stage.faults(json!({ "delay_ms": 200 })).await;
    let start = Instant::now();
    assert_eq!(stage.list(&[]).await.status, 200);
    assert!(start.elapsed().as_millis() >= 200, "lookups are delayed too");
}

#[tokio::test]
async fn silence_is_not_accepted_and_ends_without_a_byte() {
    let stage = Stage::with(|settings| settings.silence_ms = 200).await;
    stage.faults(json!({ "silence": 1.0 })).await;
    let start = Instant::now();
    let read = wire::exchange(stage.simulators.url(), &wire::send(PHONE, "x", false)).await;
    assert_eq!(read.unwrap_or_default(), "");
    assert!(start.elapsed().as_millis() >= 200, "it was dropped at once");
    let gateway = stage.settled().await;
    assert_eq!((&gateway["accepted"], &gateway["silenced"]), (&json!(0), &json!(1)));
    assert!(stage.texts(PHONE).await.is_empty());
}

#[tokio::test]
async fn silence_after_acceptance_reaches_the_phone() {
    let stage = Stage::with(|settings| settings.silence_ms = 50).await;
    stage.faults(json!({ "accept_then_silence": 1.0 })).await;
    let read = wire::exchange(stage.simulators.url(), &wire::send(PHONE, "ambiguous", false)).await;
    assert_eq!(read.unwrap_or_default(), "");
    let gateway = stage.settled().await;
    assert_eq!((&gateway["accepted"], &gateway["silenced"]), (&json!(1), &json!(1)));
    assert_eq!(stage.texts(PHONE).await, [("in".to_owned(), "ambiguous".to_owned())]);
    // As a sender should find out.
    let found = stage.list(&[("To", PHONE)]).await.json();
    assert_eq!(found["messages"][0]["body"], "ambiguous");
}

#[tokio::test]
async fn lost_receipts_are_counted_and_not_posted() {
    let stage = Stage::start().await;
    stage.faults(json!({ "lost_receipts": 1.0 })).await;
    let sent = stage.text_with_receipts(PHONE, "x").await;
    let gateway = stage.settled().await;
    assert_eq!(gateway["callbacks"], json!({ "sent": 0, "failed": 0, "lost": 2 }));
    assert!(stage.receiver.unread().await.is_none());
    assert_eq!(stage.look(&sent["sid"]).await.json()["status"], "delivered");
}

#[tokio::test]
async fn duplicates_are_the_same_post_twice() {
    let stage = Stage::start().await;
    stage.faults(json!({ "duplicate_callbacks": 1.0 })).await;
    stage.text_with_receipts(PHONE, "x").await;
    let posts = stage.receiver.next_few(4).await;
    let statuses: Vec<_> = posts.iter().map(|post| post.get("MessageStatus")).collect();
    assert_eq!(statuses, ["sent", "sent", "delivered", "delivered"]);
    assert_eq!(posts[0].idempotency_token(), posts[1].idempotency_token());
    assert_eq!(posts[2].form, posts[3].form);
    assert!(posts.iter().all(|post| post.is_signed_with(TOKEN)));
    stage.reply(PHONE, "hi").await;
    let replies = stage.receiver.next_few(2).await;
    assert_eq!(replies[0].get("MessageSid"), replies[1].get("MessageSid"));
    stage.settled().await;
    assert!(stage.receiver.unread().await.is_none());
}

#[tokio::test]
async fn a_dead_gateway_refuses_connections_at_its_own_address() {
    let stage = Stage::start().await;
    let own = stage.simulators.gateway_url("sms").unwrap();
    assert_eq!(stage.get(GATEWAY).await["url"], own);
    let answer = wire::exchange(&own, &wire::send(PHONE, "alive", true)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let kept = TcpStream::connect(wire::authority(&own)).await.unwrap();
    for _ in 0..3 {
        stage.faults(json!({ "refuse_connections": true })).await;
        let refused = TcpStream::connect(wire::authority(&own)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "{refused}");
        stage.faults(json!({})).await;
        let answer = wire::exchange(&own, &wire::send(PHONE, "alive again", true)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    }
    // Connections of before were closed with the gateway.
    kept.readable().await.unwrap();
    assert_eq!(kept.try_read(&mut [0; 1]).unwrap_or(0), 0);
    assert_eq!(stage.accepted().await, 4);
}

#[tokio::test]
async fn a_dead_gateway_does_not_answer_at_the_shared_address() {
    let stage = Stage::start().await;
    stage.faults(json!({ "refuse_connections": true })).await;
    for request in [wire::send(PHONE, "x", false), wire::send(PHONE, "x", true)] {
        assert_eq!(wire::exchange(stage.simulators.url(), &request).await.unwrap_or_default(), "");
    }
    let gateway = stage.get(GATEWAY).await;
    assert_eq!((&gateway["accepted"], &gateway["faults"]["refuse_connections"]), (&json!(0), &json!(true)));
}

#[tokio::test]
async fn what_a_dead_gateway_took_before_is_still_delivered() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "reply": "{otp}", "after_ms": 100 })).await;
    let own = stage.simulators.gateway_url("sms").unwrap();
    wire::exchange(&own, &wire::send(PHONE, "code 123456", true)).await.unwrap();
    stage.faults(json!({ "refuse_connections": true })).await;
    assert_eq!(stage.receiver.next().await.get("Body"), "123456");
}

#[tokio::test]
async fn a_reset_brings_a_dead_gateway_back() {
    let stage = Stage::start().await;
    stage.faults(json!({ "refuse_connections": true })).await;
    stage.reset().await;
    let own = stage.simulators.gateway_url(stage::SID).unwrap();
    assert!(wire::exchange(&own, &wire::send(PHONE, "x", true)).await.unwrap().starts_with("HTTP/1.1 201 "));
}

#[tokio::test]
async fn one_dead_gateway_leaves_the_others_alone() {
    let second = simulators::Account {
        name: "second".to_owned(),
        sid: "AC2".to_owned(),
        numbers: vec!["+12025550101".to_owned()],
        ..simulators::Account::default()
    };
    let stage = Stage::with(|settings| settings.accounts.push(second)).await;
    stage.put("/sim/v1/gateways/second/faults", json!({ "refuse_connections": true })).await;
    let dead = stage.simulators.gateway_url("second").unwrap();
    assert_eq!(TcpStream::connect(wire::authority(&dead)).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    let own = stage.simulators.gateway_url("sms").unwrap();
    assert!(wire::exchange(&own, &wire::send(PHONE, "x", true)).await.unwrap().starts_with("HTTP/1.1 201 "));
    assert_eq!(stage.simulators.gateway_url("third"), None);
}

#[tokio::test]
async fn faults_end_when_they_are_replaced() {
    let stage = Stage::start().await;
    stage.faults(json!({ "errors": [{ "probability": 1 }], "delay_ms": 1, "lost_receipts": 1 })).await;
    assert_eq!(stage.send(&FORM).await.status, 500);
    stage.faults(json!({ "lost_receipts": 0.5 })).await;
    let faults = stage.get(&format!("{GATEWAY}/faults")).await;
    assert_eq!(
        (&faults["errors"], &faults["delay_ms"], &faults["lost_receipts"]),
        (&json!([]), &json!(0), &json!(0.5))
    );
    stage.text(PHONE, "x").await;
}
