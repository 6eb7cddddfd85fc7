//! Idempotency keys of a batch: looked up together, and still one verification for each key.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;

/// The id of each verification, or the code of its problem.
async fn batch(stage: &Stage, verifications: Value) -> Vec<String> {
    let request = stage.request(Method::POST, "/v1/verifications/batch");
    let answer = request.json(&json!({ "verifications": verifications })).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.unwrap();
    let said =
        |item: &Value| item["verification"]["id"].as_str().or(item["problem"]["code"].as_str()).unwrap().to_owned();
    answer["items"].as_array().unwrap().iter().map(said).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_verification_within_a_batch_and_between_batches() {
    let stage = Stage::start().await;
    stage.person("alice", "+12025550123", "two_way_otp").await;
    stage.person("bob", "+12025550124", "two_way_otp").await;
    let one = |user: &str, application: &str, key: &str| json!({ "user": user, "application": application, "idempotency_key": key });
    let first =
        batch(&stage, json!([one("alice", "vpn", "a"), one("bob", "vpn", "b"), one("alice", "vpn", "a")])).await;
    assert!(first.iter().all(|item| item.starts_with("ver_")), "{first:?}");
    assert_eq!(first[0], first[2], "the same key twice in one batch");
    assert_ne!(first[0], first[1]);
    let again =
        batch(&stage, json!([one("bob", "vpn", "b"), 7, one("alice", "vpn", "a"), one("alice", "mail", "a")])).await;
    assert_eq!((&again[0], &again[2]), (&first[1], &first[0]), "the same key in another batch");
    assert_eq!(again[1], "invalid_request");
    assert_eq!(again[3], "idempotency_key_reused", "the same key for another request");
}
