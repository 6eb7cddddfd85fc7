//! A source that causes texts which nobody answers: it is stopped, other sources are not, and a restart forgets nothing.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use std::process::Command;
use std::time::Duration;

const PEOPLE: [(&str, &str); 3] = [("alice", "+12025550142"), ("bob", "+12025550143"), ("carol", "+12025550144")];

async fn start(stage: &Stage, user: &str, client_ip: &str) -> Value {
    stage.post("/v1/verifications", json!({ "user": user, "application": "vpn", "client_ip": client_ip })).await
}

async fn limit(stage: &Stage, source: Value) {
    let settings = json!({ "velocity": { "source": source } });
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
}

/// Waits until the counts are in the store.
async fn counted(stage: &Stage, sources: u64) {
    for _ in 0..200 {
        let mut count = Command::new(stage::program());
        count.args(["--json", "store", "count", "--config", "countersign.toml"]);
        let count = count.current_dir(stage.home()).output().unwrap();
        let counts: Value = serde_json::from_slice(&count.stdout).unwrap();
        if counts["source"] == sources {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the counts of {sources} sources do not come into the store");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_stopped_until_one_of_its_texts_is_answered() {
    let mut stage = Stage::start().await;
    for (name, phone) in PEOPLE {
        stage.person(name, phone, "two_way_otp").await;
    }
    limit(&stage, json!({ "address_per_hour": 1 })).await;
    let first = start(&stage, "alice", "192.0.2.7").await;
    let code = stage.code(PEOPLE[0].1, 0).await;
    let second = start(&stage, "bob", "192.0.2.7").await;
    assert_eq!((&second["status"], &second["reason"]), (&json!("denied"), &json!("rate_limited")));
    assert!(stage.timeline(&second).await.contains(&"source_limited".to_owned()));
    assert_eq!(start(&stage, "bob", "192.0.2.8").await["status"], "pending", "another address is not concerned");

    counted(&stage, 3).await;
    stage.kill();
    stage.serve().await;
    assert_eq!(start(&stage, "carol", "192.0.2.7").await["reason"], "rate_limited", "a restart forgets nothing");
    stage.reply(PEOPLE[0].1, &code).await;
    assert_eq!(stage.end(&first, 5).await["reason"], "sms_ok");
    assert_eq!(start(&stage, "carol", "192.0.2.7").await["status"], "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn networks_and_applications_have_limits_of_their_own() {
    let stage = Stage::start().await;
    for (name, phone) in PEOPLE {
        stage.person(name, phone, "two_way_otp").await;
    }
    limit(&stage, json!({ "network_per_hour": 1 })).await;
    assert_eq!(start(&stage, "alice", "192.0.2.7").await["status"], "pending");
    assert_eq!(start(&stage, "bob", "192.0.2.200").await["reason"], "rate_limited");
    limit(&stage, json!({ "network_per_hour": 0, "application_per_hour": 1 })).await;
    assert_eq!(start(&stage, "bob", "192.0.2.200").await["status"], "pending");
    assert_eq!(start(&stage, "carol", "198.51.100.1").await["reason"], "rate_limited");
    let (status, problem) = stage
        .call(Method::PUT, "/v1/settings", Some(json!({ "velocity": { "source": { "address_per_hour": 2_000_000 } } })))
        .await;
    assert_eq!(status, 422);
    assert!(
        problem["detail"].as_str().unwrap().contains("velocity.source.address_per_hour must be 0 to 1000000"),
        "{problem}"
    );
}
