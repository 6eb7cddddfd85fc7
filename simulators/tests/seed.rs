//! Stories of the seed: the same sends in the same order meet the same luck, in another run and after a reset.
//! Identifiers are not part of it; they never repeat.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use serde_json::json;
use stage::{GATEWAY, OURS, PHONE, Stage};

/// What thirty sends met: the status, and the gateway's counts in the end.
async fn luck(stage: &Stage) -> (Vec<u16>, String) {
    stage.faults(json!({ "errors": [{ "probability": 0.4, "status": 500 }], "lost_receipts": 0.3, "duplicate_callbacks": 0.3 })).await;
    let callback = stage.receiver.url("/status");
    let mut statuses = Vec::new();
    for turn in 0..30 {
        let body = format!("text {turn}");
        let form = [("To", PHONE), ("From", OURS), ("Body", body.as_str()), ("StatusCallback", callback.as_str())];
        statuses.push(stage.send(&form).await.status);
    }
    let gateway = stage.settled().await;
    (statuses, format!("{} {} {}", gateway["accepted"], gateway["refused"], gateway["callbacks"]))
}

#[tokio::test]
async fn the_same_seed_brings_the_same_faults() {
    let (one, other) =
        (Stage::with(|settings| settings.seed = 7).await, Stage::with(|settings| settings.seed = 7).await);
    let first = luck(&one).await;
    assert!(first.0.contains(&201) && first.0.contains(&500), "{first:?}");
    assert_eq!(first, luck(&other).await);
}

#[tokio::test]
async fn another_seed_brings_others() {
    let (one, other) =
        (Stage::with(|settings| settings.seed = 7).await, Stage::with(|settings| settings.seed = 8).await);
    assert_ne!(luck(&one).await.0, luck(&other).await.0);
}

#[tokio::test]
async fn a_reset_starts_the_seed_again() {
    let stage = Stage::start().await;
    let first = luck(&stage).await;
    assert_ne!(luck(&stage).await.0, first.0, "luck goes on without a reset");
    stage.reset().await;
    assert_eq!(luck(&stage).await, first);
}

#[tokio::test]
async fn gateways_have_their_own_luck() {
    let named = |name: &'static str| Stage::with(move |settings| settings.accounts[0].name = name.to_owned());
    let (one, other) = (named("one").await, named("other").await);
    let mut luck = Vec::new();
    for (stage, name) in [(&one, "one"), (&other, "other")] {
        let faults = json!({ "errors": [{ "probability": 0.5 }] });
        stage.put(&format!("/sim/v1/gateways/{name}/faults"), faults).await;
        let mut statuses = Vec::new();
        for _ in 0..30 {
            statuses.push(stage.send(&[("To", PHONE), ("From", OURS), ("Body", "x")]).await.status);
        }
        luck.push(statuses);
    }
    assert_ne!(luck[0], luck[1]);
}

#[tokio::test]
async fn sids_do_not_repeat_after_a_reset() {
    let stage = Stage::start().await;
    let before = stage.text(PHONE, "x").await;
    stage.reset().await;
    let after = stage.text(PHONE, "x").await;
    assert_ne!(before["sid"], after["sid"]);
    assert_eq!(stage.look(&before["sid"]).await.status, 404);
    assert_eq!(stage.get(GATEWAY).await["accepted"], 1);
}
