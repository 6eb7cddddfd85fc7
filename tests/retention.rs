//! Outcomes past their retention: they go at the next start, and whoever read up to them is told.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use engine::id::VerificationId;
use engine::moment::Moment;
use reqwest::Method;
use stage::Stage;
use std::time::Duration;
use store::sqlite::OpenOptions;
use store::{Operation, SqliteStore, Store};

const DAY: u64 = 86_400_000;

/// An outcome of a hundred days ago, as the engine of that time would have left it.
fn old_outcome(stage: &Stage) -> VerificationId {
    let store = SqliteStore::open(&stage.home().join("countersign.db"), &OpenOptions::default()).unwrap();
    let (id, now) = (VerificationId::from_bits(7), actors::Clock::start().now());
    let at = Moment::from_millis(now.millis() - 100 * DAY);
    let settle = Operation::Settle {
        verification: id,
        at,
        caller: "key_of_that_time".into(),
        application: "vpn".into(),
        body: b"{}".to_vec(),
    };
    let note = Operation::Append { verification: id, at, body: b"[]".to_vec() };
    assert!(store.commit(&[vec![settle, note].into()]).unwrap()[0].is_ok());
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn old_outcomes_go_and_a_cursor_before_them_is_told_so() {
    let mut stage = Stage::with("[retention]\noutcome_days = 30\ntimeline_days = 30\n").await;
    stage.kill();
    let old = old_outcome(&stage);
    stage.serve().await;
    let kept = stage.begin("nobody").await;
    for _ in 0..250 {
        if stage.call(Method::GET, "/v1/outcomes?cursor=n1.0", None).await.0 == 410 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (status, problem) = stage.call(Method::GET, "/v1/outcomes?cursor=n1.0", None).await;
    assert_eq!((status, problem["code"].as_str()), (410, Some("cursor_too_old")), "{problem}");
    let feed = stage.get("/v1/outcomes").await;
    assert_eq!(feed["items"].as_array().unwrap().len(), 1);
    assert_eq!((&feed["items"][0]["id"], &feed["next_cursor"]), (&kept["id"], &"n1.2".into()));
    let (status, problem) = stage.call(Method::GET, "/v1/outcomes?cursor=n1.3", None).await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("invalid_cursor")), "{problem}");
    assert_eq!(stage.call(Method::GET, &format!("/v1/verifications/{old}"), None).await.0, 404);
}
