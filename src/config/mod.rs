//! The settings file: TOML, unknown keys refused, overridden by `COUNTERSIGN__SECTION__KEY`.
//! Refuses to start on a mistake, and names every one at once.

mod directory;
mod gateway;
pub mod manual;
mod mistakes;
mod sections;
mod trunk;

pub use directory::{Directory, LdapSection, RadiusSection, WindowsSection};
pub use gateway::Gateway;
pub use sections::{Keys, Limits, Log, Portal, Server, Store, Webhooks};
pub use trunk::Trunk;

use crate::report::Report;
use crate::{checkpoints, retention};
use anyhow::Context;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::path::Path;
use toml::{Table, Value};

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
    /// `[directory]`
    pub directory: Directory,
    /// `[portal]`
    pub portal: Portal,
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

impl Config {
    /// Reads a file; relative paths in it start at its folder.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let (mut config, mistakes) = parse(&text);
        anyhow::ensure!(mistakes.is_empty(), "{} has mistakes:\n{}", file.display(), mistakes.join("\n"));
        config.rebase(file.parent().unwrap_or(Path::new(".")));
        Ok(config)
    }

    fn rebase(&mut self, folder: &Path) {
        self.keys.master_key_file = folder.join(&self.keys.master_key_file);
        if let Some(path) = self.store.url.strip_prefix("sqlite:") {
            self.store.url = format!("sqlite:{}", folder.join(path).display());
        }
        let own = [
            &mut self.server.tls_cert_file,
            &mut self.server.tls_key_file,
            &mut self.webhooks.ca_file,
            &mut self.audit.checkpoint_file,
            &mut self.store.password_file,
        ];
        for file in own
            .into_iter()
            .flatten()
            .chain(self.gateways.iter_mut().flat_map(Gateway::files))
            .chain(self.directory.files())
        {
            *file = folder.join(&*file);
        }
    }
}

/// `countersign check-config FILE`
pub fn check(file: &Path) -> anyhow::Result<Report> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let (_, mistakes) = parse(&text);
    let json = json!({ "mistakes": mistakes });
    Ok(match mistakes.len() {
        0 => Report::new(format!("{} has no mistakes", file.display()), json),
        1 => Report::failed(format!("{} has a mistake:\n{}", file.display(), mistakes[0]), json),
        many => Report::failed(format!("{} has {many} mistakes:\n{}", file.display(), mistakes.join("\n")), json),
    })
}

const SECTIONS: [&str; 11] =
    ["server", "store", "keys", "gateway", "directory", "portal", "limits", "webhooks", "retention", "audit", "log"];
const PREFIX: &str = "COUNTERSIGN__";

/// The settings, with the default for what is wrong, and every mistake with its path.
fn parse(text: &str) -> (Config, Vec<String>) {
    let mut mistakes = Vec::new();
    let file = text.parse::<Table>().unwrap_or_else(|error| {
        mistakes.push(format!("not TOML: {error}"));
        Table::new()
    });
    let mut all = overridden(text, file, &mut mistakes);
    for name in all.keys().filter(|name| !SECTIONS.contains(&name.as_str())) {
        mistakes.push(format!("[{name}]: there is no such section; there are {}", SECTIONS.join(", ")));
    }
    let gateways = gateways(all.remove("gateway"), &mut mistakes);
    let mut sections = Sections { all, mistakes };
    let config = Config {
        server: sections.take("server"),
        store: sections.take("store"),
        keys: sections.take("keys"),
        gateways,
        directory: sections.take("directory"),
        portal: sections.take("portal"),
        limits: sections.take("limits"),
        webhooks: sections.take("webhooks"),
        retention: sections.take("retention"),
        audit: sections.take("audit"),
        log: sections.take("log"),
    };
    let Sections { mut mistakes, .. } = sections;
    mistakes::find(&config, &mut mistakes);
    (config, mistakes)
}

/// The file under what the environment says of sections that are no list.
fn overridden(text: &str, file: Table, mistakes: &mut Vec<String>) -> Table {
    let environment = Env::prefixed(PREFIX).filter(|key| !key.starts_with("gateway__")).split("__");
    let merged = Figment::new().merge(Toml::string(text)).merge(environment);
    merged.extract().unwrap_or_else(|error| {
        // What is no TOML has been named.
        if !file.is_empty() {
            mistakes.push(error.to_string());
        }
        file
    })
}

struct Sections {
    all: Table,
    mistakes: Vec<String>,
}

impl Sections {
    fn take<T: DeserializeOwned + Default>(&mut self, name: &str) -> T {
        match self.all.remove(name) {
            None => T::default(),
            Some(Value::Table(keys)) => each_key(name, keys, &mut self.mistakes),
            Some(_) => {
                self.mistakes.push(format!("{name}: must be a section: [{name}]"));
                T::default()
            }
        }
    }
}

/// A section from its keys, each read by itself so that a wrong one does not hide the next.
fn each_key<T: DeserializeOwned + Default>(path: &str, keys: Table, mistakes: &mut Vec<String>) -> T {
    let right = keys.into_iter().filter(|(key, value)| {
        let alone = Table::from_iter([(key.clone(), value.clone())]);
        let read = Value::Table(alone).try_into::<T>();
        let fault = read.err().map(|error| format!("{path}.{key}: {}", error.message()));
        mistakes.extend(fault.clone());
        fault.is_none()
    });
    let right = Table::from_iter(right.collect::<Vec<_>>());
    Value::Table(right).try_into().unwrap_or_default()
}

fn gateways(all: Option<Value>, mistakes: &mut Vec<String>) -> Vec<Gateway> {
    let all = match all {
        None => return vec![],
        Some(Value::Array(all)) => all,
        Some(_) => {
            mistakes.push("gateway: must be a list of tables: [[gateway]]".into());
            return vec![];
        }
    };
    let each = all.into_iter().enumerate().filter_map(|(index, value)| {
        let Value::Table(keys) = value else {
            mistakes.push(format!("gateway.{index}: must be a table: [[gateway]]"));
            return None;
        };
        let own = of_gateway(keys.get("name").and_then(Value::as_str).unwrap_or_default(), mistakes);
        Some(each_key(&format!("gateway.{index}"), keys.into_iter().chain(own).collect(), mistakes))
    });
    each.collect()
}

/// What the environment says of the gateway of this name: `COUNTERSIGN__GATEWAY__NAME__KEY`, with `_` for a dash.
fn of_gateway(name: &str, mistakes: &mut Vec<String>) -> Table {
    let prefix = format!("{PREFIX}GATEWAY__{}__", name.to_uppercase().replace('-', "_"));
    Figment::from(Env::prefixed(&prefix)).extract().unwrap_or_else(|error| {
        mistakes.push(format!("gateway `{name}`, from the environment: {error}"));
        Table::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_named_at_once() {
        let text = "[server]\nlisten = 3\nworkers = \"x\"\ntrusted_proxies = [\"10.0.0.0/33\"]\n[stor]\n\
                    [log]\nformat = \"xml\"\n[limits]\nmost = 1\n[[gateway]]\nkind = \"twilio\"\nqueue = 0\nunknown = 1\n";
        let mistakes = parse(text).1.join("\n");
        for part in [
            "[stor]",
            "server.listen:",
            "server.workers:",
            "server.trusted_proxies: 10.0.0.0/33",
            "limits.most:",
            "log.format",
            "gateway.0.unknown",
            "gateway.0.queue",
            "gateway.0.name",
            "gateway.0.auth_token",
        ] {
            assert!(mistakes.contains(part), "{part} in\n{mistakes}");
        }
    }

    #[test]
    fn what_is_no_toml_or_no_section_is_told() {
        assert!(parse("[server").1[0].starts_with("not TOML"));
        let mistakes = parse("log = 3\ngateway = 4").1.join("\n");
        assert!(
            mistakes.contains("log: must be a section") && mistakes.contains("gateway: must be a list"),
            "{mistakes}"
        );
    }

    #[test]
    fn an_empty_file_has_the_defaults() {
        let (config, mistakes) = parse("");
        assert_eq!(mistakes, Vec::<String>::new());
        assert!(config.gateways.is_empty() && config.store.url == "sqlite:countersign.db");
    }
}
