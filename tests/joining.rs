//! A sign-in that asks twice while the first is still open: one text, one outcome, and each with its own patience.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::{Stage, answered};

const ALICE: &str = "+12025550142";

/// Starts from one address, with a wait.
async fn start(stage: &Stage, ttl_seconds: u32, wait: u32, key: Option<&str>) -> Value {
    let body = json!({ "user": "alice", "application": "vpn", "client_ip": "192.0.2.7", "ttl_seconds": ttl_seconds });
    let mut request = stage.request(Method::POST, "/v1/verifications").json(&body);
    if wait > 0 {
        request = request.header("Prefer", format!("wait={wait}"));
    }
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let (status, answer) = answered(request).await;
    assert_eq!(status, 201, "{answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_with_less_patience_hears_a_timeout_and_the_verification_runs_on() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let first = start(&stage, 60, 0, None).await;
    let code = stage.code(ALICE, 0).await;

    let hasty = start(&stage, 1, 10, Some("hasty")).await;
    assert_eq!((&hasty["id"], &hasty["status"]), (&first["id"], &json!("failed")), "{hasty}");
    assert_eq!((&hasty["reason"], &hasty["status_code"]), (&json!("timeout"), &json!(144)));
    assert_eq!(hasty["expires_at"], hasty["settled_at"]);
    assert_eq!(start(&stage, 1, 0, Some("hasty")).await, hasty, "the same request hears the same");
    assert_eq!(stage.look(&first).await["status"], "pending");

    let (patient, _) = tokio::join!(start(&stage, 60, 10, None), stage.reply(ALICE, &code));
    assert_eq!((&patient["id"], &patient["reason"]), (&first["id"], &json!("sms_ok")));
    assert_eq!(stage.texts(ALICE).await.len(), 1);
    let feed = stage.get("/v1/outcomes").await;
    assert_eq!(feed["items"].as_array().unwrap().len(), 1, "one outcome");
    assert_eq!(feed["items"][0]["status"], "verified");
}
