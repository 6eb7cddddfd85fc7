//! Conversations: what is said, and which keys come of it.
//! Refuses a key that nobody pressed.

use crate::call::{Calling, words};
use crate::stage::{OURS, PHONE, SID};
use serde_json::json;

#[tokio::test]
async fn a_conversation_is_told_from_the_first_to_the_last() {
    let calling = Calling::answering(&["12#"]).await;
    calling.script("<Gather finishOnKey=\"#\" numDigits=\"8\" action=\"/keys?turn=1\"><Say language=\"de-DE\">Hallo</Say></Gather>");
    calling.script("<Say>Danke</Say><Hangup/>");
    let sid = calling.call(&[]).await;
    let first = calling.asked().await;
    assert_eq!(first.target, "/answer?attempt=1");
    for (name, value) in [
        ("CallSid", sid.as_str()),
        ("AccountSid", SID),
        ("From", OURS),
        ("To", PHONE),
        ("CallStatus", "in-progress"),
        ("Direction", "outbound-api"),
        ("ApiVersion", "2010-04-01"),
        ("AnsweredBy", ""),
        ("Digits", ""),
    ] {
        assert_eq!(first.get(name), value, "{name}");
    }
    let second = calling.asked().await;
    assert_eq!(second.target, "/keys?turn=1");
    assert_eq!((second.get("Digits"), second.get("FinishedOnKey")), ("12", "#"));

    let told = calling.told().await;
    assert_eq!(words(&told), ["initiated", "ringing", "in-progress", "completed"]);
    let numbers: Vec<_> = told.iter().map(|post| post.get("SequenceNumber")).collect();
    assert_eq!(numbers, ["0", "1", "2", "3"]);
    let last = told.last().unwrap();
    assert!(last.get("CallDuration").parse::<u64>().unwrap() >= 1, "{last:?}");
    let seen = calling.seen().await;
    assert_eq!((&seen["id"], &seen["keys"], &seen["state"]), (&json!(sid), &json!("12#"), &json!("ended")));
    assert_eq!(seen["prompts"][0], json!({ "text": "Hallo", "language": "de-DE" }));
    assert_eq!(calling.heard().await, ["Hallo", "Danke"]);
    let call = calling.look(&sid).await;
    assert_eq!((&call["status"], &call["to"]), (&json!("completed"), &json!(PHONE)));
    assert_eq!(call["duration"], json!(last.get("CallDuration")));
    calling.stage.settled().await;
}

/// What is posted after a gather with these attributes, where these keys are pressed.
async fn gathered(attributes: &str, keys: &[&str]) -> (String, String, String) {
    let calling = Calling::answering(keys).await;
    calling.script(&format!(
        "<Gather timeout=\"1\" action=\"/keys\" {attributes}><Say>x</Say></Gather><Redirect>/silence</Redirect>"
    ));
    calling.call(&[]).await;
    calling.asked().await;
    let post = calling.asked().await;
    let has_digits = post.form.iter().any(|(name, _)| name == "Digits");
    let digits = if has_digits { post.get("Digits") } else { "none" };
    (post.target.clone(), digits.to_owned(), post.get("FinishedOnKey").to_owned())
}

#[tokio::test]
async fn keys_end_by_the_finish_key_by_their_number_or_by_time() {
    for (attributes, keys, expected) in [
        ("", vec!["1#"], ("/keys", "1", "#")),
        ("", vec!["#"], ("/silence", "none", "")),
        ("actionOnEmptyResult=\"true\"", vec!["#"], ("/keys", "", "#")),
        ("actionOnEmptyResult=\"true\"", vec![], ("/keys", "", "")),
        ("", vec![], ("/silence", "none", "")),
        ("finishOnKey=\"\" numDigits=\"1\"", vec!["#"], ("/keys", "#", "")),
        ("numDigits=\"2\"", vec!["123"], ("/keys", "12", "")),
        ("numDigits=\"3\"", vec!["12"], ("/keys", "12", "")),
        ("finishOnKey=\"*\"", vec!["1*"], ("/keys", "1", "*")),
    ] {
        let (target, digits, finished_on) = gathered(attributes, &keys).await;
        assert_eq!((target.as_str(), digits.as_str(), finished_on.as_str()), expected, "{attributes} {keys:?}");
    }
}

#[tokio::test]
async fn a_key_stops_what_is_said() {
    let calling = Calling::start().await;
    let words = "word ".repeat(400);
    calling
        .behave(json!({ "on_call": "answer", "answer_after_ms": 20, "after_ms": 50, "barge_in": true, "keys": ["7"] }))
        .await;
    calling.script(&format!("<Gather numDigits=\"1\" action=\"/keys\"><Say>{words}</Say><Say>never</Say></Gather>"));
    calling.call(&[]).await;
    calling.asked().await;
    assert_eq!(calling.asked().await.get("Digits"), "7");
    assert_eq!(calling.heard().await, [words]);
}

#[tokio::test]
async fn an_automatic_attendant_hears_what_is_dialled() {
    for (more, document) in [(vec![], "<Play digits=\"ww42\"/>"), (vec![("SendDigits", "w4W2")], "")] {
        let calling = Calling::start().await;
        let behaviour =
            json!({ "on_call": "answer", "answer_after_ms": 20, "after_ms": 50, "extension": "42", "keys": ["#"] });
        calling.behave(behaviour).await;
        calling.script(&format!(
            "{document}<Gather actionOnEmptyResult=\"true\" timeout=\"1\" action=\"/keys\"><Say>x</Say></Gather>"
        ));
        calling.call(&more).await;
        calling.asked().await;
        assert_eq!(calling.asked().await.get("FinishedOnKey"), "#", "{document}");
    }
}

#[tokio::test]
async fn the_phone_hangs_up_while_something_is_said() {
    let calling = Calling::start().await;
    let behaviour =
        json!({ "on_call": "answer", "answer_after_ms": 20, "hang_up": "mid_prompt", "hang_up_after_ms": 50 });
    calling.behave(behaviour).await;
    calling.script(&format!("<Say>{}</Say>", "word ".repeat(800)));
    calling.call(&[]).await;
    assert_eq!(calling.ended().await.get("CallStatus"), "completed");
    assert_eq!(calling.seen().await["end"], "hung_up");
}

#[tokio::test]
async fn a_call_lasts_no_longer_than_its_limit() {
    let calling = Calling::answering(&[]).await;
    calling.script("<Pause length=\"600\"/>");
    calling.call(&[("TimeLimit", "1")]).await;
    let last = calling.ended().await;
    assert_eq!((last.get("CallStatus"), last.get("SipResponseCode")), ("completed", "200"));
    assert!(["1", "2"].contains(&last.get("CallDuration")), "{last:?}");
}
