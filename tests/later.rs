//! What has an end: set-ups, changes and their undoing, logins, seen from a day on which it is over.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use serde_json::{Value, json};
use stage::Stage;
use stage::visitor::{PASSWORD, Visitor};

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

async fn signs_in_again(stage: &Stage, visitor: &mut Visitor, (name, phone): (&str, &str)) {
    let texts = stage.texts(phone).await.len();
    visitor.post("/", &[("name", name), ("password", PASSWORD)]).await;
    let code = stage.code(phone, texts).await;
    stage.reply(phone, &code).await;
    visitor.post("/verify", &[("do", "check")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_when_the_login_had_ended_is_there_again_after_the_next_sign_in() {
    let mut stage = stage(json!({})).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    alice.get("/account/phone").await;
    stage.serve_in("+20m").await;
    alice.post("/account/phone", &[("country", "1"), ("phone", "202 555 0139")]).await;
    alice.is_at("/?ended", "You were signed out");
    signs_in_again(&stage, &mut alice, ("alice", OLD)).await;
    alice.is_at("/account/phone", "What you typed is still here");
    assert!(alice.page.contains("value=\"202 555 0139\""), "{}", alice.page);
    let held: Vec<_> =
        ["countersign.db", "countersign.db-wal"].map(|file| std::fs::read(stage.home().join(file))).into();
    let held = held.into_iter().flatten().collect::<Vec<_>>().concat();
    assert!(held.windows(17).any(|part| part == b"/account/phone\",\"") && !stage.log().contains("555 0139"));
    assert!(!held.windows(12).any(|part| part == b"202 555 0139"), "it is sealed");
    alice.post("/account/phone", &[("country", "1"), ("phone", NEW)]).await;
    alice.is_at("/verify", "ending in 32");
    alice.get("/account/phone").await;
    assert!(!alice.page.contains("What you typed"), "it was sent: {}", alice.page);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_is_shown_to_nobody_else_in_that_browser_and_not_for_long() {
    let mut stage = stage(json!({})).await;
    stage.person("bob", NEW, "two_way_otp").await;
    stage.password("bob").await;
    let types = async |stage: &mut Stage, alice: &mut Visitor, later: &str| {
        alice.get("/account/phone").await;
        stage.serve_in(later).await;
        alice.post("/account/phone", &[("country", "1"), ("phone", "202 555 0139")]).await;
        alice.is_at("/?ended", "You were signed out");
    };
    let mut alice = stage.signed_in("alice", OLD, "").await;
    types(&mut stage, &mut alice, "+20m").await;
    signs_in_again(&stage, &mut alice, ("bob", NEW)).await;
    alice.is_at("/account", "Hello bob");
    alice.get("/account/phone").await;
    assert!(!alice.page.contains("0139") && !alice.page.contains("What you typed"), "{}", alice.page);

    let mut alice = stage.signed_in("alice", OLD, "").await;
    types(&mut stage, &mut alice, "+60m").await;
    stage.serve_in("+95m").await;
    alice.get("/").await;
    signs_in_again(&stage, &mut alice, ("alice", OLD)).await;
    alice.is_at("/account", "Hello alice");
    // What would count without being verified is not kept at all, nor is a press of another button.
    stage.offers(json!({ "prompt_backup_phone": true })).await;
    alice.get("/account/backup").await;
    let typed = [("backup-country", "1"), ("backup-phone", "202 555 0139")];
    stage.serve_in("+120m").await;
    alice.post("/account/backup", &typed).await;
    signs_in_again(&stage, &mut alice, ("alice", OLD)).await;
    alice.is_at("/account", "Hello alice");
    alice.get("/account/phone").await;
    stage.serve_in("+150m").await;
    alice.post("/account/phone", &[("do", "undo")]).await;
    signs_in_again(&stage, &mut alice, ("alice", OLD)).await;
    alice.is_at("/account", "Hello alice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_that_was_left_alone_keeps_what_was_typed() {
    let mut stage = stage(json!({})).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.get("/setup/text").await;
    nina.is_at("/setup/text", "you are signed out at");
    stage.serve_in("+10m").await;
    nina.get("/stay").await;
    stage.serve_in("+20m").await;
    nina.get("/setup/text").await;
    nina.is_at("/setup/text", "Your mobile number");
    stage.serve_in("+40m").await;
    nina.post("/setup/text", &[("country", "1"), ("phone", "202 555 0138")]).await;
    nina.is_at("/?ended", "You were signed out");
    nina.post("/", &[("name", "nina"), ("password", PASSWORD)]).await;
    nina.is_at("/setup/text", "What you typed is still here");
    assert!(nina.page.contains("value=\"202 555 0138\""), "{}", nina.page);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stays_is_not_signed_out_before_the_longest_time() {
    let mut stage = stage(json!({})).await;
    let mut alice = stage.signed_in("alice", OLD, "").await;
    for minutes in [14, 28, 42] {
        stage.serve_in(&format!("+{minutes}m")).await;
        alice.get("/stay").await;
        alice.is_at("/stay", "you are signed out at");
        let left: u64 = alice.page.lines().next().unwrap().parse().unwrap();
        assert!((890_000..=900_000).contains(&left), "{left}");
    }
    stage.serve_in("+58m").await;
    alice.get("/stay").await;
    assert_eq!(alice.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_takes_their_time_with_an_app_is_signed_in_by_its_first_code() {
    let mut stage = stage(json!({ "allow_select_method": true })).await;
    let mut nina = Visitor::signing_in(&stage, "nina").await;
    nina.get("/setup/method").await;
    nina.post("/setup/method", &[("method", "oath")]).await;
    let key = nina.page.split("<p class=\"key\">").nth(1).unwrap().split("</p>").next().unwrap().to_owned();
    let secret = engine::oath::base32::parse(&key).unwrap();
    for minutes in [10, 20] {
        stage.serve_in(&format!("+{minutes}m")).await;
        nina.get("/setup/token").await;
        nina.is_at("/setup/token", &key);
    }
    let now = actors::Clock::start().now() + std::time::Duration::from_secs(20 * 60);
    let code = engine::oath::totp::code(secret.expose(), now, 30, 6, engine::oath::Algorithm::Sha1);
    nina.post("/setup/token", &[("do", "app"), ("code", &code)]).await;
    nina.is_at("/setup/done", "You are set up");
    nina.get("/account").await;
    nina.is_at("/account", "Hello nina");
}
