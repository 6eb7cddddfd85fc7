//! The settings of one account.
//! Refuses defaults: whoever reads the settings file has them.

use engine::secret::Secret;
use std::num::NonZeroU8;
use std::path::PathBuf;

/// One account at a Twilio-shaped gateway.
#[derive(Clone)]
pub struct TwilioSettings {
    /// `AC…`
    pub account_sid: String,
    /// Signs callbacks; the password too, unless an API key is set.
    pub auth_token: Secret<String>,
    /// The token before or after, while it is being changed: callbacks signed with it are taken too.
    pub second_auth_token: Option<Secret<String>>,
    /// `SK…`, if requests are authenticated by an API key.
    pub api_key_sid: Option<String>,
    /// Its secret.
    pub api_key_secret: Option<Secret<String>>,
    /// Our numbers, E.164; the first one sends.
    pub from: Vec<String>,
    /// `MG…`, instead of a number.
    pub messaging_service_sid: Option<String>,
    /// Where the gateway is.
    pub base_url: String,
    /// A certificate authority beside the system's, PEM.
    pub ca_file: Option<PathBuf>,
    /// Seconds to wait for an answer.
    pub timeout_seconds: u64,
    /// Requests that may be on one connection before the first is answered; 1 unless the gateway allows more.
    pub pipelining: NonZeroU8,
    /// Whether the gateway's check against pumping is asked for.
    pub risk_check: bool,
    /// What the gateway is asked to forget.
    pub privacy: Privacy,
}

/// What the gateway forgets about texts that it sent. It may cost extra and must be allowed for the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Privacy {
    /// The body, which holds the code, is not kept.
    pub discard_content: bool,
    /// The number is kept without its last digits.
    pub obfuscate_address: bool,
}
