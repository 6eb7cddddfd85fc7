//! What has an end: set-ups, changes and their undoing, logins, seen from a day on which it is over.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use serde_json::{Value, json};
use stage::Stage;
use stage::visitor::Visitor;

const OLD: &str = "+12025550131";
const NEW: &str = "+12025550132";

async fn stage(portal: Value) -> Stage {
    let stage = Stage::start().await;
    stage.person("alice", OLD, "two_way_otp").await;
    stage.post("/v1/users", json!({ "name": "nina", "set_up": false })).await;
    for name in ["alice", "nina"] {
        stage.password(name).await;
    }
    stage.offers(json!({ "allow_enrollment": true })).await;
    stage.offers(portal).await;
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_set_up_closes_and_is_opened_again() {
    let mut stage = stage(json!({ "enrollment_window_days": 7 })).await;
    Visitor::signing_in(&stage, "nina").await.is_at("/setup", "Set up your account");
    stage.serve_in("+6d").await;
    Visitor::signing_in(&stage, "nina").await.is_at("/setup", "Set up your account");
    stage.serve_in("+8d").await;
    Visitor::signing_in(&stage, "nina").await.is_at("/", "The time to set up your account is over");
    stage.post("/v1/users/name:nina/set_up/reopen", json!({})).await;
    Visitor::signing_in(&stage, "nina").await.is_at("/setup", "Set up your account");
    stage.offers(json!({ "enrollment_window_days": 0 })).await;
    stage.serve_in("+400d").await;
    Visitor::signing_in(&stage, "nina").await.is_at("/setup", "Set up your account");
}

async fn changes_phone(stage: &Stage) -> Visitor {
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.get("/account/phone").await;
    alice.post("/account/phone", &[("country", "1"), ("phone", NEW)]).await;
    alice.is_at("/verify", "ending in 32");
    alice
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_nobody_went_on_with_is_forgotten_after_a_day() {
    let mut stage = stage(json!({})).await;
    changes_phone(&stage).await;
    stage.serve_in("+2d").await;
    let alice = stage.signed_in("alice", OLD, "").await;
    alice.is_at("/account", "ending in 31");
    assert!(!alice.page.contains("A change waits"), "{}", alice.page);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_phone_can_be_brought_back_for_a_week_and_no_longer() {
    let mut stage = stage(json!({})).await;
    let mut alice = changes_phone(&stage).await;
    let code = stage.code(NEW, 0).await;
    stage.reply(NEW, &code).await;
    alice.post("/verify", &[("do", "check")]).await;
    alice.is_at("/account", "ending in 32");
    stage.serve_in("+6d").await;
    let owner = Visitor::signing_in(&stage, "alice").await;
    owner.is_at("/verify", "I Did Not Change My Phone");
    stage.serve_in("+8d").await;
    let late = Visitor::signing_in(&stage, "alice").await;
    assert!(!late.page.contains("I Did Not Change My Phone"), "{}", late.page);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_over_after_its_idle_time_and_a_history_after_thirty_days() {
    let mut stage = stage(json!({})).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    stage.serve_in("+14m").await;
    alice.get("/account").await;
    alice.is_at("/account", "User Portal");
    stage.serve_in("+40m").await;
    alice.get("/account").await;
    alice.is_at("/?ended", "You were signed out");
    stage.serve_in("+31d").await;
    let mut later = stage.signed_in("alice", OLD, "").await;
    later.get("/account/history").await;
    assert_eq!(later.page.matches("it was you").count(), 1, "{}", later.page);
}
