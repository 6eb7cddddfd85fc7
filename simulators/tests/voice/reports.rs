//! Status callbacks: which are wanted, and what goes wrong with them on purpose.
//! Refuses to believe in an order that faults are there to break.

use crate::call::{Calling, EVENTS, words};
use crate::stage::{GATEWAY, OURS, PHONE};
use serde_json::json;

#[tokio::test]
async fn only_what_is_asked_for_is_told() {
    for (events, expected) in [
        (vec![], vec!["completed"]),
        (vec![("StatusCallbackEvent", "answered completed")], vec!["in-progress", "completed"]),
        (vec![EVENTS[1], EVENTS[3]], vec!["ringing", "completed"]),
    ] {
        let calling = Calling::answering(&[]).await;
        calling.script("<Hangup/>");
        let (url, status) = (calling.scripts.url("/answer"), calling.stage.receiver.url("/status"));
        let usual = [("To", PHONE), ("From", OURS), ("Url", &url), ("StatusCallback", &status)];
        assert_eq!(calling.post(&[&usual[..], &events].concat()).await.status, 201);
        assert_eq!(words(&calling.told().await), expected);
    }
}

#[tokio::test]
async fn callbacks_come_twice_late_or_never() {
    let calling = Calling::answering(&[]).await;
    calling.stage.faults(json!({ "late_callbacks": 1.0 })).await;
    calling.script("<Hangup/>");
    calling.call(&[]).await;
    let told = calling.stage.receiver.next_few(4).await;
    assert_eq!(words(&told), ["completed", "initiated", "ringing", "in-progress"]);
    let numbers: Vec<_> = told.iter().map(|post| post.get("SequenceNumber")).collect();
    assert_eq!(numbers, ["3", "0", "1", "2"]);

    calling.stage.faults(json!({ "duplicate_callbacks": 1.0 })).await;
    calling.script("<Hangup/>");
    calling.script("<Hangup/>");
    calling.call(&[]).await;
    let told = calling.stage.receiver.next_few(8).await;
    let mut numbers: Vec<_> = told.iter().map(|post| post.get("SequenceNumber")).collect();
    numbers.dedup();
    assert_eq!(numbers, ["0", "1", "2", "3"]);

    calling.stage.faults(json!({ "lost_receipts": 1.0 })).await;
    calling.script("<Hangup/>");
    calling.call(&[]).await;
    let gateway = calling.stage.settled().await;
    assert_eq!((&gateway["callbacks"]["lost"], &gateway["calls"]), (&json!(4), &json!(3)));
    assert!(calling.stage.receiver.unread().await.is_none());
}

#[tokio::test]
async fn a_reset_ends_calls_quietly() {
    let calling = Calling::answering(&[]).await;
    calling.script("<Pause length=\"600\"/>");
    let sid = calling.call(&[]).await;
    calling.asked().await;
    calling.stage.receiver.next_few(3).await;
    calling.stage.reset().await;
    calling.stage.until(GATEWAY, |gateway| gateway["in_flight"] == 0).await;
    assert!(calling.stage.receiver.unread().await.is_none());
    assert_eq!(calling.look(&sid).await["code"], 20404);
}

#[tokio::test]
async fn an_accepted_call_that_is_not_answered_rings_all_the_same() {
    let calling = Calling::answering(&[]).await;
    calling.stage.faults(json!({ "accept_then_silence": 1.0 })).await;
    calling.script("<Hangup/>");
    let (url, status) = (calling.scripts.url("/answer"), calling.stage.receiver.url("/status"));
    let form = [("To", PHONE), ("From", OURS), ("Url", &url), ("StatusCallback", &status)];
    let request = calling.stage.provider(reqwest::Method::POST, "/Calls.json").form(&form);
    let asked = tokio::spawn(request.send());
    assert_eq!(calling.ended().await.get("CallStatus"), "completed");
    assert!(!asked.is_finished());
    asked.abort();
}
