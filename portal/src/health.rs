//! Liveness, readiness with the state of each part, and metrics.
//! Refuses to be green while nothing can be promised.

use crate::state::State;
use actix_web::{HttpResponse, web};
use actors::LedgerState;
use metrics::gauge;

/// `GET /healthz`: the process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// `GET /readyz`: whether verifications can be started, part by part.
pub async fn ready(state: web::Data<State>) -> HttpResponse {
    let engine = &state.engine;
    let store = match engine.ledger_state() {
        LedgerState::Good => "ok",
        LedgerState::Full => "full: the disk that holds the store is full",
        LedgerState::Unavailable => "unavailable: the store takes no writes",
    };
    let lines: Vec<_> = engine
        .lines()
        .into_iter()
        .map(|line| serde_json::json!({ "name": line.name, "status": if line.healthy { "ok" } else { "circuit open" }, "queued": line.queued }))
        .collect();
    let actors = engine.actors();
    let all_alive = actors.iter().all(|actor| actor.alive);
    let ready = store == "ok" && all_alive && !engine.is_stopping() && !engine.has_given_up();
    let body = serde_json::json!({
        "status": if ready { "ok" } else { "not ready" },
        "parts": { "store": store, "stopping": engine.is_stopping(), "lines": lines, "actors": actors },
    });
    if ready { HttpResponse::Ok().json(body) } else { HttpResponse::ServiceUnavailable().json(body) }
}

/// `GET /metrics`: Prometheus text.
pub async fn metrics(state: web::Data<State>) -> HttpResponse {
    gauge!("countersign_in_flight").set(state.engine.in_flight() as f64);
    for line in state.engine.lines() {
        gauge!("countersign_line_queued", "line" => line.name.clone()).set(line.queued as f64);
        gauge!("countersign_line_in_flight", "line" => line.name.clone()).set(line.in_flight as f64);
        gauge!("countersign_line_healthy", "line" => line.name).set(f64::from(u8::from(line.healthy)));
    }
    match &state.metrics {
        Some(handle) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(handle.render()),
        None => HttpResponse::NotFound().finish(),
    }
}
