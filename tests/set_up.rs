//! Set-ups that were begun and not finished: what administrators see and do, and what the person is reminded of.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use stage::visitor::{PASSWORD, Visitor};

const NINA: &str = "+12025550176";
const MAILBOX: &str = "nina@example.com";

async fn stage(portal: Value) -> Stage {
    let stage = Stage::start().await;
    let nina = json!({ "name": "nina", "first_name": "Nina", "email": MAILBOX, "set_up": false });
    stage.post("/v1/users", nina).await;
    stage.password("nina").await;
    let rules = json!({ "allow_enrollment": true, "url": "https://mfa.example.com", "languages": ["en", "de"] });
    stage.offers(rules).await;
    stage.offers(portal).await;
    stage
}

async fn set_up(stage: &Stage) -> Value {
    stage.get("/v1/users/name:nina/set_up").await
}

async fn act(stage: &Stage, act: &str, body: Option<Value>) -> (u16, Value) {
    stage.call(Method::POST, &format!("/v1/users/name:nina/set_up/{act}"), body).await
}

fn states(set_up: &Value) -> Vec<String> {
    let steps = set_up["steps"].as_array().unwrap();
    steps.iter().map(|step| format!("{} {}", step["step"], step["state"]).replace('"', "")).collect()
}

/// Nina enters her number and is texted.
async fn enters(stage: &Stage, nina: &mut Visitor) -> String {
    let before = stage.texts(NINA).await.len();
    nina.get("/setup/text").await;
    nina.post("/setup/text", &[("country", "1"), ("phone", NINA)]).await;
    nina.is_at("/verify", "ending in 76");
    stage.code(NINA, before).await
}

/// Nina answers the text, and is set up.
async fn answers(stage: &Stage, nina: &mut Visitor, code: &str) {
    stage.reply(NINA, code).await;
    nina.post("/verify", &[("do", "check")]).await;
    nina.is_at("/setup/done", "You are set up");
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_how_far_a_set_up_is_and_when_its_person_was_last_at_it() {
    let stage = stage(json!({ "allow_select_method": true, "prompt_oath_token": true })).await;
    let nothing = set_up(&stage).await;
    assert_eq!((&nothing["begun_at"], &nothing["last_active_at"]), (&Value::Null, &Value::Null));
    assert_eq!(states(&nothing), ["method open", "phone open", "check open", "token open"]);
    let refused = stage.begin("nina").await;
    assert_eq!(refused["reason"], "setup_unfinished");
    assert_eq!(refused["set_up_url"], "https://mfa.example.com");
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    let begun = set_up(&stage).await;
    assert_eq!((&begun["step"], &begun["of"], &begun["open"]), (&json!(1), &json!(4), &json!(true)));
    assert!(begun["last_active_at"].is_string() && begun["begun_at"] == begun["last_active_at"], "{begun}");
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "sms")]).await;
    assert_eq!(set_up(&stage).await["step"], 2);
    let code = enters(&stage, &mut nina).await;
    let waiting = set_up(&stage).await;
    assert_eq!(states(&waiting), ["method done", "phone done", "check waiting", "token open"]);
    nina.get("/setup").await;
    nina.is_at("/setup", "waiting for your answer");
    assert_eq!(act(&stage, "skip", Some(json!({ "step": "token" }))).await.0, 200);
    nina.get("/setup").await;
    nina.is_at("/setup", "skipped");
    nina.get("/verify").await;
    answers(&stage, &mut nina, &code).await;
    let over = set_up(&stage).await;
    assert_eq!((&over["finished"], &over["step"], &over["begun_at"]), (&json!(true), &Value::Null, &Value::Null));
    assert_eq!(states(&over)[2..], ["check done", "token skipped"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_that_starts_over_keeps_nothing_and_whoever_was_at_it_signs_in_again() {
    let stage = stage(json!({ "allow_select_method": true })).await;
    let mut settings = stage.get("/v1/settings").await;
    settings["velocity"]["number"]["gap_seconds"] = json!(0);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    let code = enters(&stage, &mut nina).await;
    assert_eq!(act(&stage, "start_over", None).await.0, 200);
    assert_eq!(states(&set_up(&stage).await), ["method open", "phone open", "check open"]);
    let ended = stage.get("/v1/outcomes").await["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&ended["user"], &ended["reason"]), (&json!("nina"), &json!("cancelled_by_caller")));
    nina.get("/verify").await;
    nina.is_at("/?ended", "Sign in");
    // The same browser again: neither the number nor its text counts.
    nina.post("/", &[("name", "nina"), ("password", PASSWORD)]).await;
    stage.reply(NINA, &code).await;
    nina.get("/verify").await;
    nina.is_at("/setup", "Set up your account");
    nina.get("/setup/text").await;
    assert!(!nina.page.contains("5550176"), "{}", nina.page);
    // Nor does the key of an app that was shown.
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "oath")]).await;
    nina.is_at("/setup/token", "class=\"key\"");
    let tokens = async || stage.get("/v1/users/name:nina/tokens").await["items"].as_array().unwrap().len();
    assert_eq!(tokens().await, 1);
    assert_eq!(act(&stage, "start_over", None).await.0, 200);
    assert_eq!(tokens().await, 0);
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    let code = enters(&stage, &mut nina).await;
    answers(&stage, &mut nina, &code).await;
    for refused in ["start_over", "reopen", "link"] {
        let (status, problem) = act(&stage, refused, None).await;
        assert_eq!(
            (status, problem["detail"].as_str()),
            (422, Some("the set-up of the person is finished")),
            "{refused}"
        );
    }
    let (status, problem) = act(&stage, "skip", Some(json!({ "step": "phone" }))).await;
    assert!(status == 422 && problem["detail"].as_str().unwrap().contains("cannot be skipped"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_leads_to_the_sign_in_and_what_keeps_it_from_being_sent_is_said() {
    let mut stage = stage(json!({ "enrollment_window_days": 7 })).await;
    let (status, sent) = act(&stage, "link", None).await;
    assert!(status == 200 && sent["begun_at"].is_string() && sent["last_active_at"].is_null(), "{sent}");
    let letter = stage.letters(MAILBOX, 1).await.remove(0);
    assert_eq!(letter["subject"], "Please set up your account");
    let text = letter["text"].as_str().unwrap();
    assert!(text.contains("Sign in: https://mfa.example.com") && !text.contains('?'), "{text}");
    stage.serve_in("+8d").await;
    let closed = async |stage: &Stage, words: &str| {
        let (status, problem) = act(stage, "link", None).await;
        assert!(status == 422 && problem["detail"].as_str().unwrap().contains(words), "{words}: {problem}");
    };
    assert_eq!(set_up(&stage).await["open"], false);
    closed(&stage, "reopen it first").await;
    assert_eq!(act(&stage, "reopen", None).await.1["open"], true);
    stage.offers(json!({ "allow_enrollment": false })).await;
    closed(&stage, "portal.allow_enrollment is off").await;
    stage.offers(json!({ "allow_enrollment": true, "url": "" })).await;
    closed(&stage, "portal.url is not set").await;
    stage.offers(json!({ "url": "https://mfa.example.com" })).await;
    stage.call(Method::PATCH, "/v1/users/name:nina", Some(json!({ "email": "" }))).await;
    closed(&stage, "no mail address").await;
}

async fn reminders(stage: &Stage, name: &str) -> u64 {
    stage.get(&format!("/v1/users/name:{name}/set_up")).await["reminders_sent"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_reminded_after_one_three_and_seven_days_in_their_language_and_go_on_where_they_stopped() {
    let mut stage = stage(json!({})).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    enters(&stage, &mut nina).await;
    nina.post("/language", &[("language", "de"), ("back", "/setup")]).await;
    stage.serve_in("+23h").await;
    for (sent, days) in [(1, "+25h"), (2, "+73h"), (3, "+169h")] {
        stage.serve_in(days).await;
        let letters = stage.letters(MAILBOX, sent).await;
        assert_eq!((letters.len(), reminders(&stage, "nina").await), (sent, sent as u64));
        let last = &letters[sent - 1];
        assert_eq!(last["subject"], "Ihr Konto ist noch nicht eingerichtet");
        let text = last["text"].as_str().unwrap();
        assert!(text.contains("Ihre Eingaben sind gespeichert") && text.contains("nicht waren"), "{text}");
        assert!(text.contains("Anmelden: https://mfa.example.com") && !text.contains("5550176"), "{text}");
    }
    assert_eq!(set_up(&stage).await["next_reminder_at"], Value::Null);
    stage.serve_in("+30d").await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.is_at("/setup", "Set up your account");
    let code = enters(&stage, &mut nina).await;
    answers(&stage, &mut nina, &code).await;
    let subjects: Vec<_> = stage.letters(MAILBOX, 4).await.iter().map(|letter| letter["subject"].clone()).collect();
    assert_eq!(subjects[3], "Your account is set up", "as the pages were this time");
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_that_were_missed_are_not_made_up_for_and_say_what_is_so() {
    let mut stage = stage(json!({})).await;
    assert_eq!(act(&stage, "link", None).await.0, 200);
    stage.serve_in("+4d").await;
    let letters = stage.letters(MAILBOX, 2).await;
    let text = letters[1]["text"].as_str().unwrap();
    assert!(!text.contains("You began") && !text.contains("not you"), "nobody began anything: {text}");
    stage.serve_in("+8d").await;
    assert_eq!(stage.letters(MAILBOX, 3).await.len(), 3);
    assert_eq!(reminders(&stage, "nina").await, 2, "the link is none, and one was missed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_reminded_who_is_done_at_it_or_would_not_get_in() {
    let mut stage = stage(json!({ "enrollment_window_days": 2 })).await;
    for (name, enabled) in [("otto", true), ("rosa", true), ("paul", false)] {
        let email = format!("{name}@example.com");
        stage.post("/v1/users", json!({ "name": name, "email": email, "set_up": false })).await;
        stage.password(name).await;
        Visitor::signing_in(&stage, name).await.is_at("/setup", "Set up your account");
        stage.call(Method::PATCH, &format!("/v1/users/name:{name}"), Some(json!({ "enabled": enabled }))).await;
    }
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    let code = enters(&stage, &mut nina).await;
    answers(&stage, &mut nina, &code).await;
    // Rosa is at it half an hour before her reminder is due, and so it waits.
    stage.serve_in("+1410m").await;
    Visitor::signing_in(&stage, "rosa").await.is_at("/setup", "Set up your account");
    stage.serve_in("+1441m").await;
    stage.letters("otto@example.com", 1).await;
    let sent = [reminders(&stage, "otto").await, reminders(&stage, "rosa").await, reminders(&stage, "paul").await];
    assert_eq!(sent, [1, 0, 0]);
    stage.serve_in("+26h").await;
    stage.letters("rosa@example.com", 1).await;
    // Who is on again is reminded of what is left; whose time is over is not led to a closed door.
    stage.call(Method::PATCH, "/v1/users/name:paul", Some(json!({ "enabled": true }))).await;
    stage.offers(json!({ "enrollment_window_days": 0 })).await;
    stage.serve_in("+73h").await;
    stage.letters("paul@example.com", 1).await;
    stage.letters("rosa@example.com", 2).await;
    stage.offers(json!({ "enrollment_window_days": 5 })).await;
    stage.serve_in("+170h").await;
    stage.post("/v1/users/name:otto/set_up/reopen", json!({})).await;
    stage.serve_in("+195h").await;
    stage.letters("otto@example.com", 3).await;
    assert_eq!([reminders(&stage, "rosa").await, reminders(&stage, "paul").await], [2, 1]);
    assert_eq!(stage.letters(MAILBOX, 1).await.len(), 1, "nina has been told that she is set up");
}
