//! Rules that reach over more than one request: blocks, fraud, rungs that were left, PINs that must be changed.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;

const ALICE: &str = "+12025550142";
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn hotp(counter: u64) -> String {
    engine::oath::hotp::code(b"12345678901234567890", counter, 6, engine::oath::Algorithm::Sha1)
}

async fn settings(stage: &Stage, settings: Value) {
    let (status, answer) = stage.call(Method::PUT, "/v1/settings", Some(settings)).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_ends_with_a_block_and_with_the_person() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let started = stage.begin("alice").await;
    let code = stage.code(ALICE, 0).await;
    stage.post("/v1/users/name:alice/block", json!({ "reason": "phone stolen" })).await;
    let ended = stage.end(&started, 5).await;
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("denied"), &json!("blocked")));
    stage.reply(ALICE, &code).await;
    assert_eq!(stage.look(&started).await, ended);

    for (how, reason) in [(Some(json!({ "enabled": false })), "user_disabled"), (None, "user_unknown")] {
        let name = format!("bob{reason}");
        stage
            .person(&name, if reason == "user_unknown" { "+12025550143" } else { "+12025550144" }, "two_way_otp")
            .await;
        let started = stage.begin(&name).await;
        let method = if how.is_some() { Method::PATCH } else { Method::DELETE };
        let (status, answer) = stage.call(method, &format!("/v1/users/name:{name}"), how).await;
        assert!((200..300).contains(&status), "{answer}");
        assert_eq!(stage.end(&started, 5).await["reason"], reason);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_fraud_report_ends_what_else_is_open() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    stage
        .post(
            "/v1/users/name:alice/tokens",
            json!({ "serial": "1", "secret": SECRET, "settings": { "kind": "hotp" }, "code": hotp(0) }),
        )
        .await;
    let text = stage.begin("alice").await;
    let code = stage.code(ALICE, 0).await;
    stage.reply(ALICE, &code).await;
    assert_eq!(stage.end(&text, 5).await["reason"], "sms_ok");
    let other = stage
        .post("/v1/verifications", json!({ "user": "alice", "application": "mail", "method": "oath", "mode": "code" }))
        .await;
    stage.reply(ALICE, "FRAUD").await;
    assert_eq!(stage.end(&other, 5).await["reason"], "fraud_elsewhere");
    assert_eq!(stage.begin("alice").await["reason"], "blocked");
    assert!(stage.timeline(&text).await.contains(&"fraud_reported_after_the_end".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_fraud_cannot_be_reported_the_word_is_a_wrong_try() {
    let stage = Stage::start().await;
    settings(&stage, json!({ "fraud": { "enabled": false } })).await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let started = stage.begin("alice").await;
    stage.code(ALICE, 0).await;
    stage.reply(ALICE, "FRAUD").await;
    assert_eq!(stage.look(&started).await["attempts_left"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_rung_that_was_left_is_no_try_of_the_next() {
    let stage = Stage::start().await;
    settings(&stage, json!({ "fallback": { "text_seconds": 30 }, "lockout": { "denials": 3 } })).await;
    stage.person("alice", ALICE, "two_way_otp").await;
    stage
        .post(
            "/v1/users/name:alice/tokens",
            json!({ "serial": "1", "secret": SECRET, "settings": { "kind": "hotp" }, "code": hotp(0) }),
        )
        .await;
    stage.faults(json!({ "errors": [{ "probability": 1.0, "status": 400, "code": 21612 }] })).await;
    let plan = json!([{ "method": "sms", "mode": "two_way_otp" }, { "method": "oath", "mode": "code" }]);
    let started = stage.post("/v1/verifications", json!({ "user": "alice", "application": "vpn", "plan": plan })).await;
    stage.until(&started, "code_awaited").await;
    let before = stage.look(&started).await;
    assert_eq!((&before["method"], &before["attempts_left"]), (&json!("oath"), &json!(5)));
    stage.reply(ALICE, &hotp(1)).await;
    assert_eq!(stage.look(&started).await, before, "a token's code is typed, not texted");
    let check = format!("/v1/verifications/{}/check", started["id"].as_str().unwrap());
    assert_eq!(stage.post(&check, json!({ "code": hotp(1) })).await["reason"], "oath_fallback_ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_a_new_number_made_weak_must_be_changed_by_who_may() {
    let stage = Stage::start().await;
    stage.person("alice", "+12025550150", "two_way_otp_pin").await;
    let phone = "+12025802580";
    let ended = async |may_change: bool, before: usize| {
        let change = json!({ "user_can_change_pin": may_change });
        assert_eq!(stage.call(Method::PATCH, "/v1/users/name:alice", Some(change)).await.0, 200);
        let started = stage.begin("alice").await;
        let code = stage.code(phone, before).await;
        stage.reply(phone, &format!("{code}2580")).await;
        stage.end(&started, 5).await["reason"].clone()
    };
    assert_eq!(stage.call(Method::PUT, "/v1/users/name:alice/phones", Some(json!({ "phone": phone }))).await.0, 200);
    settings(&stage, json!({ "portal": { "url": "https://mfa.example.com/?a=1&b=2" }, "velocity": { "number": { "gap_seconds": 0, "per_hour": 0, "per_day": 0 } } })).await;
    assert_eq!(ended(true, 0).await, "pin_change_required");
    assert_eq!(stage.texts(phone).await.last().unwrap(), "Change your PIN first: https://mfa.example.com/?a=1&b=2");
    assert_eq!(ended(false, 2).await, "sms_ok");
    let (status, problem) = stage
        .call(Method::PUT, "/v1/users/name:alice/pin", Some(json!({ "pin": "9184", "change_required": true })))
        .await;
    assert_eq!(status, 422);
    assert!(problem["detail"].as_str().unwrap().contains("may not change"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn very_wide_trusted_addresses_need_their_confirmation_in_the_settings_too() {
    let stage = Stage::start().await;
    let wide = json!({ "applications": { "vpn": { "trusted_ips": ["0.0.0.0/0"] } } });
    let (status, problem) = stage.call(Method::PUT, "/v1/settings", Some(wide.clone())).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("invalid_settings")), "{problem}");
    stage.post("/v1/trusted_ips", json!({ "application": "vpn", "entry": "0.0.0.0/0", "wide": true })).await;
    settings(&stage, wide).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bypass_is_used_once_serves_who_asks_twice_and_is_remembered() {
    let stage = Stage::start().await;
    settings(&stage, json!({ "cache": [{ "type": "user_application", "seconds": 60 }] })).await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let bypasses = "/v1/users/name:alice/bypasses";
    for reason in ["phone lost", "phone lost again"] {
        stage.post(bypasses, json!({ "reason": reason })).await;
    }
    assert_eq!(stage.begin("alice").await["reason"], "bypass");
    assert_eq!(stage.begin("alice").await["reason"], "cached", "a VPN client asks twice");
    let other = stage.post("/v1/verifications", json!({ "user": "alice", "application": "mail" })).await;
    assert_eq!(other["status"], "pending", "once is once");
    let kept = stage.get(bypasses).await["items"].clone();
    assert_eq!(
        (&kept[0]["how"], &kept[1]["how"], &kept[1]["application"]),
        (&json!("replaced"), &json!("used"), &json!("vpn"))
    );
    assert_eq!(stage.call(Method::POST, bypasses, Some(json!({ "reason": " " }))).await.0, 422);
}
