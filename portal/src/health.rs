//! Liveness, readiness with the state of each part, and metrics.
//! Refuses to be green while nothing can be promised.

use crate::door;
use crate::lines;
use crate::origin;
use crate::state::State;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use actors::{KeptState, LedgerState};
use metrics::gauge;
use serde::Serialize;

/// Whether the process answers.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Health {
    /// `ok`
    status: &'static str,
}

/// Whether verifications can be started.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Readiness {
    /// `ok` or `not ready`
    status: &'static str,
    /// What it depends on; only for callers with an API key, or on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Parts>,
}

/// What readiness depends on. A broken line does not make it red: others, or other methods, may serve.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Parts {
    /// `ok`, or what is wrong with the store.
    store: &'static str,
    /// Whether nothing more is admitted.
    stopping: bool,
    /// Every gateway line.
    lines: Vec<lines::View>,
    /// Every long-lived actor.
    actors: Vec<Actor>,
}

/// One long-lived actor.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Actor {
    /// `desk 0`, `line sms` …
    name: String,
    /// Whether it works now.
    alive: bool,
    /// How often it was built anew.
    restarts: u32,
}

impl From<KeptState> for Actor {
    fn from(KeptState { name, alive, restarts }: KeptState) -> Self {
        Self { name, alive, restarts }
    }
}

/// `GET /healthz`: the process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// `GET /readyz`: whether verifications can be started, and part by part for those whose business that is.
pub async fn ready(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let address = origin::of(&request, &state.trusted_proxies);
    let near = address.is_some_and(|address| address.is_loopback());
    let told = near || (state.limits.address(address).is_ok() && door::caller(&state, request.headers()).await.is_ok());
    let engine = &state.engine;
    let store = match engine.ledger_state() {
        LedgerState::Good => "ok",
        LedgerState::Full => "full: its disk, or what store.max_megabytes allows; free some space",
        LedgerState::Unavailable => "unavailable: the store takes no writes",
    };
    let lines = engine.lines().into_iter().map(lines::View::from);
    let actors: Vec<_> = engine.actors().into_iter().map(Actor::from).collect();
    let alive = actors.iter().all(|actor| actor.alive) && !engine.has_given_up();
    let parts = Parts { store, stopping: engine.is_stopping(), lines: lines.collect(), actors };
    let good = store == "ok" && alive && !parts.stopping;
    let parts = told.then_some(parts);
    if good {
        HttpResponse::Ok().json(Readiness { status: "ok", parts })
    } else {
        HttpResponse::ServiceUnavailable()
            .insert_header((RETRY_AFTER, "1"))
            .json(Readiness { status: "not ready", parts })
    }
}

/// `GET /metrics`: Prometheus text.
pub async fn metrics(state: web::Data<State>) -> HttpResponse {
    gauge!("countersign_spectators").set(state.engine.spectators() as f64);
    gauge!("countersign_in_flight").set(state.engine.in_flight() as f64);
    for line in state.engine.lines() {
        gauge!("countersign_line_queued", "line" => line.name.clone(), "carries" => line.carries.as_str())
            .set(line.queued as f64);
        gauge!("countersign_line_in_flight", "line" => line.name.clone(), "carries" => line.carries.as_str())
            .set(line.in_flight as f64);
        gauge!("countersign_line_healthy", "line" => line.name, "carries" => line.carries.as_str())
            .set(f64::from(u8::from(line.healthy)));
    }
    match &state.metrics {
        Some(handle) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(handle.render()),
        None => HttpResponse::NotFound().finish(),
    }
}
