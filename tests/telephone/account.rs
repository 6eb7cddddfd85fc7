//! Looking after an account whose person is called (portal.md §8).

use super::*;

const OLD: &str = "+12025550161";
const NEW: &str = "+12025550162";
const BACKUP: &str = "+12025550165";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_number_counts_once_its_call_has_passed_and_the_old_one_comes_back_by_a_call() {
    let stage = Stage::with_calls(json!({ "url": "https://mfa.example.com" })).await;
    let rosa =
        json!({ "name": "rosa", "phone": OLD, "method": "voice", "mode": "standard", "email": "rosa@example.com" });
    stage.post("/v1/users", rosa).await;
    stage.password("rosa").await;
    let mut rosa = signed_in(&stage, "rosa", OLD, "#").await;
    rosa.get("/account/phone").await;
    rosa.is_at("/account/phone", "once a call to it has succeeded");
    rosa.post("/account/phone", &[("do", "call"), ("country", "1"), ("phone", "900 555 0100")]).await;
    rosa.is_at("/account/phone", "We do not call this kind of number");
    rosa.post("/account/phone", &[("do", "call"), ("country", "1"), ("phone", NEW), ("extension", "")]).await;
    rosa.is_at("/verify", "ending in 62");
    stage.rings(NEW, 0).await;
    assert_eq!(person(&stage, "rosa").await["phone"]["number"], OLD);
    stage.hand(NEW, "answer").await;
    stage.keys(NEW, "#").await;
    checks(&mut rosa).await;
    rosa.is_at("/account", "ending in 62");
    assert_eq!(person(&stage, "rosa").await["phone"]["number"], NEW);
    assert!(stage.text(OLD, 0).await.contains("was changed"), "the old phone is told");
    let letters = stage.letters("rosa@example.com", 1).await;
    assert!(letters.iter().any(|letter| letter["subject"] == "Your phone was changed"), "{letters:?}");

    // Whoever has the password and the old phone takes it back; the other login ends.
    let calls = stage.calls(OLD).await.len();
    let mut owner = Visitor::signing_in(&stage, "rosa").await;
    stage.rings(NEW, 1).await;
    owner.is_at("/verify", "I Did Not Change My Phone");
    owner.post("/verify", &[("do", "undo")]).await;
    assert_eq!(stage.call_end(NEW, 1).await, "cancelled");
    owner.is_at("/verify", "ending in 61");
    checks(&mut owner).await;
    owner.is_at("/account", "ending in 61");
    assert_eq!(stage.calls(OLD).await.len(), calls + 1);
    rosa.get("/account").await;
    rosa.is_at("/?ended", "You were signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_given_up_and_its_call_rings_no_more() {
    let stage = Stage::with_calls(json!({})).await;
    called(&stage, "rosa", OLD, "standard").await;
    let mut rosa = signed_in(&stage, "rosa", OLD, "#").await;
    rosa.get("/account/phone").await;
    rosa.post("/account/phone", &[("do", "call"), ("country", "1"), ("phone", NEW)]).await;
    stage.rings(NEW, 0).await;
    rosa.post("/verify", &[("do", "drop")]).await;
    rosa.is_at("/account", "ending in 61");
    assert_eq!(stage.call_end(NEW, 0).await, "cancelled");
    assert_eq!(person(&stage, "rosa").await["phone"]["number"], OLD);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_become_calls_to_the_same_phone_once_one_has_passed() {
    let stage = Stage::with_calls(json!({})).await;
    stage.person("rosa", OLD, "two_way_otp").await;
    stage.password("rosa").await;
    let mut rosa = stage.signed_in("rosa", OLD, "").await;
    for (act, method) in [("decline", "sms"), ("answer", "voice")] {
        let calls = stage.calls(OLD).await.len();
        rosa.get("/account/method").await;
        rosa.post("/account/method", &[("method", "voice")]).await;
        rosa.is_at("/verify", "ending in 61");
        stage.rings(OLD, calls).await;
        stage.hand(OLD, act).await;
        if act == "answer" {
            stage.keys(OLD, "#").await;
        }
        checks(&mut rosa).await;
        assert_eq!(person(&stage, "rosa").await["method"], method, "{}", rosa.page);
    }
    rosa.is_at("/account", "Phone call");
    // And back again: the phone is there, and is texted.
    rosa.get("/account/method").await;
    rosa.post("/account/method", &[("method", "sms")]).await;
    rosa.is_at("/verify", "We have sent a text");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_behind_an_extension_gets_no_texts_and_another_one_is_asked_for() {
    let stage = Stage::with_calls(json!({})).await;
    called(&stage, "rosa", OLD, "standard").await;
    let mut rosa = signed_in(&stage, "rosa", OLD, "#").await;
    let phones = json!({ "phone": format!("{OLD} x12") });
    assert_eq!(stage.call(Method::PUT, "/v1/users/name:rosa/phones", Some(phones)).await.0, 200);
    rosa.get("/account/method").await;
    rosa.post("/account/method", &[("method", "sms")]).await;
    rosa.is_at("/account/phone", "Text Me Now to Authenticate");
    // A window that was drawn for calls still means calls.
    rosa.post("/account/phone", &[("do", "call"), ("country", "1"), ("phone", NEW)]).await;
    rosa.is_at("/verify", "press the pound or hash key (#)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_pin_is_chosen_where_calls_need_one() {
    let stage = Stage::with_calls(json!({})).await;
    stage.set("voice", json!({ "standard": false })).await;
    stage.person("rosa", OLD, "two_way_otp").await;
    stage.password("rosa").await;
    let mut rosa = stage.signed_in("rosa", OLD, "").await;
    rosa.get("/account/method").await;
    rosa.post("/account/method", &[("method", "voice")]).await;
    rosa.is_at("/account/phone", "name=\"confirm\"");
    stage.presses(OLD, &["4071#"]).await;
    let typed = [("do", "call"), ("country", "1"), ("phone", OLD), ("pin", "4071"), ("confirm", "4071")];
    rosa.post("/account/phone", &typed).await;
    checks(&mut rosa).await;
    rosa.is_at("/account", "Change PIN");
    let made = person(&stage, "rosa").await;
    assert_eq!((&made["method"], &made["mode"]), (&json!("voice"), &json!("pin")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backup_phone_is_changed_tried_and_removed_by_itself() {
    let stage = Stage::with_calls(json!({ "prompt_backup_phone": true })).await;
    called(&stage, "rosa", OLD, "standard").await;
    let mut rosa = signed_in(&stage, "rosa", OLD, "#").await;
    let calls = stage.calls(OLD).await.len();
    rosa.get("/account/backup").await;
    assert!(!rosa.page.contains("Test Backup Phone"));
    let typed = [("do", "backup"), ("backup-country", "1"), ("backup-phone", BACKUP), ("backup-extension", "")];
    rosa.post("/account/backup", &typed).await;
    rosa.is_at("/account/backup?saved", "It is not verified yet");
    rosa.post("/account/backup", &[("do", "test")]).await;
    rosa.is_at("/account/call", "Test of your backup phone");
    assert!(!rosa.page.contains("Your first phone did not answer"));
    stage.rings(BACKUP, 0).await;
    reads(&mut rosa, "/account/call", "ending in 65 is ringing").await;
    rosa.post("/account/call", &[("do", "cancel")]).await;
    rosa.is_at("/account/call", "It was cancelled");
    assert_eq!(stage.call_end(BACKUP, 0).await, "cancelled");
    stage.presses(BACKUP, &["#"]).await;
    rosa.post("/account/call", &[("do", "again")]).await;
    for _ in 0..5 {
        if rosa.page.contains("value=\"check\"") {
            rosa.post("/account/call", &[("do", "check")]).await;
        }
    }
    rosa.is_at("/account/call", "Your backup phone has answered. It is verified");
    assert_eq!(person(&stage, "rosa").await["backup_verified"], true);
    assert_eq!(stage.calls(OLD).await.len(), calls, "the phone itself is not called");
    rosa.get("/account/backup").await;
    rosa.is_at("/account/backup", "It is verified: it has answered a call");
    let typed = [("do", "backup"), ("backup-country", "1"), ("backup-phone", "2025550166"), ("backup-extension", "")];
    rosa.post("/account/backup", &typed).await;
    rosa.is_at("/account/backup?saved", "It is not verified yet");
    rosa.post("/account/backup", &[("do", "backup-remove")]).await;
    assert!(person(&stage, "rosa").await["backup_phone"].is_null());
    // What is not there is not called, and nothing was tried by being looked at.
    rosa.post("/account/backup", &[("do", "test")]).await;
    rosa.is_at("/account/call", "It is verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_of_calls_is_chosen_and_heard() {
    let stage = Stage::with_calls(json!({ "languages": ["en", "de"] })).await;
    called(&stage, "rosa", OLD, "standard").await;
    let mut rosa = signed_in(&stage, "rosa", OLD, "#").await;
    rosa.get("/account/call").await;
    rosa.is_at("/account", "My account");
    let calls = stage.calls(OLD).await.len();
    stage.behave(OLD, json!({ "on_call": "ring" })).await;
    rosa.get("/account/language").await;
    rosa.is_at("/account/language", "value=\"pl\" lang=\"pl\"");
    let hidden = rosa.hidden("/account/language");
    let fields: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for _ in 0..2 {
        rosa.send("/account/language", &[&fields[..], &[("do", "hear"), ("call", "de")]].concat(), &[]).await;
        rosa.is_at("/account/call", "How our calls sound");
    }
    stage.rings(OLD, calls).await;
    stage.hand(OLD, "answer").await;
    stage.until_call(OLD, calls, |call| !call["prompts"].as_array().unwrap().is_empty()).await;
    stage.hand(OLD, "hang_up").await;
    reads(&mut rosa, "/account/call", "That was the sample").await;
    assert_eq!(stage.calls(OLD).await.len(), calls + 1, "pressed twice, called once");
    assert_eq!(person(&stage, "rosa").await["languages"], json!({}), "hearing keeps nothing");
    rosa.get("/account/language").await;
    rosa.post("/account/language", &[("page", "en"), ("text", "fr"), ("call", "xx")]).await;
    assert_eq!(rosa.status, 403);
    rosa.get("/account/language").await;
    rosa.post("/account/language", &[("page", "en"), ("text", "fr"), ("call", "pl")]).await;
    rosa.is_at("/account", "My account");
    let languages = person(&stage, "rosa").await["languages"].clone();
    assert_eq!(languages, json!({ "voice": "pl", "sms": "fr" }));
    // By the API each method may have its own; what has none has the person's.
    let change = json!({ "language": "es", "languages": { "voice": "nl" } });
    assert_eq!(stage.call(Method::PATCH, "/v1/users/name:rosa", Some(change)).await.0, 200);
    rosa.get("/account/language").await;
    assert!(
        rosa.page.contains("value=\"nl\" lang=\"nl\" selected")
            && rosa.page.contains("value=\"es\" lang=\"es\" selected")
    );
    let wrong = json!({ "languages": { "voice": "n" } });
    assert_eq!(stage.call(Method::PATCH, "/v1/users/name:rosa", Some(wrong)).await.0, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_for_a_call_is_there_again_after_the_login_had_ended() {
    let mut stage = Stage::with_calls(json!({ "session_timeout_minutes": 1 })).await;
    called(&stage, "rosa", OLD, "standard").await;
    let mut rosa = signed_in(&stage, "rosa", OLD, "#").await;
    rosa.get("/account/phone").await;
    stage.serve_in("+3m").await;
    let typed = [("do", "call"), ("country", "1"), ("phone", NEW), ("extension", "12")];
    rosa.post("/account/phone", &typed).await;
    rosa.is_at("/?ended", "You were signed out");
    rosa.post("/", &[("name", "rosa"), ("password", PASSWORD)]).await;
    checks(&mut rosa).await;
    rosa.is_at("/account/phone", "What you typed is still here");
    assert!(rosa.page.contains("value=\"+12025550162\"") && rosa.page.contains("value=\"12\""), "{}", rosa.page);
    assert!(stage.calls(NEW).await.is_empty(), "nothing was sent by itself");
}
