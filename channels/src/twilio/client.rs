//! The client of one account: one request for each text.
//! Refuses to follow redirects, to send anything twice, and settings with which callbacks could be forged.

use super::address::Address;
use super::answer::Answer;
use super::settings::{Privacy, TwilioSettings};
use super::{callback, signature};
use crate::leg::{Dial, DialError, Leg};
use crate::text::{
    Accepted, CallbackError, InboundText, RawCallback, Receipt, SendError, SignatureRefused, Text, TextGateway,
};
use data_encoding::BASE64;
use engine::moment::Moment;
use engine::secret::Secret;
use futures_util::future::BoxFuture;
use reqwest::{Certificate, Client, RequestBuilder, Url, redirect};
use std::borrow::Cow;
use std::error::Error;
use std::path::Path;
use std::time::Duration;
use url::Position;
use url::form_urlencoded::Serializer;

/// The most of an answer to a text that is read.
const LONGEST_ANSWER: usize = 256 * 1024;
/// A connection that takes longer does not come.
const LONGEST_CONNECT: Duration = Duration::from_secs(5);
/// Shorter than gateways keep a connection open, so that one is hardly ever closed while a text is written to it.
const IDLE: Duration = Duration::from_secs(30);

/// A client of one account.
pub struct Twilio {
    /// For lists; texts go over the leg.
    pub(super) client: Client,
    pub(super) leg: Leg,
    /// The beginning of each request for a text, up to its length.
    head: Secret<String>,
    pub(super) address: Address,
    /// Our numbers, E.164.
    pub(super) ours: Vec<String>,
    /// The gateway's name in the settings.
    pub(super) name: String,
    pub(super) user: String,
    pub(super) password: Secret<String>,
    /// Those that sign callbacks, one or two.
    tokens: Vec<Secret<String>>,
    sender: (&'static str, String),
    risk_check: bool,
    privacy: Privacy,
    /// Our own address as the gateway calls it, without a slash at the end.
    pub(super) public_url: String,
}

/// A client cannot be built from its settings.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Clear text beyond this machine.
    #[error("base_url must begin with https:// (http:// is for 127.0.0.1, [::1] and localhost only)")]
    Clear,
    /// Not an address, or more than one.
    #[error("base_url must be an address such as https://api.twilio.com, without user, query or fragment")]
    BaseUrl,
    /// Not an address that a gateway can call.
    #[error("the public URL must be an address such as https://mfa.example.com, without query or fragment")]
    PublicUrl,
    /// Not an account.
    #[error("account_sid must be letters and digits")]
    AccountSid,
    /// Anybody could sign callbacks.
    #[error("auth_token and second_auth_token must not be empty: they sign callbacks")]
    NoToken,
    /// Half an API key.
    #[error("api_key_sid and api_key_secret belong together")]
    HalfKey,
    /// Nobody would know who calls.
    #[error("calls need a number that they come from: set `caller_id`, or a number in `from`")]
    NoCaller,
    /// Neither a number nor a service sends.
    #[error("`from` needs at least one number, or set `messaging_service_sid`")]
    NoSender,
    /// The certificate authority's file cannot be used.
    #[error("ca_file: {0}")]
    CaFile(String),
    /// The gateway cannot be reached as the settings say.
    #[error("ca_file: {0}")]
    Dial(#[from] DialError),
    /// The HTTP client refuses.
    #[error("the HTTP client cannot be built: {0}; are there certificate authorities on this system?")]
    Http(#[from] reqwest::Error),
}

impl Twilio {
    /// A client; `name` is the gateway's in the settings, `public_url` is where the gateway reaches us.
    pub fn new(name: &str, settings: TwilioSettings, public_url: &str) -> Result<Self, BuildError> {
        let client = http_client(settings.timeout_seconds, settings.ca_file.as_deref())?;
        let address = Address::new(&settings.base_url, &settings.account_sid)?;
        let dial = Dial::to(&address.messages(), settings.ca_file.as_deref())?;
        let leg = Leg::new(dial, timeout(settings.timeout_seconds), LONGEST_ANSWER, settings.pipelining.get().into());
        let sender = match (settings.messaging_service_sid, settings.from.first()) {
            (Some(service), _) => ("MessagingServiceSid", service),
            (None, Some(number)) => ("From", number.clone()),
            (None, None) => return Err(BuildError::NoSender),
        };
        let tokens: Vec<_> = [settings.auth_token].into_iter().chain(settings.second_auth_token).collect();
        if tokens.iter().any(|token| token.expose().is_empty()) {
            return Err(BuildError::NoToken);
        }
        let (user, password) = match (settings.api_key_sid, settings.api_key_secret) {
            (Some(sid), Some(secret)) => (sid, secret),
            (None, None) => (settings.account_sid, tokens[0].clone()),
            (Some(_), None) | (None, Some(_)) => return Err(BuildError::HalfKey),
        };
        let head = head(&address.messages(), &user, password.expose());
        Ok(Self {
            client,
            leg,
            head: Secret::new(head),
            address,
            ours: settings.from,
            name: name.to_owned(),
            user,
            password,
            tokens,
            sender,
            risk_check: settings.risk_check,
            privacy: settings.privacy,
            public_url: callable(public_url)?,
        })
    }

    pub(super) fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.user, Some(self.password.expose()))
    }

    /// Whether a callback is the gateway's, of texts as of calls.
    pub(super) fn is_signed(&self, callback: &RawCallback<'_>) -> Result<(), SignatureRefused> {
        let given = callback.signature.ok_or(SignatureRefused)?;
        let url = format!("{}{}", self.public_url, callback.path_and_query);
        let tokens: Vec<_> = self.tokens.iter().map(|token| token.expose().as_str()).collect();
        if signature::verify(&tokens, &url, callback.body, given) { Ok(()) } else { Err(SignatureRefused) }
    }

    fn form<'a>(&'a self, text: &'a Text) -> Vec<(&'static str, Cow<'a, str>)> {
        let seconds = text.valid_for.as_secs().clamp(1, 36_000);
        let status = format!("{}/callbacks/{}/sms/status?attempt={}", self.public_url, self.name, text.attempt);
        let mut form = vec![
            ("To", text.to.as_str().into()),
            (self.sender.0, self.sender.1.as_str().into()),
            ("Body", text.body.expose().as_str().into()),
            ("StatusCallback", status.into()),
            ("ValidityPeriod", seconds.to_string().into()),
        ];
        let asked = [
            (self.risk_check, ("RiskCheck", "enable")),
            (self.privacy.discard_content, ("ContentRetention", "discard")),
            (self.privacy.obfuscate_address, ("AddressRetention", "obfuscate")),
        ];
        form.extend(asked.into_iter().filter(|(asked, _)| *asked).map(|(_, (name, value))| (name, value.into())));
        form
    }

    async fn post(&self, text: &Text) -> Result<Accepted, SendError> {
        let form = Serializer::new(String::new()).extend_pairs(self.form(text)).finish();
        let request = format!("{}{}\r\n\r\n{form}", self.head.expose(), form.len());
        Answer::on(self.leg.exchange(request.into_bytes()).await)?.accepted()
    }
}

impl TextGateway for Twilio {
    fn send<'a>(&'a self, text: &'a Text) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.post(text))
    }

    fn verify(&self, callback: &RawCallback<'_>) -> Result<(), SignatureRefused> {
        self.is_signed(callback)
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

/// `Content-Length` last, and its value to come.
pub(super) fn head(url: &Url, user: &str, password: &str) -> String {
    let credentials = BASE64.encode(format!("{user}:{password}").as_bytes());
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    format!(
        "POST {} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Basic {credentials}\r\nAccept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ",
        url.path()
    )
}

fn timeout(seconds: u64) -> Duration {
    Duration::from_secs(seconds.clamp(1, 120))
}

/// HTTP/1.1, because a server may ask an HTTP/2 client to send again; its own retries off; no proxy from the environment.
fn http_client(timeout_seconds: u64, ca_file: Option<&Path>) -> Result<Client, BuildError> {
    let timeout = timeout(timeout_seconds);
    let client = Client::builder()
        .http1_only()
        .timeout(timeout)
        // Shorter than the whole, so that what surely was not sent is told apart from what was not answered.
        .connect_timeout(LONGEST_CONNECT.min(timeout / 2))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .pool_idle_timeout(IDLE)
        .tls_certs_merge(ca_file.map(authorities).transpose()?.unwrap_or_default());
    client.build().map_err(|error| match ca_file {
        Some(file) if has_broken_certificate(&error) => {
            BuildError::CaFile(format!("{} holds a broken certificate", file.display()))
        }
        Some(_) | None => BuildError::Http(error),
    })
}

/// What a PEM block holds is looked at only when the client is built.
fn has_broken_certificate(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(found) = cause {
        if matches!(found.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        cause = found.source();
    }
    false
}

fn authorities(file: &Path) -> Result<Vec<Certificate>, BuildError> {
    let wrong = |what: &str| BuildError::CaFile(format!("{} {what}", file.display()));
    let pem = std::fs::read(file).map_err(|cause| wrong(&format!("cannot be read: {cause}")))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) | Err(_) => Err(wrong("holds no certificate in PEM")),
    }
}

fn callable(public_url: &str) -> Result<String, BuildError> {
    let url = Url::parse(public_url).map_err(|_| BuildError::PublicUrl)?;
    let web = matches!(url.scheme(), "http" | "https") && url.query().or(url.fragment()).is_none();
    // As it was written, not as it was understood: the signature is over the address that we give away here.
    if web { Ok(public_url.trim_end_matches('/').to_owned()) } else { Err(BuildError::PublicUrl) }
}
