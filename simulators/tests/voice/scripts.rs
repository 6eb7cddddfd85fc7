//! Documents that cannot be had or carried out: the provider apologizes and hangs up.
//! Refuses to carry a part of such a document out.

use crate::call::Calling;
use crate::stage::{OURS, PHONE};
use serde_json::json;

const APOLOGY: &str = "We are sorry, an application error has occurred. Goodbye.";

#[tokio::test]
async fn what_cannot_be_carried_out_is_an_application_error() {
    for (status, body) in [
        (200, "<Response><Say>first</Say><Sing/></Response>"),
        (200, "<Response><Say>first</Say>"),
        (200, ""),
        (500, "<Response><Say>first</Say></Response>"),
        (404, ""),
        (302, ""),
    ] {
        let calling = Calling::answering(&[]).await;
        calling.scripts.answer_once(status, body);
        calling.call(&[]).await;
        assert_eq!(calling.ended().await.get("CallStatus"), "completed", "{status} {body}");
        assert_eq!(calling.heard().await, [APOLOGY], "{status} {body}");
    }
}

#[tokio::test]
async fn nobody_who_answers_is_an_application_error() {
    let calling = Calling::answering(&[]).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    calling.call(&[("Url", &format!("http://{closed}/"))]).await;
    assert_eq!(calling.ended().await.get("CallStatus"), "completed");
    assert_eq!(calling.heard().await, [APOLOGY]);
}

#[tokio::test]
async fn documents_that_lead_to_each_other_come_to_an_end() {
    let calling = Calling::answering(&[]).await;
    (0..250).for_each(|_| calling.script("<Redirect/>"));
    calling.call(&[]).await;
    assert_eq!(calling.ended().await.get("CallStatus"), "completed");
    assert_eq!(calling.heard().await, [APOLOGY]);
}

#[tokio::test]
async fn a_document_may_come_with_the_request() {
    let calling = Calling::answering(&[]).await;
    let status = calling.stage.receiver.url("/status");
    let twiml = "<Response><Say>at once</Say><Play>http://h/a.wav</Play></Response>";
    let form = [("To", PHONE), ("From", OURS), ("Twiml", twiml), ("StatusCallback", &status)];
    assert_eq!(calling.post(&form).await.status, 201);
    assert_eq!(calling.ended().await.get("CallStatus"), "completed");
    assert_eq!(calling.heard().await, ["at once", "http://h/a.wav"]);
    assert_eq!(calling.seen().await["state"], json!("ended"));
}
