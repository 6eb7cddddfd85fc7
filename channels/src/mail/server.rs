//! The mail server: how a connection to it is opened and trusted, and how a letter is handed over on it.
//! Refuses to go on without TLS, to log in before it, and to take an answer for another than it is.

use super::starttls::Unhurried;
use super::{MailError, MailSettings};
use crate::leg::authorities;
use engine::secret::Secret;
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

/// The most of a server's text that is passed on.
const LONGEST_TEXT: usize = 200;
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// Where the server is and who we are there.
pub struct Server {
    host: String,
    port: u16,
    implicit_tls: bool,
    tls: TlsParameters,
    hello: ClientId,
    /// User name and password.
    account: Option<(String, Secret<String>)>,
}

impl Server {
    /// From the settings; `domain` is what we call ourselves in EHLO. The error names the key and what would be right.
    pub fn new(settings: &MailSettings, domain: &str) -> Result<Self, String> {
        let host = settings.host.trim_matches(['[', ']']).to_owned();
        if ServerName::try_from(host.as_str()).is_err() {
            return Err("host: must be a name such as smtp.example.com or an IP address, without a port".into());
        }
        if settings.port == 0 {
            return Err("port: must be 1 to 65535; 587 is usual, 465 with implicit_tls".into());
        }
        Ok(Self {
            tls: tls(settings, &host)?,
            host,
            port: settings.port,
            implicit_tls: settings.implicit_tls,
            hello: ClientId::Domain(domain.to_owned()),
            account: account(settings)?,
        })
    }

    /// A connection under TLS, logged in where there is an account. What goes wrong here says nothing about a letter.
    pub async fn open(&self) -> Result<AsyncSmtpConnection, MailError> {
        let mut connection = if self.implicit_tls { self.open_in_tls().await } else { self.open_and_starttls().await }?;
        if let Some((user, password)) = &self.account {
            let credentials = Credentials::new(user.clone(), password.expose().clone());
            let logged_in = connection.auth(&MECHANISMS, &credentials).await;
            logged_in.map_err(|error| not_now("it refuses the log-in; look at username and password", &error))?;
        }
        Ok(connection)
    }

    async fn open_in_tls(&self) -> Result<AsyncSmtpConnection, MailError> {
        let address = (self.host.as_str(), self.port);
        AsyncSmtpConnection::connect_tokio1(address, None, &self.hello, Some(self.tls.clone()), None)
            .await
            .map_err(|error| not_now("no connection with TLS; look at host, port, implicit_tls and ca_file", &error))
    }

    async fn open_and_starttls(&self) -> Result<AsyncSmtpConnection, MailError> {
        let socket = TcpStream::connect((self.host.as_str(), self.port)).await;
        let socket = socket.map_err(|cause| not_now("no connection; look at host, port and the network", &cause))?;
        // A letter is written in two pieces; where this fails, the second one only comes later.
        let _ = socket.set_nodelay(true);
        let opened = AsyncSmtpConnection::connect_with_transport(Box::new(Unhurried::new(socket)), &self.hello).await;
        let mut connection =
            opened.map_err(|error| not_now("no greeting; look at host, port and implicit_tls", &error))?;
        if !connection.can_starttls() {
            return Err(MailError::NotNow("the server offers no STARTTLS, and nothing is sent in clear".into()));
        }
        let secured = connection.starttls(self.tls.clone(), &self.hello).await;
        secured.map_err(|error| not_now("no trustworthy TLS; look at host and ca_file", &error))?;
        Ok(connection)
    }
}

/// Hands one letter over (RFC 5321 §3.3).
pub async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    to: &Address,
    letter: &[u8],
) -> Result<(), MailError> {
    let parameters = parameters(connection, to)?;
    answered(connection.command(Mail::new(Some(from.clone()), parameters)).await, Severity::PositiveCompletion)?;
    answered(connection.command(Rcpt::new(to.clone(), Vec::new())).await, Severity::PositiveCompletion)?;
    answered(connection.command(Data).await, Severity::PositiveIntermediate)?;
    answered(connection.message(letter).await, Severity::PositiveCompletion)
}

/// An address beyond ASCII stands in the letter's head too, which is more than ASCII then (RFC 6531 §3.4 and §3.6).
fn parameters(connection: &AsyncSmtpConnection, to: &Address) -> Result<Vec<MailParameter>, MailError> {
    if AsRef::<str>::as_ref(to).is_ascii() {
        return Ok(Vec::new());
    }
    let offered = |extension| connection.server_info().supports_feature(extension);
    if !offered(Extension::SmtpUtfEight) || !offered(Extension::EightBitMime) {
        let wrong = "our mail server takes only ASCII before the @ (it does not offer SMTPUTF8)";
        return Err(MailError::AddressInvalid(wrong.into()));
    }
    Ok(vec![MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)])
}

fn answered(answer: Result<Response, Error>, expected: Severity) -> Result<(), MailError> {
    match answer {
        Ok(response) if response.code().severity == expected => Ok(()),
        Ok(response) => Err(MailError::NotNow(format!("an answer out of turn ({})", response.code()))),
        Err(error) => Err(refusal(&error)),
    }
}

fn refusal(error: &Error) -> MailError {
    match error.status() {
        Some(code) if error.is_permanent() => {
            let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            MailError::Refused { code: code.into(), text: shortened(&text) }
        }
        Some(_) | None => not_now("the letter was not taken", error),
    }
}

fn not_now(what: &str, cause: &dyn std::fmt::Display) -> MailError {
    MailError::NotNow(shortened(&format!("{what} ({cause})")))
}

/// A server's text goes into logs and timelines, so it is one line and not long.
fn shortened(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_TEXT).collect()
}

fn tls(settings: &MailSettings, host: &str) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(file) = &settings.ca_file {
        for authority in authorities(file).map_err(|wrong| format!("ca_file: {wrong}"))? {
            let certificate = Certificate::from_der(authority.to_vec()).map_err(|wrong| format!("ca_file: {wrong}"))?;
            builder = builder.add_root_certificate(certificate);
        }
    }
    builder.build().map_err(|wrong| match &settings.ca_file {
        Some(file) => format!("ca_file: {} cannot be used beside the system's authorities: {wrong}", file.display()),
        None => format!("ca_file: the system's authorities cannot be used ({wrong}); name a file of them"),
    })
}

fn account(settings: &MailSettings) -> Result<Option<(String, Secret<String>)>, String> {
    let (user, password) = (&settings.username, &settings.password);
    match (user.is_empty(), password.expose().is_empty()) {
        (true, true) => Ok(None),
        (true, false) => Err("username: must not be empty where there is a password".into()),
        (false, true) => Err("password: must not be empty where there is a username".into()),
        // A NUL parts the fields of AUTH PLAIN (RFC 4616 §2).
        (false, false) if user.contains('\0') || password.expose().contains('\0') => {
            Err("username and password: must not hold a NUL".into())
        }
        (false, false) => Ok(Some((user.clone(), password.clone()))),
    }
}
