//! The settings file: TOML, unknown keys refused, overridden by `COUNTERSIGN__SECTION__KEY`.
//! Refuses to start on a mistake, and names every one at once.

use crate::{checkpoints, retention};
use anyhow::Context;
use channels::twilio::TwilioSettings;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// All sections.
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[store]`
    pub store: Store,
    /// `[keys]`
    pub keys: Keys,
    /// `[[gateway]]`
    pub gateways: Vec<Gateway>,
    /// `[limits]`
    pub limits: Limits,
    /// `[webhooks]`
    pub webhooks: Webhooks,
    /// `[retention]`
    pub retention: retention::Settings,
    /// `[audit]`
    pub audit: checkpoints::Settings,
    /// `[log]`
    pub log: Log,
}

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port.
    pub listen: SocketAddr,
    /// How gateways reach us, for callbacks and their signatures; `http://LISTEN` if empty.
    pub public_url: String,
    /// Certificate chain, PEM; with `tls_key_file` it speaks TLS.
    pub tls_cert_file: Option<PathBuf>,
    /// Private key, PEM.
    pub tls_key_file: Option<PathBuf>,
    /// Workers of the HTTP server; one per core if 0.
    pub workers: usize,
}

/// `[store]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// `sqlite:PATH`
    pub url: String,
    /// The most that the store may take of its disk, in MiB, 4 to 1048576; 0 is no limit. Beyond it starts are refused as on
    /// a full disk, so that what else is on the disk goes on. A store that is larger already does not grow.
    pub max_megabytes: u32,
}

/// `[keys]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// The file with the master key, mode 0600.
    pub master_key_file: PathBuf,
}

/// `[[gateway]]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// `twilio`
    pub kind: String,
    /// Its name in callbacks, logs and timelines.
    pub name: String,
    /// `AC…`
    pub account_sid: String,
    /// The auth token, or better `auth_token_file`.
    #[serde(default)]
    pub auth_token: String,
    /// A file with the auth token.
    #[serde(default)]
    pub auth_token_file: Option<PathBuf>,
    /// The token before or after, while it is being changed.
    #[serde(default)]
    pub second_auth_token: Option<String>,
    /// Our numbers, E.164; the first one sends.
    #[serde(default)]
    pub from: Vec<String>,
    /// `MG…`, instead of a number.
    #[serde(default)]
    pub messaging_service_sid: Option<String>,
    /// Where the gateway is.
    #[serde(default)]
    pub base_url: Option<String>,
    /// A certificate authority beside the system's, PEM.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Seconds to wait for an answer, 1 to 120.
    #[serde(default = "ten")]
    pub timeout_seconds: u64,
    /// Texts a second.
    #[serde(default = "one")]
    pub per_second: NonZeroU32,
    /// Texts a minute to one number.
    #[serde(default = "five")]
    pub per_number_per_minute: NonZeroU32,
    /// Texts given to the gateway and not answered yet.
    #[serde(default = "sixteen")]
    pub max_in_flight: usize,
    /// Texts that may wait.
    #[serde(default = "hundred_thousand")]
    pub queue: usize,
    /// Destinations it serves, as beginnings of E.164; empty serves all.
    #[serde(default)]
    pub prefixes: Vec<String>,
    /// Price of a text, in any one unit.
    #[serde(default)]
    pub price: u32,
}

/// `[limits]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The most verifications in flight.
    pub most_in_flight: usize,
    /// Requests a second of one API key.
    pub per_key_per_second: NonZeroU32,
    /// Requests a second from one address.
    pub per_address_per_second: NonZeroU32,
}

/// `[webhooks]`: where outcomes may be posted to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Whether a `callback_url` may be inside the own network, this host included.
    pub allow_private_addresses: bool,
    /// Whether a `callback_url` may begin with `http://`.
    pub allow_http: bool,
    /// A certificate authority beside the system's, PEM.
    pub ca_file: Option<PathBuf>,
}

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
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
            workers: 0,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self { url: "sqlite:countersign.db".into(), max_megabytes: 0 }
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

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: "json".into() }
    }
}

impl Config {
    /// Reads a file; relative paths in it start at its folder.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let (config, problems) = parse(&text);
        if !problems.is_empty() {
            anyhow::bail!("{} has mistakes:\n{}", file.display(), problems.join("\n"));
        }
        let mut config = config.context("the settings are incomplete")?;
        config.rebase(file.parent().unwrap_or(Path::new(".")));
        Ok(config)
    }

    fn rebase(&mut self, folder: &Path) {
        self.keys.master_key_file = folder.join(&self.keys.master_key_file);
        if let Some(path) = self.store.url.strip_prefix("sqlite:") {
            self.store.url = format!("sqlite:{}", folder.join(path).display());
        }
        let mut files: Vec<_> = [&mut self.server.tls_cert_file, &mut self.server.tls_key_file].into();
        files.push(&mut self.webhooks.ca_file);
        files.push(&mut self.audit.checkpoint_file);
        for gateway in &mut self.gateways {
            files.push(&mut gateway.auth_token_file);
            files.push(&mut gateway.ca_file);
        }
        for file in files.into_iter().flatten() {
            *file = folder.join(&*file);
        }
    }
}

impl Gateway {
    /// What the client needs.
    pub fn twilio(&self) -> anyhow::Result<TwilioSettings> {
        let auth_token = match &self.auth_token_file {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                text.with_context(|| format!("{} cannot be read", path.display()))?.trim().to_owned()
            }
            None => self.auth_token.clone(),
        };
        Ok(TwilioSettings {
            account_sid: self.account_sid.clone(),
            auth_token,
            second_auth_token: self.second_auth_token.clone(),
            api_key_sid: None,
            api_key_secret: None,
            from: self.from.clone(),
            messaging_service_sid: self.messaging_service_sid.clone(),
            base_url: self.base_url.clone().unwrap_or_else(|| "https://api.twilio.com".into()),
            ca_file: self.ca_file.clone(),
            timeout_seconds: self.timeout_seconds,
            risk_check: true,
        })
    }
}

/// `countersign check-config FILE`
pub fn check(file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let (_, problems) = parse(&text);
    if problems.is_empty() {
        println!("{} has no mistakes", file.display());
        return Ok(());
    }
    anyhow::bail!("{} has {} mistakes:\n{}", file.display(), problems.len(), problems.join("\n"))
}

const SECTIONS: [&str; 9] = ["server", "store", "keys", "gateway", "limits", "webhooks", "retention", "audit", "log"];

/// The settings and every mistake, each with its path.
fn parse(text: &str) -> (Option<Config>, Vec<String>) {
    let mut problems = Vec::new();
    if let Err(error) = text.parse::<toml::Table>() {
        return (None, vec![format!("not TOML: {error}")]);
    }
    let figment = Figment::new().merge(Toml::string(text)).merge(Env::prefixed("COUNTERSIGN__").split("__"));
    if let Ok(all) = figment.extract::<toml::Table>() {
        for name in all.keys().filter(|name| !SECTIONS.contains(&name.as_str())) {
            problems.push(format!("[{name}]: there is no such section; there are {}", SECTIONS.join(", ")));
        }
    }
    let server = section::<Server>(&figment, "server", &mut problems);
    let store = section::<Store>(&figment, "store", &mut problems);
    let keys = section::<Keys>(&figment, "keys", &mut problems);
    let limits = section::<Limits>(&figment, "limits", &mut problems);
    let webhooks = section::<Webhooks>(&figment, "webhooks", &mut problems);
    let retention = section::<retention::Settings>(&figment, "retention", &mut problems);
    let audit = section::<checkpoints::Settings>(&figment, "audit", &mut problems);
    let log = section::<Log>(&figment, "log", &mut problems);
    let gateways = gateways(&figment, &mut problems);
    let config = Config { server, store, keys, gateways, limits, webhooks, retention, audit, log };
    values(&config, &mut problems);
    (Some(config), problems)
}

fn section<T: DeserializeOwned + Default>(figment: &Figment, name: &str, problems: &mut Vec<String>) -> T {
    if !figment.contains(name) {
        return T::default();
    }
    figment.extract_inner(name).unwrap_or_else(|error| {
        problems.extend(error.into_iter().map(|one| format!("{name}: {one}")));
        T::default()
    })
}

fn gateways(figment: &Figment, problems: &mut Vec<String>) -> Vec<Gateway> {
    let Ok(all) = figment.extract_inner::<Vec<toml::Value>>("gateway") else {
        if figment.contains("gateway") {
            problems.push("gateway: must be a list of tables: [[gateway]]".into());
        }
        return vec![];
    };
    let mut found = Vec::new();
    for (index, value) in all.into_iter().enumerate() {
        match value.try_into::<Gateway>() {
            Ok(gateway) => found.push(gateway),
            Err(error) => problems.push(format!("gateway.{index}: {}", error.to_string().trim())),
        }
    }
    found
}

fn values(config: &Config, problems: &mut Vec<String>) {
    let mut want = |good: bool, path: &str, right: &str| {
        if !good {
            problems.push(format!("{path}: {right}"));
        }
    };
    want(config.store.url.starts_with("sqlite:"), "store.url", "must be sqlite:PATH");
    let most = config.store.max_megabytes;
    want(most == 0 || (4..=1 << 20).contains(&most), "store.max_megabytes", "must be 0 or 4 to 1048576");
    let tls = (&config.server.tls_cert_file, &config.server.tls_key_file);
    want(matches!(tls, (Some(_), Some(_)) | (None, None)), "server", "tls_cert_file and tls_key_file belong together");
    let most = config.retention.outcome_days.max(config.retention.timeline_days);
    want(most <= 36_500, "retention", "days must be 0 to 36500");
    let pause = config.audit.checkpoint_seconds;
    want((1..=86_400).contains(&pause), "audit.checkpoint_seconds", "must be 1 to 86400");
    want(matches!(config.log.format.as_str(), "json" | "text"), "log.format", "must be json or text");
    for (index, gateway) in config.gateways.iter().enumerate() {
        let at = |field: &str| format!("gateway.{index}.{field}");
        want(gateway.kind == "twilio", &at("kind"), "must be twilio");
        let named = !gateway.name.is_empty() && gateway.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        want(named, &at("name"), "must be letters, digits and dashes");
        let twice = config.gateways.iter().filter(|other| other.name == gateway.name).count() > 1;
        want(!twice, &at("name"), "must be another than those of the other gateways");
        let token = !gateway.auth_token.is_empty() || gateway.auth_token_file.is_some();
        want(token, &at("auth_token"), "must be set, or auth_token_file");
        let sender = !gateway.from.is_empty() || gateway.messaging_service_sid.is_some();
        want(sender, &at("from"), "must have a number, or set messaging_service_sid");
    }
    want(config.gateways.len() <= 32, "gateway", "at most 32");
}

const fn ten() -> u64 {
    10
}

const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

fn five() -> NonZeroU32 {
    NonZeroU32::new(5).expect("not zero")
}

const fn sixteen() -> usize {
    16
}

const fn hundred_thousand() -> usize {
    100_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named_at_once() {
        let text = "[server]\nlisten = 3\n[stor]\n[log]\nformat = \"xml\"\n[limits]\nmost = 1\n[[gateway]]\nkind = \"twilio\"\n";
        let problems = parse(text).1.join("\n");
        for part in ["[stor]", "server:", "limits:", "log.format", "gateway.0"] {
            assert!(problems.contains(part), "{part} in\n{problems}");
        }
    }

    #[test]
    fn an_empty_file_has_the_defaults() {
        let (config, problems) = parse("");
        assert_eq!(problems, Vec::<String>::new());
        assert!(config.is_some_and(|config| config.gateways.is_empty() && config.store.url == "sqlite:countersign.db"));
    }
}
