//! The provider's error answers (gateways.md §1.3).
//! A refusal says what is wrong with the request and nothing about the account.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;

use crate::faults::{ErrorBody, ErrorFault};

/// An error with the provider's code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: u32,
    message: String,
}

impl Refusal {
    /// A request that can't be right, whoever sends it again.
    pub(crate) fn bad(code: u32, message: impl Into<String>) -> Self {
        Self { status: 400, code, message: message.into() }
    }

    pub(crate) fn unauthenticated() -> Self {
        Self { status: 401, code: 20_003, message: "Authenticate".to_owned() }
    }

    pub(crate) fn not_found(path: &str) -> Self {
        Self { status: 404, code: 20_404, message: format!("The requested resource {path} was not found") }
    }

    pub(crate) fn too_many() -> Self {
        Self { status: 429, code: 20_429, message: "Too many requests".to_owned() }
    }

    pub(crate) fn queue_full() -> Self {
        Self {
            status: 429,
            code: 21_611,
            message: "The 'From' number has more messages waiting than its queue can hold".to_owned(),
        }
    }

    pub(crate) fn too_large() -> Self {
        Self { status: 413, code: 20_413, message: "The request body is too large".to_owned() }
    }

    /// The answer in the provider's shape.
    pub(crate) fn answer(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(status(self.status));
        if self.status == 401 {
            answer.insert_header((WWW_AUTHENTICATE, "Basic realm=\"Twilio API\""));
        }
        if self.status == 429 {
            // The provider promises none; here what there is too much of is over within a second or so.
            answer.insert_header((RETRY_AFTER, "1"));
        }
        answer.json(json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status,
        }))
    }
}

/// The answer of a fault.
pub(crate) fn fault_answer(fault: &ErrorFault) -> HttpResponse {
    let mut answer = HttpResponse::build(status(fault.status));
    match fault.body {
        ErrorBody::Json => {
            Refusal { status: fault.status, code: fault.code, message: "A simulated fault".to_owned() }.answer()
        }
        ErrorBody::Html => answer
            .content_type("text/html; charset=utf-8")
            .body("<html><head><title>Error</title></head><body><h1>The proxy could not answer</h1></body></html>"),
        ErrorBody::Empty => answer.finish(),
        ErrorBody::Broken => {
            answer.content_type("application/json").body(format!("{{\"code\": {}, \"message\": \"A simul", fault.code))
        }
    }
}

fn status(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
