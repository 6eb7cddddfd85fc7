//! Stories of senders in a hurry: many connections kept open, and requests written one after the other without waiting.
//! They hold order and count, not speed.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use serde_json::Value;
use stage::{GATEWAY, OURS, PHONE, Stage, wire};

/// The bodies of the messages in a stream of answers, in their order.
fn bodies(answers: &str) -> Vec<String> {
    answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| {
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("201 "), "{head}");
            serde_json::from_str::<Value>(body).unwrap()["body"].as_str().unwrap().to_owned()
        })
        .collect()
}

async fn pipelined(stage: &Stage, url: &str) {
    let before = stage.get(GATEWAY).await["accepted"].as_u64().unwrap();
    let texts: Vec<String> = (0..100).map(|turn| format!("text {turn}")).collect();
    let requests: String = texts.iter().enumerate().map(|(turn, text)| wire::send(PHONE, text, turn == 99)).collect();
    let answers = wire::exchange(url, &requests).await.unwrap();
    assert_eq!(bodies(&answers), texts);
    let ledger = stage.get(&format!("{GATEWAY}/messages?after={before}")).await;
    let accepted: Vec<&str> =
        ledger["items"].as_array().unwrap().iter().map(|item| item["body"].as_str().unwrap()).collect();
    assert_eq!(accepted, texts);
}

#[tokio::test]
async fn pipelined_sends_are_taken_and_answered_in_order() {
    let stage = Stage::start().await;
    pipelined(&stage, stage.simulators.url()).await;
    pipelined(&stage, &stage.simulators.gateway_url("sms").unwrap()).await;
}

#[tokio::test]
async fn many_connections_stay_open_at_once() {
    let stage = Stage::start().await;
    let own = stage.simulators.gateway_url("sms").unwrap();
    let many = (0..200).map(|turn| {
        let url = if turn % 2 == 0 { stage.simulators.url() } else { &own };
        keep_alive(url, turn)
    });
    let turns = futures_util::future::join_all(many).await;
    assert_eq!(turns.len(), 200);
    let ledger = stage.get(&format!("{GATEWAY}/messages?limit=10000")).await;
    let mut bodies: Vec<&str> =
        ledger["items"].as_array().unwrap().iter().map(|item| item["body"].as_str().unwrap()).collect();
    bodies.sort_unstable();
    bodies.dedup();
    assert_eq!((bodies.len(), ledger["last_position"].as_u64()), (600, Some(600)));
}

/// Three texts over one connection, each after the answer to the one before.
async fn keep_alive(url: &str, turn: usize) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(wire::authority(url)).await.unwrap();
    for text in ["a", "b", "c"] {
        stream.write_all(wire::send(PHONE, &format!("{text} {turn}"), false).as_bytes()).await.unwrap();
        let mut answer = String::new();
        while !answer.ends_with('}') {
            let mut some = [0; 4_096];
            let read = stream.read(&mut some).await.unwrap();
            assert!(read > 0, "closed after {answer:?}");
            answer.push_str(std::str::from_utf8(&some[..read]).unwrap());
        }
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    }
}

#[tokio::test]
async fn a_client_library_reuses_its_connections() {
    let stage = Stage::start().await;
    let sends = (0..100).map(|turn| {
        let body = format!("{turn}");
        let stage = &stage;
        async move { stage.send(&[("To", PHONE), ("From", OURS), ("Body", &body)]).await.status }
    });
    let statuses = futures_util::future::join_all(sends).await;
    assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
    assert_eq!(stage.accepted().await, 100);
}
