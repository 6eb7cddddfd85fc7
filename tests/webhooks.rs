//! Outcome webhooks, as stories: a receiver that is down, a process that is killed, addresses that are not called.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const ALICE: &str = "+12025550141";
const OPEN: &str = "[webhooks]\nallow_private_addresses = true\nallow_http = true\n";

/// A request as it came in.
#[derive(Clone, Debug)]
struct Received {
    headers: HashMap<String, String>,
    body: String,
}

/// An HTTP server that answers with these statuses, the last one for ever, and keeps what it got.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook?team=7", listener.local_addr().unwrap());
        let got = Arc::<Mutex<Vec<Received>>>::default();
        let kept = Arc::clone(&got);
        std::thread::spawn(move || {
            for (count, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let received = read(&mut BufReader::new(&stream));
                assert!(received.headers[":line"].starts_with("POST /hook?team=7 "), "{received:?}");
                kept.lock().unwrap().push(received);
                let status = statuses.get(count).or(statuses.last()).unwrap();
                write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            }
        });
        Self { url, got }
    }

    async fn wait_for(&self, count: usize) -> Vec<Received> {
        for _ in 0..1000 {
            let got = self.got.lock().unwrap().clone();
            if got.len() >= count {
                return got;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{count} webhooks did not come within twenty seconds");
    }
}

fn read(from: &mut impl BufRead) -> Received {
    let mut headers = HashMap::new();
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    headers.insert(":line".to_owned(), line.trim().to_owned());
    loop {
        line.clear();
        from.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    from.read_exact(&mut body).unwrap();
    Received { headers, body: String::from_utf8(body).unwrap() }
}

fn judge(secret: &str, received: &Received) {
    let python = std::env::var("COUNTERSIGN_TEST_PYTHON")
        .expect("run script/test, which installs the library and says where it is in COUNTERSIGN_TEST_PYTHON");
    let header = |name: &str| received.headers[name].clone();
    let mut ran = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/standard_webhooks.py"))
        .args([secret, &header("webhook-id"), &header("webhook-timestamp"), &header("webhook-signature")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    ran.stdin.take().unwrap().write_all(received.body.as_bytes()).unwrap();
    let ended = ran.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && said.contains("all agreed"), "{said}");
}

async fn start(stage: &Stage, url: &str) -> Value {
    stage.post("/v1/verifications", json!({ "user": "alice", "application": "vpn", "callback_url": url })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_reaches_a_receiver_that_was_down_across_a_kill_and_its_signature_holds() {
    let mut stage = Stage::with(OPEN).await;
    stage.person("alice", ALICE, "one_way_otp").await;
    // A key of its own, whose secret is known.
    let new = json!({ "name": "hooks", "scopes": ["verify"] });
    let key = stage.post("/v1/api_keys", new).await;
    let administrator = std::mem::replace(&mut stage.key, key["key"].as_str().unwrap().to_owned());
    let receiver = Receiver::answering(&[500, 200]);
    let started = start(&stage, &receiver.url).await;
    let code = stage.code(ALICE, 0).await;
    let check = format!("/v1/verifications/{}/check", started["id"].as_str().unwrap());
    assert_eq!(stage.post(&check, json!({ "code": code })).await["status"], "verified");
    let first = receiver.wait_for(1).await;
    stage.kill();
    stage.serve().await;
    let both = receiver.wait_for(2).await;
    assert_eq!(first[0].headers["webhook-id"], both[1].headers["webhook-id"], "a repetition can be told");
    let said: Value = serde_json::from_str(&both[1].body).unwrap();
    assert_eq!(said["type"], "verification.settled");
    assert_eq!((&said["data"]["id"], said["data"]["reason"].as_str()), (&started["id"], Some("sms_ok")));
    assert_eq!(said["timestamp"], said["data"]["settled_at"]);
    assert!(!both[1].body.contains(&code), "the code stays inside");
    judge(key["webhook_secret"].as_str().unwrap(), &both[1]);
    for _ in 0..250 {
        if stage.timeline(&started).await.contains(&"webhook_taken".to_owned()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(stage.timeline(&started).await.contains(&"webhook_taken".to_owned()));
    stage.kill();
    stage.serve().await;
    stage.key = administrator;
    start(&stage, &receiver.url).await;
    assert_eq!(receiver.got.lock().unwrap().len(), 2, "what was taken is not told again after a start");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_before_anybody_was_contacted_is_told_too_and_gone_ends_it() {
    let stage = Stage::with(OPEN).await;
    let receiver = Receiver::answering(&[410]);
    let body = json!({ "user": "nobody", "application": "vpn", "callback_url": receiver.url });
    let ended = stage.post("/v1/verifications", body).await;
    assert_eq!(ended["reason"], "user_unknown");
    let told = receiver.wait_for(1).await;
    assert_eq!(serde_json::from_str::<Value>(&told[0].body).unwrap()["data"]["id"], ended["id"]);
    for _ in 0..250 {
        if stage.timeline(&ended).await.contains(&"webhook_given_up".to_owned()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("410 did not end it");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_are_not_called_are_refused_at_the_start() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let rows = [
        ("http://hooks.example.com/", "must begin with https://"),
        ("https://127.0.0.1/", "must not be a private address"),
        ("https://[::1]/", "must not be a private address"),
        ("https://169.254.169.254/latest/", "must not be a private address"),
        ("file:///etc/passwd", "must be an absolute URL"),
        ("hooks", "must be an absolute URL"),
    ];
    for (url, right) in rows {
        let body = json!({ "user": "alice", "application": "vpn", "callback_url": url });
        let (status, problem) = stage.call(Method::POST, "/v1/verifications", Some(body)).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("invalid_request")), "{url}");
        assert!(problem["detail"].as_str().unwrap().starts_with("callback_url: must"), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(right), "{problem}");
    }
    // A name is looked up when it is called, and `localhost` has no public address.
    let ended = stage
        .post(
            "/v1/verifications",
            json!({ "user": "nobody", "application": "vpn", "callback_url": "https://localhost:9/" }),
        )
        .await;
    let refused = "the name has no public address";
    for _ in 0..250 {
        if stage.log().contains(refused) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(stage.log().contains(refused), "{}", stage.log());
    assert!(!stage.timeline(&ended).await.contains(&"webhook_taken".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_words_come_with_the_text() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "one_way_otp").await;
    let mut settings = stage.get("/v1/settings").await;
    settings["sms"]["text"] = json!("<$otp$> for <$application_name$>, reference <$ref$>.");
    let (status, _) = stage.call(Method::PUT, "/v1/settings", Some(settings)).await;
    assert_eq!(status, 200);
    let start = |message: Value| json!({ "user": "alice", "application": "vpn", "message": message });
    stage.post("/v1/verifications", start(json!({ "ref": "A-17" }))).await;
    let code = stage.code(ALICE, 0).await;
    assert_eq!(stage.texts(ALICE).await, [format!("{code} for vpn, reference A-17.")]);
    let long = "x".repeat(65);
    let bad = [
        json!({ "otp": "1" }),
        json!({ "Ref": "1" }),
        json!({ "": "1" }),
        json!({ "ref": "a\nb" }),
        json!({ "ref": long }),
    ];
    for message in bad {
        let (status, problem) = stage.call(Method::POST, "/v1/verifications", Some(start(message.clone()))).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("invalid_request")), "{message}");
        assert!(problem["detail"].as_str().unwrap().starts_with("message: "), "{problem}");
    }
}
