//! What people look after once they are set up, as somebody without a script does it.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use engine::oath::{Algorithm, base32, hotp, totp};
use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use stage::visitor::Visitor;
use std::time::Duration;

const OLD: &str = "+12025550161";
const NEW: &str = "+12025550162";
const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn stage(portal: Value) -> Stage {
    Stage::with_alice(OLD, portal).await
}

async fn phone_of(stage: &Stage, name: &str) -> String {
    stage.get(&format!("/v1/users/name:{name}")).await["phone"]["number"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_number_counts_once_it_has_answered_and_the_old_one_is_told_and_can_be_brought_back() {
    let stage = stage(json!({ "url": "https://mfa.example.com" })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.get("/account/phone").await;
    alice.is_at("/account/phone", "ending in 61");
    alice.post("/account/phone", &[("do", "text"), ("country", "1"), ("phone", "nonsense")]).await;
    alice.is_at("/account/phone", "This is not a phone number");
    alice.post("/account/phone", &[("do", "text"), ("country", "1"), ("phone", "202 555 0162")]).await;
    alice.is_at("/verify", "ending in 62");
    assert_eq!(phone_of(&stage, "alice").await, OLD, "the old one counts until the new one answers");
    alice.get("/account").await;
    alice.is_at("/account", "A change waits until it is verified");
    let code = stage.code(NEW, 0).await;
    let told = stage.texts(OLD).await.len();
    stage.reply(NEW, &code).await;
    alice.get("/verify").await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/account", "ending in 62");
    assert_eq!(phone_of(&stage, "alice").await, NEW);
    assert!(stage.text(OLD, told).await.contains("was changed"), "the old phone is told");

    // Whoever has the password and the old phone takes it back; the other login ends, and nobody can do it again.
    let mut owner = Visitor::signing_in(&stage, "alice").await;
    owner.is_at("/verify", "I Did Not Change My Phone");
    owner.post("/verify", &[("do", "undo")]).await;
    owner.is_at("/verify", "ending in 61");
    let code = stage.code(OLD, told + 1).await;
    stage.reply(OLD, &code).await;
    owner.post("/verify", &[("do", "check")]).await;
    owner.is_at("/account", "ending in 61");
    assert_eq!(phone_of(&stage, "alice").await, OLD);
    alice.get("/account").await;
    alice.is_at("/?ended", "You were signed out");
    owner.get("/account/phone").await;
    assert!(!owner.page.contains("Bring the Old Phone Back"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_can_be_given_up_and_an_older_page_is_told_that_it_is_old() {
    let stage = stage(json!({})).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.get("/account/phone").await;
    alice.post("/account/phone", &[("country", "1"), ("phone", NEW)]).await;
    alice.is_at("/verify", "ending in 62");
    let mut other = Visitor::new(&stage);
    other.cookies.clone_from(&alice.cookies);
    other.get("/account/phone").await;
    other.post("/account/phone", &[("country", "1"), ("phone", "+12025550163")]).await;
    other.is_at("/verify", "ending in 63");
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/verify?changed", "changed in another window");
    alice.post("/verify", &[("do", "drop")]).await;
    alice.is_at("/account", "ending in 61");
    assert!(!alice.page.contains("A change waits"));
    let late = stage.code("+12025550163", 0).await;
    stage.reply("+12025550163", &late).await;
    other.get("/account").await;
    assert_eq!(phone_of(&stage, "alice").await, OLD, "what was given up proves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_the_phone_may_be_changed_and_the_old_one_is_told_is_a_setting() {
    let stage = stage(json!({ "allow_change_phone": false })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    assert!(!alice.page.contains("Change Phone"));
    alice.get("/account/phone").await;
    assert!(!alice.page.contains("Text Me Now"));
    stage.offers(json!({ "allow_change_phone": true, "phone_change_notice": false })).await;
    alice.get("/account").await;
    assert!(alice.page.contains("Change Phone"));
    let before = stage.texts(OLD).await.len();
    alice.get("/account/phone").await;
    alice.post("/account/phone", &[("country", "1"), ("phone", NEW)]).await;
    let code = stage.code(NEW, 0).await;
    stage.reply(NEW, &code).await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/account", "ending in 62");
    // Another text goes to the old number after where the notice would have stood, so that its absence is seen.
    stage.person("bob", OLD, "two_way_otp").await;
    stage.begin("bob").await;
    assert!(!stage.text(OLD, before).await.contains("was changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_phone_is_asked_for_where_the_setting_says_so() {
    let stage = stage(json!({ "allow_enrollment": true })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.get("/account/backup").await;
    assert!(!alice.page.contains("Backup"));
    stage.offers(json!({ "prompt_backup_phone": true })).await;
    alice.get("/account/backup").await;
    alice.is_at("/account/backup", "You have no backup phone");
    let typed = |phone: &'static str, extension: &'static str| {
        [("do", "backup"), ("backup-country", "1"), ("backup-phone", phone), ("backup-extension", extension)]
    };
    alice.post("/account/backup", &typed(OLD, "")).await;
    alice.is_at("/account/backup", "another one than your phone");
    alice.post("/account/backup", &typed("202 555 0165", "1a")).await;
    alice.is_at("/account/backup", "An extension may hold digits");
    alice.post("/account/backup", &typed("202 555 0165", "12,3")).await;
    alice.is_at("/account/backup?saved", "Your backup phone is the number ending in 65");
    let backup = stage.get("/v1/users/name:alice").await["backup_phone"].clone();
    assert_eq!(backup, json!({ "number": "+12025550165", "extension": "12,3" }));
    alice.post("/account/backup", &[("do", "backup-remove")]).await;
    assert!(stage.get("/v1/users/name:alice").await["backup_phone"].is_null());

    stage.post("/v1/users", json!({ "name": "nina", "set_up": false })).await;
    stage.password("nina").await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.get("/setup/text").await;
    nina.is_at("/setup/text", "Backup phone");
    let typed = [("country", "1"), ("phone", NEW), ("backup-country", "1"), ("backup-phone", "2025550166")];
    nina.post("/setup/text", &typed).await;
    let code = stage.code(NEW, 0).await;
    stage.reply(NEW, &code).await;
    nina.post("/verify", &[("do", "check")]).await;
    nina.is_at("/setup/done", "ending in 62");
    assert_eq!(stage.get("/v1/users/name:nina").await["backup_phone"]["number"], "+12025550166");
}

async fn with_pin(stage: &Stage, required: bool) {
    let mut body = json!({ "name": "pia", "phone": "+12025550167", "method": "sms", "mode": "two_way_otp_pin" });
    body["pin"] = json!("2580");
    body["pin_change_required"] = json!(required);
    stage.post("/v1/users", body).await;
    stage.password("pia").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_changed_by_who_knows_it_and_guessing_locks() {
    let stage = stage(json!({})).await;
    with_pin(&stage, false).await;
    let mut pia = stage.signed_in("pia", "+12025550167", "2580").await;
    pia.get("/account/pin").await;
    pia.post("/account/pin", &[("current", "2580"), ("pin", "1112"), ("confirm", "1113")]).await;
    pia.is_at("/account/pin", "repeats a digit");
    assert!(pia.page.contains("The two PINs differ") && !pia.page.contains("1112"));
    pia.post("/account/pin", &[("current", "9999"), ("pin", "4071"), ("confirm", "4071")]).await;
    pia.is_at("/account/pin", "not your current PIN");
    pia.post("/account/pin", &[("current", "2580"), ("pin", "4071"), ("confirm", "4071")]).await;
    pia.is_at("/account", "My account");
    let again = stage.signed_in("pia", "+12025550167", "4071").await;
    again.is_at("/account", "My account");
    for _ in 0..6 {
        pia.get("/account/pin").await;
        pia.post("/account/pin", &[("current", "9999"), ("pin", "8264"), ("confirm", "8264")]).await;
    }
    pia.is_at("/account/pin", "locked after too many wrong answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_must_be_changed_lets_in_once_and_leads_to_the_change() {
    let stage = stage(json!({})).await;
    with_pin(&stage, true).await;
    let mut pia = stage.signed_in("pia", "+12025550167", "2580").await;
    pia.is_at("/account/pin", "must be changed before you go on");
    pia.get("/account").await;
    pia.is_at("/account/pin", "must be changed before you go on");
    pia.get("/account/backup").await;
    pia.is_at("/account/pin", "must be changed before you go on");
    pia.post("/account/pin", &[("pin", "2580"), ("confirm", "2580")]).await;
    pia.is_at("/account/pin", "The PIN was used before");
    pia.post("/account/pin", &[("pin", "4071"), ("confirm", "4071")]).await;
    pia.is_at("/account", "My account");
    // Where people may not change it, the company has to set another.
    let (status, answer) = stage.offer(json!({ "allow_change_pin": false })).await;
    assert!(status == 422 && answer["detail"].as_str().unwrap().contains("portal.allow_change_pin"), "{answer}");
    let mut settings = stage.get("/v1/settings").await;
    settings["pin"]["change_required_on_create"] = json!(false);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    stage.offers(json!({ "allow_change_pin": false })).await;
    pia.get("/account").await;
    assert!(!pia.page.contains("Change PIN"));
    pia.get("/account/pin").await;
    pia.is_at("/account", "My account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bypass_lets_the_next_sign_in_pass_weakly_and_three_a_day_are_the_most() {
    let stage = stage(json!({})).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    assert!(!alice.page.contains("One-Time Bypass"));
    alice.get("/account/bypass").await;
    alice.is_at("/account", "My account");
    stage.offers(json!({ "allow_bypass": true, "bypass_seconds": 600 })).await;
    alice.get("/account/bypass").await;
    alice.is_at("/account/bypass", "600 seconds");
    assert!(!alice.page.contains("id=\"seconds\""));
    alice.post("/account/bypass", &[("do", "start"), ("seconds", "3000"), ("reason", "left at home")]).await;
    let bypasses = stage.get("/v1/users/name:alice/bypasses").await["items"].clone();
    assert_eq!(bypasses[0]["reason"], "left at home");
    let mut passed = Visitor::signing_in(&stage, "alice").await;
    passed.is_at("/account", "without a check that it was you");
    passed.get("/account/bypass").await;
    assert!(!passed.page.contains("Start Bypass"), "one that was let in by a bypass starts none");

    stage.offers(json!({ "prompt_bypass_seconds": true })).await;
    alice.get("/account/bypass").await;
    alice.is_at("/account/bypass", "id=\"seconds\"");
    for (seconds, says) in [("29", "Choose 30 to 3600"), ("3601", "Choose 30 to 3600"), ("x", "Choose 30 to 3600")] {
        alice.post("/account/bypass", &[("do", "start"), ("seconds", seconds)]).await;
        alice.is_at("/account/bypass", says);
    }
    alice.post("/account/bypass", &[("do", "start"), ("seconds", "30")]).await;
    alice.is_at("/account/bypass", "It can still be used");
    alice.post("/account/bypass", &[("do", "cancel")]).await;
    assert!(!alice.page.contains("It can still be used"));
    alice.post("/account/bypass", &[("do", "start"), ("seconds", "3600")]).await;
    alice.post("/account/bypass", &[("do", "start"), ("seconds", "60")]).await;
    alice.is_at("/account/bypass", "You have started three today");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_where_they_are_signed_in_and_end_it() {
    let stage = stage(json!({})).await;
    let mut one = stage.signed_in("alice", OLD, "").await;
    let mut two = stage.signed_in("alice", OLD, "").await;
    two.get("/account/sessions").await;
    assert_eq!(two.page.matches("127.0.0.1").count(), 2, "{}", two.page);
    assert_eq!(two.page.matches("(this one)").count(), 1);
    two.post("/account/sessions", &[("do", "others")]).await;
    two.is_at("/account/sessions?done", "All other places are signed out");
    one.get("/account").await;
    one.is_at("/?ended", "You were signed out");
    two.get("/account/sessions").await;
    two.post("/account/sessions", &[("do", "all")]).await;
    two.is_at("/?signed-out", "You are signed out");
    two.get("/account").await;
    two.is_at("/?ended", "You were signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_says_why_and_takes_a_report() {
    let stage = stage(json!({})).await;
    let started = stage.begin("alice").await;
    let code = stage.code(OLD, 0).await;
    stage.reply(OLD, &code).await;
    stage.person("bob", "+12025550168", "two_way_otp").await;
    let foreign = stage.begin("bob").await["id"].as_str().unwrap().to_owned();
    let mut alice = stage.signed_in("alice", OLD, "").await;
    let mut other = stage.signed_in("alice", OLD, "").await;
    alice.get("/account/history").await;
    alice.is_at("/account/history", "vpn");
    assert_eq!(alice.page.matches("it was you").count(), 3, "{}", alice.page);
    alice.get(&format!("/account/history/{foreign}")).await;
    assert_eq!(alice.status, 404, "somebody else's is as if it were not there");
    let path = format!("/account/history/{}", started["id"].as_str().unwrap());
    alice.get(&path).await;
    alice.is_at(&path, "The text was handed to the network");
    alice.post(&path, &[("do", "report")]).await;
    alice.is_at("/account/history?reported", "Thank you");
    other.get("/account").await;
    other.is_at("/?ended", "You were signed out");
    alice.get(&path).await;
    alice.post(&path, &[("do", "stop")]).await;
    alice.is_at("/?stopped", "Your account was stopped");
    assert!(stage.get("/v1/users/name:alice").await["blocked_until"].is_string());
    let blocked = Visitor::signing_in(&stage, "alice").await;
    blocked.is_at("/", "Your account is blocked");

    let stage = self::stage(json!({ "show_history": false })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    assert!(!alice.page.contains("History") && !alice.page.contains("Last sign-ins"));
    alice.get("/account/history").await;
    alice.is_at("/account", "My account");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_that_somebody_chose_goes_with_them_to_another_browser() {
    let stage = stage(json!({ "languages": ["en", "de"] })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.get("/account/language").await;
    alice.post("/account/language", &[("page", "tlh"), ("text", "de")]).await;
    assert_eq!(alice.status, 403);
    alice.get("/account/language").await;
    alice.post("/account/language", &[("page", "de"), ("text", "ja")]).await;
    assert!(alice.page.contains("<html lang=\"de\""), "{}", alice.page);
    assert_eq!(stage.get("/v1/users/name:alice").await["languages"]["sms"], "ja");
    let mut elsewhere = Visitor::signing_in(&stage, "alice").await;
    elsewhere.get("/verify").await;
    assert!(elsewhere.page.contains("<html lang=\"de\""), "{}", elsewhere.page);
    stage.offers(json!({ "allow_select_language": false })).await;
    alice.get("/account").await;
    assert!(!alice.page.contains("/account/language"));
    alice.get("/account/language").await;
    assert_eq!(alice.path, "/account");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_set_up_and_shown_to_work_before_it_counts() {
    let stage = stage(json!({ "allow_select_method": true })).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.get("/account/method").await;
    alice.post("/account/method", &[("method", "oath")]).await;
    alice.is_at("/account/token", "Connect your authenticator app");
    let key = alice.page.split("<p class=\"key\">").nth(1).unwrap().split("</p>").next().unwrap().to_owned();
    let secret = base32::parse(&key).unwrap();
    let at = |steps: u64| actors::Clock::start().now() - Duration::from_secs(30 * steps);
    let code = |steps| totp::code(secret.expose(), at(steps), 30, 6, Algorithm::Sha1);
    alice.post("/account/token", &[("do", "app"), ("code", &code(1))]).await;
    alice.is_at("/account/token?added", "It was added");
    assert!(alice.page.contains("Authenticator app"), "{}", alice.page);
    assert_eq!(stage.get("/v1/users/name:alice").await["method"], "sms", "it counts once it was shown to work");
    alice.get("/account/method").await;
    alice.post("/account/method", &[("method", "oath")]).await;
    alice.is_at("/verify/code", "authenticator app shows now");
    alice.post("/verify/code", &[("code", &code(0))]).await;
    alice.is_at("/account", "Authenticator app");
    assert_eq!(stage.get("/v1/users/name:alice").await["method"], "oath");
    alice.get("/account/token").await;
    let token = alice.page.split("option value=\"tok_").nth(1).unwrap().split('"').next().unwrap().to_owned();
    alice.post("/account/token", &[("do", "remove"), ("token", &format!("tok_{token}"))]).await;
    alice.is_at("/account/token", "Choose another method first");
    stage.offers(json!({ "selectable_methods": ["oath"], "allow_change_phone": false })).await;
    alice.get("/account/method").await;
    assert!(!alice.page.contains("Text message"));
    stage.offers(json!({ "allow_select_method": false })).await;
    alice.get("/account").await;
    assert!(!alice.page.contains("Change Method"));
    alice.get("/account/method").await;
    alice.is_at("/account", "My account");
}

async fn import(stage: &Stage, serial: &str) {
    let token = json!({ "serial": serial, "secret": KEY, "settings": { "kind": "hotp" } });
    stage.post("/v1/tokens", token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_taken_by_its_serial_number_and_a_code_and_looked_after() {
    let stage = stage(json!({ "allow_software_totp": false })).await;
    import(&stage, "A-100").await;
    let taken = json!({ "serial": "B-200", "secret": KEY, "settings": { "kind": "hotp" } });
    stage.person("bob", "+12025550168", "two_way_otp").await;
    stage.post("/v1/users/name:bob/tokens", taken).await;
    let code = |counter| hotp::code(b"12345678901234567890", counter, 6, Algorithm::Sha1);
    let mut alice = stage.signed_in("alice", OLD, "").await;
    assert!(!alice.page.contains("/account/token"), "neither apps nor tokens are on offer");
    stage.offers(json!({ "allow_oath_association": true })).await;
    alice.get("/account/token").await;
    let take = |serial: &'static str, code: &str, next: &str| {
        let fields = [("do", "serial"), ("serial", serial), ("serial-code", code), ("serial-next", next)];
        fields.map(|(name, value)| (name, value.to_owned()))
    };
    let as_text =
        |fields: &[(&'static str, String); 4]| fields.iter().map(|(a, b)| (*a, b.clone())).collect::<Vec<_>>();
    let mut answers = vec![];
    for serial in ["A-999", "B-200"] {
        let fields = as_text(&take(serial, &code(0), ""));
        let fields: Vec<_> = fields.iter().map(|(a, b)| (*a, b.as_str())).collect();
        alice.post("/account/token", &fields).await;
        alice.is_at("/account/token", "The serial number or the code is wrong");
        answers.push(alice.status);
    }
    assert_eq!(answers, [422, 422], "an unknown one and one of somebody else look alike");
    let far = code(60);
    alice.post("/account/token", &[("do", "serial"), ("serial", "a-100"), ("serial-code", &far)]).await;
    alice.is_at("/account/token", "Type the current code and the next one");
    let next = code(61);
    let both = [("do", "serial"), ("serial", "a-100"), ("serial-code", far.as_str()), ("serial-next", next.as_str())];
    alice.post("/account/token", &both).await;
    alice.is_at("/account/token?added", "Token A-100");
    let token = alice.page.split("option value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let act = |what: &'static str, code: String, next: String| {
        [("do", what.to_owned()), ("token", token.clone()), ("own-code", code), ("own-next", next)]
    };
    for (what, one, two, says) in [
        ("check", code(62), String::new(), "The code is right"),
        ("check", code(62), String::new(), "not one of this key"),
        ("resync", code(300), code(301), "The code is right"),
    ] {
        let fields = act(what, one, two);
        let fields: Vec<_> = fields.iter().map(|(a, b)| (*a, b.as_str())).collect();
        alice.get("/account/token").await;
        alice.post("/account/token", &fields).await;
        assert!(alice.page.contains(says), "{says}: {}", alice.page);
    }
    alice.get("/account/token").await;
    alice.post("/account/token", &[("do", "remove"), ("token", &token)]).await;
    alice.is_at("/account/token?removed", "It was removed");
    // It is free for whoever has it in hand next, and its codes of before are still used up.
    let old = code(301);
    alice.post("/account/token", &[("do", "serial"), ("serial", "A-100"), ("serial-code", &old)]).await;
    alice.is_at("/account/token", "The serial number or the code is wrong");
    let fresh = code(302);
    alice.post("/account/token", &[("do", "serial"), ("serial", "A-100"), ("serial-code", &fresh)]).await;
    alice.is_at("/account/token?added", "Token A-100");
}
