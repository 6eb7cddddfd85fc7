//! Setting up by a call (portal.md §5.2, §6).

use super::*;

const NINA: &str = "+12025550155";

async fn chooses_calls(stage: &Stage, name: &str) -> Visitor {
    let mut nina = Visitor::signing_in(stage, name).await;
    nina.get("/setup/method").await;
    nina.is_at("/setup/method", "We call you, and you press a key");
    nina.post("/setup/method", &[("method", "voice")]).await;
    nina.is_at("/setup/phone", "Call Me Now to Authenticate");
    nina
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_enrols_by_a_call_that_is_seen_as_it_goes() {
    let stage = Stage::with_calls(json!({})).await;
    stage.newcomer("nina").await;
    let mut nina = chooses_calls(&stage, "nina").await;
    assert!(!nina.page.contains("name=\"pin\"") && !nina.page.contains("backup"), "{}", nina.page);
    nina.post("/setup/phone", &[("country", "1"), ("phone", "(202) 555-0155")]).await;
    nina.is_at("/verify", "the number ending in 55");
    nina.is_at("/verify", "press the pound or hash key (#)");
    assert!(!nina.page.contains("5550155") && !nina.page.contains("Send Again"), "{}", nina.page);
    stage.rings(NINA, 0).await;
    reads(&mut nina, "/verify", "The phone with the number ending in 55 is ringing").await;
    stage.hand(NINA, "answer").await;
    reads(&mut nina, "/verify", "The call to the number ending in 55 was answered").await;
    stage.keys(NINA, "#").await;
    checks(&mut nina).await;
    nina.is_at("/setup/done", "Calls to the number ending in 55");
    let made = person(&stage, "nina").await;
    assert_eq!((&made["set_up"], &made["method"], &made["mode"]), (&json!(true), &json!("voice"), &json!("standard")));
    nina.get("/account").await;
    nina.is_at("/account", "Phone number");
    nina.is_at("/account", "Phone call: it was you");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_chosen_with_the_phone_and_keyed_in_the_call() {
    let stage = Stage::with_calls(json!({ "allow_select_method": false, "prompt_backup_phone": true })).await;
    stage.post("/v1/users", json!({ "name": "otto", "set_up": false, "method": "voice", "mode": "pin" })).await;
    stage.password("otto").await;
    let mut otto = Visitor::signing_in(&stage, "otto").await;
    otto.is_at("/setup", "Enter your phone number");
    otto.get("/setup/phone").await;
    otto.is_at("/setup/phone", "No part of your phone number");
    let typed = |pin: &'static str, backup: &'static str| {
        let own = [("country", "1"), ("phone", "202 555 0155"), ("pin", pin), ("confirm", pin)];
        [&own[..], &[("backup-country", "1"), ("backup-phone", backup)]].concat()
    };
    otto.post("/setup/phone", &typed("5501", "202 555 0172")).await;
    otto.is_at("/setup/phone", "The PIN holds a part of your phone number");
    otto.post("/setup/phone", &typed("0172", "202 555 0172")).await;
    otto.is_at("/setup/phone", "The PIN holds a part of your phone number");
    otto.post("/setup/phone", &typed("2580", "202 555 0155")).await;
    otto.is_at("/setup/phone", "another one than your phone");
    stage.presses(NINA, &["9999#", "2580#"]).await;
    otto.post("/setup/phone", &typed("2580", "202 555 0172")).await;
    otto.is_at("/verify", "key in your PIN");
    checks(&mut otto).await;
    otto.is_at("/setup/done", "Calls to the number ending in 55");
    assert!(stage.calls("+12025550172").await.is_empty(), "the backup phone is not called");
    otto.get("/account").await;
    otto.is_at("/account", "ending in 72, not verified yet");
    signed_in(&stage, "otto", NINA, "2580#").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_pass_says_why_and_loses_nothing() {
    let stage = Stage::with_calls(json!({})).await;
    stage.newcomer("nina").await;
    let mut nina = chooses_calls(&stage, "nina").await;
    stage.behave(NINA, json!({ "on_call": "busy" })).await;
    nina.post("/setup/phone", &[("country", "1"), ("phone", NINA)]).await;
    checks(&mut nina).await;
    nina.is_at("/verify", "The number was busy");
    nina.is_at("/verify", "Choose Another Method");
    for (habit, says) in [
        (json!({ "on_call": "decline", "answer_after_ms": 0 }), "before anything was confirmed"),
        (json!({ "on_call": "unallocated" }), "cannot be reached by a call"),
    ] {
        nina.get("/setup/phone").await;
        nina.is_at("/setup/phone", "value=\"+12025550155\"");
        stage.behave(NINA, habit).await;
        nina.post("/setup/phone", &[("country", "1"), ("phone", NINA)]).await;
        checks(&mut nina).await;
        nina.is_at("/verify", says);
    }
    // Three are free; what was typed is there still, and another method too.
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "sms")]).await;
    nina.is_at("/setup/text", "value=\"+12025550155\"");
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "voice")]).await;
    nina.is_at("/setup/phone", "value=\"+12025550155\"");
    // A form of the other way that was open all the while puts that one aside too.
    stage.behave(NINA, json!({ "on_call": "ring" })).await;
    nina.get("/setup/text").await;
    nina.post("/setup/text", &[("country", "1"), ("phone", "+12025550156")]).await;
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "voice")]).await;
    nina.is_at("/setup/phone", "value=\"+12025550155\"");
    assert_eq!(person(&stage, "nina").await["set_up"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_is_corrected_while_its_call_is_out_and_an_older_page_is_told() {
    let stage = Stage::with_calls(json!({})).await;
    stage.newcomer("nina").await;
    let wrong = "+12025550154";
    let mut older = chooses_calls(&stage, "nina").await;
    older.post("/setup/phone", &[("country", "1"), ("phone", wrong)]).await;
    stage.rings(wrong, 0).await;
    let mut newer = Visitor::new(&stage);
    newer.cookies.clone_from(&older.cookies);
    newer.get("/setup/phone").await;
    newer.is_at("/setup/phone", "value=\"+12025550154\"");
    let hidden = newer.hidden("/setup/phone");
    let fields: Vec<_> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for _ in 0..2 {
        newer.send("/setup/phone", &[&fields[..], &[("country", "1"), ("phone", NINA)]].concat(), &[]).await;
        newer.is_at("/verify", "ending in 55");
    }
    assert_eq!(stage.call_end(wrong, 0).await, "cancelled");
    older.post("/verify", &[("do", "cancel")]).await;
    older.is_at("/verify?changed", "changed in another window");
    stage.rings(NINA, 0).await;
    stage.hand(NINA, "answer").await;
    stage.keys(NINA, "#").await;
    checks(&mut newer).await;
    newer.is_at("/setup/done", "ending in 55");
    assert_eq!(stage.calls(NINA).await.len(), 1, "sent twice, called once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_cancelled_rings_no_more_and_one_that_was_answered_after_the_browser_was_closed_counts() {
    let stage = Stage::with_calls(json!({})).await;
    stage.newcomer("nina").await;
    let mut nina = chooses_calls(&stage, "nina").await;
    nina.post("/setup/phone", &[("country", "1"), ("phone", NINA)]).await;
    stage.rings(NINA, 0).await;
    nina.post("/verify", &[("do", "cancel")]).await;
    nina.is_at("/verify", "It was cancelled");
    assert_eq!(stage.call_end(NINA, 0).await, "cancelled");
    nina.post("/verify", &[("do", "again")]).await;
    stage.rings(NINA, 1).await;
    drop(nina);
    stage.hand(NINA, "answer").await;
    stage.keys(NINA, "#").await;
    stage.call_end(NINA, 1).await;
    let mut later = Visitor::signing_in(&stage, "nina").await;
    later.is_at("/setup", "Check that it works");
    later.get("/verify").await;
    checks(&mut later).await;
    // What was answered counts; this login had not asked for it, and is verified by it now.
    later.is_at("/verify", "Continue");
    stage.presses(NINA, &["#"]).await;
    later.post("/verify", &[("do", "again")]).await;
    checks(&mut later).await;
    later.is_at("/account", "Hello Nina");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_dialled_and_may_be_refused_by_policy() {
    let stage = Stage::with_calls(json!({ "prompt_backup_phone": true })).await;
    stage.newcomer("nina").await;
    let mut nina = chooses_calls(&stage, "nina").await;
    nina.is_at("/setup/phone", "A comma waits for a second");
    let typed = |extension: &'static str| [("country", "1"), ("phone", NINA), ("extension", extension)];
    nina.post("/setup/phone", &typed("12a")).await;
    nina.is_at("/setup/phone", "href=\"#extension\"");
    nina.is_at("/setup/phone", "An extension may hold digits");
    stage.set("voice", json!({ "allow_extensions": false })).await;
    nina.post("/setup/phone", &typed("12")).await;
    nina.is_at("/setup/phone", "Numbers with an extension are not called here");
    assert!(!nina.page.contains("name=\"extension\"") && !nina.page.contains("name=\"backup-extension\""));
    nina.post("/setup/phone", &[("country", "1"), ("phone", "202 555 0155 x12")]).await;
    nina.is_at("/setup/phone", "Numbers with an extension are not called here");
    let backup = [("backup-country", "1"), ("backup-phone", "202 555 0172 x1")];
    nina.post("/setup/phone", &[&[("country", "1"), ("phone", NINA)][..], &backup].concat()).await;
    nina.is_at("/setup/phone", "Numbers with an extension are not called here");
    stage.set("voice", json!({ "allow_extensions": true, "allow_backup": false })).await;
    nina.get("/setup/phone").await;
    assert!(nina.page.contains("name=\"extension\"") && !nina.page.contains("name=\"backup-phone\""));
    let habit =
        json!({ "on_call": "answer", "answer_after_ms": 0, "after_ms": 50, "extension": "12", "keys": ["#", "#"] });
    stage.behave(NINA, habit).await;
    nina.post("/setup/phone", &typed("12")).await;
    reads(&mut nina, "/verify", "was answered").await;
    for _ in 0..4 {
        checks(&mut nina).await;
        if nina.path != "/verify" {
            break;
        }
    }
    nina.is_at("/setup/done", "Calls to the number ending in 55");
    assert_eq!(person(&stage, "nina").await["phone"], json!({ "number": NINA, "extension": "12" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_are_not_called_say_so_and_five_changes_a_day_are_the_most() {
    let stage = Stage::with_calls(json!({})).await;
    stage.newcomer("nina").await;
    stage.set("numbers", json!({ "sms_countries": ["1", "49"], "voice_countries": ["1", "44"] })).await;
    let mut nina = chooses_calls(&stage, "nina").await;
    assert!(nina.page.contains("value=\"44\"") && !nina.page.contains("value=\"49\""), "{}", nina.page);
    for (phone, says) in [
        ("", "Enter your phone number"),
        ("12", "too few or too many digits"),
        ("+49 30 901820", "We do not call this country"),
        ("900 555 0100", "We do not call this kind of number"),
    ] {
        nina.post("/setup/phone", &[("country", "1"), ("phone", phone)]).await;
        nina.is_at("/setup/phone", says);
        assert_eq!(nina.status, 422);
    }
    // A landline that no text would reach.
    nina.post("/setup/phone", &[("country", "44"), ("phone", "020 7946 0018")]).await;
    nina.is_at("/verify", "ending in 18");
    for last in 61..66 {
        nina.get("/setup/phone").await;
        nina.post("/setup/phone", &[("country", "1"), ("phone", &format!("20255501{last}"))]).await;
        assert!(nina.path.starts_with("/verify"), "{}", nina.page);
    }
    nina.get("/setup/phone").await;
    nina.post("/setup/phone", &[("country", "1"), ("phone", "2025550166")]).await;
    nina.is_at("/setup/phone", "changed too often today");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_on_offer_where_the_settings_have_them_and_there_is_a_gateway() {
    let stage = Stage::with_calls(json!({ "selectable_methods": ["sms", "oath"] })).await;
    stage.newcomer("nina").await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    let offers = async |nina: &mut Visitor| {
        nina.get("/setup/method").await;
        nina.page.contains("Phone call")
    };
    assert!(!offers(&mut nina).await);
    nina.get("/setup/phone").await;
    nina.post("/setup/phone", &[("country", "1"), ("phone", NINA)]).await;
    nina.is_at("/setup/phone", "Choose one of the methods");
    stage.offers(json!({ "selectable_methods": ["voice", "sms"] })).await;
    assert!(offers(&mut nina).await);
    stage.set("voice", json!({ "standard": false, "pin": false })).await;
    assert!(!offers(&mut nina).await);
    stage.set("voice", json!({ "pin": true })).await;
    assert!(offers(&mut nina).await);
    nina.post("/setup/method", &[("method", "voice")]).await;
    nina.is_at("/setup/phone", "name=\"pin\"");
    assert!(stage.calls(NINA).await.is_empty());
    // Without a trunk.
    let stage = Stage::with_alice_and_nina("+12025550151", json!({})).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    assert!(!offers(&mut nina).await);
}

/// A text that is missing, or lacks what is to be put in, is an error in the log.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_calls_is_drawn_in_every_language() {
    let all = json!({ "languages": engine::portal::LANGUAGES, "prompt_backup_phone": true });
    let stage = Stage::with_calls(all).await;
    for (place, language) in engine::portal::LANGUAGES.iter().enumerate() {
        let (name, phone, backup) =
            (format!("person{place}"), format!("+1202555016{place}"), format!("+1202555017{place}"));
        stage.newcomer(&name).await;
        let mut visitor = Visitor::new(&stage);
        visitor.cookies.insert("__Host-countersign-language".into(), (*language).into());
        visitor.get("/").await;
        visitor.post("/", &[("name", &name), ("password", PASSWORD)]).await;
        visitor.get("/setup/method").await;
        visitor.post("/setup/method", &[("method", "voice")]).await;
        visitor.post("/setup/phone", &[("country", "1"), ("phone", "1"), ("extension", "x")]).await;
        stage.presses(&phone, &["#"]).await;
        let typed = [("country", "1"), ("phone", &*phone), ("backup-country", "1"), ("backup-phone", &*backup)];
        visitor.post("/setup/phone", &typed).await;
        checks(&mut visitor).await;
        assert_eq!(visitor.path, "/setup/done", "{}", visitor.page);
        // The call spoke as the pages did.
        let spoken = person(&stage, &name).await["languages"]["voice"].clone();
        assert_eq!(spoken.as_str().unwrap_or("en"), *language);
        for path in ["/account", "/account/phone", "/account/language", "/help/call", "/help/trial", "/account/backup"]
        {
            visitor.get(path).await;
            assert!(visitor.page.contains(&format!("<html lang=\"{language}\" dir=\"ltr\">")), "{path}");
        }
        visitor.post("/account/backup", &[("do", "test")]).await;
        assert_eq!(visitor.path, "/account/call", "{}", visitor.page);
        stage.rings(&backup, 0).await;
        visitor.post("/account/call", &[("do", "cancel")]).await;
        visitor.get("/account/history").await;
    }
    assert!(!stage.log().contains("a text is missing") && !stage.log().contains("cannot be put together"));
}
