//! Logins that a rule let in: what they may not do, and what they do only by what is verified live.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use engine::oath::{Algorithm, hotp};
use serde_json::json;
use stage::Stage;
use stage::visitor::Visitor;

const OLD: &str = "+12025550131";
const NEW: &str = "+12025550132";

/// Alice, whom her address lets in.
async fn weak() -> (Stage, Visitor) {
    let stage = Stage::with_alice(OLD, json!({ "allow_bypass": true, "allow_select_method": true })).await;
    let token = json!({ "serial": "1", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "settings": { "kind": "hotp" },
        "code": hotp::code(b"12345678901234567890", 0, 6, Algorithm::Sha1) });
    stage.post("/v1/users/name:alice/tokens", token).await;
    stage.post("/v1/trusted_ips", json!({ "application": "User Portal", "entry": "127.0.0.1" })).await;
    let alice = Visitor::signing_in(&stage, "alice").await;
    alice.is_at("/account", "without a check that it was you");
    (stage, alice)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_login_removes_no_token_and_starts_no_bypass() {
    let (stage, mut alice) = weak().await;
    alice.get("/account/token").await;
    let token = alice.page.split("option value=\"tok_").nth(1).unwrap().split('"').next().unwrap().to_owned();
    alice.post("/account/token", &[("do", "remove"), ("token", &format!("tok_{token}"))]).await;
    alice.is_at("/account/token", "sign in with a check that it is you");
    let tokens = stage.get("/v1/users/name:alice/tokens").await;
    let counting = tokens["items"].as_array().unwrap().iter().filter(|token| token["activated"] == true).count();
    assert_eq!(counting, 1, "{tokens}");
    alice.get("/account/bypass").await;
    alice.post("/account/bypass", &[("do", "start")]).await;
    assert_eq!(stage.get("/v1/users/name:alice/bypasses").await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_login_changes_the_phone_and_the_method_by_what_is_verified_live() {
    let (stage, mut alice) = weak().await;
    alice.get("/account/phone").await;
    alice.post("/account/phone", &[("country", "1"), ("phone", NEW)]).await;
    alice.is_at("/verify", "ending in 32");
    let phone = async || stage.get("/v1/users/name:alice").await["phone"]["number"].clone();
    assert_eq!(phone().await, OLD);
    let code = stage.code(NEW, 0).await;
    stage.reply(NEW, &code).await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/account", "ending in 32");
    assert_eq!(phone().await, NEW);
    alice.get("/account/method").await;
    alice.post("/account/method", &[("method", "oath")]).await;
    alice.is_at("/verify/code", "app shows now");
    assert_eq!(stage.get("/v1/users/name:alice").await["method"], "sms");
    let code = hotp::code(b"12345678901234567890", 1, 6, Algorithm::Sha1);
    alice.post("/verify/code", &[("code", &code)]).await;
    assert_eq!(stage.get("/v1/users/name:alice").await["method"], "oath");
    alice.is_at("/account", "without a check that it was you");
}
