//! Verifications over HTTP: start, look, check, cancel, send again, timeline, batch and the outcome feed.
//! Refuses to show a key what another key started, unless its scope says so.

use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::{
    BatchAnswer, BatchBody, BatchItem, CheckBody, Contact, Page, PlanRung, StartBody, TimelineEntry, View,
};
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use actors::Started;
use data_encoding::HEXLOWER;
use engine::id::VerificationId;
use engine::method::{Method, Mode};
use engine::request::{Request, Wish};
use engine::timeline::Entry;
use engine::user_name;
use engine::verification::Verification;
use engine::wording::OWN_PLACES;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::time::Duration;
use store::TimelineRow;

const LONGEST_WAIT: u64 = 60;
const BATCH: usize = 1000;
const METADATA: usize = 2048;
const MESSAGE_PLACES: usize = 8;

type Answer = Result<HttpResponse, Problem>;

/// `POST /v1/verifications`
pub async fn start(request: HttpRequest, caller: Caller, state: web::Data<State>, mut payload: web::Payload) -> Answer {
    let raw = body::read(&mut payload, body::ORDINARY).await?;
    let key = body::header(&request, "Idempotency-Key")?;
    let started = begin(&state, &caller, &raw, key).await?;
    let shown = match wait(&request)? {
        Some(wait) if !started.verification.stage.is_settled() => waited(&state, started, wait).await?,
        _ => shown(&state, started),
    };
    let place = format!("/v1/verifications/{}", shown.id);
    Ok(HttpResponse::Created().insert_header(("Location", place)).json(View::from(&shown)))
}

/// The end of what was started, or how it stands when the wait is over.
async fn waited(state: &State, started: Started, wait: Duration) -> Result<Verification, Problem> {
    let wait = started.until.map_or(wait, |until| wait.min(until.since(state.engine.now())));
    let verification = look(state, started.verification.id, Some(wait)).await?;
    Ok(shown(state, Started { verification, ..started }))
}

fn shown(state: &State, Started { verification, until }: Started) -> Verification {
    match until {
        Some(until) => verification.for_joiner(until, state.engine.now()),
        None => verification,
    }
}

/// `POST /v1/verifications/batch`
pub async fn batch(caller: Caller, state: web::Data<State>, mut payload: web::Payload) -> Answer {
    let BatchBody { verifications } = body::parse(&body::read(&mut payload, body::BATCH).await?)?;
    if verifications.len() > BATCH {
        return Err(Problem::bad("batch_too_large", "a batch has at most 1000 verifications; send several"));
    }
    let each = verifications.into_iter().map(|mut one| {
        let (state, caller) = (state.clone(), caller.clone());
        async move {
            let key = one.as_object_mut().and_then(|fields| fields.remove("idempotency_key"));
            let key = key.map(serde_json::from_value).transpose();
            let key = key.map_err(|_| Problem::bad("invalid_request", "idempotency_key: must be a text"))?;
            let started = begin(&state, &caller, one.to_string().as_bytes(), key).await?;
            Ok(shown(&state, started))
        }
    });
    let answers = futures_util::future::join_all(each).await.into_iter();
    let items = answers.map(|result| match result {
        Ok(started) => BatchItem::Verification(Box::new(View::from(&started))),
        Err(problem) => BatchItem::Problem(problem),
    });
    Ok(HttpResponse::Ok().json(BatchAnswer { items: items.collect() }))
}

async fn begin(state: &State, caller: &Caller, raw: &[u8], key: Option<String>) -> Result<Started, Problem> {
    let wanted: StartBody = body::parse(raw)?;
    let request = request(state, caller, wanted, key)?;
    let hash = HEXLOWER.encode(&Sha256::digest(raw));
    let engine = &state.engine;
    engine.start_verification(request, Some(hash)).await.map_err(|error| Problem::start(error, engine.now()))
}

fn request(state: &State, caller: &Caller, wanted: StartBody, key: Option<String>) -> Result<Request, Problem> {
    if !caller.speaks_for(&wanted.application) {
        let detail = format!("this API key may not speak for the application `{}`", wanted.application);
        return Err(Problem::new(StatusCode::FORBIDDEN, "application_not_allowed", detail));
    }
    let invalid = |detail: String| Problem::bad("invalid_request", detail);
    if wanted.application.is_empty() || wanted.application.len() > 128 {
        return Err(invalid("application: must have 1 to 128 bytes".into()));
    }
    if wanted.ttl_seconds.is_some_and(|ttl| !(1..=900).contains(&ttl)) {
        return Err(invalid("ttl_seconds: must be 1 to 900".into()));
    }
    let metadata = serde_json::Value::Object(wanted.metadata).to_string();
    if metadata.len() > METADATA {
        return Err(invalid("metadata: must have at most 2048 bytes as JSON".into()));
    }
    let user = user_name::canonical(&wanted.user, &state.engine.policy().domains);
    Ok(Request {
        user: user.map_err(|fault| invalid(format!("user: {fault}")))?,
        application: wanted.application,
        caller: caller.0.id,
        purpose: wanted.purpose,
        plan: plan(wanted.method, wanted.mode, wanted.plan.unwrap_or_default())?,
        can_input: wanted.can_input,
        client_ip: wanted.client_ip.filter(|_| caller.0.trusts_client_ip),
        idempotency_key: key,
        ttl_seconds: wanted.ttl_seconds,
        language: wanted.language,
        callback_url: callback_url(state, wanted.callback_url)?,
        message: message(wanted.message)?,
        metadata,
    })
}

fn callback_url(state: &State, url: Option<String>) -> Result<Option<String>, Problem> {
    let Some(url) = url else { return Ok(None) };
    let checked = state.engine.check_webhook(&url);
    checked.map(|()| Some(url)).map_err(|refused| Problem::bad("invalid_request", format!("callback_url: {refused}")))
}

fn message(places: std::collections::BTreeMap<String, String>) -> Result<Vec<(String, String)>, Problem> {
    let invalid = |detail: String| Problem::bad("invalid_request", format!("message: {detail}"));
    if places.len() > MESSAGE_PLACES {
        return Err(invalid(format!("at most {MESSAGE_PLACES} places")));
    }
    for (name, value) in &places {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !(1..=32).contains(&name.len()) || !name.bytes().all(letters) || OWN_PLACES.contains(&name.as_str()) {
            return Err(invalid(format!(
                "`{name}` cannot name a place; a name has 1 to 32 of a-z, 0-9 and _, and is not one of {}",
                OWN_PLACES.join(", ")
            )));
        }
        if value.chars().count() > 64 || value.chars().any(char::is_control) {
            return Err(invalid(format!("{name}: must have at most 64 characters and no control characters")));
        }
    }
    Ok(places.into_iter().collect())
}

fn plan(method: Option<Method>, mode: Option<Mode>, plan: Vec<PlanRung>) -> Result<Vec<Wish>, Problem> {
    let invalid = |detail: &str| Problem::bad("invalid_request", detail);
    if plan.iter().any(|rung| rung.contact == Some(Contact::Backup) && rung.method != Method::Voice) {
        return Err(invalid("plan: only a call may go to the `backup` contact; texts go to the primary phone"));
    }
    let mut wishes: Vec<_> = plan.into_iter().map(|rung| Wish { method: rung.method, mode: rung.mode }).collect();
    match (method, mode) {
        (Some(method), Some(mode)) if wishes.is_empty() => wishes.push(Wish { method, mode }),
        (None, None) => {}
        (Some(_), Some(_)) => return Err(invalid("give either `method` and `mode`, or `plan`, not both")),
        _ => return Err(invalid("`method` and `mode` belong together: give both or neither")),
    }
    if wishes.len() > 8 {
        return Err(invalid("plan: at most 8 rungs"));
    }
    match wishes.iter().find(|wish| !wish.method.has(wish.mode)) {
        Some(wish) => Err(invalid(&format!("mode `{}` is none of method `{}`", wish.mode, wish.method))),
        None => Ok(wishes),
    }
}

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
    Ok(HttpResponse::Ok().json(Page { items: entries(rows)?, next_cursor: None }))
}

/// The entries of stored rows, in order.
pub fn entries(rows: Vec<TimelineRow>) -> Result<Vec<TimelineEntry>, Problem> {
    let mut found = Vec::new();
    for row in rows {
        let entries: Vec<Entry> = serde_json::from_slice(&row.body).map_err(|cause| {
            tracing::error!(%cause, "a row of a timeline is not one of ours");
            Problem::unavailable("store_unavailable", "a part of the timeline cannot be read; look at the log")
        })?;
        found.extend(entries.into_iter().map(|entry| TimelineEntry::new(row.at, entry)));
    }
    Ok(found)
}

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
    let limit = query.limit.unwrap_or(100).clamp(1, 1000);
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

fn sees(caller: &Caller, started_by: &str, application: &str) -> bool {
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
fn wait(request: &HttpRequest) -> Result<Option<Duration>, Problem> {
    let Some(prefer) = body::header(request, "Prefer")? else { return Ok(None) };
    let seconds = prefer.split([',', ';']).find_map(|part| part.trim().strip_prefix("wait="));
    let Some(seconds) = seconds else { return Ok(None) };
    let seconds: u64 =
        seconds.trim().parse().map_err(|_| Problem::bad("invalid_prefer", "write Prefer: wait=SECONDS"))?;
    Ok((seconds > 0).then(|| Duration::from_secs(seconds.min(LONGEST_WAIT))))
}
