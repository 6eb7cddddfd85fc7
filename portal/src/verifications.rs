//! One verification over HTTP: look, check, cancel, send again, timeline.
//! Refuses to show a key what another key started, unless its scope says so.

use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::{CheckBody, Page, TimelineEntry, View};
use crate::state::State;
use actix_web::{HttpRequest, HttpResponse, web};
use engine::id::VerificationId;
use engine::timeline::Entry;
use engine::verification::Verification;
use std::time::Duration;
use store::TimelineRow;

/// The most seconds that an answer is waited for.
pub const LONGEST_WAIT: u64 = 60;

type Answer = Result<HttpResponse, Problem>;

/// `GET /v1/verifications/{id}`
pub async fn get(request: HttpRequest, caller: Caller, state: web::Data<State>, id: web::Path<String>) -> Answer {
    let found = visible(&state, &caller, &id, wait(&request)?).await?;
    Ok(HttpResponse::Ok().json(View::from(&found)))
}

/// `POST /v1/verifications/{id}/check`
pub async fn check(
    caller: Caller,
    state: web::Data<State>,
    id: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let CheckBody { code } = body::json(&mut payload).await?;
    let found = visible(&state, &caller, &id, None).await?;
    let engine = &state.engine;
    let now = engine.check(found.id, &code).await.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::Ok().json(View::from(&now)))
}

/// `POST /v1/verifications/{id}/cancel`
pub async fn cancel(caller: Caller, state: web::Data<State>, id: web::Path<String>) -> Answer {
    let found = visible(&state, &caller, &id, None).await?;
    let engine = &state.engine;
    let now = engine.cancel(found.id).await.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::Ok().json(View::from(&now)))
}

/// `POST /v1/verifications/{id}/resend`
pub async fn resend(caller: Caller, state: web::Data<State>, id: web::Path<String>) -> Answer {
    let found = visible(&state, &caller, &id, None).await?;
    let engine = &state.engine;
    let now = engine.resend(found.id).await.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::Ok().json(View::from(&now)))
}

/// `GET /v1/verifications/{id}/timeline`
pub async fn timeline(caller: Caller, state: web::Data<State>, id: web::Path<String>) -> Answer {
    let found = visible(&state, &caller, &id, None).await?;
    let verification = found.id;
    let engine = &state.engine;
    let rows = engine.read(move |store| store.timeline(verification)).await;
    let rows = rows.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::Ok().json(Page { items: entries(rows, &caller)?, next_cursor: None }))
}

/// The entries of stored rows, in order. That the code was right and the PIN was not is for those who look after people:
/// an application that asks hears of both as of one.
pub fn entries(rows: Vec<TimelineRow>, caller: &Caller) -> Result<Vec<TimelineEntry>, Problem> {
    let mut found = Vec::new();
    for row in rows {
        let entries: Vec<Entry> = serde_json::from_slice(&row.body).map_err(|cause| {
            tracing::error!(%cause, "a row of a timeline is not one of ours");
            Problem::unavailable("store_unavailable", "a part of the timeline cannot be read; look at the log")
        })?;
        found.extend(entries.into_iter().map(|entry| {
            let hidden = entry.what == "pin_wrong" && !caller.may("users");
            let what = if hidden { "code_wrong".into() } else { entry.what };
            TimelineEntry::new(row.at, Entry { what, ..entry })
        }));
    }
    Ok(found)
}

/// Whether a key may see what another, or the same, started for an application.
pub fn sees(caller: &Caller, started_by: &str, application: &str) -> bool {
    caller.0.id.to_string() == started_by || (caller.may("verifications.all") && caller.speaks_for(application))
}

/// The verification, if this key may see it.
pub async fn visible(
    state: &State,
    caller: &Caller,
    id: &str,
    wait: Option<Duration>,
) -> Result<Verification, Problem> {
    let id: VerificationId = id.parse().map_err(|_| Problem::not_found("verification"))?;
    let found = look(state, id, None).await?;
    if !sees(caller, &found.caller.to_string(), &found.application) {
        return Err(Problem::not_found("verification"));
    }
    match wait {
        Some(wait) if !found.stage.is_settled() => look(state, id, Some(wait)).await,
        _ => Ok(found),
    }
}

/// How a verification stands.
pub async fn look(state: &State, id: VerificationId, wait: Option<Duration>) -> Result<Verification, Problem> {
    state.engine.look(id, wait).await.map_err(|why| Problem::refused(why, state.engine.now()))
}

/// `Prefer: wait=SECONDS` (RFC 7240 §4.3), at most 60.
pub fn wait(request: &HttpRequest) -> Result<Option<Duration>, Problem> {
    let Some(prefer) = body::header(request, "Prefer")? else { return Ok(None) };
    let seconds = prefer.split([',', ';']).find_map(|part| part.trim().strip_prefix("wait="));
    let Some(seconds) = seconds else { return Ok(None) };
    let seconds: u64 =
        seconds.trim().parse().map_err(|_| Problem::bad("invalid_prefer", "write Prefer: wait=SECONDS"))?;
    Ok((seconds > 0).then(|| Duration::from_secs(seconds.min(LONGEST_WAIT))))
}
