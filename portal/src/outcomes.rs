//! The outcome feed over HTTP: every settled verification that the key may see, at least once, in order.
//! Refuses to pass over what it cannot read.

use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::{Page, View};
use crate::state::State;
use crate::verifications::{LONGEST_WAIT, sees};
use actix_web::{HttpRequest, HttpResponse, web};
use engine::verification::Verification;
use serde::Deserialize;
use std::time::Duration;

type Answer = Result<HttpResponse, Problem>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeedQuery {
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    wait: Option<u64>,
}

/// `GET /v1/outcomes`: the feed, at least once, in order, never skipped.
pub async fn outcomes(request: HttpRequest, caller: Caller, state: web::Data<State>) -> Answer {
    let query: FeedQuery = body::query(&request)?;
    let after = match query.cursor.as_deref() {
        None | Some("") => None,
        Some(cursor) => Some(position(cursor)?),
    };
    let limit = body::limit(query.limit)?;
    let wait = Duration::from_secs(query.wait.unwrap_or(0).min(LONGEST_WAIT));
    let mut settled = state.engine.settled_positions();
    let (mut items, mut last) = feed(&state, &caller, after, limit).await?;
    if items.is_empty() && !wait.is_zero() {
        let _ = tokio::time::timeout(wait, settled.wait_for(|position| *position > last)).await;
        (items, last) = feed(&state, &caller, Some(last), limit).await?;
    }
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: Some(format!("n1.{last}")) }))
}

fn position(cursor: &str) -> Result<u64, Problem> {
    let bad = || Problem::bad("invalid_cursor", "the cursor is not one of this feed; begin without a cursor");
    cursor.strip_prefix("n1.").ok_or_else(bad)?.parse().map_err(|_| bad())
}

async fn feed(state: &State, caller: &Caller, after: Option<u64>, limit: usize) -> Result<(Vec<View>, u64), Problem> {
    let engine = &state.engine;
    let read = engine.read(move |store| store.outcomes(after, limit)).await;
    let read = read.map_err(|why| Problem::refused(why, engine.now()))?;
    let mine = read.rows.into_iter().filter(|row| sees(caller, &row.caller, &row.application));
    let items = mine.map(|row| serde_json::from_slice(&row.body).map(|settled: Verification| View::from(&settled)));
    let items = items.collect::<Result<_, _>>().map_err(|cause| {
        tracing::error!(%cause, "an outcome is not one of ours");
        Problem::unavailable("store_unavailable", "a part of the feed cannot be read; look at the log")
    })?;
    Ok((items, read.next))
}
