//! Request bodies, query strings and headers, read within limits and with errors that say what is wrong.
//! Refuses unknown fields.

use crate::problem::Problem;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use std::fmt::Display;

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

/// The JSON object in a body; an empty body is an empty object.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let body = if body.is_empty() { b"{}" } else { body };
    // A list of values in the order of the fields would be read too, and nobody could say what it means.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(Problem::bad("invalid_request", "the body must be a JSON object; /docs shows its fields"));
    }
    let mut document = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(&mut document).map_err(|error| {
        let code = if error.inner().is_data() { "invalid_request" } else { "malformed_json" };
        Problem::bad(code, format!("{}; /docs shows the fields of this request", said(&error)))
    })?;
    let beyond = |error| Problem::bad("malformed_json", format!("{error}; a body holds one document"));
    document.end().map(|()| read).map_err(beyond)
}

/// What is wrong, behind the path of the field where there is one.
fn said<E: Display>(error: &serde_path_to_error::Error<E>) -> String {
    match error.path().to_string().as_str() {
        "." | "?" => error.inner().to_string(),
        path => format!("{path}: {}", error.inner()),
    }
}

/// Reads and parses an ordinary body.
pub async fn json<T: DeserializeOwned>(payload: &mut web::Payload) -> Result<T, Problem> {
    parse(&read(payload, ORDINARY).await?)
}

/// The query string.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(request.query_string().as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        Problem::bad("invalid_query", format!("{}; /docs shows the parameters of this request", said(&error)))
    })
}

/// The items of a page: 1 to 1000, 100 if not said.
pub fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(100);
    let inside = (1..=1000).contains(&limit);
    inside
        .then_some(limit)
        .ok_or_else(|| Problem::bad("invalid_query", format!("limit: must be 1 to 1000, not {limit}")))
}

/// A header of 1 to 255 printable characters, if it is there.
pub fn header(request: &HttpRequest, name: &str) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get(name) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=255).contains(&text.len()));
    let bad = || Problem::bad("invalid_header", format!("{name} must have 1 to 255 printable characters"));
    text.map(|text| Some(text.to_owned())).ok_or_else(bad)
}
