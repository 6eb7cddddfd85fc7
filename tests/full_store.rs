//! A store without room: starts are refused with a reason, what was acknowledged can be read, and it heals by itself.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use std::collections::BTreeSet;

/// So much that no page with a little room left can take it.
fn large() -> Value {
    json!({ "user": "nobody", "application": "vpn", "metadata": { "filling": "x".repeat(2000) } })
}

/// Starts a thousand; gives the ids of those that were acknowledged.
async fn thousand(stage: &Stage) -> Vec<String> {
    let answer = stage.post("/v1/verifications/batch", json!({ "verifications": vec![large(); 1000] })).await;
    let items = answer["items"].as_array().unwrap();
    for refused in items.iter().filter(|item| item["verification"].is_null()) {
        assert_eq!(refused["problem"]["code"], "store_full", "{refused}");
    }
    items.iter().filter_map(|item| Some(item["verification"]["id"].as_str()?.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_refuses_starts_keeps_its_promises_and_heals() {
    let stage = Stage::with("[store]\nmax_megabytes = 4\n").await;
    for number in 0..10 {
        stage.post("/v1/users", json!({ "name": format!("ballast{number}"), "last_name": "x".repeat(50_000) })).await;
    }
    let mut promised = BTreeSet::new();
    let mut full = false;
    for _ in 0..8 {
        let started = thousand(&stage).await;
        full |= started.len() < 1000;
        promised.extend(started);
        if full {
            break;
        }
    }
    assert!(full, "{} verifications of 2 KB fit into 4 MB", promised.len());
    refuses(&stage, &mut promised).await;
    let id = promised.first().unwrap();
    assert_eq!(stage.get(&format!("/v1/verifications/{id}")).await["reason"], "user_unknown");
    assert_eq!(stage.get("/v1/users/name:ballast1").await["name"], "ballast1");
    for number in 0..10 {
        let (status, answer) = stage.call(Method::DELETE, &format!("/v1/users/name:ballast{number}"), None).await;
        assert_eq!(status, 204, "{answer}");
    }
    promised.insert(stage.post("/v1/verifications", large()).await["id"].as_str().unwrap().to_owned());
    assert_eq!(stage.get("/readyz").await["parts"]["store"], "ok");
    assert_eq!(in_the_feed(&stage).await, promised, "acknowledged and kept are the same");
}

/// A start beyond the last free page: 503 with a time to wait, and readiness names the store.
async fn refuses(stage: &Stage, promised: &mut BTreeSet<String>) {
    for _ in 0..1000 {
        let answer = stage.request(Method::POST, "/v1/verifications").json(&large()).send().await.unwrap();
        if answer.status() == 201 {
            promised.insert(answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned());
            continue;
        }
        assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (503, "1"));
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "store_full");
        let (status, ready) = stage.call(Method::GET, "/readyz", None).await;
        assert_eq!((status, ready["status"].as_str()), (503, Some("not ready")));
        assert!(ready["parts"]["store"].as_str().unwrap().starts_with("full"), "{ready}");
        assert_eq!(stage.call(Method::GET, "/healthz", None).await.0, 200, "it is alive");
        return;
    }
    panic!("the store takes everything");
}

async fn in_the_feed(stage: &Stage) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page = stage.get(&format!("/v1/outcomes?limit=1000&cursor={cursor}")).await;
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            return found;
        }
        found.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        page["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
    }
}
