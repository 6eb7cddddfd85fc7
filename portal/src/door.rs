//! The door: who calls, and whether this route is open to them.
//! Refuses by default: a route that is not in the table does not open.

use crate::origin;
use crate::problem::Problem;
pub use crate::routes::{Access, Content, ROUTES, Route};
use crate::state::State;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use actors::ApiKeyRecord;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};
use std::sync::Arc;

/// What keys may do. `admin` may do everything.
pub const SCOPES: &[(&str, &str)] = &[
    ("verify", "start, check and cancel verifications, and see those that it started"),
    ("verifications.all", "see the verifications and outcomes that other keys started, for its applications"),
    ("users", "people and their methods"),
    ("settings", "company settings"),
    ("keys", "API keys"),
    ("audit", "the audit chain"),
    ("metrics", "metrics and the state of the parts"),
    ("admin", "everything"),
];

/// Who calls.
#[derive(Clone)]
pub struct Caller(pub Arc<ApiKeyRecord>);

impl Caller {
    /// Whether the key may do this.
    pub fn may(&self, scope: &str) -> bool {
        self.0.scopes.iter().any(|own| own == scope || own == "admin")
    }

    /// Whether the key may speak for this application.
    pub fn speaks_for(&self, application: &str) -> bool {
        self.0.applications.is_empty() || self.0.applications.iter().any(|own| own == application)
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or_else(unauthorized))
    }
}

/// Lets a request in, or answers it.
pub async fn door(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let pattern = request.match_pattern().unwrap_or_default();
    let method = request.method().as_str();
    let route = ROUTES.iter().find(|route| route.method == method && route.path == pattern);
    let Some(Route { access, .. }) = route else {
        let detail = format!("{method} is not offered here; /docs shows what is");
        return Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).into());
    };
    let state = request.app_data::<web::Data<State>>().cloned().ok_or_else(unauthorized)?;
    match access {
        Access::Open => {}
        Access::Signed => {
            let limited = state.limits.address(origin::of(request.request(), &state.trusted_proxies));
            // It may have been a reply that does not come again.
            limited.inspect_err(|_| state.engine.owe(request.match_info().query("gateway")))?;
        }
        Access::Scope(scope) => {
            state.limits.address(origin::of(request.request(), &state.trusted_proxies))?;
            let caller = caller(&state, request.headers()).await?;
            state.limits.key(caller.0.id)?;
            if !caller.may(scope) {
                let detail = format!("this API key lacks the scope `{scope}`; ask for a key that has it");
                return Err(Problem::new(StatusCode::FORBIDDEN, "scope_missing", detail).into());
            }
            request.extensions_mut().insert(caller);
        }
    }
    next.call(request).await
}

/// Whose key these headers carry.
pub async fn caller(state: &State, headers: &HeaderMap) -> Result<Caller, Problem> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(unauthorized)?;
    if !key.starts_with("csk_") || key.len() > 128 {
        return Err(unauthorized());
    }
    let record = state.keys.find(&state.engine, &hash(key)).await?;
    record.filter(|record| record.revoked_at.is_none()).map(Caller).ok_or_else(unauthorized)
}

/// What is kept of a key: its SHA-256. A key has 256 random bits, so a slow hash would add nothing.
pub fn hash(key: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(key.as_bytes()))
}

fn unauthorized() -> Problem {
    let detail = "send a valid API key: Authorization: Bearer csk_…; `countersign apikey create` makes one";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
}
