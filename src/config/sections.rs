//! The sections of the settings file but the gateways: what each key means, and what it is if it is not set.
//! Refuses unknown keys.

use anyhow::Context;
use engine::trusted_ip::TrustedIp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use utoipa::ToSchema;

/// Where the engine listens, and how it is reached.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port.
    #[schema(value_type = String)]
    pub listen: SocketAddr,
    /// How gateways reach us, for callbacks and their signatures; the address that it listens on if empty.
    pub public_url: String,
    /// Certificate chain, PEM; with `tls_key_file` it speaks TLS.
    #[schema(value_type = Option<String>)]
    pub tls_cert_file: Option<PathBuf>,
    /// Private key, PEM.
    #[schema(value_type = Option<String>)]
    pub tls_key_file: Option<PathBuf>,
    /// Reverse proxies, as addresses, ranges or subnets: a request from one of them counts as coming from the address that
    /// it adds to `X-Forwarded-For`. From anybody else that header means nothing.
    #[schema(value_type = Vec<String>)]
    #[serde(serialize_with = "texts", deserialize_with = "entries")]
    pub trusted_proxies: Vec<TrustedIp>,
    /// Workers of the HTTP server; one per core if 0.
    pub workers: usize,
}

/// What must not be lost.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// `sqlite:PATH`, or `postgres://USER@HOST:PORT/DATABASE`. A database on another machine needs `?sslmode=require`.
    #[serde(serialize_with = "without_password")]
    pub url: String,
    /// A file with the password of the database, instead of one in the URL.
    #[schema(value_type = Option<String>)]
    pub password_file: Option<PathBuf>,
    /// The most that the store may take of its disk, in MiB, 4 to 1048576; 0 is no limit. Beyond it starts are refused as on
    /// a full disk, so that what else is on the disk goes on. A store that is larger already does not grow. SQLite only.
    pub max_megabytes: u32,
}

/// The key that all others follow from.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// The file with the master key, mode 0600.
    #[schema(value_type = String)]
    pub master_key_file: PathBuf,
}

/// How much is let in.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The most verifications in flight.
    pub most_in_flight: usize,
    /// Requests a second of one API key, at least 1.
    #[schema(value_type = u32)]
    pub per_key_per_second: NonZeroU32,
    /// Requests a second from one address, at least 1.
    #[schema(value_type = u32)]
    pub per_address_per_second: NonZeroU32,
}

/// Where outcomes may be posted to.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Whether a `callback_url` may be inside the own network, this host included.
    pub allow_private_addresses: bool,
    /// Whether a `callback_url` may begin with `http://`.
    pub allow_http: bool,
    /// A certificate authority beside the system's, PEM.
    #[schema(value_type = Option<String>)]
    pub ca_file: Option<PathBuf>,
}

/// The user portal: the pages where people sign in, enrol and look after their methods.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Portal {
    /// Whether this engine serves them.
    pub enabled: bool,
    /// Before every path of theirs, such as `/mfa`; empty: they begin at `/`. A reverse proxy hands it on as it is.
    pub base_path: String,
}

/// What is told on standard error.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// A filter such as `info` or `actors=debug,info`.
    pub level: String,
    /// `json` or `text`.
    pub format: String,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: String::new(),
            tls_cert_file: None,
            tls_key_file: None,
            trusted_proxies: vec![],
            workers: 0,
        }
    }
}

impl Store {
    /// The password in its file.
    pub fn password(&self) -> anyhow::Result<Option<String>> {
        let Some(file) = &self.password_file else { return Ok(None) };
        let text = std::fs::read_to_string(file);
        let text = text.with_context(|| format!("store.password_file: {} cannot be read", file.display()))?;
        Ok(Some(text.trim().to_owned()))
    }
}

impl Default for Store {
    fn default() -> Self {
        Self { url: "sqlite:countersign.db".into(), password_file: None, max_megabytes: 0 }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self { master_key_file: "master.key".into() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let many = NonZeroU32::new(20_000).expect("not zero");
        Self { most_in_flight: 1_000_000, per_key_per_second: many, per_address_per_second: many }
    }
}

impl Default for Portal {
    fn default() -> Self {
        Self { enabled: true, base_path: String::new() }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: "json".into() }
    }
}

fn entries<'de, D: Deserializer<'de>>(list: D) -> Result<Vec<TrustedIp>, D::Error> {
    let texts = Vec::<String>::deserialize(list)?;
    texts
        .iter()
        .map(|text| TrustedIp::parse(text).map_err(|fault| serde::de::Error::custom(format!("{text}: {fault}"))))
        .collect()
}

fn texts<S: Serializer>(list: &[TrustedIp], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(list.iter().map(ToString::to_string))
}

fn without_password<S: Serializer>(url: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let clear = match (url.find("://"), url.find('@')) {
        (Some(begin), Some(end)) => url[begin..end].rfind(':').filter(|at| *at > 0).map(|at| (begin + at, end)),
        _ => None,
    };
    match clear {
        Some((from, to)) => serializer.serialize_str(&format!("{}{}", &url[..from], &url[to..])),
        None => serializer.serialize_str(url),
    }
}
