//! Somebody who knows the password, or who holds a login for a moment: what they try, and what the owner has left.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use engine::oath::{Algorithm, base32, totp};
use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use stage::visitor::{PASSWORD, Visitor};
use std::time::Duration;

const OLD: &str = "+12025550181";
const NEW: &str = "+12025550182";
const NINA: &str = "+12025550183";
const THIEF: &str = "+12025550184";

async fn stage(portal: Value) -> Stage {
    let stage = Stage::with_alice_and_nina(OLD, json!({ "allow_software_totp": true })).await;
    stage.offers(portal).await;
    stage
}

async fn types(nina: &mut Visitor, phone: &str) {
    nina.get("/setup/text").await;
    nina.post("/setup/text", &[("country", "1"), ("phone", phone)]).await;
}

async fn answers(stage: &Stage, phone: &str, texts: usize) {
    let code = stage.code(phone, texts).await;
    stage.reply(phone, &code).await;
}

/// The key that a page shows, and the code that its app shows so many steps later.
fn key(visitor: &Visitor) -> String {
    let key = visitor.page.split("<p class=\"key\">").nth(1);
    let key = key.unwrap_or_else(|| panic!("{} shows no key:\n{}", visitor.path, visitor.page));
    key.split("</p>").next().unwrap().to_owned()
}

fn code(key: &str, later: u64) -> String {
    let at = actors::Clock::start().now() + Duration::from_secs(30 * later);
    totp::code(base32::parse(key).unwrap().expose(), at, 30, 6, Algorithm::Sha1)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_again_beside_a_set_up_is_not_signed_in_by_its_owners_answer() {
    let stage = stage(json!({})).await;
    let mut settings = stage.get("/v1/settings").await;
    settings["velocity"]["number"]["gap_seconds"] = json!(0);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    types(&mut nina, NINA).await;
    nina.is_at("/verify", "ending in 83");
    stage.code(NINA, 0).await;

    let mut thief = Visitor::signing_in(&stage, "nina").await;
    thief.get("/verify").await;
    thief.post("/verify", &[("do", "cancel")]).await;
    nina.get("/verify").await;
    nina.is_at("/verify", "We have sent a text");
    thief.get("/setup/text").await;
    thief.is_at("/setup/text", "was typed in another browser");
    assert!(!thief.page.contains("5550183"), "the number is shown where it was typed alone");
    thief.post("/setup/text", &[("country", "1"), ("phone", "")]).await;
    thief.is_at("/verify", "ending in 83");
    assert_eq!(stage.texts(NINA).await.len(), 1, "what is out is left alone");
    nina.post("/verify", &[("do", "cancel")]).await;
    thief.get("/verify").await;
    thief.post("/verify", &[("do", "again")]).await;
    answers(&stage, NINA, 1).await;
    thief.post("/verify", &[("do", "check")]).await;
    thief.get("/account").await;
    thief.is_at("/verify", "");
    assert!(!thief.page.contains("You are verified"), "{}", thief.page);
    assert_eq!(stage.get("/v1/users/name:nina").await["phone"]["number"], NINA, "the answer counts");

    nina.get("/verify").await;
    nina.post("/verify", &[("do", "again")]).await;
    answers(&stage, NINA, 2).await;
    nina.post("/verify", &[("do", "check")]).await;
    nina.is_at("/account", "Hello Nina");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_proved_of_an_earlier_draft_signs_nobody_in_once_the_owner_is_set_up() {
    let stage = stage(json!({})).await;
    let mut thief = Visitor::signing_in(&stage, "nina").await;
    types(&mut thief, THIEF).await;
    answers(&stage, THIEF, 0).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    types(&mut nina, NINA).await;
    answers(&stage, NINA, 0).await;
    nina.post("/verify", &[("do", "check")]).await;
    nina.is_at("/setup/done", "ending in 83");
    thief.get("/verify").await;
    thief.post("/verify", &[("do", "check")]).await;
    thief.get("/account").await;
    thief.is_at("/verify", "");
    assert!(!thief.page.contains("You are verified"), "it is led to a verification of its own: {}", thief.page);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_login_has_its_own_key_and_none_counts_beside_a_set_up_that_was_first() {
    let stage = stage(json!({})).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.get("/setup/token").await;
    let own = key(&nina);
    let mut thief = Visitor::signing_in(&stage, "nina").await;
    thief.get("/setup/token").await;
    let other = key(&thief);
    assert_ne!(own, other);
    nina.get("/setup/token").await;
    assert_eq!(key(&nina), own, "another login takes nobody's key away");
    nina.post("/setup/token", &[("do", "app"), ("code", &code(&own, 0))]).await;
    nina.is_at("/setup/done", "You are set up");
    thief.post("/setup/token", &[("do", "app"), ("code", &code(&other, 0))]).await;
    thief.get("/account").await;
    assert!(thief.path.starts_with("/verify"), "{}", thief.path);
    assert_eq!(stage.get("/v1/users/name:nina/tokens").await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_checks_nothing_any_more_is_told_and_can_come_back() {
    let stage = stage(json!({ "url": "https://mfa.example.com" })).await;
    let mut holder = stage.signed_in("alice", OLD, "").await;
    holder.get("/account/token").await;
    let app = key(&holder);
    holder.post("/account/token", &[("do", "app"), ("code", &code(&app, 0))]).await;
    holder.is_at("/account/token?added", "");
    holder.get("/account/method").await;
    holder.post("/account/method", &[("method", "oath")]).await;
    holder.is_at("/verify/code", "");
    let before = stage.texts(OLD).await.len();
    holder.post("/verify/code", &[("code", &code(&app, 1))]).await;
    holder.is_at("/account", "Hello alice");
    assert_eq!(stage.get("/v1/users/name:alice").await["method"], "oath");
    assert!(stage.text(OLD, before).await.contains("no longer uses this phone"));

    let mut owner = Visitor::signing_in(&stage, "alice").await;
    owner.get("/verify").await;
    owner.post("/verify", &[("do", "undo")]).await;
    owner.is_at("/verify", "ending in 81");
    answers(&stage, OLD, before + 1).await;
    owner.post("/verify", &[("do", "check")]).await;
    owner.is_at("/account", "ending in 81");
    assert_eq!(stage.get("/v1/users/name:alice").await["method"], "sms");
    holder.get("/account").await;
    holder.is_at("/?ended", "You were signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_is_stopped_by_nobody_and_takes_back_what_was_left_behind() {
    let stage = stage(json!({ "oath_fallback": true })).await;
    let mut holder = stage.signed_in("alice", OLD, "").await;
    holder.get("/account/token").await;
    let app = key(&holder);
    holder.post("/account/token", &[("do", "app"), ("code", &code(&app, 0))]).await;
    holder.is_at("/account/token?added", "");
    holder.get("/account/phone").await;
    holder.post("/account/phone", &[("country", "1"), ("phone", NEW)]).await;
    answers(&stage, NEW, 0).await;
    let told = stage.texts(OLD).await.len();
    holder.post("/verify", &[("do", "check")]).await;
    holder.is_at("/account", "ending in 82");
    assert!(stage.text(OLD, told).await.contains("was changed"));

    let mut owner = Visitor::signing_in(&stage, "alice").await;
    owner.post("/verify", &[("do", "undo")]).await;
    owner.is_at("/verify", "ending in 81");
    let code = stage.code(OLD, told + 1).await;
    holder.get("/account").await;
    assert!(!holder.page.contains("A change waits"), "it is no business of other logins: {}", holder.page);
    holder.get("/account/phone").await;
    holder.post("/account/phone", &[("country", "1"), ("phone", THIEF)]).await;
    holder.is_at("/account/phone", "An earlier phone is being brought back");
    holder.post("/account/phone", &[("do", "undo")]).await;
    holder.is_at("/verify", "ending in 81");
    assert!(!holder.page.contains("value=\"cancel\""), "{}", holder.page);
    holder.post("/verify", &[("do", "cancel")]).await;
    holder.get("/verify").await;
    holder.post("/verify", &[("do", "drop")]).await;
    stage.reply(OLD, &code).await;
    holder.get("/verify").await;
    holder.post("/verify", &[("do", "check")]).await;
    holder.get("/account").await;
    holder.is_at("/?ended", "You were signed out");
    assert_eq!(stage.get("/v1/users/name:alice").await["phone"]["number"], OLD);
    assert_eq!(stage.get("/v1/users/name:alice/tokens").await["items"], json!([]), "the app goes with the phone");

    let mut owner = stage.signed_in("alice", OLD, "").await;
    owner.is_at("/account", "ending in 81");
    owner.get("/account/phone").await;
    assert!(!owner.page.contains("Bring the Old Phone Back"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_way_stays_open_to_whoever_began_a_return_without_the_phone_at_hand() {
    let stage = stage(json!({ "oath_fallback": true })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.get("/account/token").await;
    let app = key(&alice);
    alice.post("/account/token", &[("do", "app"), ("code", &code(&app, 0))]).await;
    alice.get("/account/phone").await;
    alice.post("/account/phone", &[("country", "1"), ("phone", NEW)]).await;
    answers(&stage, NEW, 0).await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/account", "ending in 82");
    let mut again = Visitor::signing_in(&stage, "alice").await;
    again.post("/verify", &[("do", "undo")]).await;
    again.is_at("/verify", "ending in 81");
    again.post("/verify", &[("do", "code")]).await;
    again.is_at("/verify/code", "");
    again.post("/verify/code", &[("code", &code(&app, 1))]).await;
    again.is_at("/account", "ending in 82");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sign_in_of_a_browser_does_not_wait_for_its_first() {
    let stage = stage(json!({})).await;
    let mut alice = Visitor::signing_in(&stage, "alice").await;
    alice.is_at("/verify", "We have sent a text");
    stage.code(OLD, 0).await;
    let mut settings = stage.get("/v1/settings").await;
    settings["velocity"]["number"]["gap_seconds"] = json!(0);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    // The browser was closed: what it holds for the session is gone, by what it is known again stays.
    alice.cookies.retain(|name, _| name.ends_with("place"));
    alice.get("/").await;
    alice.post("/", &[("name", "alice"), ("password", PASSWORD)]).await;
    answers(&stage, OLD, 1).await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/account", "Hello alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_by_typed_codes_goes_on_in_another_browser() {
    let stage = stage(json!({})).await;
    let mut settings = stage.get("/v1/settings").await;
    settings["velocity"]["number"]["gap_seconds"] = json!(0);
    settings["sms"]["two_way"] = json!(false);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    types(&mut nina, NINA).await;
    nina.is_at("/verify/code", "Change the Number");
    stage.code(NINA, 0).await;
    let mut elsewhere = Visitor::signing_in(&stage, "nina").await;
    elsewhere.get("/verify/code").await;
    elsewhere.is_at("/verify/code", "asked for in another browser");
    types(&mut elsewhere, NINA).await;
    elsewhere.is_at("/verify/code", "Type the code");
    let code = stage.code(NINA, 1).await;
    elsewhere.post("/verify/code", &[("code", &code)]).await;
    elsewhere.is_at("/setup/done", "ending in 83");
    nina.get("/account").await;
    assert!(nina.path.starts_with("/verify"), "{}", nina.path);

    // A phone comes back by a typed code too, from Home; the notice is the text before it.
    let before = stage.texts(NINA).await.len();
    elsewhere.get("/account/phone").await;
    elsewhere.post("/account/phone", &[("country", "1"), ("phone", NEW)]).await;
    let code = stage.code(NEW, 0).await;
    elsewhere.post("/verify/code", &[("code", &code)]).await;
    elsewhere.is_at("/account", "ending in 82");
    stage.text(NINA, before).await;
    elsewhere.get("/account/phone").await;
    elsewhere.post("/account/phone", &[("do", "undo")]).await;
    elsewhere.is_at("/verify/code", "ending in 83");
    let code = stage.code(NINA, before + 1).await;
    elsewhere.post("/verify/code", &[("code", &code)]).await;
    elsewhere.is_at("/account", "ending in 83");
}

async fn pia(stage: &Stage) {
    let body = json!({ "name": "pia", "phone": OLD, "method": "sms", "mode": "two_way_otp_pin", "pin": "2580",
        "pin_change_required": false });
    stage.post("/v1/users", body).await;
    stage.password("pia").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_changed_by_who_knows_it_alone() {
    let stage = stage(json!({})).await;
    pia(&stage).await;
    let mut pia = stage.signed_in("pia", OLD, "2580").await;
    pia.get("/account/phone").await;
    let typed = [("country", "1"), ("phone", NEW), ("pin", "4071"), ("confirm", "4071")];
    pia.post("/account/phone", &typed).await;
    pia.is_at("/verify", "ending in 82");
    let code = stage.code(NEW, 0).await;
    stage.reply(NEW, &format!("{code}2580")).await;
    pia.post("/verify", &[("do", "check")]).await;
    pia.is_at("/account", "ending in 82");

    // What the rules say of a new PIN would tell what the present one is.
    pia.get("/account/pin").await;
    pia.post("/account/pin", &[("current", "9999"), ("pin", "2580"), ("confirm", "2580")]).await;
    pia.is_at("/account/pin", "not your current PIN");
    assert!(!pia.page.contains("used before"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_became_too_weak_leads_to_its_change() {
    let stage = stage(json!({})).await;
    pia(&stage).await;
    let number = "+12025552580";
    let change = json!({ "phone": number });
    let (status, answer) = stage.call(Method::PUT, "/v1/users/name:pia/phones", Some(change)).await;
    assert_eq!(status, 200, "{answer}");
    let mut pia = stage.signed_in("pia", number, "2580").await;
    pia.is_at("/account/pin", "must be changed before you go on");
    pia.post("/account/pin", &[("pin", "4071"), ("confirm", "4071")]).await;
    pia.is_at("/account", "My account");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_on_sign_in_send_one_text_and_a_second_press_of_another_way_changes_nothing() {
    let stage = stage(json!({ "oath_fallback": true })).await;
    let mut alice = Visitor::new(&stage);
    alice.get("/").await;
    let mut again = Visitor::new(&stage);
    again.cookies.clone_from(&alice.cookies);
    let hidden = alice.hidden("/");
    let typed = [("name", "alice"), ("password", PASSWORD)];
    let fields: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(typed).collect();
    alice.send("/", &fields, &[]).await;
    again.send("/", &fields, &[]).await;
    answers(&stage, OLD, 0).await;
    again.get("/verify").await;
    again.post("/verify", &[("do", "check")]).await;
    again.is_at("/account", "Hello alice");
    assert_eq!(stage.texts(OLD).await.len(), 1);
    alice.get("/verify").await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.get("/account").await;
    alice.is_at("/verify", "");
    assert!(!alice.page.contains("You are verified"), "one verification signs in once: {}", alice.page);

    again.get("/account/token").await;
    let app = key(&again);
    again.post("/account/token", &[("do", "app"), ("code", &code(&app, 0))]).await;
    let mut by_code = Visitor::signing_in(&stage, "alice").await;
    by_code.get("/verify").await;
    by_code.post("/verify", &[("do", "code")]).await;
    by_code.is_at("/verify/code", "");
    let seen = [("do", "code"), ("seen", "0")];
    let hidden = by_code.hidden("/verify/code");
    let fields: Vec<_> = hidden
        .iter()
        .filter(|(name, _)| name != "once")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain([("once", "AAAAAAAAAAAAAAAAAAAAAA")])
        .chain(seen)
        .collect();
    by_code.send("/verify", &fields, &[]).await;
    by_code.get("/verify/code").await;
    by_code.post("/verify/code", &[("code", &code(&app, 1))]).await;
    by_code.is_at("/account", "Hello alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_more_than_ten_tokens() {
    let stage = stage(json!({})).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    for _ in 0..10 {
        alice.get("/account/token").await;
        let app = key(&alice);
        alice.post("/account/token", &[("do", "app"), ("code", &code(&app, 0))]).await;
        alice.is_at("/account/token?added", "");
    }
    let app = key(&alice);
    alice.post("/account/token", &[("do", "app"), ("code", &code(&app, 0))]).await;
    alice.is_at("/account/token", "as many tokens as there may be");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_would_leave_somebody_without_a_way_are_refused() {
    let mut stage = stage(json!({})).await;
    let file = stage.home().join("countersign.toml");
    let with_mail = std::fs::read_to_string(&file).unwrap();
    let (without_mail, _) = with_mail.split_once("[[gateway]]\nkind = \"smtp\"").unwrap();
    std::fs::write(&file, without_mail).unwrap();
    stage.kill();
    stage.serve().await;
    let (status, answer) = stage.offer(json!({ "enrollment_proof": "mail_code" })).await;
    assert!(status == 422 && answer["detail"].as_str().unwrap().contains("needs a gateway of kind smtp"), "{answer}");

    let question = |text: &str, active: bool| json!({ "language": "en", "text": text, "active": active });
    let mut last = String::new();
    for text in ["First pet?", "First school?", "First street?", "First car?"] {
        last = stage.post("/v1/security_questions", question(text, true)).await["id"].as_str().unwrap().to_owned();
    }
    stage.offers(json!({ "questions_fallback": true })).await;
    let path = format!("/v1/security_questions/{last}");
    for (method, body) in [(Method::PUT, Some(question("First car?", false))), (Method::DELETE, None)] {
        let (status, answer) = stage.call(method, &path, body).await;
        assert!(status == 422 && answer["detail"].as_str().unwrap().contains("make another one first"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_of_a_stranger_does_not_stand_under_what_the_owner_was_asked() {
    let stage = stage(json!({ "allow_select_method": true })).await;
    let otto = json!({ "name": "otto", "set_up": false, "method": "sms", "mode": "two_way_otp_pin" });
    stage.post("/v1/users", otto).await;
    stage.password("otto").await;
    let mut owner = Visitor::signing_in(&stage, "otto").await;
    owner.get("/setup/method").await;
    owner.post("/setup/method", &[("method", "sms")]).await;
    owner.post("/setup/text", &[("country", "1"), ("phone", NINA), ("pin", "2580"), ("confirm", "2580")]).await;
    owner.is_at("/verify", "ending in 83");
    let code = stage.code(NINA, 0).await;
    let mut thief = Visitor::signing_in(&stage, "otto").await;
    thief.get("/setup/text").await;
    thief.post("/setup/text", &[("country", "1"), ("phone", ""), ("pin", "9753"), ("confirm", "9753")]).await;
    stage.reply(NINA, &format!("{code}2580")).await;
    thief.get("/setup/method").await;
    thief.post("/setup/method", &[("method", "sms")]).await;
    thief.get("/verify").await;
    if thief.path == "/verify" {
        thief.post("/verify", &[("do", "check")]).await;
    }
    // Nothing counts that was not answered as it stands; the owner is told, and types again.
    assert_eq!(stage.get("/v1/users/name:otto").await["set_up"], false);
    owner.post("/verify", &[("do", "check")]).await;
    assert!(owner.path.starts_with("/verify?changed") || owner.path.starts_with("/setup"), "{}", owner.path);
    owner.get("/setup/text").await;
    owner.is_at("/setup/text", "Your mobile number");
}
