//! People who are in the store before, so that a run meets one as large as a company's.
//! Refuses to play them: they are there and do nothing.

use crate::run::Run;
use anyhow::Context;
use futures_util::{StreamExt, stream};
use serde_json::json;

/// Requests at once while they are made.
const AT_ONCE: usize = 256;
/// How often it is said how far it is.
const SAID_EACH: u32 = 1000;

/// Makes as many as the scenario wants. They are not set up, as after an import from a directory.
pub async fn make(run: &Run) -> anyhow::Result<()> {
    let count = run.scenario.stored;
    let mut making = stream::iter(0..count).map(|number| make_one(run, number)).buffer_unordered(AT_ONCE);
    let mut made = 0;
    while let Some(one) = making.next().await {
        one?;
        made += 1;
        if made % SAID_EACH == 0 {
            run.say(&format!("{made} of {count} people are in the store"));
        }
        anyhow::ensure!(!run.is_over(), "the run was given up");
    }
    Ok(())
}

async fn make_one(run: &Run, number: u32) -> anyhow::Result<()> {
    let user = json!({ "name": format!("stored{number}"), "set_up": false });
    let (status, answer) = run.stage.post("/v1/users", &user).await.context("a person could not be stored")?;
    anyhow::ensure!(status == 201, "a person could not be stored: {}", String::from_utf8_lossy(&answer));
    Ok(())
}
