//! What stands in for a verification that did not succeed: answers to security questions, and a code.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use engine::oath::{Algorithm, hotp};
use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use stage::visitor::Visitor;

const OLD: &str = "+12025550161";
const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn stage(portal: Value) -> Stage {
    Stage::with_alice(OLD, portal).await
}

async fn questions(stage: &Stage) -> Vec<String> {
    let mut ids = vec![];
    for text in ["First teacher?", "First pet?", "Street of your childhood?", "Favourite dish?", "Another one?"] {
        let made = json!({ "language": "en", "text": text, "active": true });
        ids.push(stage.post("/v1/security_questions", made).await["id"].as_str().unwrap().to_owned());
    }
    ids
}

fn answered<'a>(ids: &'a [String], answers: [&'a str; 4]) -> Vec<(&'a str, &'a str)> {
    let names =
        [("question1", "answer1"), ("question2", "answer2"), ("question3", "answer3"), ("question4", "answer4")];
    let each = names.iter().zip(ids).zip(answers);
    each.flat_map(|(((question, answer), id), given)| [(*question, id.as_str()), (*answer, given)]).collect()
}

const ANSWERS: [&str; 4] = ["Mrs Éclair", "Rex", "Long Lane", "soup"];

/// Fills the drawn questions with the right answers.
fn right(page: &str) -> Vec<(String, String)> {
    let texts = ["First teacher?", "First pet?", "Street of your childhood?", "Favourite dish?"];
    let mut given = vec![];
    for number in 1..=4 {
        let Some(rest) = page.split(&format!("<label for=\"answer{number}\">")).nth(1) else { break };
        let text = rest.split("</label>").next().unwrap();
        let place = texts.iter().position(|own| *own == text).unwrap();
        given.push((format!("answer{number}"), ["mrs eclair", "REX", "long  lane", "Soup!"][place].to_owned()));
    }
    given
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_stand_in_for_a_verification_that_did_not_succeed() {
    let stage = stage(json!({})).await;
    let (status, answer) = stage.offer(json!({ "questions_fallback": true })).await;
    assert!(
        status == 422 && answer["detail"].as_str().unwrap().contains("needs 4 active questions in `en`"),
        "{answer}"
    );
    let ids = questions(&stage).await;
    stage.offers(json!({ "questions_fallback": true })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.is_at("/setup/questions", "Choose four questions");
    alice.post("/setup/questions", &[("do", "skip")]).await;
    alice.is_at("/setup/done", "You are set up");
    alice.get("/account/questions").await;
    let same = [ids[0].clone(), ids[0].clone(), ids[1].clone(), ids[2].clone()];
    alice.post("/account/questions", &answered(&same, ["ab", "Rex", "rex ", "pet"])).await;
    alice.is_at("/account/questions", "This question is chosen twice");
    for says in ["three letters at least", "This answer is given twice"] {
        assert!(alice.page.contains(says), "{says}: {}", alice.page);
    }
    assert!(alice.page.contains("value=\"Rex\""), "what was typed is there");
    alice.post("/account/questions", &answered(&ids, ANSWERS)).await;
    alice.is_at("/account", "My account");
    let shown = stage.get("/v1/users/name:alice/security_questions").await;
    assert_eq!(shown["answered"].as_array().unwrap().len(), 4);
    let delete = format!("/v1/security_questions/{}", ids[0]);
    assert_eq!(stage.call(Method::DELETE, &delete, None).await.0, 422, "it is used");

    let mut again = Visitor::signing_in(&stage, "alice").await;
    again.is_at("/verify", "Answer Questions");
    again.get("/verify/questions").await;
    let page = again.page.clone();
    assert_eq!(page.matches("<label for=\"answer").count(), 2, "two are drawn: {page}");
    again.get("/verify/questions").await;
    assert_eq!(right(&page), right(&again.page), "and the same on reload");
    again.post("/verify/questions", &[("answer1", "no"), ("answer2", "no")]).await;
    again.is_at("/verify/questions", "Not all answers are right");
    let given = right(&again.page);
    let given: Vec<_> = given.iter().map(|(name, answer)| (name.as_str(), answer.as_str())).collect();
    again.post("/verify/questions", &given).await;
    again.is_at("/account", "without a check that it was you");
    again.get("/account/questions").await;
    again.is_at("/account", "My account");
    alice.get("/account/history").await;
    alice.is_at("/account/history", "it was you");

    stage.offers(json!({ "questions_to_answer": 1 })).await;
    let mut one = Visitor::signing_in(&stage, "alice").await;
    one.get("/verify/questions").await;
    assert_eq!(one.page.matches("<label for=\"answer").count(), 1);
    // Three wrong rounds pause it; more questions may be asked for.
    stage.offers(json!({ "questions_to_answer": 4 })).await;
    let mut guesser = Visitor::signing_in(&stage, "alice").await;
    guesser.get("/verify/questions").await;
    assert_eq!(guesser.page.matches("<label for=\"answer").count(), 4);
    for _ in 0..3 {
        guesser.post("/verify/questions", &[("answer1", "no")]).await;
    }
    guesser.is_at("/verify", "Too many texts were sent");
    assert!(!guesser.page.contains("Answer Questions"));
    stage.offers(json!({ "questions_fallback": false })).await;
    guesser.get("/verify/questions").await;
    guesser.is_at("/verify", "Too many texts were sent");
    alice.get("/account").await;
    assert!(!alice.page.contains("Security Questions"));
    stage.offers(json!({ "questions_fallback": true, "allow_change_questions": false })).await;
    alice.get("/account").await;
    assert!(!alice.page.contains("Security Questions"));
    assert_eq!(stage.call(Method::DELETE, "/v1/users/name:alice/security_questions", None).await.0, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_stands_in_for_a_text_that_does_not_come() {
    let stage = stage(json!({})).await;
    let token = json!({ "serial": "1", "secret": KEY, "settings": { "kind": "hotp" },
        "code": hotp::code(b"12345678901234567890", 0, 6, Algorithm::Sha1) });
    stage.post("/v1/users/name:alice/tokens", token).await;
    let without = Visitor::signing_in(&stage, "alice").await;
    assert!(!without.page.contains("Use a Code"));
    stage.offers(json!({ "oath_fallback": true })).await;
    let mut alice = Visitor::signing_in(&stage, "alice").await;
    alice.is_at("/verify", "Use a Code");
    alice.post("/verify", &[("do", "code")]).await;
    alice.is_at("/verify/code", "Type the code that your token");
    let code = hotp::code(b"12345678901234567890", 1, 6, Algorithm::Sha1);
    alice.post("/verify/code", &[("code", &code)]).await;
    alice.is_at("/account", "You signed in with a check");
    let outcomes = stage.get("/v1/outcomes?limit=100").await;
    let reasons: Vec<_> = outcomes["items"].as_array().unwrap().iter().map(|one| one["reason"].clone()).collect();
    assert!(reasons.contains(&json!("oath_fallback_ok")), "{reasons:?}");
}
