//! `setting`: the company's settings, and the addresses that pass without contact.
//! Refuses settings that are half valid: the engine takes all or nothing.

use super::{Asks, Call, encoded};
use anyhow::Context;
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Setting {
    /// Show all
    Show,
    /// Replace all by a JSON file; what is left out has its default
    Set {
        /// The file
        file: PathBuf,
    },
    /// List the addresses that pass without contact
    Trusted {
        /// Only those of this application
        #[arg(long)]
        application: Option<String>,
    },
    /// Let clients at an address pass without contact
    Trust {
        /// The application whose clients pass
        application: String,
        /// An address, a range FIRST-LAST or a subnet
        entry: String,
        /// Confirms an entry wider than /8 (IPv4) or /32 (IPv6)
        #[arg(long)]
        wide: bool,
    },
    /// Take an address off the list again
    Distrust {
        /// The application
        application: String,
        /// The entry
        entry: String,
    },
}

impl Asks for Setting {
    fn call(self) -> anyhow::Result<Call> {
        Ok(match self {
            Self::Show => Call::new(Method::GET, "/v1/settings", None),
            Self::Set { file } => {
                let text =
                    std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
                let body = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
                Call::new(Method::PUT, "/v1/settings", Some(body))
            }
            Self::Trusted { application: None } => Call::new(Method::GET, "/v1/trusted_ips", None),
            Self::Trusted { application: Some(name) } => {
                Call::new(Method::GET, format!("/v1/trusted_ips?application={}", encoded(&name)), None)
            }
            Self::Trust { application, entry, wide } => {
                let body = json!({ "application": application, "entry": entry, "wide": wide });
                Call::new(Method::POST, "/v1/trusted_ips", Some(body))
            }
            Self::Distrust { application, entry } => {
                let path = format!("/v1/trusted_ips/{}?application={}", encoded(&entry), encoded(&application));
                Call::new(Method::DELETE, path, None)
            }
        })
    }
}
