//! Outcome webhooks: one signed POST, as Standard Webhooks describes it.
//! Refuses to follow redirects, to go through a proxy, and to reach private addresses unless that is allowed.

mod public;
mod signature;

use engine::secret::Secret;
use engine::webhook::is_public;
use public::PublicOnly;
use reqwest::{Certificate, Client, StatusCode, Url, redirect};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Host;

pub use signature::{encode_secret, sign};

const LONGEST_URL: usize = 2048;
const LONGEST_CONNECT: Duration = Duration::from_secs(5);
/// A receiver that takes longer is tried again (the specification asks for an answer within 15 to 30 seconds).
const LONGEST_ANSWER: Duration = Duration::from_secs(15);

/// Who may be called.
#[derive(Debug, Clone, Default)]
pub struct WebhookSettings {
    /// Whether receivers may be inside the own network.
    pub allow_private_addresses: bool,
    /// Whether receivers may be called without TLS.
    pub allow_http: bool,
    /// A certificate authority beside the system's, PEM.
    pub ca_file: Option<PathBuf>,
}

/// A URL that is not called, whoever answers there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefused {
    /// Not a URL.
    #[error("must be an absolute URL of at most 2048 bytes, without user, password or fragment")]
    NotAUrl,
    /// Clear text.
    #[error("must begin with https://")]
    Clear,
    /// Inside.
    #[error("must not be a private address")]
    Private,
}

/// A call that did not end with 2xx.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The URL is not called; the settings may have changed since it was taken.
    #[error("callback_url {0}")]
    Url(#[from] UrlRefused),
    /// The receiver wants no more (410).
    #[error("the receiver answered 410: it wants nothing more")]
    Gone,
    /// The receiver did not take it.
    #[error("the receiver answered {status}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// When to come back, where it says so.
        retry_after: Option<Duration>,
    },
    /// No answer.
    #[error("no answer from the receiver ({cause})")]
    NoAnswer {
        /// What was seen.
        cause: String,
    },
}

/// One message to one receiver.
#[derive(Debug)]
pub struct Webhook<'a> {
    /// Where to.
    pub url: &'a str,
    /// The same for every try, so that the receiver can tell a repetition.
    pub id: &'a str,
    /// Seconds since the epoch, of this try.
    pub timestamp: u64,
    /// JSON.
    pub body: String,
    /// Signs it.
    pub secret: &'a Secret<Vec<u8>>,
}

/// The client that makes the calls.
pub struct WebhookClient {
    client: Client,
    settings: WebhookSettings,
}

impl WebhookClient {
    /// A client; the error says what is wrong with `ca_file`.
    pub fn new(settings: WebhookSettings) -> Result<Self, String> {
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(LONGEST_CONNECT)
            .timeout(LONGEST_ANSWER)
            .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")));
        if !settings.allow_private_addresses {
            builder = builder.dns_resolver(PublicOnly);
        }
        if let Some(file) = &settings.ca_file {
            let unusable =
                |cause: &dyn std::fmt::Display| format!("ca_file: {} cannot be used: {cause}", file.display());
            let pem = std::fs::read(file).map_err(|cause| unusable(&cause))?;
            let authorities = Certificate::from_pem_bundle(&pem).map_err(|cause| unusable(&cause))?;
            if authorities.is_empty() {
                return Err(unusable(&"it holds no certificate"));
            }
            for certificate in authorities {
                builder = builder.add_root_certificate(certificate);
            }
        }
        Ok(Self { client: builder.build().map_err(|cause| cause.to_string())?, settings })
    }

    /// Whether a URL may be called; a name is looked up only when it is.
    pub fn check(&self, url: &str) -> Result<(), UrlRefused> {
        self.parse(url).map(|_| ())
    }

    /// Calls, once.
    pub async fn post(&self, webhook: &Webhook<'_>) -> Result<(), WebhookError> {
        let url = self.parse(webhook.url)?;
        let signature = sign(webhook.secret, webhook.id, webhook.timestamp, &webhook.body);
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", webhook.id)
            .header("webhook-timestamp", webhook.timestamp)
            .header("webhook-signature", signature)
            .body(webhook.body.clone());
        let answer = request.send().await.map_err(|error| WebhookError::NoAnswer { cause: chain(&error) })?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(WebhookError::Gone),
            status => Err(WebhookError::Refused { status: status.as_u16(), retry_after: retry_after(&answer) }),
        }
    }

    fn parse(&self, text: &str) -> Result<Url, UrlRefused> {
        let url = Url::parse(text).map_err(|_| UrlRefused::NotAUrl)?;
        let odd = !url.username().is_empty() || url.password().is_some() || url.fragment().is_some();
        if text.len() > LONGEST_URL || odd || !matches!(url.scheme(), "http" | "https") {
            return Err(UrlRefused::NotAUrl);
        }
        if url.scheme() == "http" && !self.settings.allow_http {
            return Err(UrlRefused::Clear);
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
            None => return Err(UrlRefused::NotAUrl),
        };
        if literal.is_some_and(|address| !is_public(address)) && !self.settings.allow_private_addresses {
            return Err(UrlRefused::Private);
        }
        Ok(url)
    }
}

/// Seconds only: a date is not worth its parser here.
fn retry_after(answer: &reqwest::Response) -> Option<Duration> {
    let seconds = answer.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The whole chain, without the URL: it may hold a secret of the receiver.
fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    if text.is_empty() { if error.is_timeout() { "timeout".into() } else { "no connection".into() } } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_https_addresses_are_called_unless_the_settings_allow_more() {
        let strict = WebhookClient::new(WebhookSettings::default()).unwrap();
        let open = WebhookSettings { allow_private_addresses: true, allow_http: true, ca_file: None };
        let open = WebhookClient::new(open).unwrap();
        let rows = [
            ("https://hooks.example.com/a?b=c", Ok(()), Ok(())),
            ("http://hooks.example.com/", Err(UrlRefused::Clear), Ok(())),
            ("https://127.0.0.1:9/", Err(UrlRefused::Private), Ok(())),
            ("https://2130706433/", Err(UrlRefused::Private), Ok(())),
            ("https://0x7f.1/", Err(UrlRefused::Private), Ok(())),
            ("https://[::ffff:10.0.0.1]/", Err(UrlRefused::Private), Ok(())),
            ("https://user@example.com/", Err(UrlRefused::NotAUrl), Err(UrlRefused::NotAUrl)),
            ("https://example.com/#part", Err(UrlRefused::NotAUrl), Err(UrlRefused::NotAUrl)),
            ("ftp://example.com/", Err(UrlRefused::NotAUrl), Err(UrlRefused::NotAUrl)),
            ("/relative", Err(UrlRefused::NotAUrl), Err(UrlRefused::NotAUrl)),
        ];
        for (url, strictly, openly) in rows {
            assert_eq!(strict.check(url), strictly, "{url}");
            assert_eq!(open.check(url), openly, "{url}");
        }
        assert_eq!(strict.check(&format!("https://example.com/{}", "a".repeat(2048))), Err(UrlRefused::NotAUrl));
    }
}
