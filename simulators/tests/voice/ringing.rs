//! Calls that nobody answers, and how each of them ends; and what answers instead of a person.
//! Refuses a request for a document where nobody picked up.

use crate::call::{Calling, words};
use serde_json::json;

#[tokio::test]
async fn each_way_not_to_answer_has_its_status() {
    for (on_call, rings, status, sip) in [
        ("busy", false, "busy", "486"),
        ("decline", true, "busy", "603"),
        ("unreachable", false, "failed", "480"),
        ("unallocated", false, "failed", "404"),
        ("ring", true, "no-answer", "487"),
    ] {
        let calling = Calling::start().await;
        calling.behave(json!({ "on_call": on_call, "answer_after_ms": 30 })).await;
        let sid = calling.call(&[("Timeout", "1")]).await;
        let told = calling.told().await;
        let expected: Vec<_> =
            ["initiated", "ringing"].into_iter().filter(|word| rings || *word != "ringing").collect();
        assert_eq!(words(&told), [&expected[..], &[status]].concat(), "{on_call}");
        let last = told.last().unwrap();
        assert_eq!((last.get("SipResponseCode"), last.get("CallDuration")), (sip, "0"), "{on_call}");
        assert_eq!(calling.look(&sid).await["status"], status);
        calling.stage.settled().await;
        assert!(calling.scripts.unread().await.is_none());
    }
}

#[tokio::test]
async fn a_machine_is_told_from_a_person_where_that_is_asked_for() {
    for (on_call, more, by) in [
        ("voicemail", vec![("MachineDetection", "Enable")], "machine_start"),
        ("answer", vec![("MachineDetection", "Enable")], "human"),
        ("voicemail", vec![], ""),
    ] {
        let calling = Calling::start().await;
        calling.behave(json!({ "on_call": on_call, "answer_after_ms": 20 })).await;
        calling.script("<Hangup/>");
        let sid = calling.call(&more).await;
        assert_eq!(calling.asked().await.get("AnsweredBy"), by, "{on_call}");
        assert_eq!(calling.ended().await.get("CallStatus"), "completed");
        assert_eq!(calling.look(&sid).await["answered_by"].as_str().unwrap_or_default(), by);
    }
}

#[tokio::test]
async fn a_testers_hand_answers_and_presses() {
    let calling = Calling::start().await;
    calling.script("<Gather numDigits=\"1\" finishOnKey=\"\" action=\"/keys\"><Say>x</Say></Gather>");
    calling.call(&[]).await;
    calling.stage.until("/sim/v1/phones/+12025550123", |phone| phone["calls"][0]["state"] == "ringing").await;
    let path = "/sim/v1/phones/+12025550123";
    let answered = calling.stage.call(reqwest::Method::POST, &format!("{path}/answer"), None).await;
    assert!(answered.status < 300, "{}", answered.text);
    calling.asked().await;
    let pressed =
        calling.stage.call(reqwest::Method::POST, &format!("{path}/keys"), Some(json!({ "keys": "#" }))).await;
    assert!(pressed.status < 300, "{}", pressed.text);
    assert_eq!(calling.asked().await.get("Digits"), "#");
}
