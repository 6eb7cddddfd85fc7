//! The servers of a directory: where they are, how they are trusted, and which one is asked when the first is away.
//! Refuses to send a password in clear to another machine, and to ask a second server what the first has decided.

use super::connection::Connection;
use super::trust;
use crate::settings::{SettingsFault, some_time};
use futures_util::FutureExt;
use rustls::pki_types::ServerName;
use std::fmt;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Duration;
use tokio_rustls::TlsConnector;
use url::Url;

/// What the key `servers` wants.
const RIGHT: &str = "URLs like ldaps://dc1.example.com, in the order in which they are asked";

/// How the bytes travel.
pub enum Security {
    /// As they are: to this machine only.
    Clear,
    /// TLS from the first byte.
    Tls(TlsConnector, ServerName<'static>),
    /// TLS after the server agreed to it.
    StartTls(TlsConnector, ServerName<'static>),
}

/// One server.
pub struct Server {
    url: String,
    /// Its name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the bytes travel.
    pub security: Security,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// All of them, in order of failover.
pub struct Servers {
    all: Vec<Server>,
    /// How long one exchange with one of them may take.
    timeout: Duration,
}

impl Servers {
    /// From the settings.
    pub fn new(
        urls: &[String],
        start_tls: bool,
        ca_file: Option<&Path>,
        timeout: Duration,
    ) -> Result<Self, SettingsFault> {
        some_time(timeout)?;
        if urls.is_empty() {
            return Err(SettingsFault::Empty { key: "servers", right: RIGHT });
        }
        let connector = trust::connector(ca_file)?;
        let all = urls.iter().map(|url| Server::new(url, start_tls, &connector));
        Ok(Self { all: all.collect::<Result<_, _>>()?, timeout })
    }

    /// Opens a connection to one of them, for two exchanges at most.
    pub async fn open(&self, server: &Server) -> Result<Connection, String> {
        Connection::open(server, self.timeout * 2).await
    }

    /// What the first of them answers that is there and willing; else why each of them is not. An answer is final: what one
    /// server calls wrong is not tried at the next, where it would count as a second failure.
    pub async fn first<'a, T, F>(&'a self, ask: impl Fn(&'a Server) -> F) -> Result<T, String>
    where
        F: Future<Output = Result<T, String>>,
    {
        let mut causes = Vec::new();
        for server in &self.all {
            match ask(server).await {
                Ok(answer) => return Ok(answer),
                Err(cause) => causes.push(format!("{server}: {cause}")),
            }
        }
        Err(causes.join("; "))
    }

    /// One exchange with a server, within its time.
    pub async fn within<T>(&self, exchange: impl Future<Output = Result<T, String>>) -> Result<T, String> {
        // The library panics over answers that it cannot read.
        let guarded = AssertUnwindSafe(exchange).catch_unwind();
        match tokio::time::timeout(self.timeout, guarded).await {
            Ok(Ok(done)) => done,
            Ok(Err(_panic)) => Err("it answers with what cannot be read".into()),
            Err(_elapsed) => Err("it took too long".into()),
        }
    }
}

impl Server {
    fn new(text: &str, start_tls: bool, connector: &TlsConnector) -> Result<Self, SettingsFault> {
        let wrong = || SettingsFault::Wrong { key: "servers", value: text.to_owned(), right: RIGHT };
        // A URL with a password is not repeated.
        let hidden = || SettingsFault::Wrong { key: "servers", value: "…@…".into(), right: RIGHT };
        let url = Url::parse(text).map_err(|_| if text.contains('@') { hidden() } else { wrong() })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(hidden());
        }
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let host = url.host_str().filter(|host| bare && !host.is_empty()).ok_or_else(wrong)?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let certified = || ServerName::try_from(host.clone()).map_err(|_| wrong());
        let (standard_port, security) = match (url.scheme(), start_tls) {
            ("ldaps", _) => (636, Security::Tls(connector.clone(), certified()?)),
            ("ldap", true) => (389, Security::StartTls(connector.clone(), certified()?)),
            ("ldap", false) if is_loopback(&host) => (389, Security::Clear),
            ("ldap", false) => return Err(SettingsFault::Clear(text.to_owned())),
            _ => return Err(wrong()),
        };
        Ok(Self { url: text.to_owned(), port: url.port().unwrap_or(standard_port), host, security })
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn fault(url: &str, start_tls: bool) -> Option<SettingsFault> {
        Servers::new(&[url.to_owned()], start_tls, None, Duration::from_secs(1)).err()
    }

    #[test]
    fn passwords_go_in_clear_to_this_machine_only() {
        for url in ["ldap://127.0.0.1", "ldap://127.9.9.9:3890", "ldap://[::1]/", "ldap://localhost:3890"] {
            assert_eq!(fault(url, false), None, "{url}");
        }
        for url in
            ["ldap://192.0.2.1", "ldap://dc1.example.com", "ldap://localhost.example.com", "ldap://[2001:db8::1]"]
        {
            assert_eq!(fault(url, false), Some(SettingsFault::Clear(url.into())), "{url}");
            assert_eq!(fault(url, true), None, "{url}");
        }
        assert_eq!(fault("ldaps://dc1.example.com", false), None);
        assert_eq!(fault("ldaps://[2001:db8::1]:6360", true), None);
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for url in
            ["", "dc1.example.com", "http://dc1.example.com", "ldaps://", "ldaps://dc1/dc=example", "ldaps://dc1?x"]
        {
            let wrong = SettingsFault::Wrong { key: "servers", value: url.into(), right: RIGHT };
            assert_eq!(fault(url, false), Some(wrong), "{url}");
        }
        let told = fault("ldaps://bob:secret@dc1.example.com", false).unwrap().to_string();
        assert!(!told.contains("secret"), "{told}");
        assert!(matches!(Servers::new(&[], false, None, Duration::from_secs(1)), Err(SettingsFault::Empty { .. })));
        assert!(matches!(
            Servers::new(&[], false, None, Duration::ZERO),
            Err(SettingsFault::Wrong { key: "timeout", .. })
        ));
    }

    #[test]
    fn a_file_without_authorities_is_refused() {
        let servers = ["ldaps://localhost".to_owned()];
        for file in ["/nonexistent", file!()] {
            let told = Servers::new(&servers, false, Some(Path::new(file)), Duration::from_secs(1)).err();
            assert!(matches!(told, Some(SettingsFault::CaFile(_))), "{told:?}");
        }
    }
}
