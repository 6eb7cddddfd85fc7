//! The API of calls: what is refused, what changes a call, what a list finds.
//! Refuses to change a call that is over.

use crate::call::Calling;
use crate::stage::{Answer, OURS, PHONE};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn what_cannot_be_a_call_is_refused_with_the_providers_code() {
    let calling = Calling::start().await;
    let usual = [("To", PHONE), ("From", OURS), ("Url", "http://127.0.0.1:1/")];
    let with =
        |name, value| usual.iter().map(|pair| if pair.0 == name { (name, value) } else { *pair }).collect::<Vec<_>>();
    let and = |name, value| [&usual[..], &[(name, value)]].concat();
    for (form, code) in [
        (with("To", ""), 21201),
        (with("To", "nonsense"), 21211),
        (with("From", ""), 21213),
        (with("From", "nonsense"), 21212),
        (with("From", "+12025550999"), 21210),
        (with("Url", ""), 21205),
        (with("Url", "ftp://x/"), 21205),
        (and("Twiml", &"x".repeat(4001)), 21218),
        (and("StatusCallback", "nowhere"), 21609),
        (and("StatusCallbackEvent", "sneezed"), 21626),
        (and("SendDigits", "1,2"), 21202),
        (and("Timeout", "0"), 20001),
        (and("Timeout", "601"), 20001),
        (and("TimeLimit", "x"), 20001),
        (and("MachineDetection", "Sometimes"), 20001),
        (and("Method", "GET"), 20001),
    ] {
        let answer = calling.post(&form).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!(code)), "{form:?}");
    }
    calling.stage.faults(json!({ "errors": [{ "probability": 1.0, "status": 403, "code": 21215 }] })).await;
    assert_eq!(calling.post(&usual).await.json()["code"], 21215);
    assert_eq!(calling.stage.settled().await["calls"], 0);
}

#[tokio::test]
async fn a_call_is_canceled_before_the_answer_and_ended_after_it() {
    for (status, expected) in [("canceled", "canceled"), ("completed", "canceled")] {
        let calling = Calling::start().await;
        let sid = calling.call(&[]).await;
        calling.stage.until("/sim/v1/phones/+12025550123", |phone| phone["calls"][0]["state"] == "ringing").await;
        assert_eq!(calling.change(&sid, &[("Status", status)]).await.status, 200);
        assert_eq!(calling.ended().await.get("CallStatus"), expected, "{status}");
        let again = calling.change(&sid, &[("Status", status)]).await;
        assert_eq!((again.status, &again.json()["code"]), (400, &json!(21220)));
    }
    let calling = Calling::answering(&[]).await;
    calling.script("<Pause length=\"600\"/>");
    let sid = calling.call(&[]).await;
    calling.asked().await;
    // It was answered meanwhile.
    assert_eq!(calling.change(&sid, &[("Status", "canceled")]).await.json()["status"], "in-progress");
    assert_eq!(calling.change(&sid, &[("Status", "completed")]).await.status, 200);
    assert_eq!(calling.ended().await.get("CallStatus"), "completed");
}

#[tokio::test]
async fn something_else_is_said_when_that_is_asked_for() {
    let calling = Calling::answering(&[]).await;
    calling.script("<Say>first</Say><Pause length=\"600\"/>");
    let sid = calling.call(&[]).await;
    calling.asked().await;
    calling.script("<Say>second</Say><Pause length=\"600\"/>");
    assert_eq!(calling.change(&sid, &[("Url", &calling.scripts.url("/else"))]).await.status, 200);
    assert_eq!(calling.asked().await.target, "/else");
    let third = [("Twiml", "<Response><Say>third</Say></Response>")];
    let path = "/sim/v1/phones/+12025550123";
    calling
        .stage
        .until(path, |phone| phone["calls"][0]["prompts"].as_array().is_some_and(|said| said.len() == 2))
        .await;
    assert_eq!(calling.change(&sid, &third).await.status, 200);
    assert_eq!(calling.ended().await.get("CallStatus"), "completed");
    assert_eq!(calling.heard().await, ["first", "second", "third"]);
    assert_eq!(calling.change(&sid, &third).await.json()["code"], 21220);
    assert_eq!(calling.change("CA0", &third).await.json()["code"], 20404);
}

#[tokio::test]
async fn a_list_finds_what_it_is_asked_for() {
    let calling = Calling::start().await;
    let first = calling.call(&[]).await;
    let second = calling.call(&[("To", "+12025550124")]).await;
    calling.change(&second, &[("Status", "canceled")]).await;
    assert_eq!(calling.ended().await.get("CallStatus"), "canceled");
    calling.stage.until("/sim/v1/phones/+12025550123", |phone| phone["calls"][0]["state"] == "ringing").await;
    let found = async |query: &[(&str, &str)]| -> Vec<String> {
        let list = Answer::of(calling.stage.provider(Method::GET, "/Calls.json").query(query)).await.json();
        list["calls"].as_array().unwrap().iter().map(|call| call["sid"].as_str().unwrap().to_owned()).collect()
    };
    let both = vec![second.clone(), first.clone()];
    assert_eq!(found(&[]).await, both);
    assert_eq!(found(&[("To", PHONE)]).await, [first.as_str()]);
    assert_eq!(found(&[("To", "nonsense")]).await, [""; 0]);
    assert_eq!(found(&[("From", OURS)]).await, both);
    assert_eq!(found(&[("Status", "canceled")]).await, [second]);
    assert_eq!(found(&[("To", PHONE), ("StartTime>", "2020-01-01")]).await, [first.as_str()]);
    assert_eq!(found(&[("StartTime<", "2020-01-01")]).await, [""; 0]);
    assert_eq!(found(&[("PageSize", "1"), ("Page", "1")]).await, [first]);
    let refused = Answer::of(calling.stage.provider(Method::GET, "/Calls.json").query(&[("StartTime", "now")])).await;
    assert_eq!(refused.json()["code"], 20001);
}
