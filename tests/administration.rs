//! What administrators change while the engine runs, and that it counts from then on.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;

const ALICE: &str = "+12025550171";

async fn acts(stage: &Stage) -> Vec<String> {
    let chain = stage.get("/v1/audit").await;
    let links = chain["items"].as_array().unwrap().iter();
    links
        .map(|link| format!("{} {}", link["record"]["act"].as_str().unwrap(), link["record"]["on"].as_str().unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_still_work_after_their_secrets_were_sealed_anew() {
    let mut stage = Stage::start().await;
    let code = |counter| engine::oath::hotp::code(b"12345678901234567890", counter, 6, engine::oath::Algorithm::Sha1);
    stage.post("/v1/users", json!({ "name": "dave", "method": "oath", "mode": "code" })).await;
    let token = json!({ "serial": "1", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "settings": { "kind": "hotp" }, "code": code(0) });
    stage.post("/v1/users/name:dave/tokens", token).await;
    stage.kill();
    let mut rotate = std::process::Command::new(stage::program());
    let rotated =
        rotate.args(["keys", "rotate", "--config", "countersign.toml"]).current_dir(stage.home()).output().unwrap();
    let said = String::from_utf8(rotated.stdout).unwrap();
    assert!(said.contains("data key 2 seals; 1 secrets were sealed anew"), "{said}");
    stage.serve().await;
    let started = stage.begin("dave").await;
    let check = format!("/v1/verifications/{}/check", started["id"].as_str().unwrap());
    assert_eq!(stage.post(&check, json!({ "code": code(1) })).await["reason"], "oath_ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_and_its_end_are_kept_with_their_reasons() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let block = "/v1/users/name:alice/block";
    stage.post(block, json!({ "reason": "phone stolen", "days": 3 })).await;
    assert_eq!(stage.begin("alice").await["reason"], "blocked");
    for (end, status) in [(block.to_owned(), 400), (format!("{block}?reason=%20"), 422)] {
        assert_eq!(stage.call(Method::DELETE, &end, None).await.0, status, "{end}");
    }
    let (status, shown) = stage.call(Method::DELETE, &format!("{block}?reason=phone%20found"), None).await;
    assert_eq!((status, &shown["blocked_until"]), (200, &Value::Null));
    let kept = &stage.get("/v1/users/name:alice").await["blocks"];
    assert_eq!(kept.as_array().unwrap().len(), 1);
    assert_eq!((&kept[0]["reason"], &kept[0]["end_reason"]), (&json!("phone stolen"), &json!("phone found")));
    assert_eq!(kept[0]["by"], kept[0]["ended_by"]);
    assert_eq!(stage.begin("alice").await["status"], "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn trusted_addresses_are_added_and_removed_one_by_one() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let wanted = json!({ "name": "vpn", "scopes": ["verify"], "trusts_client_ip": true });
    let key = stage.post("/v1/api_keys", wanted).await["key"].as_str().unwrap().to_owned();
    let reason = || async {
        let body = json!({ "user": "alice", "application": "vpn", "client_ip": "192.0.2.77" });
        let request = stage.client.post(format!("{}/v1/verifications", stage.url)).bearer_auth(&key).json(&body);
        stage::answered(request).await.1["reason"].clone()
    };
    assert_eq!(reason().await, Value::Null);
    let add = |entry: &'static str, wide: bool| {
        stage.call(Method::POST, "/v1/trusted_ips", Some(json!({ "application": "vpn", "entry": entry, "wide": wide })))
    };
    assert_eq!(add("192.0.2.9/24", false).await.1["entry"], "192.0.2.0/24");
    assert_eq!(reason().await, "trusted_ip");
    assert_eq!(add("192.0.2.0/255.255.255.0", false).await.0, 409, "the same in another spelling");
    assert_eq!((add("::/0", false).await.0, add("::/0", true).await.0), (422, 201));
    let listed = stage.get("/v1/trusted_ips?application=vpn").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(stage.get("/v1/trusted_ips?application=mail").await["items"], json!([]));
    let (status, _) = stage.call(Method::DELETE, "/v1/trusted_ips/192.0.2.0%2F24?application=vpn", None).await;
    assert_eq!(status, 204);
    assert_ne!(reason().await, "trusted_ip");
    let acts = acts(&stage).await;
    for act in ["trusted_ip.add vpn 192.0.2.0/24", "trusted_ip.remove vpn 192.0.2.0/24"] {
        assert!(acts.iter().any(|found| found == act), "{act} in {acts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_added_at_the_same_moment_are_all_kept() {
    let stage = Stage::start().await;
    let adds = (1..=40).map(|host| {
        stage.call(
            Method::POST,
            "/v1/trusted_ips",
            Some(json!({ "application": "vpn", "entry": format!("192.0.2.{host}") })),
        )
    });
    let answers = futures_util::future::join_all(adds).await;
    assert!(answers.iter().all(|(status, _)| *status == 201));
    assert_eq!(stage.get("/v1/trusted_ips").await["items"].as_array().unwrap().len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_length_of_a_pin_can_rise_for_one_person_and_fall_back() {
    let stage = Stage::start().await;
    let new = json!({ "name": "alice", "phone": ALICE, "pin_min_length": 6, "user_can_change_pin": false });
    let alice = stage.post("/v1/users", new).await;
    assert_eq!((&alice["pin_min_length"], &alice["user_can_change_pin"]), (&json!(6), &json!(false)));
    let pin = || stage.call(Method::PUT, "/v1/users/name:alice/pin", Some(json!({ "pin": "2580" })));
    assert_eq!(pin().await.0, 422);
    let change = |change: Value| stage.call(Method::PATCH, "/v1/users/name:alice", Some(change));
    assert_eq!(change(json!({ "pin_min_length": 3 })).await.1["code"], "not_possible");
    assert_eq!(change(json!({ "group": "x" })).await.1["pin_min_length"], 6, "what is not given stays");
    let (_, alice) = change(json!({ "pin_min_length": null, "user_can_change_pin": null })).await;
    assert_eq!((&alice["pin_min_length"], &alice["user_can_change_pin"]), (&Value::Null, &Value::Null));
    assert_eq!(pin().await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitored_country_is_reached_noted_and_counted() {
    let stage = Stage::start().await;
    stage.person("marie", "+33612345678", "two_way_otp").await;
    assert_eq!(stage.begin("marie").await["reason"], "country_not_allowed");
    let numbers = json!({ "numbers": { "sms_monitored": ["33"] } });
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(numbers)).await.0, 200);
    let started = stage.begin("marie").await;
    assert_eq!(started["status"], "pending");
    stage.until(&started, "sent").await;
    assert!(stage.timeline(&started).await.contains(&"country_monitored".to_owned()));
    let metrics = stage.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("countersign_country_monitored_total{country=\"+33\"} 1"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_out_of_range_are_refused_with_every_path() {
    let stage = Stage::start().await;
    let body = json!({
        "velocity": { "number": { "gap_seconds": 4000, "per_hour": 5, "per_day": 10 }, "user": { "gap_seconds": 0, "per_hour": 0, "per_day": 51 } },
        "cache": [{ "type": "user_address", "seconds": 0 }], "lockout": { "denials": 51 }, "fraud": { "block_days": 0 }
    });
    let (status, problem) = stage.call(Method::PUT, "/v1/settings", Some(body)).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("invalid_settings")));
    let detail = problem["detail"].as_str().unwrap();
    for path in [
        "velocity.number.gap_seconds",
        "velocity.user.per_day",
        "cache.0.seconds",
        "lockout.denials",
        "fraud.block_days",
    ] {
        assert!(detail.contains(path), "{path} in {detail}");
    }
}
