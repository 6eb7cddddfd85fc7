//! `token`: OATH tokens.
//! Refuses a secret on the command line, where others see it: it is read from a file.

use super::{Asks, Call, given, person, secret_in};
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Token {
    /// Assign a token to a person; its secret is read from a file
    Add {
        /// User name or usr_ id
        name: String,
        /// Serial number
        #[arg(long)]
        serial: String,
        /// A file with the Base32 secret
        #[arg(long)]
        secret_file: PathBuf,
        /// A current code; without it the token counts after `activate`
        #[arg(long)]
        code: Option<String>,
        /// HOTP instead of TOTP
        #[arg(long)]
        hotp: bool,
        /// 6 to 8
        #[arg(long, default_value_t = 6)]
        digits: u8,
        /// sha1, sha256 or sha512
        #[arg(long, default_value = "sha1")]
        algorithm: String,
        /// Seconds of a TOTP step
        #[arg(long, default_value_t = 30)]
        period: u32,
    },
    /// Add a token that nobody has yet: whoever has it in hand takes it at the portal
    Import {
        /// Serial number
        serial: String,
        /// A file with the Base32 secret
        #[arg(long)]
        secret_file: PathBuf,
        /// Who made it
        #[arg(long, default_value = "")]
        manufacturer: String,
        /// HOTP instead of TOTP
        #[arg(long)]
        hotp: bool,
    },
    /// List a person's tokens
    List {
        /// User name or usr_ id
        name: String,
    },
    /// Activate a token by a current code
    Activate {
        /// User name or usr_ id
        name: String,
        /// tok_ id
        token: String,
        /// The code
        code: String,
    },
    /// Find a token again by two codes that follow each other
    Resync {
        /// User name or usr_ id
        name: String,
        /// tok_ id
        token: String,
        /// The first code
        first: String,
        /// The second code
        second: String,
    },
    /// Remove a token
    Remove {
        /// User name or usr_ id
        name: String,
        /// tok_ id
        token: String,
    },
}

impl Asks for Token {
    fn call(self) -> anyhow::Result<Call> {
        Ok(match self {
            Self::Add { name, serial, secret_file, code, hotp, digits, algorithm, period } => {
                let mut settings = json!({ "kind": "hotp", "digits": digits, "algorithm": algorithm });
                if !hotp {
                    settings["kind"] = json!("totp");
                    settings["period_seconds"] = json!(period);
                }
                let secret = secret_in(&secret_file)?;
                let body = given(&json!({ "serial": serial, "secret": secret, "settings": settings, "code": code }));
                Call::new(Method::POST, format!("{}/tokens", person(&name)), Some(body))
            }
            Self::Import { serial, secret_file, manufacturer, hotp } => {
                let settings = if hotp { json!({ "kind": "hotp" }) } else { json!({ "kind": "totp" }) };
                let secret = secret_in(&secret_file)?;
                let body =
                    json!({ "serial": serial, "secret": secret, "manufacturer": manufacturer, "settings": settings });
                Call::new(Method::POST, "/v1/tokens", Some(body))
            }
            Self::List { name } => Call::new(Method::GET, format!("{}/tokens", person(&name)), None),
            Self::Activate { name, token, code } => {
                let path = format!("{}/tokens/{token}/activate", person(&name));
                Call::new(Method::POST, path, Some(json!({ "code": code })))
            }
            Self::Resync { name, token, first, second } => {
                let path = format!("{}/tokens/{token}/resync", person(&name));
                Call::new(Method::POST, path, Some(json!({ "first": first, "second": second })))
            }
            Self::Remove { name, token } => {
                Call::new(Method::DELETE, format!("{}/tokens/{token}", person(&name)), None)
            }
        })
    }
}
