//! The lines over HTTP: what each carries, how full it is, and what is the matter with it.
//! Refuses to change them: they are in the settings file.

use crate::door::Caller;
use crate::shapes::Page;
use crate::state::State;
use actix_web::{HttpResponse, web};
use actors::{Carries, LineState};
use serde::Serialize;

/// One line of a gateway.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Line)]
pub struct View {
    /// The gateway's name in the settings; one that carries texts and calls has two lines.
    name: String,
    /// `texts` or `calls`
    #[schema(value_type = String)]
    carries: Carries,
    /// `ok`, `circuit open` or `trouble`
    status: &'static str,
    /// What is the matter with the gateway, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
    /// Texts or calls that wait.
    queued: usize,
    /// Texts that were given to the gateway and are not answered yet, or calls that are up.
    in_flight: usize,
    /// Taken by the gateway since the start of the process.
    sent: u64,
    /// Not taken, by the gateway's fault, since the start of the process.
    failed: u64,
}

impl From<LineState> for View {
    fn from(line: LineState) -> Self {
        let LineState { name, carries, trouble, queued, in_flight, healthy, sent, failed } = line;
        let status = match (&trouble, healthy) {
            (Some(_), _) => "trouble",
            (None, true) => "ok",
            (None, false) => "circuit open",
        };
        Self { name, carries, status, trouble, queued, in_flight, sent, failed }
    }
}

/// `GET /v1/lines`
pub async fn list(_: Caller, state: web::Data<State>) -> HttpResponse {
    let items: Vec<_> = state.engine.lines().into_iter().map(View::from).collect();
    HttpResponse::Ok().json(Page { items, next_cursor: None })
}
