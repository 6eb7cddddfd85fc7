//! Connections: where to, how they are trusted, and how long they may take.
//! Refuses a certificate that the system's authorities do not vouch for.

use super::OpenError;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A connection that takes longer does not come.
const LONGEST_CONNECT: Duration = Duration::from_secs(5);
/// A statement that takes longer is given up by the server.
const LONGEST_STATEMENT: &str = "-c statement_timeout=30s -c synchronous_commit=on -c timezone=UTC";

/// How connections are made.
#[derive(Clone)]
pub struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Connector {
    /// From the URL of the settings.
    pub fn new(url: &str, password: Option<&str>) -> Result<Self, OpenError> {
        // What the parser says may repeat a part of the URL, and so of the password.
        let mut config: Config = url.parse().map_err(|_| OpenError::Url)?;
        if let Some(password) = password.filter(|_| config.get_password().is_none()) {
            config.password(password);
        }
        let local = |host: &Host| match host {
            Host::Tcp(name) => matches!(name.as_str(), "127.0.0.1" | "localhost" | "::1"),
            Host::Unix(_) => true,
        };
        let all_local = config.get_hosts().iter().all(local);
        let named = url.contains("sslmode=");
        let mode = config.get_ssl_mode();
        // With `prefer` a server that does not offer it would be taken in clear, and whoever sits between could say so for it.
        let encrypted = mode == SslMode::Require;
        let clear_on_purpose = named && mode == SslMode::Disable;
        if !(all_local || encrypted || clear_on_purpose) {
            return Err(OpenError::Clear);
        }
        let tls = if encrypted { Some(MakeRustlsConnect::new(trusted()?)) } else { None };
        config.connect_timeout(LONGEST_CONNECT).options(LONGEST_STATEMENT).application_name("countersign");
        config.keepalives_idle(Duration::from_secs(15)).tcp_user_timeout(Duration::from_secs(10));
        Ok(Self { config, tls })
    }

    /// A connection of its own.
    pub async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        match &self.tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                // Whoever uses the client hears of its end.
                tokio::spawn(async move { drop(connection.await) });
                Ok(client)
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                tokio::spawn(async move { drop(connection.await) });
                Ok(client)
            }
        }
    }

    /// Connections that are kept for reads.
    pub fn pool(&self, size: usize) -> Result<Pool, OpenError> {
        let settings = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match &self.tls {
            Some(tls) => Manager::from_config(self.config.clone(), tls.clone(), settings),
            None => Manager::from_config(self.config.clone(), NoTls, settings),
        };
        Pool::builder(manager).max_size(size).build().map_err(|cause| OpenError::Postgres(cause.to_string()))
    }
}

fn trusted() -> Result<ClientConfig, OpenError> {
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.and_then(BuilderVerifierExt::with_platform_verifier);
    Ok(config.map_err(|cause| OpenError::Postgres(cause.to_string()))?.with_no_client_auth())
}
