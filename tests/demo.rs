//! The demo as a newcomer plays it: in a browser, with the simulators' page for a phone.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "stage/browser.rs"]
mod chromium;
mod stage;

use chromium::{Browser, SIZES};
use engine::oath::{Algorithm, base32, totp};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What the demo says of itself, once it serves.
async fn described(file: &Path) -> Value {
    for _ in 0..1500 {
        if let Some(said) = std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()) {
            return said;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the demo does not come up");
}

fn password(demo: &Value, user: &str) -> String {
    let people = demo["people"].as_array().unwrap();
    people.iter().find(|person| person["user"] == user).unwrap()["password"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_enrols_by_text_and_one_who_stopped_half_way_by_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.json");
    let mut program = Command::new(stage::program());
    let program =
        program.args(["demo", "--no-tour", "--describe"]).arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
    let _demo = stage::Ended(program.spawn().unwrap());
    let demo = described(&file).await;
    let (portal, phones) = (demo["portal_url"].as_str().unwrap(), demo["simulators_url"].as_str().unwrap());
    let browser = Browser::open("demo", SIZES[0], true).await;
    let sign_in = async |user: &str| {
        browser.go(&format!("{portal}/")).await;
        browser.fill("name", user).await;
        browser.fill("password", &password(&demo, user)).await;
        browser.press("Sign In").await;
    };
    sign_in("nina").await;
    browser.press("Continue").await;
    browser.choose("sms").await;
    browser.press("Continue").await;
    browser.fill("phone", "+1 202 555 0177").await;
    browser.press("Text Me Now to Authenticate").await;
    browser.reads("Reply to it with the code").await;
    let portal_tab = browser.client.window().await.unwrap();
    let phone_tab = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(phone_tab).await.unwrap();
    browser.go(phones).await;
    browser.fill_id("number", "+12025550177").await;
    browser.press("Open phone").await;
    browser.press_starting("Reply with the code").await;
    browser.reads("The reply of +12025550177").await;
    browser.client.switch_to_window(portal_tab).await.unwrap();
    browser.reads("Security questions").await;
    browser.press("Skip for Now").await;
    browser.reads("You are set up").await;
    browser.press("Go to My Account").await;
    browser.press("Sign Out").await;

    sign_in("olga").await;
    browser.reads("Enter your mobile number").await;
    browser.go(&format!("{portal}/setup/method")).await;
    browser.choose("oath").await;
    browser.press("Continue").await;
    browser.fill("serial", "DEMO-100").await;
    let key = base32::parse("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap();
    let code = totp::code(key.expose(), actors::Clock::start().now(), 30, 6, Algorithm::Sha1);
    browser.fill("serial-code", &code).await;
    browser.press("Check Token").await;
    browser.reads("Security questions").await;
    browser.close().await;
}
