//! Going back, pressing twice, looking later: nothing that was entered is lost, and nothing counts twice.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use stage::visitor::{PASSWORD, Visitor};

const OLD: &str = "+12025550131";
const NINA: &str = "+12025550135";

async fn stage(portal: Value) -> Stage {
    Stage::with_alice_and_nina(OLD, portal).await
}

async fn person(stage: &Stage, name: &str) -> Value {
    stage.get(&format!("/v1/users/name:{name}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_corrected_and_the_method_chosen_again_without_typing_the_rest_anew() {
    let stage = stage(json!({ "prompt_backup_phone": true })).await;
    let mut settings = stage.get("/v1/settings").await;
    settings["velocity"]["number"]["gap_seconds"] = json!(0);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "sms")]).await;
    let backup = [("backup-country", "1"), ("backup-phone", "202 555 0139"), ("backup-extension", "12#")];
    nina.post("/setup/text", &[&[("country", "1"), ("phone", "+12025550136")][..], &backup].concat()).await;
    nina.is_at("/verify", "ending in 36");
    nina.get("/setup/text").await;
    for kept in ["value=\"+12025550136\"", "value=\"+12025550139\"", "value=\"12#\""] {
        assert!(nina.page.contains(kept), "{kept}: {}", nina.page);
    }
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "oath")]).await;
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "sms")]).await;
    nina.is_at("/setup/text", "value=\"+12025550136\"");
    let again = [("backup-country", "1"), ("backup-phone", "+12025550139"), ("backup-extension", "12#")];
    nina.post("/setup/text", &[&[("country", "1"), ("phone", NINA)][..], &again].concat()).await;
    let code = stage.code(NINA, 0).await;
    stage.reply(NINA, &code).await;
    nina.post("/verify", &[("do", "check")]).await;
    nina.is_at("/setup/done", "ending in 35");
    let made = person(&stage, "nina").await;
    assert_eq!((&made["phone"]["number"], &made["backup_phone"]["number"]), (&json!(NINA), &json!("+12025550139")));
    assert_eq!(made["backup_phone"]["extension"], "12#");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_sent_twice_counts_once() {
    let stage = stage(json!({ "allow_bypass": true, "prompt_oath_token": true })).await;
    let twice = async |visitor: &mut Visitor, path: &str, does: &str| {
        visitor.get(path).await;
        let hidden = visitor.hidden(path);
        let fields: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for _ in 0..4 {
            visitor.send(path, &[&fields[..], &[("do", does)]].concat(), &[]).await;
        }
    };
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.get("/setup/text").await;
    let hidden = nina.hidden("/setup/text");
    let fields: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for _ in 0..2 {
        nina.send("/setup/text", &[&fields[..], &[("country", "1"), ("phone", NINA)]].concat(), &[]).await;
        nina.is_at("/verify", "ending in 35");
    }
    let code = stage.code(NINA, 0).await;
    stage.reply(NINA, &code).await;
    nina.post("/verify", &[("do", "check")]).await;
    nina.is_at("/setup/token", "Skip for Now");
    assert_eq!(stage.texts(NINA).await.len(), 1, "one text, and its code counts");
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.is_at("/setup/token", "Skip for Now");
    twice(&mut alice, "/setup/token", "skip").await;
    // Of three times it may be put off one is used.
    stage.signed_in("alice", OLD, "").await.is_at("/setup/token", "Skip for Now");
    twice(&mut alice, "/account/bypass", "start").await;
    let bypasses = stage.get("/v1/users/name:alice/bypasses").await;
    assert_eq!(bypasses["items"].as_array().unwrap().len(), 1, "of three a day one is used: {bypasses}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_page_is_told_that_the_number_is_another_one() {
    let stage = stage(json!({})).await;
    stage.call(Method::PATCH, "/v1/users/name:nina", Some(json!({ "method": "sms", "mode": "one_way_otp" }))).await;
    let mut older = Visitor::signing_in(&stage, "nina").await;
    older.get("/setup/method").await;
    older.post("/setup/method", &[("method", "sms")]).await;
    older.post("/setup/text", &[("country", "1"), ("phone", "+12025550137")]).await;
    older.is_at("/verify/code", "ending in 37");
    let mut newer = Visitor::new(&stage);
    newer.cookies.clone_from(&older.cookies);
    newer.get("/setup/text").await;
    newer.post("/setup/text", &[("country", "1"), ("phone", NINA)]).await;
    newer.is_at("/verify/code", "ending in 35");
    older.post("/verify/code", &[("code", "000000")]).await;
    older.is_at("/verify/code?changed", "ending in 35");
    older.is_at("/verify/code?changed", "changed in another window");
    let code = stage.code(NINA, 0).await;
    newer.post("/verify/code", &[("code", &code)]).await;
    newer.is_at("/setup/done", "ending in 35");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_sent_again_once_its_time_has_come_and_the_gap_grows() {
    let mut stage = stage(json!({})).await;
    let mut alice = Visitor::signing_in(&stage, "alice").await;
    let first = stage.code(OLD, 0).await;
    for _ in 0..250 {
        alice.get("/verify").await;
        if alice.page.contains("sent again") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    alice.is_at("/verify", "value=\"resend\" hidden");
    stage.serve_in("+35s").await;
    alice.get("/verify").await;
    alice.is_at("/verify", "value=\"resend\">Send Again");
    alice.post("/verify", &[("do", "resend")]).await;
    let second = stage.code(OLD, 1).await;
    assert_ne!(first, second, "the old code is void");
    for _ in 0..250 {
        alice.get("/verify").await;
        if alice.page.contains("sent again") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let wait: u64 = alice.page.split("data-after=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    assert!((35_000..=40_000).contains(&wait), "{wait}");
    stage.reply(OLD, &second).await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/account", "Hello alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_retired_is_asked_for_again() {
    let stage = stage(json!({})).await;
    let mut ids = vec![];
    for text in ["First teacher?", "First pet?", "Street of your childhood?", "Favourite dish?", "Another one?"] {
        let question = json!({ "language": "en", "text": text, "active": true });
        ids.push(stage.post("/v1/security_questions", question).await["id"].as_str().unwrap().to_owned());
    }
    stage.offers(json!({ "questions_fallback": true })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.is_at("/setup/questions", "Choose four questions");
    let answers = [
        ("question1", &*ids[0]),
        ("answer1", "Miller"),
        ("question2", &*ids[1]),
        ("answer2", "Rex"),
        ("question3", &*ids[2]),
        ("answer3", "Lane"),
        ("question4", &*ids[3]),
        ("answer4", "soup"),
    ];
    alice.post("/setup/questions", &answers).await;
    alice.is_at("/setup/done", "You are set up");
    stage.signed_in("alice", OLD, "").await.is_at("/account", "Hello alice");
    let retired = json!({ "language": "en", "text": "First teacher?", "active": false });
    let path = format!("/v1/security_questions/{}", ids[0]);
    assert_eq!(stage.call(Method::PUT, &path, Some(retired)).await.0, 200);
    stage.signed_in("alice", OLD, "").await.is_at("/setup/questions", "is not used any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn home_says_what_else_there_is_to_do_until_it_is_done() {
    let stage = stage(json!({ "prompt_oath_token": true, "prompt_backup_phone": true })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.get("/account").await;
    alice.is_at("/account", "Name a backup phone");
    alice.is_at("/account", "Connect an authenticator app, or add a token");
    alice.get("/account/backup").await;
    alice.post("/account/backup", &[("backup-country", "1"), ("backup-phone", "202 555 0139")]).await;
    alice.get("/account").await;
    assert!(!alice.page.contains("Name a backup phone"), "{}", alice.page);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_page_has_a_help_of_its_own_that_leads_back_and_lets_sign_out() {
    let stage = stage(json!({ "allow_bypass": true })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    for (page, says) in [
        ("pin", "secret number"),
        ("bypass", "with your password alone"),
        ("sessions", "Every browser"),
        ("phone", "as you like"),
    ] {
        alice.get(&format!("/help/{page}")).await;
        alice.is_at(&format!("/help/{page}"), says);
        assert!(alice.page.contains(&format!("href=\"/account/{page}\"")) && alice.page.contains("Sign Out"));
    }
    alice.get("/account/bypass").await;
    alice.is_at("/account/bypass", "href=\"/help/bypass\"");
    let mut stranger = Visitor::new(&stage);
    stranger.get("/help/sign-in").await;
    assert!(!stranger.page.contains("Sign Out"));
    stranger.get("/help/nothing").await;
    assert_eq!(stranger.status, 404);
    let reference = stranger.page.split("help desk: ").nth(1).unwrap()[..9].to_owned();
    assert!(stage.log().contains(&reference), "the help desk finds {reference} in the log");
    stranger.get("/").await;
    stranger.post("/", &[("name", "alice"), ("password", PASSWORD)]).await;
    stranger.is_at("/verify", "ending in 31");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_typed_in_another_browser_stays_while_methods_are_tried() {
    let stage = stage(json!({})).await;
    let mut desk = Visitor::signing_in(&stage, "nina").await;
    desk.get("/setup/method").await;
    desk.post("/setup/method", &[("method", "sms")]).await;
    desk.post("/setup/text", &[("country", "1"), ("phone", NINA)]).await;
    desk.is_at("/verify", "ending in 35");
    let mut phone = Visitor::signing_in(&stage, "nina").await;
    for method in ["oath", "sms"] {
        phone.get("/setup/method").await;
        phone.post("/setup/method", &[("method", method)]).await;
    }
    phone.is_at("/setup/text", "A number is stored already");
    assert!(!phone.page.contains("5550135"), "and it is not shown there: {}", phone.page);
}
