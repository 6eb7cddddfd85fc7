//! The mail gateway: letters to people over a mail server that takes submissions (RFC 6409), by SMTP with TLS.
//! Refuses to talk in clear, whatever the server offers, and certificates that neither the system nor `ca_file` vouches for.
//!
//! # Addresses beyond ASCII
//! A domain is written in its ASCII form (RFC 5891), so that any server can take it. A local part beyond ASCII needs a server that
//! offers SMTPUTF8 (RFC 6531); where it does not, the address is invalid for us. The sender's own local part has to be ASCII: with
//! another, no letter could go through a server without SMTPUTF8.

mod address;
mod compose;
mod idle;
mod server;
mod starttls;

use engine::secret::Secret;
use idle::Idle;
use lettre::Address;
use lettre::message::Mailbox;
use server::Server;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Connections at once: providers refuse more from one customer, and letters are not in a hurry.
const MOST_CONNECTIONS: usize = 4;

/// One mail server and our account there.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The gateway's name.
    pub name: String,
    /// The server: a name or an IP address, which its certificate must be for.
    pub host: String,
    /// 587 for STARTTLS, 465 for TLS from the first byte, as a rule.
    pub port: u16,
    /// TLS from the first byte; otherwise STARTTLS, without which nothing is sent.
    pub implicit_tls: bool,
    /// Certificate authorities beside the system's, PEM.
    pub ca_file: Option<PathBuf>,
    /// Empty: no AUTH.
    pub username: String,
    /// Goes with `username`.
    pub password: Secret<String>,
    /// Who the letters are from: `mfa@example.com` or `Example <mfa@example.com>`.
    pub from: String,
    /// For one letter, from the connection to the server's last answer.
    pub timeout: Duration,
}

/// A letter to send.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Goes into `Message-ID` as `<id@host-of-from>`, so that a letter sent twice can be recognised.
    pub id: &'a str,
    /// The address alone: `alice@example.com`.
    pub to: &'a str,
    /// Line breaks become spaces.
    pub subject: &'a str,
    /// What a reader without HTML sees.
    pub text: &'a str,
    /// The same as HTML, a whole document.
    pub html: &'a str,
    /// `Content-Language`, such as `de`; one that is no language tag is left out.
    pub language: &'a str,
}

/// A letter was not handed over, or it is not known; sorted by who must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The mailbox is no address that we can write to: nobody tries again. It does not repeat the address.
    #[error("the address cannot be written to: {0}; the person needs another one")]
    AddressInvalid(String),
    /// The server refuses this letter (5xx to MAIL, RCPT or DATA): nobody tries again.
    #[error(
        "the mail server refuses the letter ({code} {text}); look at the address, and at what the account may send"
    )]
    Refused {
        /// The server's reply code, 500 to 599.
        code: u16,
        /// What the server says, shortened.
        text: String,
    },
    /// 4xx, no connection, a timeout, no trustworthy TLS, or a server that refuses us altogether: later. The letter may have gone
    /// out all the same.
    #[error("the letter cannot be handed over now: {0}")]
    NotNow(String),
}

/// A client of one mail server.
pub struct Mail {
    name: String,
    server: Server,
    from: Mailbox,
    timeout: Duration,
    idle: Idle,
    turns: Semaphore,
}

impl Mail {
    /// A client; connects to nothing yet. The error names the key and what would be right.
    pub fn new(settings: MailSettings) -> Result<Self, String> {
        if settings.timeout.is_zero() {
            return Err("timeout: must be more than zero".into());
        }
        let from = address::sender(&settings.from).map_err(|wrong| format!("from: {wrong}"))?;
        let server = Server::new(&settings, from.email.domain())?;
        let turns = Semaphore::new(MOST_CONNECTIONS);
        Ok(Self { name: settings.name, server, from, timeout: settings.timeout, idle: Idle::default(), turns })
    }

    /// Hands a letter to the server, once. It may wait for a connection before its time begins to run.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), MailError> {
        let to = address::recipient(letter.to).map_err(MailError::AddressInvalid)?;
        let bytes = compose::compose(&self.from, &to, letter);
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        // A connection whose time is up goes with the future: its answers would be taken for those of the next letter.
        match tokio::time::timeout(self.timeout, self.deliver(&to, &bytes)).await {
            Ok(delivered) => delivered,
            Err(_) => Err(MailError::NotNow(format!("the server took more than {} s", self.timeout.as_secs_f32()))),
        }
    }

    /// The gateway's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    async fn deliver(&self, to: &Address, bytes: &[u8]) -> Result<(), MailError> {
        let mut connection = match self.idle.take().await {
            Some(connection) => connection,
            None => self.server.open().await?,
        };
        let delivered = server::hand_over(&mut connection, &self.from.email, to, bytes).await;
        match &delivered {
            Ok(()) | Err(MailError::Refused { .. } | MailError::AddressInvalid(_)) => self.idle.keep(connection),
            Err(MailError::NotNow(_)) => {}
        }
        delivered
    }
}
