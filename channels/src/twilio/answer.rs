//! An answer of the gateway and its meaning.
//! Refuses to call a text not taken unless that is sure, and to repeat anything of an answer's body in an error.

use super::errors::refusal;
use super::retry_after;
use crate::leg::{self, LegError};
use crate::text::{Accepted, SendError};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The provider's ids have 34 characters.
const LONGEST_ID: usize = 128;

/// What came back, whole.
pub(super) struct Answer {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Answer {
    /// Sends a request, once, and reads its answer of at most `longest` bytes.
    pub(super) async fn to(request: RequestBuilder, longest: usize) -> Result<Self, SendError> {
        let response = request.send().await.map_err(|error| not_answered(&error))?;
        let status = response.status();
        let retry_after = wait(response.headers());
        match bounded(response, longest).await {
            Ok(body) => Ok(Self { status, retry_after, body }),
            // Its status says it all.
            Err(_) if status == StatusCode::TOO_MANY_REQUESTS => Ok(Self { status, retry_after, body: Vec::new() }),
            Err(cause) => Err(ambiguous(status, &cause)),
        }
    }

    /// What came over the leg.
    pub(super) fn on(exchanged: Result<leg::Answer, LegError>) -> Result<Self, SendError> {
        let answer = exchanged.map_err(|error| match error {
            LegError::NotSent(cause) => SendError::NoConnection { cause },
            LegError::Unknown(cause) => SendError::Ambiguous { cause },
        })?;
        let unknown = || SendError::Ambiguous { cause: format!("{} is no HTTP status", answer.status) };
        let status = StatusCode::from_u16(answer.status).map_err(|_| unknown())?;
        let retry_after = answer.retry_after.as_deref();
        let retry_after = retry_after.and_then(|after| retry_after::wait(after, answer.date.as_deref()));
        Ok(Self { status, retry_after, body: answer.body })
    }

    /// An answer whose body is read already.
    pub(super) const fn read_already(status: StatusCode, body: Vec<u8>) -> Self {
        Self { status, retry_after: None, body }
    }

    /// Reads a created message.
    pub(super) fn accepted(&self) -> Result<Accepted, SendError> {
        let created: Created = self.read("it is not a message in JSON")?;
        // It goes into the store and into addresses.
        let usable = (1..=LONGEST_ID).contains(&created.sid.len()) && created.sid.bytes().all(|b| b.is_ascii_graphic());
        if !usable {
            return Err(ambiguous(self.status, "the message in it has no sid that can be kept"));
        }
        Ok(Accepted { provider_id: created.sid, from: created.from })
    }

    /// The JSON of a success, or what the answer means otherwise.
    pub(super) fn read<T: DeserializeOwned>(&self, broken: &str) -> Result<T, SendError> {
        match self.status {
            StatusCode::OK | StatusCode::CREATED => {
                serde_json::from_slice(&self.body).map_err(|_| ambiguous(self.status, broken))
            }
            StatusCode::TOO_MANY_REQUESTS => Err(SendError::Throttled { retry_after: self.retry_after }),
            // Said by what stands between us when the gateway behind it was too slow: it may have the request.
            StatusCode::REQUEST_TIMEOUT => Err(ambiguous(self.status, "something between us and the gateway gave up")),
            status if status.is_client_error() => Err(self.refused()),
            status if status.is_redirection() => Err(ambiguous(status, "redirects are not followed; look at base_url")),
            status => Err(ambiguous(status, "the gateway has a fault of its own")),
        }
    }

    fn refused(&self) -> SendError {
        let code = serde_json::from_slice::<Fault>(&self.body).map_or(0, |fault| fault.code);
        refusal(self.status.as_u16(), code, self.retry_after)
    }
}

#[derive(Deserialize)]
struct Created {
    sid: String,
    #[serde(default)]
    from: Option<String>,
}

#[derive(Deserialize)]
struct Fault {
    code: u32,
}

fn ambiguous(status: StatusCode, cause: &str) -> SendError {
    SendError::Ambiguous { cause: format!("HTTP {}: {cause}", status.as_u16()) }
}

/// Before a connection stands (name, TCP, TLS, each within the connect timeout) nothing was sent; after that nobody knows.
///
/// `is_connect` is true for exactly these: the HTTP client marks what its connector or its pool's checkout fails with.
/// An error of writing, and a connection that ends before the answer, come without that mark, on a fresh connection as
/// on a kept one. By itself the client only sends again what a kept connection closed on before its first byte was written.
fn not_answered(error: &reqwest::Error) -> SendError {
    let sure = error.is_connect() || error.is_builder();
    let cause = if error.is_timeout() { "it took too long".into() } else { innermost(error) };
    if sure { SendError::NoConnection { cause } } else { SendError::Ambiguous { cause } }
}

/// The root of an error: the texts above it hold addresses.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

async fn bounded(mut response: Response, longest: usize) -> Result<Vec<u8>, String> {
    let broke_off = |error: reqwest::Error| {
        if error.is_timeout() {
            "the answer took too long".into()
        } else {
            format!("the answer broke off: {}", innermost(&error))
        }
    };
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broke_off)? {
        if body.len() + chunk.len() > longest {
            return Err(format!("the answer is longer than {} KiB", longest / 1024));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    retry_after::wait(text(RETRY_AFTER)?, text(DATE))
}

/// What an answer to a text means: HTTP status and body, whoever read them.
///
/// The client's own answers are read by the same rules; [`SendError`] says which of them are sure.
pub fn read_answer(status: u16, body: &[u8]) -> Result<Accepted, SendError> {
    match StatusCode::from_u16(status) {
        Ok(status) => Answer::read_already(status, body.to_vec()).accepted(),
        Err(_) => Err(SendError::Ambiguous { cause: format!("{status} is no HTTP status") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Accepted, SendError> {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, retry_after: Some(Duration::from_secs(7)), body: body.into() }.accepted()
    }

    #[test]
    fn what_was_taken_is_known_by_its_sid() {
        let from = Some("+12025550100".into());
        let taken = answer(201, r#"{"sid":"SM1","from":"+12025550100","status":"queued","new":[]}"#);
        assert_eq!(taken, Ok(Accepted { provider_id: "SM1".into(), from }));
        let by_service = answer(201, r#"{"sid":"SM1","from":null}"#);
        assert_eq!(by_service, Ok(Accepted { provider_id: "SM1".into(), from: None }));
    }

    #[test]
    fn what_is_refused_says_why() {
        assert_eq!(answer(400, r#"{"code":21211,"status":400}"#), Err(SendError::NumberInvalid { code: 21211 }));
        assert_eq!(answer(401, r#"{"code":20003}"#), Err(SendError::GatewayRefused { status: 401, code: 20003 }));
        for body in ["<html>", "", "{}", "null", r#"{"code":"x"}"#, r#"{"code":-1}"#] {
            assert_eq!(answer(404, body), Err(SendError::GatewayRefused { status: 404, code: 0 }), "{body}");
        }
        let later = || Err(SendError::Throttled { retry_after: Some(Duration::from_secs(7)) });
        assert_eq!(answer(429, ""), later());
        assert_eq!(answer(400, r#"{"code":20429}"#), later());
    }

    #[test]
    fn the_rest_is_not_known() {
        for (status, body) in [
            (500, r#"{"code":20500}"#),
            (503, "<html>"),
            (503, r#"{"code":20429}"#),
            (408, r#"{"code":21211}"#),
            (201, "<html>"),
            (201, ""),
            (201, "{}"),
            (201, r#"{"sid":""}"#),
            (201, r#"{"sid":"SM1""#),
            (202, r#"{"sid":"SM1"}"#),
            (204, ""),
            (302, ""),
        ] {
            let error = answer(status, body).unwrap_err();
            assert!(matches!(error, SendError::Ambiguous { .. }) && !error.is_retryable(), "{status} {body}");
            assert!(error.to_string().contains(&status.to_string()), "{error}");
        }
    }

    #[test]
    fn an_error_repeats_nothing_of_the_body() {
        for status in [200, 201, 400, 404, 429, 500, 302] {
            for body in [r#"{"sid":42,"x":"246810"}"#, r#"{"code":21211,"message":"246810"}"#, "246810"] {
                let error = answer(status, body).unwrap_err();
                assert!(!format!("{error} {error:?}").contains("246810"), "{status} {body}: {error}");
            }
        }
    }
}
