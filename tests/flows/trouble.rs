//! Where something is in the way: a refusal, a lock, a due PIN, two tabs, a login that ended.

use super::*;

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
