//! One account at a gateway: how it is reached, and how fast.
//! Refuses to show its secrets.

use super::Trunk;
use anyhow::Context;
use channels::mail::MailSettings;
use channels::sip::SipSettings;
use channels::twilio::voice::VoiceSettings;
use channels::twilio::{Privacy, TwilioSettings};
use engine::secret::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::num::{NonZeroU8, NonZeroU32};
use std::path::{Path, PathBuf};
use std::time::Duration;
use utoipa::ToSchema;

/// One account at a gateway; there may be up to 32.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Gateway {
    /// `twilio` for texts and calls, `sip` for calls, `smtp` for mail
    pub kind: String,
    /// Its name in callbacks, logs and timelines: letters, digits and dashes.
    pub name: String,
    /// `AC…`
    pub account_sid: String,
    /// Signs callbacks; the password too, unless an API key is set.
    #[schema(value_type = String, default = "")]
    #[serde(serialize_with = "unseen", deserialize_with = "secret")]
    pub auth_token: Secret<String>,
    /// A file with the auth token, instead of `auth_token`.
    #[schema(value_type = Option<String>)]
    pub auth_token_file: Option<PathBuf>,
    /// The token before or after, while it is being changed: callbacks signed with it are taken too.
    #[schema(value_type = Option<String>, default = "")]
    #[serde(serialize_with = "unseen", deserialize_with = "secret_or_none")]
    pub second_auth_token: Option<Secret<String>>,
    /// A file with it, instead of `second_auth_token`.
    #[schema(value_type = Option<String>)]
    pub second_auth_token_file: Option<PathBuf>,
    /// `SK…`, if requests are to be authenticated by an API key of the gateway.
    pub api_key_sid: Option<String>,
    /// A file with the secret of that API key.
    #[schema(value_type = Option<String>)]
    pub api_key_secret_file: Option<PathBuf>,
    /// `twilio`: whether it carries texts.
    pub texts: bool,
    /// `twilio`: whether it places calls; `max_calls` of them at once.
    pub calls: bool,
    /// `twilio`: the most calls at once.
    pub max_calls: usize,
    /// `twilio`: whether answering machines are looked for, which makes every call a little dearer and slower.
    pub machine_detection: bool,
    /// Our numbers, E.164; the first one sends and calls. For `smtp` the mailbox that mails are from, such as `Example <mfa@example.com>`.
    pub from: Vec<String>,
    /// `MG…`, instead of a number.
    pub messaging_service_sid: Option<String>,
    /// Where the gateway is.
    pub base_url: String,
    /// A certificate authority beside the system's, PEM.
    #[schema(value_type = Option<String>)]
    pub ca_file: Option<PathBuf>,
    /// Whether the gateway's check against pumping is asked for, where it offers one.
    pub risk_check: bool,
    /// Whether the gateway is asked not to keep the text, which holds the code. It must be allowed for the account.
    pub discard_content: bool,
    /// Whether the gateway is asked to keep the person's number without its last digits. It must be allowed for the account.
    pub obfuscate_address: bool,
    /// Seconds to wait for an answer, 1 to 120.
    pub timeout_seconds: u64,
    /// Texts a second, at least 1.
    #[schema(value_type = u32)]
    pub per_second: NonZeroU32,
    /// Texts a minute to one number, at least 1.
    #[schema(value_type = u32)]
    pub per_number_per_minute: NonZeroU32,
    /// Texts given to the gateway and not answered yet.
    pub max_in_flight: usize,
    /// Requests that may be on one connection before the first of them is answered, 1 to 255. HTTP/1.1 allows more than 1 only
    /// by agreement, because a connection that breaks leaves all of them uncertain (RFC 9112 §9.3.2): ask the gateway.
    #[schema(value_type = u8)]
    pub pipelining: NonZeroU8,
    /// Texts that may wait.
    pub queue: usize,
    /// Destinations it serves, as beginnings of E.164; empty serves all.
    pub prefixes: Vec<String>,
    /// Price of a text, in any one unit; the cheaper of two healthy gateways is taken.
    pub price: u32,
    /// `smtp`: the mail server.
    pub host: String,
    /// `smtp`: its port.
    pub port: u16,
    /// `smtp`: whether TLS begins at once; otherwise STARTTLS is required.
    pub implicit_tls: bool,
    /// `smtp` and `sip`: the account; empty where none is asked for.
    pub username: String,
    /// `smtp` and `sip`: a file with its password.
    #[schema(value_type = Option<String>)]
    pub password_file: Option<PathBuf>,
    /// `sip`: the trunk, see `[gateway.sip]`.
    #[schema(value_type = Option<String>)]
    pub sip: Trunk,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            kind: String::new(),
            name: String::new(),
            account_sid: String::new(),
            auth_token: Secret::default(),
            auth_token_file: None,
            second_auth_token: None,
            second_auth_token_file: None,
            api_key_sid: None,
            api_key_secret_file: None,
            from: vec![],
            messaging_service_sid: None,
            base_url: "https://api.twilio.com".into(),
            ca_file: None,
            risk_check: true,
            discard_content: false,
            obfuscate_address: false,
            timeout_seconds: 10,
            per_second: NonZeroU32::MIN,
            per_number_per_minute: NonZeroU32::new(5).expect("not zero"),
            max_in_flight: 16,
            pipelining: NonZeroU8::MIN,
            queue: 100_000,
            prefixes: vec![],
            price: 0,
            host: String::new(),
            port: 587,
            implicit_tls: false,
            username: String::new(),
            password_file: None,
            texts: true,
            calls: false,
            max_calls: 100,
            machine_detection: true,
            sip: Trunk::default(),
        }
    }
}

impl Gateway {
    /// What the client needs, with the secrets read from their files.
    pub fn twilio(&self) -> anyhow::Result<TwilioSettings> {
        let auth_token = self.auth_token_file.as_deref().map(secret_in).transpose()?;
        let second = self.second_auth_token_file.as_deref().map(secret_in).transpose()?;
        Ok(TwilioSettings {
            account_sid: self.account_sid.clone(),
            auth_token: auth_token.unwrap_or_else(|| self.auth_token.clone()),
            second_auth_token: second.or_else(|| self.second_auth_token.clone()),
            api_key_sid: self.api_key_sid.clone(),
            api_key_secret: self.api_key_secret_file.as_deref().map(secret_in).transpose()?,
            from: self.from.clone(),
            messaging_service_sid: self.messaging_service_sid.clone(),
            base_url: self.base_url.clone(),
            ca_file: self.ca_file.clone(),
            timeout_seconds: self.timeout_seconds,
            pipelining: self.pipelining,
            risk_check: self.risk_check,
            privacy: Privacy { discard_content: self.discard_content, obfuscate_address: self.obfuscate_address },
        })
    }

    /// How calls are placed over a Twilio-shaped account.
    pub fn voice(&self) -> VoiceSettings {
        VoiceSettings { machine_detection: self.machine_detection, ..VoiceSettings::default() }
    }

    /// What the client of a trunk needs, with the password read from its file.
    pub fn trunk(&self) -> anyhow::Result<SipSettings> {
        let password = self.password_file.as_deref().map(secret_in).transpose()?.unwrap_or_default();
        Ok(self.sip.settings(self, password))
    }

    /// What the client of a mail server needs, with the password read from its file.
    pub fn mail(&self) -> anyhow::Result<MailSettings> {
        Ok(MailSettings {
            name: self.name.clone(),
            host: self.host.clone(),
            port: self.port,
            implicit_tls: self.implicit_tls,
            ca_file: self.ca_file.clone(),
            username: self.username.clone(),
            password: self.password_file.as_deref().map(secret_in).transpose()?.unwrap_or_default(),
            from: self.from.first().cloned().unwrap_or_default(),
            timeout: Duration::from_secs(self.timeout_seconds),
        })
    }

    /// Every file that it names.
    pub fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let files = [
            &mut self.auth_token_file,
            &mut self.second_auth_token_file,
            &mut self.api_key_secret_file,
            &mut self.ca_file,
            &mut self.password_file,
        ];
        files.into_iter().flatten()
    }
}

pub(super) fn secret_in(file: &Path) -> anyhow::Result<Secret<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(Secret::new(text.trim().to_owned()))
}

fn secret<'de, D: Deserializer<'de>>(text: D) -> Result<Secret<String>, D::Error> {
    String::deserialize(text).map(Secret::new)
}

fn secret_or_none<'de, D: Deserializer<'de>>(text: D) -> Result<Option<Secret<String>>, D::Error> {
    secret(text).map(Some)
}

fn unseen<T, S: Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_none()
}
