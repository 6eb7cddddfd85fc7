//! The settings of one account.
//! Refuses unknown keys.

use serde::Deserialize;
use std::path::PathBuf;

/// One account at a Twilio-shaped gateway.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwilioSettings {
    /// `AC…`
    pub account_sid: String,
    /// Signs callbacks; the password too, unless an API key is set.
    pub auth_token: String,
    /// The token before or after, while it is being changed: callbacks signed with it are taken too.
    #[serde(default)]
    pub second_auth_token: Option<String>,
    /// `SK…`, if requests are authenticated by an API key.
    #[serde(default)]
    pub api_key_sid: Option<String>,
    /// Its secret.
    #[serde(default)]
    pub api_key_secret: Option<String>,
    /// Our numbers, E.164; the first one sends.
    #[serde(default)]
    pub from: Vec<String>,
    /// `MG…`, instead of a number.
    #[serde(default)]
    pub messaging_service_sid: Option<String>,
    /// Where the gateway is.
    #[serde(default = "provider")]
    pub base_url: String,
    /// A certificate authority beside the system's, PEM.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Seconds to wait for an answer.
    #[serde(default = "ten")]
    pub timeout_seconds: u64,
    /// Whether the gateway's check against pumping is asked for.
    #[serde(default = "yes")]
    pub risk_check: bool,
}

fn provider() -> String {
    "https://api.twilio.com".into()
}

const fn ten() -> u64 {
    10
}

const fn yes() -> bool {
    true
}
