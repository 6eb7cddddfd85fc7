//! `apikey`: API keys.
//! Refuses to show a key again: it is printed where it is made.

use super::{Asks, Call};
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

#[derive(Subcommand)]
pub enum ApiKey {
    /// Make a key; it is shown once
    Create {
        /// What people call it
        name: String,
        /// What it may do; repeat for several
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// Applications it may speak for; all if none is given
        #[arg(long = "application")]
        applications: Vec<String>,
        /// Whether the client_ip it tells is believed
        #[arg(long)]
        trusts_client_ip: bool,
    },
    /// List keys
    List,
    /// Revoke a key
    Revoke {
        /// key_ id
        id: String,
    },
}

impl Asks for ApiKey {
    fn call(self) -> anyhow::Result<Call> {
        Ok(match self {
            Self::Create { name, scopes, applications, trusts_client_ip } => {
                let body = json!({
                    "name": name, "scopes": scopes, "applications": applications, "trusts_client_ip": trusts_client_ip
                });
                Call::new(Method::POST, "/v1/api_keys", Some(body))
            }
            Self::List => Call::new(Method::GET, "/v1/api_keys", None),
            Self::Revoke { id } => Call::new(Method::DELETE, format!("/v1/api_keys/{id}"), None),
        })
    }
}
