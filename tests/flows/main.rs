//! The ways of people through the portal in Chromium: each on a phone and on a desk, with scripts and without.
#![allow(clippy::unwrap_used, reason = "a test")]

mod account;
mod calls;
#[path = "../stage/browser.rs"]
mod chromium;
mod set_up;
#[path = "../stage/mod.rs"]
mod stage;
mod trouble;

use chromium::{Browser, SIZES};
use engine::oath::{Algorithm, base32, hotp, totp};
use fantoccini::Locator;
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
