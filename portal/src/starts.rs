//! The start of verifications over HTTP, one by one and in batches.
//! Refuses what no rule could make sense of; what a rule is against is an outcome, no error.

use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::{BatchAnswer, BatchBody, BatchItem, Contact, LANGUAGE, PlanRung, StartBody, View};
use crate::state::State;
use crate::verifications::wait;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use actors::{Idempotency, Started};
use data_encoding::HEXLOWER;
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::request::{Request, Wish};
use engine::verification::Verification;
use engine::wording::OWN_PLACES;
use engine::{language, user_name};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::Duration;

const BATCH: usize = 1000;
const METADATA: usize = 2048;
const MESSAGE_PLACES: usize = 8;

type Answer = Result<HttpResponse, Problem>;

/// `POST /v1/verifications`
pub async fn start(request: HttpRequest, caller: Caller, state: web::Data<State>, mut payload: web::Payload) -> Answer {
    let raw = body::read(&mut payload, body::ORDINARY).await?;
    let key = body::header(&request, "Idempotency-Key")?;
    let wait = wait(&request)?;
    let started = begin(&state, &caller, &raw, Keyed { key, unused: false }, wait.is_some()).await?;
    let shown = match wait {
        Some(wait) if !started.verification.stage.is_settled() => waited(&state, started, wait).await?,
        _ => shown(&state, started),
    };
    let place = format!("/v1/verifications/{}", shown.id);
    Ok(HttpResponse::Created().insert_header(("Location", place)).json(View::of_start(&shown, &state.engine.policy())))
}

/// The end of what was started, or how it stands when the wait is over.
async fn waited(state: &State, started: Started, wait: Duration) -> Result<Verification, Problem> {
    let engine = &state.engine;
    let until = started.until;
    let wait = until.map_or(wait, |until| wait.min(until.since(engine.now())));
    let verification = engine.end_of(started, wait).await.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(seen(state, verification, until))
}

fn shown(state: &State, started: Started) -> Verification {
    seen(state, started.verification, started.until)
}

/// As who asked sees it: a joiner may wait less long.
fn seen(state: &State, verification: Verification, until: Option<Moment>) -> Verification {
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
    let each = keyed(&state, &caller, verifications).await.into_iter().map(|(one, key)| {
        let (state, caller) = (state.clone(), caller.clone());
        async move {
            let started = begin(&state, &caller, one.to_string().as_bytes(), key?, false).await?;
            Ok(shown(&state, started))
        }
    });
    let answers = futures_util::future::join_all(each).await.into_iter();
    let items = answers.map(|result| match result {
        Ok(started) => BatchItem::Verification(Box::new(View::of_start(&started, &state.engine.policy()))),
        Err(problem) => BatchItem::Problem(problem),
    });
    Ok(HttpResponse::Ok().json(BatchAnswer { items: items.collect() }))
}

/// An idempotency key, and whether it is known that nobody has used it.
struct Keyed {
    key: Option<String>,
    unused: bool,
}

/// The parts of a batch with their keys, which are looked up together.
async fn keyed(state: &State, caller: &Caller, batch: Vec<Value>) -> Vec<(Value, Result<Keyed, Problem>)> {
    let take = |mut one: Value| {
        let key = one.as_object_mut().and_then(|fields| fields.remove("idempotency_key"));
        let key: Result<Option<String>, _> = key.map(serde_json::from_value).transpose();
        (one, key.map_err(|_| Problem::bad("invalid_request", "idempotency_key: must be a text")))
    };
    let batch: Vec<_> = batch.into_iter().map(take).collect();
    let keys: Vec<_> = batch.iter().filter_map(|(_, key)| key.as_ref().ok()?.as_deref()).collect();
    let mut unused = state.engine.unused_keys(caller.0.id, &keys).await.into_iter();
    let mut known = |key: Option<String>| Keyed { unused: key.is_some() && unused.next().unwrap_or_default(), key };
    batch.into_iter().map(|(one, key)| (one, key.map(&mut known))).collect()
}

async fn begin(state: &State, caller: &Caller, raw: &[u8], keyed: Keyed, wait: bool) -> Result<Started, Problem> {
    let wanted: StartBody = body::parse(raw)?;
    let request = request(state, caller, wanted, keyed.key)?;
    let hash = || HEXLOWER.encode(&Sha256::digest(raw));
    let idempotency = request.idempotency_key.as_ref();
    let idempotency = idempotency.map(|key| Idempotency::new(request.caller, key, hash()).unused(keyed.unused));
    let engine = &state.engine;
    engine.start_verification(request, idempotency, wait).await.map_err(|error| Problem::start(error, engine.now()))
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
    if wanted.language.as_deref().is_some_and(|tag| !language::is_tag(tag)) {
        return Err(invalid(LANGUAGE.into()));
    }
    let metadata = Value::Object(wanted.metadata).to_string();
    if metadata.len() > METADATA {
        return Err(invalid("metadata: must have at most 2048 bytes as JSON".into()));
    }
    let user = user_name::canonical(&wanted.user, &state.engine.policy().domains);
    Ok(Request {
        answered: false,
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
    let wish =
        |rung: PlanRung| Wish { backup: rung.contact == Some(Contact::Backup), ..Wish::new(rung.method, rung.mode) };
    let mut wishes: Vec<_> = plan.into_iter().map(wish).collect();
    match (method, mode) {
        (Some(method), Some(mode)) if wishes.is_empty() => wishes.push(Wish::new(method, mode)),
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
