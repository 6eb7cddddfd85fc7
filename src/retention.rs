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

/// Removes what is over, as long as the engine runs.
pub async fn keep(engine: Engine, settings: Settings) {
    loop {
        for (log, days) in [(Log::Outcomes, settings.outcome_days), (Log::Timelines, settings.timeline_days)] {
            if days > 0
                && let Err(cause) = remove(&engine, log, DAY * days).await
            {
                tracing::warn!(%cause, ?log, "what is past its retention could not be removed; it is tried again");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Each step is a change of its own, so that others are committed in between.
async fn remove(engine: &Engine, log: Log, keep: Duration) -> Result<(), actors::Refused> {
    while engine.retire(log, keep).await? {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
