//! Looking after an account, changing phone and method, and taking a change back.

use super::*;

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
async fn questions_are_changed_and_a_trusted_address_lets_in() {
    let stage = stage(json!({ "questions_fallback": true, "languages": ["en"] })).await;
    let questions = stage.get("/v1/security_questions").await["items"].clone();
    browsers("trusted", async |browser, place| {
        let (name, phone) = (format!("zoe{place}"), format!("+1202555005{place}"));
        stage.person(&name, &phone, "two_way_otp_pin").await;
        stage.password(&name).await;
        browser.sign_in(&stage, &name).await;
        replies(&browser, &stage, &phone, 0).await;
        browser.reads("Choose four questions").await;
        browser.press("Skip for Now").await;
        browser.reads("You are set up").await;
        browser.press("Go to My Account").await;
        browser.reads(&format!("Hello {name}")).await;
        browser.press("Change Security Questions").await;
        for (number, (question, answer)) in (1..).zip(questions.as_array().unwrap().iter().zip(ANSWERS)) {
            browser.choose_option(&format!("question{number}"), question["id"].as_str().unwrap()).await;
            browser.fill(&format!("answer{number}"), answer).await;
        }
        browser.press("Save Answers").await;
        browser.reads(&format!("Hello {name}")).await;
        let shown = stage.get(&format!("/v1/users/name:{name}/security_questions")).await;
        assert_eq!(shown["answered"].as_array().unwrap().len(), 4);
        browser.press("Sign Out").await;
        browser.reads("You are signed out").await;

        stage.post("/v1/trusted_ips", json!({ "application": "User Portal", "entry": "127.0.0.1" })).await;
        browser.sign_in(&stage, &name).await;
        browser.reads("without a check that it was you").await;
        browser.keep("trusted").await;
        let path = "/v1/trusted_ips/127.0.0.1?application=User%20Portal";
        assert!(stage.request(reqwest::Method::DELETE, path).send().await.unwrap().status().is_success());
        browser.close().await;
    })
    .await;
}
