//! The portal as somebody without a script uses it, and as somebody who means harm does.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use engine::oath::{Algorithm, base32, totp};
use reqwest::Method;
use serde_json::json;
use stage::Stage;
use stage::visitor::{PASSWORD, Visitor};
use std::time::Duration;

const NINA: &str = "+12025550155";

async fn stage() -> Stage {
    Stage::with_alice_and_nina("+12025550151", json!({ "languages": ["en", "de", "ja"] })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_enrols_by_text_and_signs_in_with_it_the_next_time() {
    let stage = stage().await;
    let mut nina = Visitor::signing_in(&stage, "Nina").await;
    nina.is_at("/setup", "Set up your account");
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "sms")]).await;
    nina.is_at("/setup/text", "Your mobile number");
    nina.post("/setup/text", &[("country", "1"), ("phone", "12")]).await;
    nina.is_at("/setup/text", "The number has too few or too many digits");
    assert!(nina.status == 422 && nina.page.contains("value=\"12\""), "what was typed is there: {}", nina.page);
    nina.post("/setup/text", &[("country", "1"), ("phone", "(202) 555-0155")]).await;
    nina.is_at("/verify", "the number ending in 55");
    assert!(!nina.page.contains("5550155"));
    let code = stage.code(NINA, 0).await;
    stage.reply(NINA, &code).await;
    nina.post("/verify", &[("do", "check")]).await;
    nina.is_at("/setup/done", "number ending in 55");
    nina.get("/account").await;
    nina.is_at("/account", "Hello Nina");
    let person = stage.get("/v1/users/name:nina").await;
    assert_eq!((&person["set_up"], &person["phone"]["number"]), (&json!(true), &json!(NINA)));
    nina.post("/sign-out", &[]).await;
    nina.is_at("/?signed-out", "You are signed out");

    let mut again = Visitor::signing_in(&stage, "nina").await;
    again.is_at("/verify", "the number ending in 55");
    again.get("/account").await;
    again.is_at("/verify", "the number ending in 55");
    let code = stage.code(NINA, 1).await;
    stage.reply(NINA, &code).await;
    again.post("/verify", &[("do", "check")]).await;
    again.is_at("/account", "Hello Nina");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_enrols_by_an_authenticator_app_and_its_codes_sign_in() {
    let stage = stage().await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "oath")]).await;
    nina.is_at("/setup/token", "Connect your authenticator app");
    let key = nina.page.split("<p class=\"key\">").nth(1).unwrap().split("</p>").next().unwrap().to_owned();
    nina.post("/setup/token", &[("code", "abc")]).await;
    nina.is_at("/setup/token", "A code has digits only");
    assert!(nina.page.contains(&key), "the same key, or the app would have to be connected anew");
    let now = actors::Clock::start().now();
    let secret = base32::parse(&key).unwrap();
    let code = |at| totp::code(secret.expose(), at, 30, 6, Algorithm::Sha1);
    let step = Duration::from_secs(30);
    nina.post("/setup/token", &[("code", &code(now - step))]).await;
    nina.is_at("/setup/done", "authenticator app");
    let mut again = Visitor::signing_in(&stage, "nina").await;
    again.is_at("/verify/code", "authenticator app shows now");
    again.post("/verify/code", &[("code", &code(now - step))]).await;
    again.is_at("/verify", "used before");
    assert!(!again.page.contains("Hello"));
    let mut again = Visitor::signing_in(&stage, "nina").await;
    again.post("/verify/code", &[("code", &code(actors::Clock::start().now()))]).await;
    again.is_at("/account", "Hello Nina");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_that_was_left_goes_on_where_it_stopped_also_after_a_restart() {
    let mut stage = stage().await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "sms")]).await;
    nina.post("/setup/text", &[("country", "1"), ("phone", "202 555 0154")]).await;
    nina.is_at("/verify", "ending in 54");
    // A wrong number, corrected while its text is on its way: what comes from there proves nothing.
    let wrong = stage.code("+12025550154", 0).await;
    nina.get("/setup/text").await;
    nina.is_at("/setup/text", "+12025550154");
    nina.post("/setup/text", &[("country", "1"), ("phone", "202 555 0155")]).await;
    nina.is_at("/verify", "ending in 55");
    stage.reply("+12025550154", &wrong).await;
    stage.kill();
    stage.serve().await;
    // The browser is closed; the answer counts all the same.
    let code = stage.code(NINA, 0).await;
    stage.reply(NINA, &code).await;
    let mut later = Visitor::signing_in(&stage, "nina").await;
    later.is_at("/setup", "Check that it works");
    assert_eq!(later.page.matches(">done<").count(), 3, "{}", later.page);
    later.get("/verify").await;
    later.post("/verify", &[("do", "check")]).await;
    // What was answered counts; this login had not asked for it, and is verified by it now.
    later.is_at("/verify", "Continue");
    later.post("/verify", &[("do", "again")]).await;
    let code = stage.code(NINA, 1).await;
    stage.reply(NINA, &code).await;
    later.post("/verify", &[("do", "check")]).await;
    later.is_at("/account", "Hello Nina");
    assert_eq!(stage.get("/v1/users/name:nina").await["phone"]["number"], NINA);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_does_not_come_can_be_sent_again_or_called_off_and_tried_anew() {
    let stage = stage().await;
    let mut alice = Visitor::signing_in(&stage, "alice").await;
    stage.code("+12025550151", 0).await;
    // The gateway's answer to us may come after the text came to the phone.
    for _ in 0..250 {
        alice.get("/verify").await;
        if alice.page.contains("sent again") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    alice.is_at("/verify", "You can have it sent again in");
    alice.post("/verify", &[("do", "resend")]).await;
    alice.is_at("/verify", "ending in 51");
    alice.post("/verify", &[("do", "cancel")]).await;
    alice.is_at("/verify", "It was cancelled");
    alice.post("/verify", &[("do", "again")]).await;
    // Twice within half a minute is one too many for the number.
    alice.is_at("/verify", "Too many texts were sent");
    assert_eq!(stage.texts("+12025550151").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_address_passes_weakly_and_a_blocked_person_is_told_whom_to_ask() {
    let stage = stage().await;
    stage.offers(json!({ "help_contact": "555-0100" })).await;
    let trusted = json!({ "application": "User Portal", "entry": "127.0.0.1" });
    stage.post("/v1/trusted_ips", trusted).await;
    let alice = Visitor::signing_in(&stage, "alice").await;
    alice.is_at("/account", "without a check");
    stage.post("/v1/users/name:alice/block", json!({ "reason": "lost" })).await;
    let alice = Visitor::signing_in(&stage, "alice").await;
    alice.is_at("/", "Your account is blocked");
    assert!(alice.page.contains("555-0100") && !alice.page.contains("Try Again"));
    assert_eq!(stage.texts("+12025550151").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switches_of_the_portal_take_effect_at_the_next_request() {
    let stage = stage().await;
    stage.offers(json!({ "allow_select_method": false, "languages": ["en"] })).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    assert!(!nina.page.contains("Choose how we check") && !nina.page.contains("name=\"language\""));
    nina.get("/setup/method").await;
    nina.is_at("/setup", "Set up your account");
    stage.offers(json!({ "allow_select_method": true, "selectable_methods": ["oath"] })).await;
    nina.get("/setup/method").await;
    assert!(nina.page.contains("Authenticator app") && !nina.page.contains("Text message"));
    stage.offers(json!({ "selectable_methods": ["sms", "oath"], "allow_software_totp": false })).await;
    nina.get("/setup/token").await;
    nina.is_at("/setup", "Set up your account");
    stage.offers(json!({ "allow_enrollment": false })).await;
    let refused = Visitor::signing_in(&stage, "nina").await;
    refused.is_at("/", "not set up for this yet");
    stage.offers(json!({ "allow_log_in": false })).await;
    let refused = Visitor::signing_in(&stage, "alice").await;
    refused.is_at("/", "switched off");
    assert!(refused.page.contains("disabled"));
    let wrong = json!({ "allow_log_in": false, "allow_enrollment": true });
    let mut settings = stage.get("/v1/settings").await;
    settings["portal"] = wrong;
    let (status, answer) = stage.call(Method::PUT, "/v1/settings", Some(settings)).await;
    assert!(status == 422 && answer["detail"].as_str().unwrap().contains("portal.allow_enrollment"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_speak_the_persons_language() {
    let stage = stage().await;
    let mut visitor = Visitor::new(&stage);
    visitor.get("/").await;
    visitor.post("/language", &[("language", "ja")]).await;
    visitor.is_at("/", "サインイン");
    assert!(visitor.page.contains("lang=\"ja\""));
    visitor.post("/language", &[("language", "fr")]).await;
    visitor.is_at("/", "サインイン");
}

/// A text that is missing, or lacks what is to be put in, is an error in the log.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_drawn_in_every_language() {
    let stage = stage().await;
    stage.offers(json!({ "languages": engine::portal::LANGUAGES, "help_contact": "555-0100" })).await;
    for (place, language) in engine::portal::LANGUAGES.iter().enumerate() {
        let name = format!("person{place}");
        stage.post("/v1/users", json!({ "name": name, "set_up": false })).await;
        stage.password(&name).await;
        let phone = format!("+1202555016{place}");
        let mut visitor = Visitor::new(&stage);
        visitor.cookies.insert("__Host-countersign-language".into(), (*language).into());
        let mut drawn = vec![];
        let mut note = |visitor: &Visitor| drawn.push((visitor.path.clone(), visitor.page.clone()));
        visitor.get("/").await;
        note(&visitor);
        visitor.post("/", &[("name", &name), ("password", PASSWORD)]).await;
        note(&visitor);
        for path in [
            "/help/sign-in",
            "/help/verify",
            "/help/setup",
            "/help/account",
            "/nothing",
            "/setup/token",
            "/setup/method",
        ] {
            visitor.get(path).await;
            note(&visitor);
        }
        visitor.post("/setup/method", &[("method", "sms")]).await;
        visitor.post("/setup/text", &[("country", "1"), ("phone", "1")]).await;
        note(&visitor);
        visitor.post("/setup/text", &[("country", "1"), ("phone", &phone)]).await;
        note(&visitor);
        let code = stage.code(&phone, 0).await;
        stage.reply(&phone, &code).await;
        visitor.post("/verify", &[("do", "check")]).await;
        note(&visitor);
        assert_eq!(visitor.path, "/setup/done");
        visitor.get("/account").await;
        note(&visitor);
        assert_eq!(drawn.len(), 13);
        for (path, page) in drawn {
            assert!(page.contains(&format!("<html lang=\"{language}\" dir=\"ltr\">")), "{path}:\n{page}");
            let files = ["portal.css", "portal.js", "icon.svg"].map(|name| format!("portal/src/pages/assets/{name}"));
            let files = files.map(|file| std::fs::metadata(file).unwrap().len() as usize).iter().sum::<usize>();
            // A picture of the company has at most 16 kB in base64.
            let first_visit = page.len() + files + 12 * 1024;
            assert!(first_visit < 60_000, "{path} has {first_visit} bytes with its files");
        }
    }
    assert!(!stage.log().contains("a text is missing") && !stage.log().contains("cannot be put together"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_path_holds_everything() {
    let stage = Stage::with("[portal]\nbase_path = \"/mfa\"\n").await;
    stage.offers(json!({})).await;
    stage.person("alice", "+12025550151", "two_way_otp").await;
    stage.password("alice").await;
    let mut alice = Visitor::below(&stage, "/mfa");
    alice.get("/").await;
    assert!(alice.page.contains("href=\"/mfa/assets/portal.css"));
    alice.post("/", &[("name", "alice"), ("password", PASSWORD)]).await;
    alice.is_at("/mfa/verify", "ending in 51");
    let code = stage.code("+12025550151", 0).await;
    stage.reply("+12025550151", &code).await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/mfa/account", "Hello alice");
    assert_eq!(stage.call(Method::GET, "/account", None).await.1["code"], "not_found", "the API's own words elsewhere");
}

/// The attacker knows the password, and not the phone.
#[tokio::test(flavor = "multi_thread")]
async fn a_verification_counts_for_one_login_and_one_draft() {
    let stage = stage().await;
    let once = "AAAAAAAAAAAAAAAAAAAAAA";
    let sign_in = async |stage: &Stage, name: &str| {
        let mut visitor = Visitor::new(stage);
        visitor.get("/").await;
        let form = visitor.hidden("/").iter().find(|(field, _)| field == "form").unwrap().1.clone();
        visitor.send("/", &[("form", &form), ("once", once), ("name", name), ("password", PASSWORD)], &[]).await;
        visitor
    };
    let mut alice = sign_in(&stage, "alice").await;
    let code = stage.code("+12025550151", 0).await;
    stage.reply("+12025550151", &code).await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/account", "Hello alice");
    let mut thief = sign_in(&stage, "alice").await;
    thief.is_at("/verify", "We have sent a text");
    thief.get("/account").await;
    thief.is_at("/verify", "We have sent a text");

    // A text to one number, answered, proves no other one that is saved under the same key.
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    let save = async |nina: &mut Visitor, phone: &str| {
        nina.get("/setup/text").await;
        let form = nina.hidden("/setup/text").iter().find(|(field, _)| field == "form").unwrap().1.clone();
        nina.send("/setup/text", &[("form", &form), ("once", once), ("country", "1"), ("phone", phone)], &[]).await;
    };
    save(&mut nina, NINA).await;
    let code = stage.code(NINA, 0).await;
    stage.reply(NINA, &code).await;
    save(&mut nina, "+12025550156").await;
    stage.code("+12025550156", 0).await;
    nina.get("/verify").await;
    nina.is_at("/verify", "ending in 56");
    assert!(!nina.page.contains("You are verified"));

    // A key that was shown to one login is not shown to the next.
    let shown = async |stage: &Stage| {
        let mut visitor = Visitor::signing_in(stage, "nina").await;
        visitor.get("/setup/token").await;
        visitor.page.split("<p class=\"key\">").nth(1).unwrap().split("</p>").next().unwrap().to_owned()
    };
    assert_ne!(shown(&stage).await, shown(&stage).await);
    // A new password ends what was begun with the old one.
    stage.password("nina").await;
    nina.get("/verify").await;
    nina.is_at("/?ended", "You were signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_set_for_somebody_is_the_one_they_set_up() {
    let stage = stage().await;
    stage.offers(json!({ "allow_select_method": false })).await;
    let pin = json!({ "name": "otto", "set_up": false, "method": "sms", "mode": "two_way_otp_pin" });
    stage.post("/v1/users", pin).await;
    stage.password("otto").await;
    let mut otto = Visitor::signing_in(&stage, "otto").await;
    otto.get("/setup/token").await;
    otto.is_at("/setup", "Set up your account");
    otto.get("/setup/text").await;
    let typed = [("country", "1"), ("phone", "2025550157"), ("pin", "1111"), ("confirm", "1112")];
    otto.post("/setup/text", &typed).await;
    otto.is_at("/setup/text", "repeats a digit");
    assert!(otto.page.contains("The two PINs differ") && !otto.page.contains("1111"), "{}", otto.page);
    otto.post("/setup/text", &[("country", "1"), ("phone", "2025550157"), ("pin", "2580"), ("confirm", "2580")]).await;
    otto.is_at("/verify", "followed by your PIN");
    let code = stage.code("+12025550157", 0).await;
    stage.reply("+12025550157", &format!("{code}2580")).await;
    otto.post("/verify", &[("do", "check")]).await;
    otto.is_at("/setup/done", "ending in 57");
    let token = json!({ "name": "tina", "set_up": false, "method": "oath", "mode": "code" });
    stage.post("/v1/users", token).await;
    stage.password("tina").await;
    stage.offers(json!({ "allow_software_totp": false })).await;
    let tina = Visitor::signing_in(&stage, "tina").await;
    tina.is_at("/setup", "Your method cannot be used at the moment");
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_taken_as_people_write_them_and_wrong_ones_say_why() {
    let stage = stage().await;
    let mut settings = stage.get("/v1/settings").await;
    settings["numbers"]["sms_countries"] = json!(["1", "49"]);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.get("/setup/text").await;
    for (country, phone, says) in [
        ("1", "", "Enter your mobile number"),
        ("1", "+49 30", "too few or too many digits"),
        ("1", "+33 6 12 34 56 78", "We do not send texts to this country"),
        ("999", "555 0100", "No country has this country code"),
        ("1", "900 555 0100", "We do not send texts to this kind of number"),
        ("1", "202-555-0155 x12", "This is not a phone number"),
        ("1", "<script>", "This is not a phone number"),
    ] {
        nina.post("/setup/text", &[("country", country), ("phone", phone)]).await;
        nina.is_at("/setup/text", says);
        assert!(!nina.page.contains("<script>"), "{}", nina.page);
    }
    // A number in the international form counts, whatever country stands beside it.
    nina.post("/setup/text", &[("country", "49"), ("phone", "001 (202) 555-0155")]).await;
    nina.is_at("/verify", "ending in 55");
    nina.get("/setup/text").await;
    nina.post("/setup/text", &[("country", "49"), ("phone", "0151 2345 6789")]).await;
    nina.is_at("/verify", "ending in 89");
    assert!(stage.texts("+4915123456789").await.len() <= 1);
    stage.code("+4915123456789", 0).await;
}
