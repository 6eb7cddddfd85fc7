//! Replies that came while nobody answered the gateway: it brings them no second time, so they are asked for.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use serde_json::json;
use stage::Stage;

const ALICE: &str = "+12025550142";
const BOB: &str = "+12025550143";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replied_while_we_were_down_counts_at_the_next_start() {
    let mut stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp_pin").await;
    stage.person("bob", BOB, "two_way_otp").await;
    let started = stage.begin("alice").await;
    let code = stage.code(ALICE, 0).await;
    stage.kill();
    let right = stage.reply(ALICE, &format!("{code} 2580")).await;
    assert!(right["webhook"]["status"].is_null(), "the gateway reached nobody: {right}");
    stage.reply(BOB, "stop").await;
    stage.serve().await;
    assert_eq!(stage.end(&started, 10).await["reason"], "sms_ok");
    let bob = stage.begin("bob").await;
    assert_eq!(stage.end(&bob, 5).await["reason"], json!("sms_not_sent"), "his STOP came while we were down");
    let timeline = stage.timeline(&started).await;
    assert_eq!(timeline.iter().filter(|what| *what == "code_right").count(), 1, "{timeline:?}");
}
