//! Stories of letters: how other programs send them, how a tester sees them, and what goes wrong on purpose.
//! They hold that what was refused is nowhere and what was taken is shown as it was meant.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use std::io::{ErrorKind, Write};
use std::process::{Command, Output};

use reqwest::Method;
use serde_json::{Value, json};
use simulators::{MailServer, Settings};
use stage::Stage;
use stage::smtp::Smtp;
use tokio::net::TcpStream;
use tokio::time::Instant;

const MAIL: &str = "/sim/v1/gateways/mail";

fn authority(stage: &Stage) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(stage.simulators.mail_certificate().unwrap().as_bytes()).unwrap();
    file
}

async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().expect("script/test installs it")).await.unwrap()
}

async fn letters(stage: &Stage) -> Vec<Value> {
    stage.get("/sim/v1/mail").await["items"].as_array().unwrap().clone()
}

/// swaks with TLS and our account, unless `more` says otherwise.
async fn swaks(stage: &Stage, more: &[&str]) -> (Option<i32>, String) {
    let authority = authority(stage);
    let port = stage.simulators.mail_address().unwrap().port().to_string();
    let mut command = Command::new("swaks");
    command.args(["--server", "localhost", "--port", &port, "--from", "mfa@example.com", "--timeout", "20"]);
    command.args(["--helo", "client.example.com"]).arg("--tls-ca-path").arg(authority.path()).args(more);
    let ran = run(command).await;
    (ran.status.code(), String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr))
}

const ACCOUNT: [&str; 6] = ["--tls", "--tls-verify", "--auth-user", "countersign", "--auth-password", "simulated"];

#[tokio::test]
async fn swaks_sends_a_letter_by_each_mechanism() {
    let stage = Stage::start().await;
    for mechanism in ["PLAIN", "LOGIN"] {
        let letter =
            ["--to", "alice@example.com", "--auth", mechanism, "--body", "one\n.\n..two", "--h-Subject", mechanism];
        let (code, said) = swaks(&stage, &[&ACCOUNT[..], &letter].concat()).await;
        assert_eq!(code, Some(0), "{said}");
        let last = letters(&stage).await.pop().unwrap();
        assert_eq!((&last["subject"], &last["from"]), (&json!(mechanism), &json!("mfa@example.com")));
        assert_eq!(last["text"].as_str().unwrap().trim_end().replace("\r\n", "\n"), "one\n.\n..two");
        assert_eq!((&last["to"], &last["html"]), (&json!(["alice@example.com"]), &Value::Null));
    }
}

#[tokio::test]
async fn swaks_is_refused_what_must_be() {
    let stage = Stage::start().await;
    // The exit codes are swaks' own: 23 MAIL, 24 RCPT, 26 the letter, 28 AUTH.
    let (code, said) = swaks(&stage, &["--to", "alice@example.com"]).await;
    assert_eq!((code, said.contains("530 5.7.0")), (Some(23), true), "{said}");
    let (code, said) = swaks(&stage, &["--to", "alice@example.com", "--tls"]).await;
    assert_eq!((code, said.contains("530 5.7.0 AUTH")), (Some(23), true), "{said}");
    let wrong = ["--to", "alice@example.com", "--tls", "--auth-user", "countersign", "--auth-password", "wrong"];
    let (code, said) = swaks(&stage, &wrong).await;
    assert_eq!((code, said.contains("535 5.7.8")), (Some(28), true), "{said}");
    let (code, said) = swaks(&stage, &[&ACCOUNT[..], &["--to", "no..body@example.com"]].concat()).await;
    assert_eq!((code, said.contains("553 5.1.3")), (Some(24), true), "{said}");
    let long = "x".repeat(1_200);
    let letter = ["--to", "alice@example.com", "--body", &long];
    let (code, said) = swaks(&stage, &[&ACCOUNT[..], &letter].concat()).await;
    assert_eq!((code, said.contains("554 5.6.0")), (Some(26), true), "{said}");
    assert!(letters(&stage).await.is_empty());
}

#[tokio::test]
async fn pythons_library_agrees_with_what_is_answered() {
    let python = std::env::var("COUNTERSIGN_TEST_PYTHON")
        .expect("run script/test, which says where Python is in COUNTERSIGN_TEST_PYTHON");
    let stage = Stage::start().await;
    let authority = authority(&stage);
    let port = stage.simulators.mail_address().unwrap().port().to_string();
    let mut command = Command::new(python);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/python/smtp_client.py"));
    command.arg(port).arg(authority.path()).args(["countersign", "simulated"]);
    let ran = run(command).await;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("all agreed"), "{said}");
    let letters = letters(&stage).await;
    let subjects: Vec<_> = letters.iter().map(|letter| letter["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["Prüfung – 世界", "utf8", "partly"]);
    let first = &letters[0];
    assert_eq!((&first["id"], &first["to"]), (&json!("mail_1"), &json!(["alice@example.com", "bob@example.com"])));
    assert_eq!(first["text"].as_str().unwrap().replace("\r\n", "\n"), "Grüße 世界\n.\n..zwei Punkte\n");
    assert_eq!(first["html"].as_str().unwrap().trim_end(), "<p>Grüße <b>世界</b></p>");
    assert_eq!(first["headers"]["Message-ID"], "<python_1@example.com>");
    assert_eq!(letters[1]["to"], json!(["jörg@bücher.example"]));
    assert_eq!(letters[2]["to"], json!(["carol@example.com"]));
}

#[tokio::test]
async fn letters_are_listed_newest_last_and_by_whom_they_are_for() {
    let stage = Stage::with(|settings| settings.mail.letters = 3).await;
    let mut smtp = Smtp::ready(&stage).await;
    for (to, subject) in
        [("a@example.com", "1"), ("b@example.com", "2"), ("a@example.com", "3"), ("b@example.com", "4")]
    {
        let taken = smtp.letter(to, format!("Subject: {subject}\r\n\r\nx")).await;
        assert!(taken.contains(&format!("mail_{subject}")), "{taken}");
    }
    let ids = |list: &Value| -> Vec<String> {
        list["items"].as_array().unwrap().iter().map(|letter| letter["id"].as_str().unwrap().to_owned()).collect()
    };
    let all = stage.get("/sim/v1/mail").await;
    assert_eq!((ids(&all), &all["total"]), (vec!["mail_2".into(), "mail_3".into(), "mail_4".into()], &json!(3)));
    let to_b = stage.get("/sim/v1/mail?to=B%40example.com&limit=1").await;
    assert_eq!((ids(&to_b), &to_b["total"]), (vec!["mail_4".into()], &json!(2)));
    assert_eq!(stage.get("/sim/v1/mail?limit=0").await["version"], all["version"]);
    for (query, status) in [("?from=a", 400), ("?limit=x", 400), ("", 200)] {
        assert_eq!(stage.call(Method::GET, &format!("/sim/v1/mail{query}"), None).await.status, status);
    }
    let at = all["items"][0]["at"].as_str().unwrap();
    assert!(at.ends_with('Z') && at.len() == 24, "{at}");
    assert_eq!(stage.call(Method::DELETE, "/sim/v1/mail", None).await.status, 204);
    let none = stage.get("/sim/v1/mail").await;
    assert!(ids(&none).is_empty() && none["version"].as_u64() > all["version"].as_u64());
}

#[tokio::test]
async fn the_certificate_is_given_away_and_the_password_is_not() {
    let stage = Stage::with(|settings| settings.mail.password = "never-shown".to_owned()).await;
    let answer = stage.call(Method::GET, "/sim/v1/mail/certificate", None).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-pem-file"));
    assert_eq!(Some(answer.text.as_str()), stage.simulators.mail_certificate());
    assert!(answer.text.starts_with("-----BEGIN CERTIFICATE-----") && !answer.text.contains("PRIVATE"));
    let mail = stage.get(MAIL).await;
    let address = stage.simulators.mail_address().unwrap().to_string();
    assert_eq!(
        (&mail["kind"], &mail["address"], &mail["username"]),
        (&json!("smtp"), &json!(address), &json!("countersign"))
    );
    assert!(!stage.call(Method::GET, "/sim/v1/gateways", None).await.text.contains("never-shown"));
    assert!(
        !format!("{:?}", MailServer { password: "never-shown".to_owned(), ..Default::default() })
            .contains("never-shown")
    );
    for (method, path) in
        [(Method::GET, "/sim/v1/mail"), (Method::DELETE, "/sim/v1/mail"), (Method::GET, "/sim/v1/mail/certificate")]
    {
        let foreign = stage.client.request(method, stage.url(path)).header("origin", "https://example.com");
        stage::assert_problem(&stage::Answer::of(foreign).await, 403, "foreign_page");
    }
}

#[tokio::test]
async fn faults_refuse_and_silence_letters() {
    let stage = Stage::with(|settings| settings.silence_ms = 100).await;
    for (status, class) in [(550, "550 5.0.0"), (451, "451 4.0.0")] {
        stage.put(&format!("{MAIL}/faults"), json!({ "errors": [{ "probability": 1, "status": status }] })).await;
        let mut smtp = Smtp::ready(&stage).await;
        smtp.expect(250, "MAIL FROM:<>").await;
        assert!(smtp.say("RCPT TO:<a@example.com>").await.starts_with(class));
        smtp.expect(554, "DATA").await;
    }
    stage.put(&format!("{MAIL}/faults"), json!({ "errors": [{ "probability": 1, "status": 421 }] })).await;
    let mut smtp = Smtp::ready(&stage).await;
    smtp.expect(250, "MAIL FROM:<>").await;
    smtp.expect(421, "RCPT TO:<a@example.com>").await;
    assert_eq!(smtp.ended().await, "");
    stage.put(&format!("{MAIL}/faults"), json!({ "silence": 1.0 })).await;
    let mut smtp = Smtp::ready(&stage).await;
    assert_eq!(smtp.say("MAIL FROM:<>").await, "");
    assert!(letters(&stage).await.is_empty());
    stage.put(&format!("{MAIL}/faults"), json!({ "accept_then_silence": 1.0 })).await;
    let mut smtp = Smtp::ready(&stage).await;
    assert_eq!(smtp.letter("a@example.com", "Subject: taken\r\n\r\nx").await, "");
    assert_eq!(letters(&stage).await[0]["subject"], "taken");
    let mail = stage.get(MAIL).await;
    assert_eq!((&mail["accepted"], &mail["silenced"]), (&json!(1), &json!(2)));
    assert_eq!(mail["refused"], json!({ "421": 1, "451": 1, "550": 1, "554": 2 }));
}

#[tokio::test]
async fn faults_delay_and_throttle_letters() {
    let stage = Stage::start().await;
    stage.put(&format!("{MAIL}/faults"), json!({ "delay_ms": 300 })).await;
    let mut smtp = Smtp::ready(&stage).await;
    let start = Instant::now();
    assert!(smtp.letter("a@example.com", "x").await.starts_with("250 "));
    assert!(start.elapsed().as_millis() >= 300);
    stage.put(&format!("{MAIL}/faults"), json!({ "throttle_per_second": 1 })).await;
    assert!(smtp.letter("a@example.com", "x").await.starts_with("250 "));
    let refused = smtp.say("MAIL FROM:<>").await;
    assert!(refused.starts_with("451 4.7.1"), "{refused}");
}

#[tokio::test]
async fn a_dead_mail_server_refuses_connections_until_it_is_reset() {
    let stage = Stage::start().await;
    Smtp::ready(&stage).await.letter("a@example.com", "x").await;
    stage.put(&format!("{MAIL}/faults"), json!({ "refuse_connections": true })).await;
    let address = stage.simulators.mail_address().unwrap();
    assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    stage.reset().await;
    assert!(letters(&stage).await.is_empty());
    assert!(Smtp::ready(&stage).await.letter("a@example.com", "x").await.starts_with("250 "));
    let stopped = stage.simulators.mail_address().unwrap();
    stage.simulators.stop().await;
    assert_eq!(TcpStream::connect(stopped).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn faults_that_mean_nothing_for_mail_are_refused() {
    let stage = Stage::start().await;
    let wrong = [
        (json!({ "lost_receipts": 0.5 }), "callbacks"),
        (json!({ "duplicate_callbacks": 1 }), "callbacks"),
        (json!({ "errors": [{ "probability": 1, "status": 460 }] }), "reply code"),
        (json!({ "errors": [{ "probability": 1, "status": 550, "body": "html" }] }), "body"),
        (json!({ "silence": 2 }), "silence"),
    ];
    for (faults, says) in wrong {
        let answer = stage.call(Method::PUT, &format!("{MAIL}/faults"), Some(faults)).await;
        stage::assert_problem(&answer, 400, "invalid_request");
        assert!(answer.text.contains(says), "{}", answer.text);
    }
    assert_eq!(stage.get(&format!("{MAIL}/faults")).await["silence"], 0.0);
}

#[tokio::test]
async fn mail_may_be_off() {
    let stage = Stage::with(|settings| settings.mail.enabled = false).await;
    assert_eq!((stage.simulators.mail_address(), stage.simulators.mail_certificate()), (None, None));
    for path in ["/sim/v1/mail", "/sim/v1/mail/certificate", MAIL] {
        stage::assert_problem(&stage.call(Method::GET, path, None).await, 404, "not_found");
    }
    stage.reset().await;
}

#[tokio::test]
async fn mistakes_in_the_settings_are_named() {
    let with = |mail: MailServer| Settings { mail, ..Settings::default() };
    let mut named = Settings::default();
    named.accounts[0].name = "mail".to_owned();
    let cases = [
        (with(MailServer { password: String::new(), ..Default::default() }), "both"),
        (with(MailServer { username: String::new(), ..Default::default() }), "both"),
        (with(MailServer { username: "a\0b".to_owned(), ..Default::default() }), "NUL"),
        (with(MailServer { letters: 0, ..Default::default() }), "letters"),
        (with(MailServer { listen: "0.0.0.0:0".parse().unwrap(), ..Default::default() }), "loopback"),
        (named, "name mail is used twice"),
    ];
    for (settings, says) in cases {
        let said = simulators::start(settings).await.err().unwrap().to_string();
        assert!(said.contains(says), "{said:?} does not say {says:?}");
    }
}
