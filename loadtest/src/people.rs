//! The people of a run: made in the engine, with a phone each.
//! Refuses to reach anybody: the numbers are of number plans, the phones are simulated.

use crate::stage::Stage;
use anyhow::Context;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Areas whose numbers the number plan knows; each gives ten thousand.
const AREAS: [u32; 10] = [202, 303, 415, 617, 212, 312, 713, 206, 404, 305];
/// Requests at once while people are made.
const AT_ONCE: usize = 64;

/// The most people of a run.
pub const MOST: u32 = 100_000;

/// The user name of a person.
pub fn name(person: u32) -> String {
    format!("person{person}")
}

fn phone(person: u32) -> String {
    let area = AREAS[(person / 10_000) as usize % AREAS.len()];
    format!("+1{area}555{:04}", person % 10_000)
}

/// Makes them, and has every phone reply at once with the code that it gets.
pub async fn make(stage: &Arc<Stage>, people: u32) -> anyhow::Result<()> {
    let free = json!({ "gap_seconds": 0, "per_hour": 0, "per_day": 0 });
    let settings = json!({ "velocity": { "number": free, "user": free } });
    stage.put("/v1/settings", &settings).await?;
    stage.play(&json!({ "reply": "{otp}", "after_ms": 0 })).await?;
    let mut making = JoinSet::new();
    for person in 0..people {
        if making.len() >= AT_ONCE {
            made(making.join_next().await)?;
        }
        let (stage, body) = (Arc::clone(stage), one(person));
        making.spawn(async move { stage.post("/v1/users", &body, None).await });
    }
    while let Some(result) = making.join_next().await {
        made(Some(result))?;
    }
    Ok(())
}

fn one(person: u32) -> Value {
    json!({ "name": name(person), "phone": phone(person), "method": "sms", "mode": "two_way_otp" })
}

fn made(result: Option<Result<anyhow::Result<(u16, Value)>, tokio::task::JoinError>>) -> anyhow::Result<()> {
    let (status, answer) = result.context("somebody was being made")???;
    anyhow::ensure!(status == 201, "a person could not be made: {answer}");
    Ok(())
}
