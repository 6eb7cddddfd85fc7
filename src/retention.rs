//! How long outcomes and timelines are kept.
//! Refuses to hold up verifications: a little is removed at a time.

use actors::Engine;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::Log;
use utoipa::ToSchema;

const DAY: Duration = Duration::from_secs(86_400);

/// How often it looks whether the time of anything is over.
const PAUSE: Duration = Duration::from_secs(60);
/// Steps of one log before the other has its turn, and the pause after each.
const STEPS: usize = 100;
const BREATH: Duration = Duration::from_millis(5);

/// How long outcomes and timelines are kept.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Days that outcomes are kept, and up to one more; for ever if 0.
    pub outcome_days: u32,
    /// Days that timelines are kept, and up to one more; for ever if 0.
    pub timeline_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { outcome_days: 365, timeline_days: 90 }
    }
}

/// Removes what is over, as long as the engine runs: a few steps of each log in its turn, so that none waits for the other.
pub async fn keep(engine: Engine, settings: Settings) {
    let logs = [(Log::Outcomes, settings.outcome_days), (Log::Timelines, settings.timeline_days)];
    while !engine.is_stopping() {
        let mut more = false;
        for (log, days) in logs.into_iter().filter(|(_, days)| *days > 0) {
            more |= remove(&engine, log, DAY * days).await.unwrap_or_else(|cause| {
                tracing::warn!(%cause, ?log, "what is past its retention could not be removed; it is tried again");
                false
            });
        }
        if !more {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Some steps, each a change of its own, so that others are committed in between; whether there is more.
async fn remove(engine: &Engine, log: Log, keep: Duration) -> Result<bool, actors::Refused> {
    for _ in 0..STEPS {
        if !engine.retire(log, keep).await? {
            return Ok(false);
        }
        tokio::time::sleep(BREATH).await;
    }
    Ok(true)
}
