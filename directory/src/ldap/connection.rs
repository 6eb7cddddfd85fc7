//! One conversation with a server: opened, a few requests, dropped.
//! Refuses to follow referrals, and to outlive its time.

use super::server::{Security, Server};
use super::{message, text};
use engine::secret::Secret;
use ldap3::controls::RawControl;
use ldap3::exop::PasswordModify;
use ldap3::{LdapConnAsync, LdapConnSettings, LdapResult, Mod, Scope, SearchEntry, SearchOptions, StdStream};
use std::collections::HashSet;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

/// Result codes (RFC 4511 §4.1.9) that are told apart here.
pub mod code {
    /// It is done.
    pub const SUCCESS: u32 = 0;
    /// It is not understood.
    pub const PROTOCOL_ERROR: u32 = 2;
    /// There were more entries than asked for.
    pub const SIZE_LIMIT_EXCEEDED: u32 = 4;
    /// Another server would have to be asked.
    pub const REFERRAL: u32 = 10;
    /// A rule is broken by the value.
    pub const CONSTRAINT_VIOLATION: u32 = 19;
    /// There is no such entry.
    pub const NO_SUCH_OBJECT: u32 = 32;
    /// The name is none.
    pub const INVALID_DN_SYNTAX: u32 = 34;
    /// The entry has no password.
    pub const INAPPROPRIATE_AUTHENTICATION: u32 = 48;
    /// The password is wrong.
    pub const INVALID_CREDENTIALS: u32 = 49;
    /// Whoever is bound may not.
    pub const INSUFFICIENT_ACCESS_RIGHTS: u32 = 50;
    /// Later.
    pub const BUSY: u32 = 51;
    /// The server is going away.
    pub const UNAVAILABLE: u32 = 52;
    /// The server does not want to.
    pub const UNWILLING_TO_PERFORM: u32 = 53;
}

/// An open connection. What fails on it is told as a text for the log.
pub struct Connection(ldap3::Ldap);

impl Connection {
    /// Opens one, which is gone after `lifetime` at the latest.
    pub async fn open(server: &Server, lifetime: Duration) -> Result<Self, String> {
        let opened = dial(server, lifetime).await.map_err(|cause| cause.to_string())?;
        let ours = opened.into_std().map_err(|cause| cause.to_string())?;
        // The library is given a stream of ours, so its own dialling, TLS and StartTLS are not used and not compiled.
        let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(ours));
        let made = LdapConnAsync::with_settings(settings, "ldapi://directory").await;
        let (driver, ldap) = made.map_err(|cause| cause.to_string())?;
        // It ends with the stream; whoever waits for an answer hears of it.
        tokio::spawn(async move { drop(driver.drive().await) });
        Ok(Self(ldap))
    }

    /// A simple bind. Its controls are asked for beside it.
    pub async fn bind(
        &mut self,
        dn: &str,
        password: &Secret<String>,
        controls: Vec<RawControl>,
    ) -> Result<LdapResult, String> {
        // RFC 4513 §5.1.2: with a name and no password a server grants an anonymous connection and calls it a success.
        if dn.is_empty() || password.expose().is_empty() {
            return Err("a bind without a name or a password proves nothing".into());
        }
        let bound = self.0.with_controls(controls).simple_bind(dn, password.expose()).await;
        bound.map_err(|cause| broken(&cause))
    }

    /// A bind as the account that searches, where there is one.
    pub async fn bind_as_service(&mut self, dn: &str, password: &Secret<String>) -> Result<(), String> {
        let bound = self.bind(dn, password, Vec::new()).await?;
        if bound.rc == code::SUCCESS { Ok(()) } else { Err(format!("it refuses the service account: {bound}")) }
    }

    /// Up to `most` entries; it is no error that there are more.
    pub async fn search(
        &mut self,
        base: &str,
        scope: Scope,
        filter: &str,
        attributes: &[&str],
        most: i32,
    ) -> Result<Vec<Found>, String> {
        let options = SearchOptions::new().sizelimit(most);
        let searched = self.0.with_search_options(options).search(base, scope, filter, attributes).await;
        let ldap3::SearchResult(entries, result) = searched.map_err(|cause| broken(&cause))?;
        match result.rc {
            code::SUCCESS | code::SIZE_LIMIT_EXCEEDED => {
                Ok(entries.into_iter().map(|entry| Found(SearchEntry::construct(entry))).collect())
            }
            code::REFERRAL => Err("it refers to another server below the base, which is not followed".into()),
            _ => Err(format!("it refuses the search: {result}")),
        }
    }

    /// A new password of whoever is bound (RFC 3062).
    pub async fn modify_password(
        &mut self,
        old: &Secret<String>,
        new: &Secret<String>,
        controls: Vec<RawControl>,
    ) -> Result<LdapResult, String> {
        let request = PasswordModify { user_id: None, old_pass: Some(old.expose()), new_pass: Some(new.expose()) };
        let modified = self.0.with_controls(controls).extended(request).await;
        modified.map(|answer| answer.1).map_err(|cause| broken(&cause))
    }

    /// Takes one value of an attribute away and puts another in its place, both or nothing.
    pub async fn exchange(
        &mut self,
        dn: &str,
        attribute: &str,
        old: Vec<u8>,
        new: Vec<u8>,
    ) -> Result<LdapResult, String> {
        let name = || attribute.as_bytes().to_vec();
        let changes = vec![Mod::Delete(name(), HashSet::from([old])), Mod::Add(name(), HashSet::from([new]))];
        self.0.modify(dn, changes).await.map_err(|cause| broken(&cause))
    }
}

fn broken(cause: &ldap3::LdapError) -> String {
    format!("it closed the connection, or does not speak LDAP: {cause}")
}

/// An entry that was found.
pub struct Found(SearchEntry);

impl Found {
    /// Its distinguished name.
    pub fn dn(&self) -> &str {
        &self.0.dn
    }

    /// All values of an attribute, as bytes.
    pub fn values(&self, attribute: &str) -> Vec<&[u8]> {
        let named = |name: &String| name.eq_ignore_ascii_case(attribute);
        let texts = self.0.attrs.iter().filter(|(name, _)| named(name));
        let texts = texts.flat_map(|(_, values)| values.iter().map(String::as_bytes));
        let bytes = self.0.bin_attrs.iter().filter(|(name, _)| named(name));
        texts.chain(bytes.flat_map(|(_, values)| values.iter().map(Vec::as_slice))).collect()
    }

    /// All values that are text.
    pub fn texts(&self, attribute: &str) -> Vec<String> {
        let values = self.values(attribute).into_iter();
        values.filter_map(|value| Some(std::str::from_utf8(value).ok()?.to_owned())).collect()
    }

    /// The first value; nothing is an empty one.
    pub fn text(&self, attribute: &str) -> String {
        self.texts(attribute).into_iter().next().unwrap_or_default()
    }

    /// The names of the groups in an attribute.
    pub fn groups(&self, attribute: &str) -> Vec<String> {
        self.texts(attribute).iter().map(|dn| text::group_name(dn)).collect()
    }
}

async fn dial(server: &Server, lifetime: Duration) -> std::io::Result<UnixStream> {
    let mut socket = TcpStream::connect((server.host.as_str(), server.port)).await?;
    socket.set_nodelay(true)?;
    let (ours, theirs) = UnixStream::pair()?;
    match &server.security {
        Security::Clear => carry(socket, theirs, lifetime),
        Security::Tls(tls, name) => carry(tls.connect(name.clone(), socket).await?, theirs, lifetime),
        Security::StartTls(tls, name) => {
            message::start_tls(&mut socket).await?;
            carry(tls.connect(name.clone(), socket).await?, theirs, lifetime);
        }
    }
    Ok(ours)
}

/// Carries bytes between the library and the server until one of them ends or the time is over.
fn carry(server: impl AsyncRead + AsyncWrite + Send + 'static, library: UnixStream, lifetime: Duration) {
    let (mut answers, mut requests) = tokio::io::split(server);
    let (mut from_library, mut to_library) = library.into_split();
    let both = async move {
        tokio::select! {
            asked = tokio::io::copy(&mut from_library, &mut requests) => { asked?; }
            answered = message::forward(&mut answers, &mut to_library) => {
                answered.inspect_err(|cause| tracing::debug!(%cause, "the directory's answer is not taken"))?;
            }
        }
        requests.shutdown().await
    };
    tokio::spawn(async move { drop(tokio::time::timeout(lifetime, both).await) });
}
