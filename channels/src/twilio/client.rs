//! The client: one request for each text, and the answer's meaning.
//! Refuses to call a text not taken unless that is sure: only no connection and 429 are.

use super::callback;
use super::errors::refusal;
use super::settings::TwilioSettings;
use super::signature;
use crate::text::{
    Accepted, CallbackError, InboundText, RawCallback, Receipt, SendError, SignatureRefused, Text, TextGateway,
};
use engine::moment::Moment;
use engine::secret::Secret;
use futures_util::future::BoxFuture;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, StatusCode, redirect};
use serde::Deserialize;
use std::time::Duration;

/// The most of an answer that is read.
const LONGEST_ANSWER: usize = 256 * 1024;
/// Pages of a list that are followed.
const PAGES: usize = 20;

/// A client of one account.
pub struct Twilio {
    client: Client,
    settings: TwilioSettings,
    /// Our own address as the gateway calls it, without a slash at the end.
    public_url: String,
    name: String,
}

/// A client cannot be built from its settings.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Clear text beyond this machine.
    #[error("base_url must begin with https:// (http:// is for 127.0.0.1 and localhost only)")]
    Clear,
    /// Neither a number nor a service sends.
    #[error("`from` needs at least one number, or set `messaging_service_sid`")]
    NoSender,
    /// The certificate authority's file cannot be used.
    #[error("ca_file: {0}")]
    CaFile(String),
    /// The HTTP client refuses.
    #[error("the HTTP client cannot be built: {0}")]
    Http(#[from] reqwest::Error),
}

impl Twilio {
    /// A client; `name` is the gateway's in the settings, `public_url` is where the gateway reaches us.
    pub fn new(name: &str, settings: TwilioSettings, public_url: &str) -> Result<Self, BuildError> {
        if settings.from.is_empty() && settings.messaging_service_sid.is_none() {
            return Err(BuildError::NoSender);
        }
        if !safe(&settings.base_url) {
            return Err(BuildError::Clear);
        }
        let mut client = Client::builder()
            .timeout(Duration::from_secs(settings.timeout_seconds.clamp(1, 120)))
            .connect_timeout(Duration::from_secs(5))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(30));
        if let Some(path) = &settings.ca_file {
            let pem = std::fs::read(path).map_err(|cause| BuildError::CaFile(cause.to_string()))?;
            client = client.add_root_certificate(
                reqwest::Certificate::from_pem(&pem).map_err(|cause| BuildError::CaFile(cause.to_string()))?,
            );
        }
        Ok(Self {
            client: client.build()?,
            settings,
            public_url: public_url.trim_end_matches('/').to_owned(),
            name: name.to_owned(),
        })
    }

    fn messages_url(&self) -> String {
        let base = self.settings.base_url.trim_end_matches('/');
        format!("{base}/2010-04-01/Accounts/{}/Messages.json", self.settings.account_sid)
    }

    fn credentials(&self) -> (&str, &str) {
        match (&self.settings.api_key_sid, &self.settings.api_key_secret) {
            (Some(sid), Some(secret)) => (sid, secret),
            _ => (&self.settings.account_sid, &self.settings.auth_token),
        }
    }

    fn form(&self, text: &Text) -> Vec<(&'static str, String)> {
        let seconds = text.valid_for.as_secs().clamp(1, 36_000);
        let callback = format!("{}/callbacks/{}/sms/status?attempt={}", self.public_url, self.name, text.attempt);
        let mut form = vec![
            ("To", text.to.clone()),
            ("Body", text.body.expose().clone()),
            ("StatusCallback", callback),
            ("ValidityPeriod", seconds.to_string()),
        ];
        match &self.settings.messaging_service_sid {
            Some(service) => form.push(("MessagingServiceSid", service.clone())),
            None => form.extend(self.settings.from.first().map(|from| ("From", from.clone()))),
        }
        if self.settings.risk_check {
            form.push(("RiskCheck", "enable".into()));
        }
        form
    }

    async fn post(&self, text: &Text) -> Result<Accepted, SendError> {
        let (user, password) = self.credentials();
        let request = self.client.post(self.messages_url()).basic_auth(user, Some(password)).form(&self.form(text));
        let response = request.send().await.map_err(not_answered)?;
        let status = response.status();
        let retry_after = retry_after(&response);
        let body = bounded(response).await.map_err(|cause| SendError::Ambiguous { cause })?;
        understood(status, retry_after, &body)
    }

    /// The provider filters by day; what was taken before is told apart by its id.
    async fn list(&self, since: Moment) -> Result<Vec<InboundText>, SendError> {
        let mut url = format!("{}?PageSize=100&DateSent%3E={}", self.messages_url(), day(since));
        let mut found = Vec::new();
        for _ in 0..PAGES {
            let (user, password) = self.credentials();
            let response = self.client.get(&url).basic_auth(user, Some(password)).send().await.map_err(not_answered)?;
            let status = response.status();
            let body = bounded(response).await.map_err(|cause| SendError::Ambiguous { cause })?;
            if !status.is_success() {
                return Err(refusal(status.as_u16(), error_code(&body)));
            }
            let page: Page =
                serde_json::from_slice(&body).map_err(|cause| SendError::Ambiguous { cause: cause.to_string() })?;
            let inbound = page.messages.into_iter().filter(|message| message.direction == "inbound");
            found.extend(inbound.map(InboundText::from));
            match page.next_page_uri {
                Some(next) => url = format!("{}{next}", self.settings.base_url.trim_end_matches('/')),
                None => break,
            }
        }
        found.reverse();
        Ok(found)
    }
}

impl TextGateway for Twilio {
    fn send<'a>(&'a self, text: &'a Text) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.post(text))
    }

    fn verify(&self, callback: &RawCallback<'_>) -> Result<(), SignatureRefused> {
        let given = callback.signature.ok_or(SignatureRefused)?;
        let form = callback::parse_form(callback.body).map_err(|_| SignatureRefused)?;
        let url = format!("{}{}", self.public_url, callback.path_and_query);
        let mut tokens = vec![self.settings.auth_token.as_str()];
        tokens.extend(self.settings.second_auth_token.as_deref());
        if signature::verify(&tokens, &url, &form, given) { Ok(()) } else { Err(SignatureRefused) }
    }

    fn inbound(&self, callback: &RawCallback<'_>) -> Result<InboundText, CallbackError> {
        callback::inbound(callback)
    }

    fn receipt(&self, callback: &RawCallback<'_>) -> Result<Receipt, CallbackError> {
        callback::receipt(callback)
    }

    fn missed(&self, since: Moment) -> BoxFuture<'_, Result<Vec<InboundText>, SendError>> {
        Box::pin(self.list(since))
    }
}

fn day(moment: Moment) -> String {
    let millis = i64::try_from(moment.millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis)
        .map_or_else(|_| "1970-01-01".into(), |at| at.strftime("%Y-%m-%d").to_string())
}

fn safe(base_url: &str) -> bool {
    let host = |rest: &str| rest.split(['/', ':']).next().unwrap_or_default().to_owned();
    match base_url.split_once("://") {
        Some(("https", _)) => true,
        Some(("http", rest)) => matches!(host(rest).as_str(), "127.0.0.1" | "localhost"),
        _ => false,
    }
}

/// Before a connection stands, nothing was sent; after that nobody knows. The error's own text holds the address but
/// neither credentials nor body.
fn not_answered(error: reqwest::Error) -> SendError {
    let cause = innermost(&error);
    if error.is_connect() { SendError::NoConnection { cause } } else { SendError::Ambiguous { cause } }
}

fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

async fn bounded(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| innermost(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_ANSWER {
            return Err("the answer is longer than 256 KiB".into());
        }
    }
    Ok(body)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[derive(Deserialize)]
struct Created {
    sid: String,
    #[serde(default)]
    from: Option<String>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(default)]
    code: u32,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
    #[serde(default)]
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    sid: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    body: Option<String>,
    direction: String,
}

impl From<Message> for InboundText {
    fn from(message: Message) -> Self {
        Self {
            message_id: message.sid,
            from: message.from.unwrap_or_default(),
            to: message.to.unwrap_or_default(),
            body: Secret::new(message.body.unwrap_or_default()),
        }
    }
}

fn understood(status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Result<Accepted, SendError> {
    let ambiguous = |cause: &str| SendError::Ambiguous { cause: format!("HTTP {}: {cause}", status.as_u16()) };
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(SendError::Throttled { retry_after });
    }
    if status.is_client_error() {
        return Err(refusal(status.as_u16(), error_code(body)));
    }
    if status != StatusCode::CREATED && status != StatusCode::OK {
        return Err(ambiguous("the gateway has a fault of its own"));
    }
    let created: Created =
        serde_json::from_slice(body).map_err(|_| ambiguous("the answer is not a message in JSON"))?;
    Ok(Accepted { provider_id: created.sid, from: created.from })
}

fn error_code(body: &[u8]) -> u32 {
    serde_json::from_slice::<Fault>(body).map_or(0, |fault| fault.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Accepted, SendError> {
        understood(StatusCode::from_u16(status).expect("a status"), None, body.as_bytes())
    }

    #[test]
    fn every_kind_of_answer_has_its_meaning() {
        assert_eq!(
            answer(201, r#"{"sid":"SM1","from":"+12025550100"}"#),
            Ok(Accepted { provider_id: "SM1".into(), from: Some("+12025550100".into()) })
        );
        assert_eq!(answer(400, r#"{"code":21211}"#), Err(SendError::NumberInvalid { code: 21211 }));
        assert_eq!(answer(401, r#"{"code":20003}"#), Err(SendError::GatewayRefused { status: 401, code: 20003 }));
        assert_eq!(answer(404, "<html>"), Err(SendError::GatewayRefused { status: 404, code: 0 }));
        assert_eq!(answer(429, ""), Err(SendError::Throttled { retry_after: None }));
        for (status, body) in [(500, "{}"), (503, "<html>"), (201, "<html>"), (201, ""), (302, ""), (204, "")] {
            assert!(matches!(answer(status, body), Err(SendError::Ambiguous { .. })), "{status} {body}");
        }
    }

    #[test]
    fn only_this_machine_is_reached_in_clear() {
        assert!(safe("https://api.example.com") && safe("http://127.0.0.1:8080") && safe("http://localhost"));
        assert!(!safe("http://api.example.com") && !safe("http://127.0.0.1.example.com") && !safe("ftp://127.0.0.1"));
    }
}
