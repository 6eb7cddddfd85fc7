//! Errors as RFC 9457 problems: a stable `type` and `code`, and a `detail` that says what to do.
//! Refuses to leak causes: what went wrong inside is in the log.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, ResponseError};
use actors::{NotWritten, Refused, StartError};
use engine::moment::Moment;
use engine::verification::ResendRefusal;
use serde::Serialize;
use std::fmt;
use store::ReadError;

/// An answer that is an error.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// A stable address of the kind of error.
    #[serde(rename = "type")]
    kind: String,
    /// HTTP status.
    status: u16,
    /// A stable word.
    code: &'static str,
    /// What happened and what to do.
    detail: String,
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem with a word and a sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:countersign:problem:{code}"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            retry_after: None,
        }
    }

    /// 400.
    pub fn bad(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 404.
    pub fn not_found(what: &str) -> Self {
        let detail = format!("there is no such {what}, or this key may not see it; check the id and the key");
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// With a time to wait.
    #[must_use]
    pub fn retry(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// 503, to be tried again.
    pub fn unavailable(code: &'static str, detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry(1)
    }

    pub fn broken() -> Self {
        let detail = "a fault of the engine ended this request; nothing was started; tell its administrator the time";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", detail)
    }

    /// What the engine refused, told to the caller; `now` turns moments into seconds to wait.
    pub fn refused(refused: Refused, now: Moment) -> Self {
        match refused {
            Refused::NotFound => Self::not_found("verification"),
            Refused::Settled(verification) => {
                let reason = verification.reason().map_or("?", engine::reason::Reason::as_str);
                let detail = format!(
                    "the verification ended {} ({reason}) and takes nothing more; start a new one",
                    verification.status()
                );
                Self::new(StatusCode::CONFLICT, "settled", detail)
            }
            Refused::NoCodeAwaited => Self::new(
                StatusCode::CONFLICT,
                "no_code_awaited",
                "this verification does not wait for a code to be typed in; the person answers on the phone",
            ),
            Refused::NotACode => Self::bad("code_format", "a code has digits only; spaces and dashes are ignored"),
            Refused::Paused(until) => {
                let seconds = until.since(now).as_secs() + 1;
                let detail = format!("too many wrong codes; codes of this person are judged again in {seconds} s");
                Self::new(StatusCode::TOO_MANY_REQUESTS, "codes_paused", detail).retry(seconds)
            }
            Refused::Resend(refusal) => resend(refusal, now),
            Refused::Impossible(why) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not_possible", why),
            Refused::NotWritten(why) => not_written(&why),
            Refused::NotRead(ReadError::Removed { .. }) => Self::new(
                StatusCode::GONE,
                "cursor_too_old",
                "outcomes after this cursor were removed at the end of their retention; begin without a cursor, at the oldest that is kept",
            ),
            Refused::NotRead(ReadError::Beyond { .. }) => Self::new(
                StatusCode::BAD_REQUEST,
                "invalid_cursor",
                "the feed has never come to this cursor: it is of another store, or of this one before a backup was restored; begin without a cursor",
            ),
            Refused::NotRead(cause) => {
                tracing::error!(%cause, "the store could not be read");
                Self::unavailable("store_unavailable", "the store cannot be read now; try again, and look at /readyz")
            }
            Refused::Broken => Self::broken(),
            Refused::Unavailable => {
                Self::unavailable("stopping", "the engine is stopping; ask another node or try again")
            }
        }
    }

    /// Why a verification was not started.
    pub fn start(error: StartError, now: Moment) -> Self {
        match error {
            StartError::OtherBody => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "this Idempotency-Key came with another request within the last 24 hours; use a new key for a new request",
            ),
            StartError::Broken => Self::broken(),
            StartError::Full => Self::unavailable("busy", "the engine takes no more verifications now; try again"),
            StartError::NotWritten(why) => not_written(&why),
            StartError::NotRead(cause) => Self::refused(Refused::NotRead(cause), now),
        }
    }
}

fn not_written(why: &NotWritten) -> Problem {
    match why {
        NotWritten::Full => Problem::unavailable(
            "store_full",
            "the store is full, its disk or what store.max_megabytes allows, so nothing can be promised; free some space and try again",
        ),
        NotWritten::Conflict(_) => Problem::new(
            StatusCode::CONFLICT,
            "conflict",
            "somebody else changed this at the same moment, or it exists already; read it again and decide anew",
        ),
        NotWritten::Unavailable | NotWritten::Busy => {
            Problem::unavailable("store_unavailable", "the store takes no writes now; try again, and look at /readyz")
        }
    }
}

fn resend(refusal: ResendRefusal, now: Moment) -> Problem {
    match refusal {
        ResendRefusal::NothingSent => Problem::new(
            StatusCode::CONFLICT,
            "nothing_sent",
            "no text of this verification is awaited, so none is sent again",
        ),
        ResendRefusal::TooOften => {
            let detail = "the text was sent too often already; start a new verification";
            Problem::new(StatusCode::CONFLICT, "resent_too_often", detail)
        }
        ResendRefusal::TooSoon(at) => {
            let seconds = at.since(now).as_secs() + 1;
            let detail = format!("the text can be sent again in {seconds} s");
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "resend_too_soon", detail).retry(seconds)
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if self.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let json = "application/problem+json".parse().map_or_else(|_| ContentType::json(), ContentType);
        response.insert_header(json).body(serde_json::to_string(self).expect("a problem is a plain struct"))
    }
}
