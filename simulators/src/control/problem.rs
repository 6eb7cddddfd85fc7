//! What the control API answers when it can't do what it was asked (RFC 9457).
//! A problem says what would be right.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::json;

/// An error of the control API: `{"type", "title", "status", "code", "detail"}`.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { status, code, detail }
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    pub(crate) fn no_sender(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "no_sender", detail)
    }

    /// The phone has no call that this could be done with.
    pub(crate) fn no_call(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "no_call", detail)
    }

    /// The faults are set, but the gateway's own address is not as they say.
    pub(crate) fn address_lost(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "address_lost", detail)
    }

    pub(crate) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    pub(crate) fn media_type() -> Self {
        let detail = "send the body as application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    pub(crate) fn foreign(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign_page", detail)
    }

    pub(crate) fn answer(&self) -> HttpResponse {
        HttpResponse::build(self.status)
            .content_type("application/problem+json")
            .insert_header(("Cache-Control", "no-store"))
            .body(
                json!({
                    "type": format!("urn:countersign:simulator:{}", self.code),
                    "title": self.status.canonical_reason().unwrap_or("Error"),
                    "status": self.status.as_u16(),
                    "code": self.code,
                    "detail": self.detail,
                })
                .to_string(),
            )
    }
}
