//! The portal in Chromium, at the size of a phone and of a desk, with scripts and without.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "stage/browser.rs"]
mod chromium;
mod stage;

use chromium::{Browser, SIZES};
use reqwest::Method;
use serde_json::json;
use stage::Stage;
use stage::visitor::PASSWORD;

async fn stage() -> Stage {
    let stage = Stage::start().await;
    let mut settings = stage.get("/v1/settings").await;
    settings["portal"]["allow_enrollment"] = json!(true);
    settings["portal"]["allow_select_method"] = json!(true);
    settings["portal"]["languages"] = json!(engine::portal::LANGUAGES);
    assert_eq!(stage.call(Method::PUT, "/v1/settings", Some(settings)).await.0, 200);
    stage
}

async fn newcomer(stage: &Stage, name: &str) {
    stage.post("/v1/users", json!({ "name": name, "first_name": "Nina", "set_up": false })).await;
    let path = format!("/v1/users/name:{name}/password");
    assert_eq!(stage.call(Method::PUT, &path, Some(json!({ "password": PASSWORD }))).await.0, 204);
}

async fn sign_in(browser: &Browser, stage: &Stage, name: &str) {
    browser.go(&format!("{}/", stage.url)).await;
    browser.fill("name", name).await;
    browser.fill("password", PASSWORD).await;
    browser.press("Sign In").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_enrols_by_text_and_signs_in_again() {
    let stage = stage().await;
    for (place, size) in SIZES.into_iter().enumerate() {
        for scripts in [true, false] {
            let phone = format!("+1202555017{}", 2 * place + usize::from(scripts));
            let name = format!("nina{}", phone.chars().last().unwrap());
            newcomer(&stage, &name).await;
            let kind = if scripts { "with" } else { "without" };
            let browser = Browser::open(&format!("text-{}-{kind}", size.0), size, scripts).await;
            browser.go(&format!("{}/", stage.url)).await;
            browser.keep("sign-in").await;
            sign_in(&browser, &stage, &name).await;
            browser.reads("Set up your account").await;
            browser.keep("setup").await;
            browser.press("Continue").await;
            browser.choose("sms").await;
            browser.keep("method").await;
            browser.press("Continue").await;
            browser.fill("phone", "12").await;
            browser.press("Text Me Now to Authenticate").await;
            browser.reads("Some entries need your attention").await;
            browser.keep("fault").await;
            browser.fill("phone", &phone).await;
            browser.press("Text Me Now to Authenticate").await;
            browser.reads("Reply to it with the code").await;
            browser.keep("verify").await;
            let code = stage.code(&phone, 0).await;
            stage.reply(&phone, &code).await;
            // With scripts the page goes on by itself.
            if !scripts {
                browser.press("Check the Result").await;
            }
            browser.reads("You are set up").await;
            browser.keep("done").await;
            browser.press("Go to My Account").await;
            browser.reads("Hello Nina").await;
            browser.keep("account").await;
            browser.press("Sign Out").await;
            browser.reads("You are signed out").await;
            sign_in(&browser, &stage, &name).await;
            browser.reads("Reply to it with the code").await;
            let code = stage.code(&phone, 1).await;
            stage.reply(&phone, &code).await;
            if !scripts {
                browser.press("Check the Result").await;
            }
            browser.reads("Hello Nina").await;
            browser.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_enrols_by_an_authenticator_app() {
    let stage = stage().await;
    newcomer(&stage, "nina").await;
    let browser = Browser::open("app-360", SIZES[0], true).await;
    sign_in(&browser, &stage, "nina").await;
    browser.press("Continue").await;
    browser.choose("oath").await;
    browser.press("Continue").await;
    browser.reads("Connect your authenticator app").await;
    browser.keep("token").await;
    let key = browser.client.find(fantoccini::Locator::Css(".key")).await.unwrap().text().await.unwrap();
    let secret = engine::oath::base32::parse(&key).unwrap();
    let now = actors::Clock::start().now();
    browser.fill("code", &engine::oath::totp::code(secret.expose(), now, 30, 6, engine::oath::Algorithm::Sha1)).await;
    browser.press("Verify").await;
    browser.reads("You are set up").await;
    browser.close().await;
}
