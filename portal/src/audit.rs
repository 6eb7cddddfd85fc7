//! The audit chain over HTTP, and how an administrative act becomes a link of it.
//! Refuses names, whole numbers and secrets: people are their `usr_` ids, which mean nothing once a person is erased.

use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::{Page, time};
use crate::state::State;
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::HEXLOWER;
use engine::moment::Moment;
use serde::{Deserialize, Serialize};
use store::Operation;

/// An act as a link.
pub fn link(now: Moment, caller: &Caller, act: &str, whom: &str) -> Operation {
    let body = serde_json::json!({ "act": act, "by": caller.0.id.to_string(), "on": whom });
    Operation::Audit { at: now, body: body.to_string().into_bytes() }
}

/// One link of the chain.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AuditLink {
    /// Its place, from 1, without gaps.
    position: u64,
    /// UTC, RFC 3339.
    at: String,
    /// What was done (`act`), by which key or person (`by`), on whom (`on`); at the portal also what of it (`what`, numbers masked,
    /// the old before the new) and from where (`from`).
    #[schema(value_type = Object)]
    record: serde_json::Value,
    /// SHA-256 over the link before and this one, hex.
    hash: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    cursor: Option<u64>,
    #[serde(default)]
    limit: Option<usize>,
}

/// `GET /v1/audit`
pub async fn list(request: HttpRequest, _: Caller, state: web::Data<State>) -> Result<HttpResponse, Problem> {
    let query: Query = body::query(&request)?;
    let (after, limit) = (query.cursor.unwrap_or(0), body::limit(query.limit)?);
    let engine = &state.engine;
    let rows = engine.read(move |store| store.audit(after, limit)).await;
    let rows = rows.map_err(|why| Problem::refused(why, engine.now()))?;
    let next_cursor = (rows.len() == limit).then(|| rows.last().map(|row| row.position.to_string())).flatten();
    let items = rows.into_iter().map(|row| AuditLink {
        position: row.position,
        at: time(row.at),
        record: serde_json::from_slice(&row.body).unwrap_or_default(),
        hash: HEXLOWER.encode(&row.hash),
    });
    Ok(HttpResponse::Ok().json(Page { items: items.collect::<Vec<_>>(), next_cursor }))
}
