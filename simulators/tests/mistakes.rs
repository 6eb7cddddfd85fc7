//! Stories of mistakes: everything the control API can be sent wrongly, with the problem (RFC 9457) that answers it.
//! They hold that what is refused changes nothing.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::{Answer, GATEWAY, OURS, PHONE, Stage};

#[tokio::test]
async fn broken_behaviours_are_refused_and_change_nothing() {
    let stage = Stage::start().await;
    let own = format!("/sim/v1/phones/{PHONE}/behaviour");
    let long = "x".repeat(1_601);
    let wrong = [
        json!({ "replyy": "x" }),
        json!({ "reply": "" }),
        json!({ "reply": long }),
        json!({ "reply": 5 }),
        json!({ "reply": "{pin}" }),
        json!({ "pin": "" }),
        json!({ "pin": "12a4" }),
        json!({ "pin": "1".repeat(33) }),
        json!({ "after_ms": -1 }),
        json!({ "after_ms": 3_600_001 }),
        json!({ "jitter_ms": 3_600_001 }),
        json!({ "times": 101 }),
        json!({ "wrong_first": 21 }),
        json!({ "receive": "no" }),
        json!({ "delivery_error": 3 }),
        json!({ "delivery_error": 100_000 }),
        json!({ "on_call": "sing" }),
        json!({ "keys": "12x" }),
        json!({ "keys": ["1", ""] }),
        json!({ "keys": "{pin}" }),
        json!({ "keys": 12 }),
        json!({ "key_style": "morse" }),
        json!({ "extension": "" }),
        json!({ "hang_up": "never" }),
        json!({ "hold": { "after_ms": 1 } }),
        json!({ "answer_after_ms": 3_600_001 }),
        json!([]),
        json!(null),
    ];
    for path in [own.as_str(), "/sim/v1/behaviour"] {
        for body in &wrong {
            stage::assert_problem(&stage.call(Method::PUT, path, Some(body.clone())).await, 400, "invalid_request");
        }
    }
    assert_eq!(stage.get("/sim/v1/phones").await["total"], 0);
    assert_eq!(stage.get("/sim/v1/behaviour").await["reply"], Value::Null);
}

#[tokio::test]
async fn broken_faults_are_refused_and_change_nothing() {
    let stage = Stage::start().await;
    let many: Vec<Value> = (0..33).map(|_| json!({ "probability": 0.0 })).collect();
    let wrong = [
        json!({ "silence": 2 }),
        json!({ "silence": -0.1 }),
        json!({ "accept_then_silence": 1.01 }),
        json!({ "duplicate_callbacks": "often" }),
        json!({ "lost_receipts": null }),
        json!({ "throttle_per_second": 0 }),
        json!({ "throttle_per_second": -1 }),
        json!({ "delay_ms": 3_600_001 }),
        json!({ "refuse_connections": 1 }),
        json!({ "errors": [{ "probability": 1.5 }] }),
        json!({ "errors": [{ "probability": 0.6 }, { "probability": 0.6 }] }),
        json!({ "errors": [{ "probability": 1, "status": 200 }] }),
        json!({ "errors": [{ "probability": 1, "status": 600 }] }),
        json!({ "errors": [{ "probability": 1, "body": "xml" }] }),
        json!({ "errors": [{ "status": 500 }] }),
        json!({ "errors": many }),
        json!({ "unknown": 1 }),
    ];
    for body in wrong {
        let answer = stage.call(Method::PUT, &format!("{GATEWAY}/faults"), Some(body)).await;
        stage::assert_problem(&answer, 400, "invalid_request");
    }
    stage.text(PHONE, "nothing goes wrong").await;
}

#[tokio::test]
async fn broken_replies_are_refused() {
    let stage = Stage::start().await;
    let path = format!("/sim/v1/phones/{PHONE}/reply");
    let nobody = stage.call(Method::POST, &path, Some(json!({ "body": "x" }))).await;
    stage::assert_problem(&nobody, 409, "no_sender");
    let wrong = [
        json!({}),
        json!({ "body": "" }),
        json!({ "body": "x".repeat(1_601) }),
        json!({ "body": "x", "to": "nope" }),
        json!({ "body": "x", "to": "+12025550199" }),
        json!({ "body": "x", "form": OURS }),
    ];
    for body in wrong {
        stage::assert_problem(&stage.call(Method::POST, &path, Some(body)).await, 400, "invalid_request");
    }
    let addressed = stage.call(Method::POST, &path, Some(json!({ "body": "x", "to": OURS }))).await;
    assert_eq!(addressed.status, 202);
}

#[tokio::test]
async fn broken_numbers_queries_and_urls_are_refused() {
    let stage = Stage::start().await;
    for path in [
        "/sim/v1/phones/nope",
        "/sim/v1/phones/+0123456789",
        "/sim/v1/phones/+1234567890123456",
        "/sim/v1/phones?limit=many",
        "/sim/v1/phones?limit=-1",
        "/sim/v1/phones?color=red",
        "/sim/v1/gateways/sms/messages?after=x",
        "/sim/v1/gateways/sms/messages?before=1",
    ] {
        stage::assert_problem(&stage.call(Method::GET, path, None).await, 400, "invalid_request");
    }
    let deleted = stage.call(Method::DELETE, "/sim/v1/phones/nope/behaviour", None).await;
    stage::assert_problem(&deleted, 400, "invalid_request");
    for url in [json!("ftp://127.0.0.1/"), json!("/relative"), json!("http://"), json!(7)] {
        let answer = stage.call(Method::PUT, &format!("{GATEWAY}/sms_url"), Some(json!({ "url": url }))).await;
        stage::assert_problem(&answer, 400, "invalid_request");
    }
    let none = stage.put(&format!("{GATEWAY}/sms_url"), json!({ "url": null })).await;
    assert_eq!(none["sms_url"], Value::Null);
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let stage = Stage::start().await;
    let missing = [
        (Method::GET, "/sim/v1/gateways/none"),
        (Method::GET, "/sim/v1/gateways/none/faults"),
        (Method::GET, "/sim/v1/gateways/none/messages"),
        (Method::GET, "/sim/v1/nothing"),
        (Method::DELETE, "/sim/v1/gateways"),
        (Method::GET, "/sim/v1/reset"),
    ];
    for (method, path) in missing {
        stage::assert_problem(&stage.call(method, path, None).await, 404, "not_found");
    }
    for (path, body) in [("faults", json!({})), ("sms_url", json!({ "url": null }))] {
        let answer = stage.call(Method::PUT, &format!("/sim/v1/gateways/none/{path}"), Some(body)).await;
        stage::assert_problem(&answer, 404, "not_found");
    }
}

#[tokio::test]
async fn a_body_must_be_json_and_short() {
    let stage = Stage::start().await;
    for path in ["/sim/v1/behaviour", "/sim/v1/gateways/sms/faults", "/sim/v1/gateways/sms/sms_url"] {
        let put = || stage.client.put(stage.url(path));
        stage::assert_problem(&Answer::of(put().body("{}")).await, 415, "unsupported_media_type");
        let form = put().form(&[("reply", "x")]);
        stage::assert_problem(&Answer::of(form).await, 415, "unsupported_media_type");
        let json = || put().header("content-type", "application/json");
        stage::assert_problem(&Answer::of(json().body("{")).await, 400, "invalid_request");
        stage::assert_problem(&Answer::of(json().body("")).await, 400, "invalid_request");
        stage::assert_problem(&Answer::of(json().body(vec![0xff; 4])).await, 400, "invalid_request");
        let large = json().body(format!("{{\"reply\":\"{}\"}}", "x".repeat(70_000)));
        stage::assert_problem(&Answer::of(large).await, 413, "too_large");
    }
}
