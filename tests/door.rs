//! How the engine is reached: over TLS when it is configured, and behind reverse proxies.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use rcgen::{CertificateParams, CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client};
use serde_json::Value;
use stage::{Stage, answered};
use std::process::Command;

/// An engine's home with a certificate of its own, and what a client has to trust.
fn home() -> (tempfile::TempDir, Certificate) {
    let dir = tempfile::tempdir().unwrap();
    let made = Command::new(stage::program()).arg("init").arg(dir.path()).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(dir.path().join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(dir.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
    (dir, Certificate::from_pem(cert.pem().as_bytes()).unwrap())
}

fn configure(dir: &tempfile::TempDir, server: &str) {
    std::fs::write(dir.path().join("countersign.toml"), format!("[server]\n{server}")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_certificate_it_speaks_tls_and_nothing_else() {
    let (dir, authority) = home();
    let port = simulators::free_port().unwrap();
    configure(
        &dir,
        &format!("listen = \"127.0.0.1:{port}\"\ntls_cert_file = \"cert.pem\"\ntls_key_file = \"key.pem\"\n"),
    );
    let mut engine = Command::new(stage::program());
    let engine = engine.args(["serve", "--config"]).arg(dir.path().join("countersign.toml"));
    let _engine = stage::Ended(engine.stderr(std::process::Stdio::null()).spawn().unwrap());

    let client = || Client::builder().no_proxy();
    let trusting = client().tls_certs_only([authority.clone()]).build().unwrap();
    let url = format!("https://localhost:{port}");
    assert!(stage::answers(&trusting, &url).await, "it does not answer over TLS");
    let key = std::fs::read_to_string(dir.path().join("admin.key")).unwrap();
    let (status, users) = answered(trusting.get(format!("{url}/v1/users")).bearer_auth(key.trim())).await;
    assert_eq!((status, &users["items"]), (200, &Value::Array(vec![])));

    let plain = client().build().unwrap();
    assert!(plain.get(format!("http://localhost:{port}/healthz")).send().await.is_err(), "in clear it does not answer");
    assert!(plain.get(format!("{url}/healthz")).send().await.is_err(), "who does not trust it is not served");
    let old = client().tls_certs_only([authority]).tls_version_max(reqwest::tls::Version::TLS_1_2).build().unwrap();
    assert_eq!(old.get(format!("{url}/healthz")).send().await.unwrap().status(), 200, "TLS 1.2 is spoken too");
}

#[test]
fn a_certificate_that_cannot_be_used_ends_the_start_and_is_named() {
    let (dir, _) = home();
    let told = |server: &str| {
        configure(&dir, server);
        let mut serve = Command::new(stage::program());
        let ended = serve.args(["serve", "--config"]).arg(dir.path().join("countersign.toml")).output().unwrap();
        assert_eq!(ended.status.code(), Some(1));
        String::from_utf8(ended.stderr).unwrap()
    };
    let files = |cert: &str, key: &str| {
        format!("listen = \"127.0.0.1:0\"\ntls_cert_file = \"{cert}\"\ntls_key_file = \"{key}\"\n")
    };
    let missing = told(&files("none.pem", "key.pem"));
    assert!(missing.contains("none.pem cannot be used"), "{missing}");
    let other = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let other = other.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
    std::fs::write(dir.path().join("other.pem"), other.pem()).unwrap();
    let apart = told(&files("other.pem", "key.pem"));
    assert!(apart.contains("do not fit together"), "{apart}");
    let half = told("listen = \"127.0.0.1:0\"\ntls_cert_file = \"cert.pem\"\n");
    assert!(half.contains("belong together"), "{half}");
}

/// The status of a request that names these hops, from a burst of requests of one second.
async fn forwarded(stage: &Stage, hops: &str) -> u16 {
    let request = stage.request(reqwest::Method::GET, "/v1/users").header("X-Forwarded-For", hops);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_behind_a_trusted_proxy_have_limits_of_their_own() {
    let stage =
        Stage::with_server("trusted_proxies = [\"127.0.0.0/8\"]\n", "[limits]\nper_address_per_second = 1\n").await;
    for client in 1..=20 {
        assert_eq!(forwarded(&stage, &format!("198.51.100.{client}")).await, 200);
    }
    let mut seen = Vec::new();
    for spoofed in 1..=20 {
        seen.push(forwarded(&stage, &format!("203.0.113.{spoofed}, 198.51.100.99")).await);
    }
    assert!(seen.contains(&429), "what a client writes itself does not change where it comes from: {seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_stranger_the_header_means_nothing() {
    let stage = Stage::with("[limits]\nper_address_per_second = 1\n").await;
    let mut seen = Vec::new();
    for client in 1..=20 {
        seen.push(forwarded(&stage, &format!("198.51.100.{client}")).await);
    }
    assert!(seen.contains(&429), "{seen:?}");
}
