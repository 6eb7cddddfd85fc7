//! Texts, as stories: from the API through the gateway to the phone and back.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::json;
use stage::Stage;

const ALICE: &str = "+12025550121";
const BOB: &str = "+12025550122";

#[tokio::test(flavor = "multi_thread")]
async fn a_two_way_text_with_pin_is_verified_while_the_caller_waits() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp_pin").await;
    stage.behave(ALICE, json!({ "reply": "{otp}{pin}", "pin": "2580", "after_ms": 20 })).await;
    let start = json!({ "user": "ALICE", "application": "vpn", "metadata": { "ticket": 7 } });
    let request = stage.request(Method::POST, "/v1/verifications").header("Prefer", "wait=20").json(&start);
    let (status, ended) = stage::answered(request).await;
    assert_eq!(status, 201);
    assert_eq!((ended["status"].as_str(), ended["reason"].as_str()), (Some("verified"), Some("sms_ok")));
    assert_eq!((ended["status_code"].as_u64(), &ended["metadata"]), (Some(19), &json!({ "ticket": 7 })));
    let feed = stage.get("/v1/outcomes").await;
    assert_eq!(feed["items"][0]["id"], ended["id"]);
    let words = stage.timeline(&ended).await;
    for word in ["started", "queued", "sending", "code_right", "settled"] {
        assert!(words.iter().any(|found| found == word), "{word} in {words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_are_read_as_people_write_them_and_wrong_ones_are_counted() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let spaced: fn(&str) -> String = |code| format!(" {} {} ", &code[..3], &code[3..]);
    let wide = |code: &str| code.chars().map(|c| char::from_u32(c as u32 - 0x30 + 0xFF10).unwrap()).collect::<String>();
    let forms = [spaced, wide, |code| format!("Code: {code}!")];
    for (texts, form) in forms.iter().enumerate() {
        let started = stage.begin("alice").await;
        let code = stage.code(ALICE, texts).await;
        stage.reply(ALICE, &form(&code)).await;
        assert_eq!(stage.end(&started, 5).await["reason"], "sms_ok");
    }
    let started = stage.begin("alice").await;
    let code = stage.code(ALICE, forms.len()).await;
    for wrong in 0..5 {
        assert_eq!(stage.look(&started).await["attempts_left"], 5 - wrong);
        stage.reply(ALICE, if code == "000000" { "111111" } else { "000000" }).await;
    }
    let ended = stage.end(&started, 5).await;
    assert_eq!((ended["status"].as_str(), ended["reason"].as_str()), (Some("denied"), Some("sms_code_wrong")));
    stage.reply(ALICE, &code).await;
    assert_eq!(stage.look(&started).await["reason"], "sms_code_wrong");
    assert!(stage.timeline(&started).await.contains(&"reply_with_nothing_open".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_way_text_is_checked_in_the_application() {
    let stage = Stage::start().await;
    stage.person("bob", BOB, "one_way_otp_pin").await;
    let started = stage.begin("bob").await;
    let code = stage.code(BOB, 0).await;
    let check = format!("/v1/verifications/{}/check", started["id"].as_str().unwrap());
    let wrong = stage.post(&check, json!({ "code": format!("{code}9999") })).await;
    assert_eq!((wrong["status"].as_str(), wrong["attempts_left"].as_u64()), (Some("pending"), Some(2)));
    let right = stage.post(&check, json!({ "code": format!("{code} 2580") })).await;
    assert_eq!(right["reason"], "sms_ok");
    let (status, problem) = stage.call(Method::POST, &check, Some(json!({ "code": code }))).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("settled")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_at_one_phone_are_told_apart_by_their_codes() {
    let stage = Stage::start().await;
    let no_gap = json!({ "velocity": {
        "number": { "gap_seconds": 0, "per_hour": 5, "per_day": 10 }, "user": { "gap_seconds": 0, "per_hour": 0, "per_day": 10 }
    } });
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(no_gap)).await.0, 200);
    stage.person("alice", ALICE, "two_way_otp").await;
    stage.person("anna", ALICE, "two_way_otp").await;
    let first = stage.begin("alice").await;
    stage.code(ALICE, 0).await;
    let second = stage.begin("anna").await;
    let code = stage.code(ALICE, 1).await;
    stage.reply(ALICE, &code).await;
    assert_eq!(stage.end(&second, 5).await["reason"], "sms_ok");
    assert_eq!(stage.look(&first).await["status"], "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn fraud_by_text_ends_blocks_and_stop_ends_texting() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let started = stage.begin("alice").await;
    stage.code(ALICE, 0).await;
    stage.reply(ALICE, "Fraud").await;
    assert_eq!(stage.end(&started, 5).await["reason"], "fraud_reported");
    assert_eq!(stage.begin("alice").await["reason"], "blocked");
    stage.person("bob", BOB, "two_way_otp").await;
    stage.reply(BOB, "STOP").await;
    assert_eq!(stage.end(&stage.begin("bob").await, 5).await["reason"], "sms_not_sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_log_or_the_store() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp_pin").await;
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    stage.post("/v1/users/name:alice/tokens", json!({ "serial": "1", "secret": secret })).await;
    let started = stage.begin("alice").await;
    let code = stage.code(ALICE, 0).await;
    stage.reply(ALICE, &format!("{code}2580")).await;
    assert_eq!(stage.end(&started, 5).await["reason"], "sms_ok");
    let log = stage.log();
    let mut store = std::fs::read(stage.home().join("countersign.db")).unwrap();
    store.extend(std::fs::read(stage.home().join("countersign.db-wal")).unwrap_or_default());
    let key = stage.key.trim().to_owned();
    let sealed =
        ["12345678901234567890".to_owned(), secret.to_owned(), stage::TOKEN.to_owned(), key, format!("{code}2580")];
    for secret in sealed.iter().chain([&code]) {
        assert!(!log.contains(secret.as_str()), "a secret is in the log");
        assert!(!store.windows(secret.len()).any(|part| part == secret.as_bytes()), "a secret is in the store");
    }
    assert!(log.contains("timeline"), "the log of a verification is there");
}
