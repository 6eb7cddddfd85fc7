//! The ways of people through the portal in Chromium: each on a phone and on a desk, with scripts and without.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "stage/browser.rs"]
mod chromium;
mod stage;

use chromium::{Browser, SIZES};
use engine::oath::{Algorithm, base32, hotp, totp};
use serde_json::{Value, json};
use stage::Stage;
use stage::visitor::Visitor;

const QUESTIONS: [&str; 4] = ["First teacher?", "First pet?", "Street of your childhood?", "Favourite dish?"];
const ANSWERS: [&str; 4] = ["Mrs Éclair", "Rex", "Long Lane", "soup"];
const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn stage(portal: Value) -> Stage {
    let stage = Stage::start().await;
    for text in QUESTIONS {
        stage.post("/v1/security_questions", json!({ "language": "en", "text": text, "active": true })).await;
    }
    stage.offers(json!({ "allow_enrollment": true, "languages": ["en", "de"] })).await;
    stage.offers(portal).await;
    // A second text to a number does not have to wait.
    let mut settings = stage.get("/v1/settings").await;
    settings["velocity"]["number"]["gap_seconds"] = json!(0);
    assert_eq!(stage.call(reqwest::Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    stage
}

/// One browser after the other: on a phone and on a desk, with scripts and without; each with a phone number of its own.
async fn browsers(name: &str, mut flow: impl AsyncFnMut(Browser, usize)) {
    let kinds = SIZES.into_iter().flat_map(|size| [(size, true), (size, false)]);
    for (place, (size, scripts)) in kinds.enumerate() {
        let kind = if scripts { "with" } else { "without" };
        let browser = Browser::open(&format!("{name}-{}-{kind}", size.0), size, scripts).await;
        flow(browser, place).await;
    }
}

/// A key of an app as the page writes it, as the code that it shows now.
async fn shown_code(browser: &Browser) -> String {
    let key = base32::parse(&browser.text_of(".key").await).unwrap();
    totp::code(key.expose(), actors::Clock::start().now(), 30, 6, Algorithm::Sha1)
}

fn token_code(counter: u64) -> String {
    hotp::code(b"12345678901234567890", counter, 6, Algorithm::Sha1)
}

/// Somebody with this phone who replies, signed in.
async fn signed_in(browser: &Browser, stage: &Stage, name: &str, phone: &str) {
    stage.person(name, phone, "two_way_otp_pin").await;
    stage.password(name).await;
    browser.sign_in(stage, name).await;
    replies(browser, stage, phone, 0).await;
    browser.reads(&format!("Hello {name}")).await;
}

async fn replies(browser: &Browser, stage: &Stage, phone: &str, texts: usize) {
    browser.reads("We have sent a text").await;
    let code = stage.code(phone, texts).await;
    stage.reply(phone, &format!("{code}2580")).await;
    browser.goes_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_with_all_that_can_be_asked_and_questions_instead_of_the_phone() {
    let stage = stage(json!({
        "enrollment_proof": "mail_code", "prompt_backup_phone": true, "questions_fallback": true, "questions_to_answer": 2,
        "prompt_oath_token": true,
        "languages": ["en"],
    }))
    .await;
    let questions = stage.get("/v1/security_questions").await["items"].clone();
    browsers("all", async |browser, place| {
        let (name, phone) = (format!("nina{place}"), format!("+1202555019{place}"));
        let mailbox = format!("{name}@example.com");
        let new =
            json!({ "name": name, "email": mailbox, "set_up": false, "method": "sms", "mode": "one_way_otp_pin" });
        stage.post("/v1/users", new).await;
        stage.password(&name).await;
        browser.sign_in(&stage, &name).await;
        browser.reads("Show that this account is yours").await;
        browser.press("Continue").await;
        browser.reads("We have sent a code to").await;
        browser.keep("proof").await;
        let letter = stage.letters(&mailbox, 1).await[0]["text"].as_str().unwrap().to_owned();
        let code =
            letter.split("account: ").nth(1).unwrap().chars().take_while(char::is_ascii_digit).collect::<String>();
        browser.fill("code", &code).await;
        browser.press("Verify").await;
        browser.reads("Enter your mobile number").await;
        browser.press("Continue").await;
        for (field, typed) in
            [("phone", &*phone), ("pin", "2580"), ("confirm", "2580"), ("backup-phone", "202 555 0111")]
        {
            browser.fill(field, typed).await;
        }
        browser.fill("backup-extension", "12#").await;
        browser.keep("phone").await;
        browser.press("Text Me Now to Authenticate").await;
        browser.reads("Type the code that it holds, followed by your PIN").await;
        browser.keep("code").await;
        browser.fill("code", "1").await;
        browser.press("Verify").await;
        browser.reads("The code is wrong").await;
        let code = stage.code(&phone, 0).await;
        browser.fill("code", &format!("{code}2580")).await;
        browser.press("Verify").await;
        browser.reads("lets you in when your phone has no network").await;
        browser.keep("beside").await;
        browser.press("Skip for Now").await;
        browser.reads("Security questions").await;
        for (number, (question, answer)) in (1..).zip(questions.as_array().unwrap().iter().zip(ANSWERS)) {
            browser.choose_option(&format!("question{number}"), question["id"].as_str().unwrap()).await;
            browser.fill(&format!("answer{number}"), answer).await;
        }
        browser.press("Save Answers").await;
        browser.reads("You are set up").await;
        browser.press("Go to My Account").await;
        browser.reads("ending in 11").await;
        browser.press("Sign Out").await;

        browser.sign_in(&stage, &name).await;
        browser.press("Answer Questions").await;
        browser.reads("Spaces, capitals and accents do not matter").await;
        browser.keep("asked").await;
        browser.fill("answer1", "no").await;
        browser.press("Submit Answers").await;
        browser.reads("Not all answers are right").await;
        for number in 1..=2 {
            let question = browser.text_of(&format!("label[for=answer{number}]")).await;
            let place = QUESTIONS.iter().position(|own| *own == question).unwrap();
            browser.fill(&format!("answer{number}"), ANSWERS[place]).await;
        }
        browser.press("Submit Answers").await;
        browser.reads("without a check that it was you").await;
        browser.keep("weak").await;
        browser.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_by_an_authenticator_app_and_by_a_token() {
    let stage = stage(json!({ "allow_select_method": true, "allow_oath_association": true })).await;
    browsers("oath", async |browser, place| {
        for kind in ["app", "serial"] {
            let name = format!("{kind}{place}");
            stage.post("/v1/users", json!({ "name": name, "set_up": false })).await;
            stage.password(&name).await;
            browser.sign_in(&stage, &name).await;
            browser.press("Continue").await;
            browser.choose("oath").await;
            browser.press("Continue").await;
            browser.reads("Connect your authenticator app").await;
            browser.keep("token").await;
            if kind == "app" {
                browser.fill("code", "000000").await;
                browser.press("Verify").await;
                browser.reads("not one of this key").await;
                let code = shown_code(&browser).await;
                browser.fill("code", &code).await;
                browser.press("Verify").await;
            } else {
                let serial = format!("T-{place}");
                let token = json!({ "serial": serial, "secret": KEY, "settings": { "kind": "hotp" } });
                stage.post("/v1/tokens", token).await;
                browser.fill("serial", &serial).await;
                browser.fill("serial-code", &token_code(3)).await;
                browser.press("Check Token").await;
            }
            browser.reads("check from now on that it is you").await;
            browser.keep("done").await;
            browser.press("Sign Out").await;
            browser.reads("You are signed out").await;
        }
        browser.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_that_is_left_goes_on_and_the_number_may_be_another() {
    let stage = stage(json!({})).await;
    browsers("left", async |browser, place| {
        let (name, wrong, phone) =
            (format!("rosa{place}"), format!("+1202555018{place}"), format!("+1202555017{place}"));
        stage.post("/v1/users", json!({ "name": name, "set_up": false })).await;
        stage.password(&name).await;
        browser.sign_in(&stage, &name).await;
        browser.press("Continue").await;
        browser.fill("phone", &wrong).await;
        browser.press("Text Me Now to Authenticate").await;
        browser.reads("ending in 8").await;
        browser.press("Change the Number").await;
        browser.fill("phone", &phone).await;
        browser.press("Text Me Now to Authenticate").await;
        browser.reads(&format!("ending in 7{place}")).await;
        browser.press("Sign Out").await;
        browser.sign_in(&stage, &name).await;
        browser.reads("waiting for your answer").await;
        browser.keep("waiting").await;
        browser.press("Continue").await;
        browser.reads("We have sent a text").await;
        let code = stage.code(&phone, 0).await;
        stage.reply(&phone, &code).await;
        browser.goes_on().await;
        // What was answered counts; who came back is checked by it.
        browser.press("Continue").await;
        browser.reads("We have sent a text").await;
        let code = stage.code(&phone, 1).await;
        stage.reply(&phone, &code).await;
        browser.goes_on().await;
        browser.reads(&format!("Hello {name}")).await;
        browser.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_looked_after() {
    let stage = stage(json!({
        "allow_bypass": true, "prompt_bypass_seconds": true, "prompt_backup_phone": true, "allow_select_method": true,
    }))
    .await;
    browsers("after", async |browser, place| {
        let (name, phone) = (format!("paul{place}"), format!("+1202555016{place}"));
        signed_in(&browser, &stage, &name, &phone).await;
        browser.press("Change PIN").await;
        for (field, typed) in [("current", "1111"), ("pin", "4071"), ("confirm", "4071")] {
            browser.fill(field, typed).await;
        }
        browser.press("Save").await;
        browser.reads("This is not your current PIN").await;
        browser.keep("pin-fault").await;
        for (field, typed) in [("current", "2580"), ("pin", "4071"), ("confirm", "4071")] {
            browser.fill(field, typed).await;
        }
        browser.press("Save").await;
        browser.reads("My account").await;

        browser.press("Tokens and Authenticator Apps").await;
        let code = shown_code(&browser).await;
        browser.fill("code", &code).await;
        browser.press("Verify").await;
        browser.reads("It was added").await;
        browser.keep("app-added").await;
        browser.press("Remove").await;
        browser.reads("It was removed").await;
        browser.press("Back to My Account").await;

        browser.press("Change Backup Phone").await;
        browser.fill("backup-phone", "202 555 0139").await;
        browser.press("Save Backup Phone").await;
        browser.reads("ending in 39").await;
        browser.press("Back to My Account").await;
        browser.press("Change Language").await;
        browser.choose_option("page", "de").await;
        browser.press("Save").await;
        browser.reads("Mein Konto").await;
        browser.keep("german").await;
        browser.press("Sprache ändern").await;
        browser.choose_option("page", "en").await;
        browser.press("Speichern").await;
        browser.reads("My account").await;

        browser.press("Signed-in Places").await;
        let texts = stage.texts(&phone).await.len();
        let mut elsewhere = Visitor::signing_in(&stage, &name).await;
        let code = stage.code(&phone, texts).await;
        stage.reply(&phone, &format!("{code}4071")).await;
        elsewhere.post("/verify", &[("do", "check")]).await;
        elsewhere.is_at("/account", "My account");
        browser.press("Sign Out Others").await;
        browser.reads("All other places are signed out").await;
        elsewhere.get("/account").await;
        elsewhere.is_at("/?ended", "You were signed out");
        browser.press("Back to My Account").await;

        browser.press("One-Time Bypass").await;
        browser.fill("seconds", "7").await;
        browser.press("Start Bypass").await;
        browser.reads("Choose 30 to 3600 seconds").await;
        browser.fill("seconds", "60").await;
        browser.press("Start Bypass").await;
        browser.reads("It can still be used for").await;
        browser.press("Cancel Bypass").await;
        browser.no_longer_reads("It can still be used for").await;
        browser.press("Start Bypass").await;
        browser.reads("It can still be used for").await;
        browser.keep("bypass").await;
        browser.press("Sign Out").await;
        browser.sign_in(&stage, &name).await;
        browser.reads("without a check that it was you").await;

        browser.press("History").await;
        browser.press("Why?").await;
        browser.reads("A one-time bypass was used").await;
        browser.press("This Was Not Me").await;
        browser.reads("Thank you").await;
        browser.keep("reported").await;
        browser.press("Back to My Account").await;
        browser.press("Signed-in Places").await;
        browser.press("Sign Out Everywhere").await;
        browser.reads("Sign In").await;
        browser.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_phone_is_brought_back_by_whoever_has_the_old_one() {
    let stage = stage(json!({})).await;
    browsers("back", async |browser, place| {
        let (name, old, new) = (format!("tina{place}"), format!("+1202555015{place}"), format!("+1202555014{place}"));
        signed_in(&browser, &stage, &name, &old).await;
        browser.press("Change Phone").await;
        browser.fill("phone", &new).await;
        browser.press("Text Me Now to Authenticate").await;
        browser.reads(&format!("ending in 4{place}")).await;
        browser.press("Cancel").await;
        browser.reads("It was cancelled").await;
        browser.keep("cancelled").await;
        browser.press("Try Again").await;
        replies(&browser, &stage, &new, 1).await;
        browser.reads("My account").await;
        browser.reads(&format!("ending in 4{place}")).await;
        browser.press("Change Phone").await;
        let texts = stage.texts(&old).await.len();
        browser.press("Bring the Old Phone Back").await;
        browser.reads(&format!("ending in 5{place}")).await;
        replies(&browser, &stage, &old, texts).await;
        browser.reads("My account").await;
        browser.press("Change Phone").await;
        let texts = stage.texts(&new).await.len();
        browser.fill("phone", &new).await;
        browser.press("Text Me Now to Authenticate").await;
        replies(&browser, &stage, &new, texts).await;
        browser.reads(&format!("ending in 4{place}")).await;
        browser.press("Sign Out").await;
        browser.sign_in(&stage, &name).await;
        browser.reads("I Did Not Change My Phone").await;
        browser.keep("undo").await;
        let texts = stage.texts(&old).await.len();
        browser.press("I Did Not Change My Phone").await;
        browser.reads(&format!("ending in 5{place}")).await;
        replies(&browser, &stage, &old, texts).await;
        browser.reads("My account").await;
        browser.reads(&format!("ending in 5{place}")).await;
        browser.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_get_in_is_told_why_and_what_to_do() {
    let stage = stage(json!({ "help_contact": "help@example.com", "allow_enrollment": false })).await;
    stage.post("/v1/users", json!({ "name": "nina", "set_up": false })).await;
    stage.person("bob", "+12025550130", "two_way_otp").await;
    stage.person("stopped", "+12025550131", "two_way_otp").await;
    stage.post("/v1/users/name:stopped/block", json!({ "reason": "phone stolen" })).await;
    for name in ["nina", "bob", "stopped"] {
        stage.password(name).await;
    }
    browsers("refused", async |browser, place| {
        browser.sign_in(&stage, "nobody").await;
        browser.reads("User name or password is wrong").await;
        browser.keep("wrong").await;
        browser.sign_in(&stage, "nina").await;
        browser.reads("Your account is not set up for this yet").await;
        browser.sign_in(&stage, "stopped").await;
        browser.reads("Your account is blocked").await;
        browser.keep("blocked").await;
        if place == 0 {
            browser.sign_in(&stage, "bob").await;
            browser.reads("We have sent a text").await;
            stage.code("+12025550130", 0).await;
            stage.reply("+12025550130", "fraud").await;
            browser.goes_on().await;
            browser.reads("Your account is blocked").await;
        }
        browser.reads("help@example.com").await;
        browser.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_way_another_method_and_a_token_that_went_astray() {
    let stage =
        stage(json!({ "allow_select_method": true, "oath_fallback": true, "allow_oath_association": true })).await;
    browsers("token", async |browser, place| {
        let (name, phone) = (format!("uwe{place}"), format!("+1202555012{place}"));
        signed_in(&browser, &stage, &name, &phone).await;
        let token = json!({ "serial": name, "secret": KEY, "settings": { "kind": "hotp" }, "code": token_code(0) });
        stage.post(&format!("/v1/users/name:{name}/tokens"), token).await;
        browser.press("Tokens and Authenticator Apps").await;
        browser.fill("own-code", &token_code(1)).await;
        // Two forms of the page have such a button; this one is the first.
        browser.press("Check Token").await;
        browser.reads("The code is right").await;
        browser.fill("own-code", &token_code(40)).await;
        browser.fill("own-next", &token_code(41)).await;
        browser.press("Resynchronise").await;
        browser.reads("The code is right").await;
        browser.keep("resynchronised").await;
        browser.press("Back to My Account").await;
        browser.press("Sign Out").await;

        browser.sign_in(&stage, &name).await;
        browser.press("Use a Code").await;
        browser.reads("Type the code that your token").await;
        browser.fill("code", &token_code(42)).await;
        browser.press("Verify").await;
        browser.reads(&format!("Hello {name}")).await;
        browser.press("Change Method").await;
        browser.choose("oath").await;
        browser.press("Continue").await;
        browser.reads("Type the code that your token").await;
        browser.fill("code", &token_code(43)).await;
        browser.press("Verify").await;
        browser.reads("Authenticator app or token").await;
        browser.keep("method").await;
        browser.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_is_due_a_lock_and_an_account_that_its_person_stops() {
    let stage = stage(json!({})).await;
    browsers("pins", async |browser, place| {
        let (name, phone) = (format!("vera{place}"), format!("+1202555010{place}"));
        let person = json!({ "name": name, "phone": phone, "method": "sms", "mode": "two_way_otp_pin", "pin": "2580" });
        stage.post("/v1/users", person).await;
        stage.password(&name).await;
        browser.sign_in(&stage, &name).await;
        replies(&browser, &stage, &phone, 0).await;
        browser.reads("Your PIN must be changed before you go on").await;
        browser.fill("pin", "11123").await;
        if place % 2 == 0 {
            browser.reads("✗ No digit three times in a row").await;
            browser.reads("✓ At least 4 digits").await;
        }
        browser.keep("pin-due").await;
        browser.fill("pin", "4071").await;
        browser.fill("confirm", "4071").await;
        browser.press("Save").await;
        browser.reads(&format!("Hello {name}")).await;
        browser.press("History").await;
        browser.press("Why?").await;
        browser.press("This Was Not Me, Stop My Account").await;
        browser.reads("Your account was stopped").await;
        browser.keep("stopped").await;

        let end = stage.request(reqwest::Method::DELETE, &format!("/v1/users/name:{name}/block?reason=found"));
        assert_eq!(end.send().await.unwrap().status(), 200);
        browser.sign_in(&stage, &name).await;
        browser.reads("We have sent a text").await;
        let code = stage.code(&phone, 1).await;
        for _ in 0..5 {
            stage.reply(&phone, &format!("{code}9999")).await;
        }
        browser.goes_on().await;
        browser.reads("That did not succeed").await;
        browser.keep("wrong").await;
        browser.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_the_way_back_and_a_login_that_ended_while_somebody_typed() {
    let mut stage = stage(json!({})).await;
    for (place, (size, scripts)) in
        [(SIZES[0], true), (SIZES[0], false), (SIZES[1], true), (SIZES[1], false)].into_iter().enumerate()
    {
        let browser = Browser::open(&format!("tabs-{}-{scripts}", size.0), size, scripts).await;
        let (name, old, new) = (format!("xena{place}"), format!("+1202555009{place}"), format!("+1202555008{place}"));
        stage.serve_in(&format!("+{}m", 60 * place + 1)).await;
        signed_in(&browser, &stage, &name, &old).await;
        browser.press("Change Phone").await;
        browser.fill("phone", &new).await;
        browser.press("Text Me Now to Authenticate").await;
        browser.reads(&format!("ending in 8{place}")).await;
        // Back, and another number: the later one wins.
        browser.client.back().await.unwrap();
        browser.fill("phone", "+12025550079").await;
        browser.press("Text Me Now to Authenticate").await;
        browser.reads("ending in 79").await;
        let first = browser.client.window().await.unwrap();
        let second = browser.client.new_window(true).await.unwrap().handle;
        browser.client.switch_to_window(second).await.unwrap();
        browser.go(&format!("{}/account/phone", stage.url)).await;
        browser.fill("phone", &new).await;
        browser.press("Text Me Now to Authenticate").await;
        browser.reads(&format!("ending in 8{place}")).await;
        browser.client.switch_to_window(first).await.unwrap();
        // With its script the older page has seen it by itself.
        if !scripts {
            browser.press("Cancel").await;
        }
        browser.reads("changed in another window").await;
        browser.keep("changed").await;
        browser.go(&format!("{}/account/phone", stage.url)).await;
        browser.fill("phone", "202 555 0078").await;
        stage.serve_in(&format!("+{}m", 60 * place + 31)).await;
        browser.press("Text Me Now to Authenticate").await;
        browser.reads("You were signed out").await;
        let texts = stage.texts(&old).await.len();
        browser.sign_in(&stage, &name).await;
        replies(&browser, &stage, &old, texts).await;
        browser.reads("What you typed is still here").await;
        browser.keep("typed").await;
        browser.press("Text Me Now to Authenticate").await;
        browser.reads("ending in 78").await;
        browser.close().await;
    }
}
