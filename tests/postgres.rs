//! PostgreSQL under the engine: texts as over the embedded store, and a server that goes away for ten seconds.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../store/tests/server/mod.rs"]
mod server;
mod stage;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use server::Server;
use stage::Stage;
use std::time::Duration;

async fn replies(stage: &Stage, after_ms: u64) {
    let url = format!("{}/sim/v1/behaviour", stage.simulators.url());
    let behaviour = json!({ "reply": "{otp}", "after_ms": after_ms });
    assert_eq!(stage.client.put(url).json(&behaviour).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_over_postgres_and_the_commands_that_read_it() {
    let server = Server::start();
    let stage = Stage::over(&server.database("texts")).await;
    replies(&stage, 0).await;
    stage.person("alice", "+12025550123", "two_way_otp").await;
    let request = stage.request(Method::POST, "/v1/verifications").header("Prefer", "wait=20");
    let answer = request.json(&json!({ "user": "alice", "application": "vpn" })).send().await.unwrap();
    let ended: Value = answer.json().await.unwrap();
    assert_eq!(ended["reason"], "sms_ok", "{ended}");
    let id = ended["id"].as_str().unwrap();
    let timeline = stage.get(&format!("/v1/verifications/{id}/timeline")).await;
    assert!(timeline["items"].as_array().unwrap().len() > 3, "{timeline}");
    assert_eq!(stage.get("/v1/outcomes").await["items"][0]["id"], id);
    let config = stage.home().join("countersign.toml");
    for (command, says) in [("store check", "1 outcomes"), ("store count", "user"), ("audit verify", "whole")] {
        let (code, output) = countersign(command, &config);
        assert!(code == Some(0) && output.contains(says), "{command}: {output}");
    }
    let (code, output) = countersign("store migrate", &config);
    assert!(code == Some(1) && output.contains("stop it first"), "{output}");
    let (code, output) = countersign("store backup /nowhere/x.db", &config);
    assert!(code == Some(1) && output.contains("pg_dump"), "{output}");
}

fn countersign(command: &str, config: &std::path::Path) -> (Option<i32>, String) {
    let mut ran = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
    let ran = ran.args(command.split(' ')).arg("--config").arg(config).output().unwrap();
    let output = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    (ran.status.code(), output)
}

#[test]
fn an_encrypted_server_is_taken_only_if_its_certificate_is_trusted() {
    let own = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (of_server, of_another) = (own(), own());
    let server = Server::start_encrypted(&of_server.cert.pem(), &of_server.signing_key.serialize_pem());
    let url = server.database("tls").replace("127.0.0.1", "localhost");
    let dir = tempfile::tempdir().unwrap();
    let trusted = dir.path().join("trusted.pem");
    let run = |arguments: &[&str]| {
        let mut ran = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
        let ran = ran.args(arguments).env("SSL_CERT_FILE", &trusted).env_remove("SSL_CERT_DIR").output().unwrap();
        (ran.status.code(), String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned())
    };
    let home = dir.path().join("home");
    let home = home.to_str().unwrap();
    let encrypted = format!("{url}?sslmode=require");
    std::fs::write(&trusted, of_another.cert.pem()).unwrap();
    let (code, output) = run(&["init", home, "--store", &encrypted]);
    assert!(code == Some(1) && output.contains("ertificate"), "{output}");
    std::fs::write(&trusted, of_server.cert.pem()).unwrap();
    let (code, output) = run(&["init", home, "--store", &url]);
    assert!(code == Some(1), "it takes nothing in clear: {output}");
    let (code, output) = run(&["init", home, "--store", &encrypted]);
    assert_eq!(code, Some(0), "{output}");
    let (code, output) = run(&["store", "check", "--config", &format!("{home}/countersign.toml")]);
    assert!(code == Some(0) && output.contains("0 outcomes"), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_for_ten_seconds_loses_nothing() {
    let mut server = Server::start();
    let mut stage = Stage::over(&server.database("away")).await;
    stage.expects_errors = true;
    replies(&stage, 4000).await;
    let people: Vec<_> = (0..20).map(|n| (format!("p{n}"), format!("+120255501{n:02}"))).collect();
    join_all(people.iter().map(|(name, phone)| stage.person(name, phone, "two_way_otp"))).await;
    let start = |name: String| {
        let request = stage.request(Method::POST, "/v1/verifications");
        let body = json!({ "user": name, "application": "vpn", "ttl_seconds": 60 });
        async move { request.json(&body).timeout(Duration::from_secs(3)).send().await }
    };
    let mut acknowledged = Vec::new();
    for (name, _) in &people {
        let answer = start(name.clone()).await.unwrap();
        assert_eq!(answer.status(), 201);
        acknowledged.push(answer.json::<Value>().await.unwrap());
    }
    server.crash();
    let gone = tokio::time::Instant::now();
    let mut refused = 0;
    while gone.elapsed() < Duration::from_secs(10) {
        // One whose commit was on its way in that moment waits until it is known what became of it.
        let Ok(answer) = start(format!("p{}", refused % 20)).await else { continue };
        let (status, after) = (answer.status().as_u16(), answer.headers().get("retry-after").cloned());
        let body: Value = answer.json().await.unwrap();
        assert_eq!((status, body["code"].as_str()), (503, Some("store_unavailable")), "{body}");
        assert!(after.is_some(), "{body}");
        refused += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(refused > 3, "only {refused} starts were answered while the server was away");
    server.resume();
    for before in &acknowledged {
        let now = stage.end(before, 60).await;
        assert_eq!(now["reason"], "sms_ok", "{now}");
    }
    let feed = stage.get("/v1/outcomes?limit=1000").await;
    assert_eq!(feed["items"].as_array().unwrap().len(), acknowledged.len(), "each once");
}
