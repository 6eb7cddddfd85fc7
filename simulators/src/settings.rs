//! What the simulators are started with, and every reason not to start.
//! It refuses addresses that other machines could reach unless that is asked for, and accounts that would answer for the same thing.

use std::collections::HashSet;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;

use crate::mail::{self, MailServer};
use crate::number::Number;
use crate::sip::{SipGateway, Transport};

/// How the simulators run. Every field has a default, so an empty table works.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Address and port of the page, the control API and every gateway. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Seed of every probability, jitter and wrong code: the same requests in the same order meet the same faults.
    pub seed: u64,
    /// The gateway's accounts; at least one.
    pub accounts: Vec<Account>,
    /// The SIP gateways; none by default.
    pub sip: Vec<SipGateway>,
    /// The mail server. While it is on, no account has its name, `mail`.
    pub mail: MailServer,
    /// Let every `listen` be an address that other machines can reach. The control API has no password.
    pub allow_remote: bool,
    /// Messages and ledger entries kept per account; the oldest are forgotten first.
    pub ledger_entries: usize,
    /// Phones remembered; the longest known without a behaviour of its own is forgotten first.
    pub phones: usize,
    /// Calls remembered; the oldest are forgotten first. The sound of all of them has at most 256 MiB.
    pub calls: usize,
    /// Messages of one account whose delivery or reply is still to come; beyond it sends get 21611.
    pub in_flight: usize,
    /// How long a connection is held when a fault lets it fall silent, in milliseconds.
    pub silence_ms: u64,
    /// HTTP worker threads; 0 takes one per core.
    pub workers: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 1,
            accounts: vec![Account::default()],
            sip: Vec::new(),
            mail: MailServer::default(),
            allow_remote: false,
            ledger_entries: 1_000_000,
            phones: 1_000_000,
            calls: 100_000,
            in_flight: 1_000_000,
            silence_ms: 60_000,
            workers: 0,
        }
    }
}

/// One account at the simulated provider.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// The gateway's name in the control API: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// AccountSid, the user name of Basic authentication.
    pub sid: String,
    /// AuthToken: the password, and the key of `X-Twilio-Signature`. Never shown.
    pub auth_token: String,
    /// The gateway's own address besides the shared one, which `refuse_connections` closes. It answers what the shared one does.
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Numbers the account may send from and is texted at, E.164.
    pub numbers: Vec<String>,
    /// Webhook for texts to these numbers; without it they are only listed.
    pub sms_url: Option<String>,
    /// Further tries of a webhook after a failed connection or a 5xx. The provider promises none: what is missed must be listed.
    pub webhook_retries: u32,
    /// Whether the account has Advanced Opt-Out, whose webhooks say `OptOutType`.
    pub advanced_opt_out: bool,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            name: "sms".to_owned(),
            sid: "AC00000000000000000000000000000001".to_owned(),
            auth_token: "simulated".to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            numbers: vec!["+12025550100".to_owned()],
            sms_url: None,
            webhook_retries: 0,
            advanced_opt_out: false,
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("name", &self.name)
            .field("sid", &self.sid)
            .field("listen", &self.listen)
            .field("numbers", &self.numbers)
            .field("sms_url", &self.sms_url)
            .field("webhook_retries", &self.webhook_retries)
            .field("advanced_opt_out", &self.advanced_opt_out)
            .finish_non_exhaustive()
    }
}

/// Why the simulators did not start: all but the last two are for whoever wrote the settings.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is reachable from elsewhere.
    #[error("{0} is not a loopback address; set allow_remote = true to listen there (the control API has no password)")]
    NotLoopback(SocketAddr),
    /// There is no account.
    #[error("accounts is empty; the gateway needs at least one")]
    NoAccounts,
    /// An account can't be used; the text says what would be right.
    #[error("account {name:?}: {problem}")]
    Account {
        /// The account's name as written.
        name: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// The mail server can't be used; the text says what would be right.
    #[error("mail: {0}")]
    Mail(&'static str),
    /// A SIP gateway can't be used; the text says what would be right.
    #[error("sip {name:?}: {problem}")]
    Sip {
        /// The gateway's name as written.
        name: String,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// A limit of zero.
    #[error("{0} must be at least 1")]
    ZeroLimit(&'static str),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {cause}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A thread or the web server would not start.
    #[error("the simulators' server did not start: {0}")]
    Server(String),
}

impl Settings {
    /// The first mistake, if there is one.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let mail = self.mail.enabled.then_some(&self.mail);
        let own = self.accounts.iter().map(|account| account.listen);
        let sip = self.sip.iter().flat_map(|sip| {
            let tls = sip.has(Transport::Tls).then_some(sip.tls_listen);
            tls.into_iter().chain([sip.listen])
        });
        let addresses = own.chain(sip).chain(mail.map(|mail| mail.listen)).chain([self.listen]);
        let mut remote = addresses.filter(|address| !self.allow_remote && !address.ip().is_loopback());
        if let Some(address) = remote.next() {
            return Err(StartError::NotLoopback(address));
        }
        if self.accounts.is_empty() {
            return Err(StartError::NoAccounts);
        }
        let limits = [
            ("ledger_entries", self.ledger_entries),
            ("phones", self.phones),
            ("calls", self.calls),
            ("in_flight", self.in_flight),
        ];
        if let Some((name, _)) = limits.iter().find(|(_, limit)| *limit == 0) {
            return Err(StartError::ZeroLimit(name));
        }
        if let Some(problem) = mail.and_then(MailServer::problem) {
            return Err(StartError::Mail(problem));
        }
        let mut taken: HashSet<_> = mail.map(|_| format!("name {}", mail::NAME)).into_iter().collect();
        self.accounts.iter().try_for_each(|account| account.check(&mut taken))?;
        self.sip.iter().try_for_each(|sip| check_sip(sip, &mut taken))
    }
}

fn check_sip(sip: &SipGateway, taken: &mut HashSet<String>) -> Result<(), StartError> {
    let claim = format!("name {}", sip.name);
    let twice = (!taken.insert(claim.clone())).then(|| format!("{claim} is used twice"));
    match sip.problem().or(twice) {
        Some(problem) => Err(StartError::Sip { name: sip.name.clone(), problem }),
        None => Ok(()),
    }
}

impl Account {
    fn check(&self, taken: &mut HashSet<String>) -> Result<(), StartError> {
        self.problem(taken).map_or(Ok(()), |problem| Err(StartError::Account { name: self.name.clone(), problem }))
    }

    fn problem(&self, taken: &mut HashSet<String>) -> Option<String> {
        let word = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.name.is_empty() || !self.name.chars().all(word) {
            return Some("name must be letters, digits, '-', '_' or '.'".to_owned());
        }
        if self.sid.is_empty() || !self.sid.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Some("sid must be letters and digits (a real one is AC and 32 hexadecimal digits)".to_owned());
        }
        if self.auth_token.is_empty() {
            return Some("auth_token is empty".to_owned());
        }
        if let Some(url) = &self.sms_url
            && let Err(problem) = check_url(url)
        {
            return Some(format!("sms_url {problem}"));
        }
        for number in &self.numbers {
            if Number::parse(number).is_none() {
                return Some(format!("{number:?} is not an E.164 number like +12025550100"));
            }
        }
        let claims = [format!("name {}", self.name), format!("sid {}", self.sid)];
        let numbers = self.numbers.iter().map(|number| format!("number {number}"));
        claims
            .into_iter()
            .chain(numbers)
            .find(|claim| !taken.insert(claim.clone()))
            .map(|claim| format!("{claim} is used twice"))
    }
}

/// Whether the gateway could post to `url`; the error says what would be right.
pub(crate) fn check_url(url: &str) -> Result<(), &'static str> {
    let parsed = reqwest::Url::parse(url).map_err(|_| "is not an absolute URL")?;
    let http = matches!(parsed.scheme(), "http" | "https") && parsed.has_host();
    if http { Ok(()) } else { Err("must be an http or https URL") }
}
