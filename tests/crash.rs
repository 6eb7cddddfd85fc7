//! The process is killed, again and again, while verifications run: nothing acknowledged is lost, nothing is sent twice.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../store/tests/server/mod.rs"]
mod server;
mod stage;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use server::Server;
use stage::Stage;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

const KILLS: usize = 50;
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_lose_nothing_and_send_nothing_twice() {
    kill_again_and_again(Stage::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_lose_nothing_and_send_nothing_twice_over_postgres() {
    let server = Server::start();
    kill_again_and_again(Stage::over(&server.database("crash")).await).await;
}

async fn kill_again_and_again(mut stage: Stage) {
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let mut random = seed;
    let behaviour = json!({ "reply": "{otp}", "after_ms": 15, "jitter_ms": 60 });
    let url = format!("{}/sim/v1/behaviour", stage.simulators.url());
    assert_eq!(stage.client.put(url).json(&behaviour).send().await.unwrap().status(), 200);
    let people: Vec<_> = (0..KILLS * AT_ONCE).map(|n| (format!("p{n}"), phone(n))).collect();
    for some in people.chunks(40) {
        join_all(some.iter().map(|(name, phone)| stage.person(name, phone, "two_way_otp"))).await;
    }
    let mut acknowledged: HashMap<String, Value> = HashMap::new();
    for round in 0..KILLS {
        let ours = &people[round * AT_ONCE..(round + 1) * AT_ONCE];
        let starts = join_all(ours.iter().map(|(name, _)| start(&stage, name)));
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let life = Duration::from_millis(5 + (random >> 33) % 120);
        let (answers, ()) = tokio::join!(starts, tokio::time::sleep(life));
        for answer in answers.into_iter().flatten() {
            acknowledged.insert(answer["id"].as_str().unwrap().to_owned(), answer);
        }
        stage.kill();
        stage.serve().await;
    }
    assert!(acknowledged.len() > KILLS, "the load was too small to prove anything: {}", acknowledged.len());
    for (id, before) in &acknowledged {
        let now = stage.end(before, 30).await;
        assert_eq!(now["id"], **id);
        if before["status"] != "pending" {
            assert_eq!(now, *before, "an acknowledged outcome changed");
        }
    }
    each_is_in_the_feed_once(&stage, &acknowledged).await;
    no_text_was_sent_twice(&stage).await;
    assert_eq!(stage.get("/readyz").await["status"], "ok");
    println!("{} acknowledged starts over {KILLS} kills", acknowledged.len());
}

fn phone(n: usize) -> String {
    format!("+1{}55501{:02}", 202 + n / 100, n % 100)
}

/// Half of the callers wait for the outcome, half only start.
async fn start(stage: &Stage, user: &str) -> Option<Value> {
    let body = json!({ "user": user, "application": "vpn", "ttl_seconds": 20 });
    let mut request = stage.request(Method::POST, "/v1/verifications").json(&body);
    if user.ends_with(['1', '3', '5', '7', '9']) {
        request = request.header("Prefer", "wait=1");
    }
    let answer = request.timeout(Duration::from_secs(2)).send().await.ok()?;
    if answer.status() != 201 {
        return None;
    }
    answer.json().await.ok()
}

async fn each_is_in_the_feed_once(stage: &Stage, acknowledged: &HashMap<String, Value>) {
    let mut seen = HashSet::new();
    let mut cursor = String::new();
    loop {
        let page = stage.get(&format!("/v1/outcomes?limit=500&cursor={cursor}")).await;
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            break;
        }
        for item in items {
            assert!(seen.insert(item["id"].as_str().unwrap().to_owned()), "{item} is in the feed twice");
        }
        cursor = page["next_cursor"].as_str().unwrap().to_owned();
    }
    let lost: Vec<_> = acknowledged.keys().filter(|id| !seen.contains(*id)).collect();
    assert!(lost.is_empty(), "not in the feed: {lost:?}");
}

async fn no_text_was_sent_twice(stage: &Stage) {
    let url = format!("{}/sim/v1/gateways/sms/messages?after=0&limit=10000", stage.simulators.url());
    let ledger: Value = stage.client.get(url).send().await.unwrap().json().await.unwrap();
    let items =
        ledger.get("items").or(ledger.get("messages")).and_then(Value::as_array).unwrap_or_else(|| panic!("{ledger}"));
    let mut attempts = HashSet::new();
    for item in items {
        let callback = item["status_callback"].as_str().unwrap();
        assert!(attempts.insert(callback.to_owned()), "sent twice: {callback}");
    }
    assert!(!attempts.is_empty());
}
