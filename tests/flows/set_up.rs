//! Setting up: by text, by an authenticator app and by a token, with all that can be asked, and left half-way.

use super::*;

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

/// Waits until something is on the page of the verification, which is looked at again unless it changes by itself.
async fn shows(browser: &Browser, stage: &Stage, place: &str, by_itself: bool) {
    for _ in 0..1000 {
        if browser.client.find(Locator::Css(place)).await.is_ok() {
            return;
        }
        if !by_itself {
            browser.go(&format!("{}/verify", stage.url)).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{place} does not come");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_looked_at_and_a_text_that_does_not_come_is_sent_again() {
    let stage = stage(json!({ "allow_select_method": true })).await;
    let mut settings = stage.get("/v1/settings").await;
    settings["sms"]["resend_gap_seconds"] = json!([10, 10, 10, 10, 10]);
    assert_eq!(stage.call(reqwest::Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    browsers("again", async |browser, place| {
        let (name, phone) = (format!("yves{place}"), format!("+1202555006{place}"));
        stage.post("/v1/users", json!({ "name": name, "set_up": false })).await;
        stage.password(&name).await;
        browser.sign_in(&stage, &name).await;
        browser.press("Continue").await;
        browser.choose("sms").await;
        browser.press("Continue").await;
        browser.reads("Your mobile number").await;
        browser.press("Choose Another Method").await;
        browser.choose("oath").await;
        browser.press("Continue").await;
        browser.reads("Connect your authenticator app").await;
        browser.press("Choose Another Method").await;
        browser.choose("sms").await;
        browser.press("Continue").await;
        browser.fill("phone", &phone).await;
        browser.press("Text Me Now to Authenticate").await;
        let first = stage.code(&phone, 0).await;
        // The gateway's answer to us may come after the text came to the phone.
        shows(&browser, &stage, "[data-after]", false).await;
        let button = "form[data-watch] button[value=resend]:not([hidden])";
        shows(&browser, &stage, button, place % 2 == 0).await;
        browser.press("Send Again").await;
        let second = stage.code(&phone, 1).await;
        assert_ne!(first, second);
        shows(&browser, &stage, "[data-after]", false).await;
        stage.reply(&phone, &second).await;
        browser.goes_on().await;
        browser.reads("You are set up").await;
        browser.close().await;
    })
    .await;
}
