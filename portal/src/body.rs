//! Request bodies, query strings and headers, read within limits and with errors that say what is wrong.
//! Refuses unknown fields.

use crate::problem::Problem;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

/// The longest body of an ordinary request.
pub const ORDINARY: usize = 64 * 1024;
/// The longest body of a batch.
pub const BATCH: usize = 4 * 1024 * 1024;

/// Reads a body of at most `limit` bytes.
pub async fn read(payload: &mut web::Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::bad("body_broken", "the body broke off; send it again"))?;
        if body.len() + chunk.len() > limit {
            let detail = format!("the body has more than {limit} bytes");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The JSON document in a body; an empty body is an empty object.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        let code = if error.is_data() { "invalid_request" } else { "malformed_json" };
        Problem::bad(code, format!("{error}; /docs shows the fields of this request"))
    })
}

/// Reads and parses an ordinary body.
pub async fn json<T: DeserializeOwned>(payload: &mut web::Payload) -> Result<T, Problem> {
    parse(&read(payload, ORDINARY).await?)
}

/// The query string.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    serde_urlencoded::from_str(request.query_string())
        .map_err(|error| Problem::bad("invalid_query", format!("{error}; /docs shows the parameters of this request")))
}

/// A header of 1 to 255 printable characters, if it is there.
pub fn header(request: &HttpRequest, name: &str) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get(name) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=255).contains(&text.len()));
    let bad = || Problem::bad("invalid_header", format!("{name} must have 1 to 255 printable characters"));
    text.map(|text| Some(text.to_owned())).ok_or_else(bad)
}
