//! Company settings and API keys over HTTP.
//! Refuses settings that are half valid, and a key that grants more than its maker has.

use crate::audit;
use crate::body;
use crate::door::{Caller, SCOPES, hash};
use crate::problem::Problem;
use crate::shapes::{Page, time};
use crate::state::State;
use crate::{questions, trusted_ips};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use actors::ApiKeyRecord;
use data_encoding::BASE32_NOPAD;
use engine::id::ApiKeyId;
use engine::policy::Policy;
use engine::portal::EnrollmentProof;
use serde::{Deserialize, Serialize};
use store::{Document, Expect, Kind, Operation};

type Answer = Result<HttpResponse, Problem>;

/// `GET /v1/settings`
pub async fn settings(_: Caller, state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(&*state.engine.policy())
}

/// `PUT /v1/settings`: the whole of it; what is left out has its default.
pub async fn set_settings(caller: Caller, state: web::Data<State>, mut payload: web::Payload) -> Answer {
    let new: Policy = body::json(&mut payload).await?;
    if new.portal.questions_fallback {
        let gap = questions::gap(&state.engine, &new.portal.languages).await;
        if let Some(gap) = gap.map_err(|why| Problem::refused(why, state.engine.now()))? {
            let detail = format!("portal.questions_fallback {gap}");
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_settings", detail));
        }
    }
    if new.portal.enrollment_proof == EnrollmentProof::MailCode && !state.engine.doors().mail {
        let detail = "portal.enrollment_proof mail_code needs a gateway of kind smtp";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_settings", detail));
    }
    let change = |policy: &mut Policy| {
        trusted_ips::check_new(policy, &new)?;
        *policy = new;
        Ok(())
    };
    change_settings(&state, &caller, "settings.change", "company", change).await?;
    Ok(HttpResponse::Ok().json(&*state.engine.policy()))
}

/// Changes the settings, one change after the other, with a link in the audit chain.
pub async fn change_settings(
    state: &State,
    caller: &Caller,
    act: &str,
    whom: &str,
    change: impl FnOnce(&mut Policy) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let _alone = state.settings.lock().await;
    let engine = &state.engine;
    let mut policy = (*engine.policy()).clone();
    change(&mut policy)?;
    let problems = policy.problems();
    if !problems.is_empty() {
        let all: Vec<_> = problems.iter().map(|(path, right)| format!("{path} {right}")).collect();
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_settings", all.join("; ")));
    }
    let link = audit::link(engine.now(), caller, act, whom);
    engine.set_policy(policy, vec![link]).await.map_err(|why| Problem::refused(why, engine.now()))
}

/// `POST /v1/api_keys`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    name: String,
    /// Applications it may speak for; empty means all.
    #[serde(default)]
    applications: Vec<String>,
    scopes: Vec<String>,
    /// Whether the `client_ip` it tells is believed.
    #[serde(default)]
    trusts_client_ip: bool,
}

/// A fresh key: the text to give out, once, and its record.
pub fn make_key(
    name: String,
    applications: Vec<String>,
    scopes: Vec<String>,
    trusts_client_ip: bool,
    now: engine::moment::Moment,
) -> (String, ApiKeyRecord) {
    let key = format!("csk_{}", BASE32_NOPAD.encode(&actors::random::bytes::<32>()).to_lowercase());
    let id = ApiKeyId::from_bits(actors::random::bits());
    let record = ApiKeyRecord { id, name, applications, scopes, trusts_client_ip, created_at: now, revoked_at: None };
    (key, record)
}

/// An API key.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ApiKey)]
pub struct KeyView {
    /// `key_…`
    id: String,
    name: String,
    /// Applications it may speak for; empty means all.
    applications: Vec<String>,
    scopes: Vec<String>,
    /// Whether the `client_ip` it tells is believed.
    trusts_client_ip: bool,
    /// UTC, RFC 3339.
    created_at: String,
    /// When it was revoked; null while it opens.
    revoked_at: Option<String>,
    /// `csk_…`; only on the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// `whsec_…`, which outcome webhooks are signed with; only on the answer that made the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_secret: Option<String>,
}

fn view(record: &ApiKeyRecord) -> KeyView {
    KeyView {
        id: record.id.to_string(),
        name: record.name.clone(),
        applications: record.applications.clone(),
        scopes: record.scopes.clone(),
        trusts_client_ip: record.trusts_client_ip,
        created_at: time(record.created_at),
        revoked_at: record.revoked_at.map(time),
        key: None,
        webhook_secret: None,
    }
}

/// `POST /v1/api_keys`
pub async fn create_key(caller: Caller, state: web::Data<State>, mut payload: web::Payload) -> Answer {
    let new: NewKey = body::json(&mut payload).await?;
    if let Some(unknown) = new.scopes.iter().find(|scope| !SCOPES.iter().any(|(known, _)| known == scope)) {
        let known: Vec<_> = SCOPES.iter().map(|(scope, _)| *scope).collect();
        return Err(Problem::bad("invalid_request", format!("scopes: `{unknown}` is none of {}", known.join(", "))));
    }
    let more = new.scopes.iter().any(|scope| !caller.may(scope));
    let wider = !caller.0.applications.is_empty()
        && (new.applications.is_empty() || new.applications.iter().any(|application| !caller.speaks_for(application)));
    if more || wider {
        let detail = "a key cannot grant more scopes or applications than it has itself";
        return Err(Problem::new(StatusCode::FORBIDDEN, "grants_too_much", detail));
    }
    let engine = &state.engine;
    let (key, record) = make_key(new.name, new.applications, new.scopes, new.trusts_client_ip, engine.now());
    let operations = vec![
        Operation::put(hash(&key), &record, Expect::Absent),
        audit::link(engine.now(), &caller, "api_key.create", &record.id.to_string()),
    ];
    engine.commit(operations).await.map_err(|why| Problem::refused(why, engine.now()))?;
    let webhook_secret = engine.webhook_secret(record.id).expose().clone();
    let shown = KeyView { key: Some(key), webhook_secret: Some(webhook_secret), ..view(&record) };
    Ok(HttpResponse::Created().insert_header(("Cache-Control", "no-store")).json(shown))
}

/// `GET /v1/api_keys`
pub async fn list_keys(_: Caller, state: web::Data<State>) -> Answer {
    let items: Vec<_> = keys(&state).await?.iter().map(|(_, _, record)| view(record)).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

async fn keys(state: &State) -> Result<Vec<(String, u64, ApiKeyRecord)>, Problem> {
    let engine = &state.engine;
    let found = engine.read(|store| store.list(Kind::ApiKey, None, 100_000)).await;
    let found = found.map_err(|why| Problem::refused(why, engine.now()))?;
    let keys =
        found.iter().map(|record| Ok((record.key.id.clone(), record.version, ApiKeyRecord::from_record(record)?)));
    keys.collect::<Result<_, store::ReadError>>().map_err(|cause| Problem::refused(cause.into(), engine.now()))
}

/// `DELETE /v1/api_keys/{id}`
pub async fn revoke_key(caller: Caller, state: web::Data<State>, id: web::Path<String>) -> Answer {
    let id: ApiKeyId = id.parse().map_err(|_| Problem::not_found("API key"))?;
    let found = keys(&state).await?.into_iter().find(|(_, _, record)| record.id == id);
    let (hash, version, mut record) = found.ok_or_else(|| Problem::not_found("API key"))?;
    let engine = &state.engine;
    record.revoked_at.get_or_insert(engine.now());
    let operations = vec![
        Operation::put(hash, &record, Expect::Version(version)),
        audit::link(engine.now(), &caller, "api_key.revoke", &id.to_string()),
    ];
    engine.commit(operations).await.map_err(|why| Problem::refused(why, engine.now()))?;
    state.keys.forget();
    Ok(HttpResponse::NoContent().finish())
}
