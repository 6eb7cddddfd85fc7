//! Administrative commands: each is one call of a running engine's API.
//! Refuses to print a key or PIN but where it was just made.

use crate::client::Api;
use anyhow::Context;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// A command with the engine that it talks to.
#[derive(Args)]
pub struct Reached<C: Subcommand> {
    /// Where the engine is
    #[arg(long, global = true, default_value = "http://127.0.0.1:8080", env = "COUNTERSIGN_URL")]
    url: String,
    /// A file with an API key
    #[arg(long, global = true, env = "COUNTERSIGN_API_KEY_FILE")]
    api_key_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: C,
}

/// What a command asks of the API.
pub struct Call {
    method: Method,
    path: String,
    body: Option<Value>,
}

fn call(method: Method, path: String, body: Option<Value>) -> Call {
    Call { method, path, body }
}

impl<C: Subcommand> Reached<C>
where
    anyhow::Result<Call>: From<C>,
{
    /// Calls, and prints what came back.
    pub fn run(self) -> anyhow::Result<()> {
        let path = self.api_key_file.context("say which key: --api-key-file FILE (init wrote admin.key)")?;
        let key = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let api = Api::new(&self.url, &key)?;
        let Call { method, path, body } = anyhow::Result::<Call>::from(self.command)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(api.call(method, &path, body))?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&answer)?)
        } else {
            print_plain(&answer)
        }
        Ok(())
    }
}

fn print_plain(answer: &Value) {
    match answer.get("items").and_then(Value::as_array) {
        Some(items) => items.iter().for_each(print_line),
        None if answer.is_null() => println!("done"),
        None => print_line(answer),
    }
}

fn print_line(value: &Value) {
    let Some(fields) = value.as_object() else { return println!("{value}") };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let shown = fields.iter().filter(|(_, value)| !value.is_null() && **value != json!(""));
    println!("{}", shown.map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join("  "));
}

/// A user name in a path.
fn person(name: &str) -> String {
    if name.starts_with("usr_") {
        return format!("/v1/users/{name}");
    }
    let encoded: String = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    format!("/v1/users/name:{encoded}")
}

fn given(pairs: Vec<(&str, Option<Value>)>) -> Value {
    let fields: Map<_, _> = pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    Value::Object(fields)
}

/// People
#[derive(Subcommand)]
pub enum User {
    /// Make a person
    Create {
        /// User name
        name: String,
        /// As people write it
        #[arg(long)]
        phone: Option<String>,
        /// sms or oath
        #[arg(long)]
        method: Option<String>,
        /// Such as two_way_otp_pin
        #[arg(long)]
        mode: Option<String>,
        /// The first PIN
        #[arg(long)]
        pin: Option<String>,
        /// Whether the PIN must be changed at the first verification
        #[arg(long)]
        pin_change_required: Option<bool>,
        /// Mail address
        #[arg(long)]
        email: Option<String>,
    },
    /// List people
    List,
    /// Show a person
    Show {
        /// User name or usr_ id
        name: String,
    },
    /// Give a PIN; without --pin one is generated and shown once
    Pin {
        /// User name or usr_ id
        name: String,
        /// The PIN
        #[arg(long)]
        pin: Option<String>,
    },
    /// Set the phones
    Phone {
        /// User name or usr_ id
        name: String,
        /// Primary
        phone: String,
        /// Backup
        #[arg(long)]
        backup: Option<String>,
    },
    /// Switch a person on or off
    Enable {
        /// User name or usr_ id
        name: String,
        /// true or false
        enabled: bool,
    },
    /// Deny every verification until the block ends
    Block {
        /// User name or usr_ id
        name: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// End a block
    Unblock {
        /// User name or usr_ id
        name: String,
    },
    /// End a lock after wrong PINs, and a pause after wrong codes
    Unlock {
        /// User name or usr_ id
        name: String,
    },
    /// Let the next verification pass, once
    Bypass {
        /// User name or usr_ id
        name: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// 30 to 3600
        #[arg(long, default_value_t = 300)]
        seconds: u32,
    },
    /// Remove a person with methods and tokens
    Remove {
        /// User name or usr_ id
        name: String,
    },
}

impl From<User> for anyhow::Result<Call> {
    fn from(command: User) -> Self {
        Ok(match command {
            User::Create { name, phone, method, mode, pin, pin_change_required, email } => {
                let body = given(vec![
                    ("name", Some(json!(name))),
                    ("phone", phone.map(Value::from)),
                    ("method", method.map(Value::from)),
                    ("mode", mode.map(Value::from)),
                    ("pin", pin.map(Value::from)),
                    ("pin_change_required", pin_change_required.map(Value::from)),
                    ("email", email.map(Value::from)),
                ]);
                call(Method::POST, "/v1/users".into(), Some(body))
            }
            User::List => call(Method::GET, "/v1/users?limit=1000".into(), None),
            User::Show { name } => call(Method::GET, person(&name), None),
            User::Pin { name, pin } => {
                let body = given(vec![("pin", pin.map(Value::from))]);
                call(Method::PUT, format!("{}/pin", person(&name)), Some(body))
            }
            User::Phone { name, phone, backup } => {
                let body = given(vec![("phone", Some(json!(phone))), ("backup_phone", backup.map(Value::from))]);
                call(Method::PUT, format!("{}/phones", person(&name)), Some(body))
            }
            User::Enable { name, enabled } => call(Method::PATCH, person(&name), Some(json!({ "enabled": enabled }))),
            User::Block { name, reason } => {
                call(Method::POST, format!("{}/block", person(&name)), Some(json!({ "reason": reason })))
            }
            User::Unblock { name } => call(Method::DELETE, format!("{}/block", person(&name)), None),
            User::Unlock { name } => call(Method::DELETE, format!("{}/lock", person(&name)), None),
            User::Bypass { name, reason, seconds } => {
                let body = json!({ "reason": reason, "seconds": seconds });
                call(Method::POST, format!("{}/bypasses", person(&name)), Some(body))
            }
            User::Remove { name } => call(Method::DELETE, person(&name), None),
        })
    }
}

/// OATH tokens
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

impl From<Token> for anyhow::Result<Call> {
    fn from(command: Token) -> Self {
        Ok(match command {
            Token::Add { name, serial, secret_file, code, hotp, digits, algorithm, period } => {
                let secret = std::fs::read_to_string(&secret_file)
                    .with_context(|| format!("{} cannot be read", secret_file.display()))?;
                let mut settings = json!({ "kind": "hotp", "digits": digits, "algorithm": algorithm });
                if !hotp {
                    settings["kind"] = json!("totp");
                    settings["period_seconds"] = json!(period);
                }
                let body = given(vec![
                    ("serial", Some(json!(serial))),
                    ("secret", Some(json!(secret.trim()))),
                    ("settings", Some(settings)),
                    ("code", code.map(Value::from)),
                ]);
                call(Method::POST, format!("{}/tokens", person(&name)), Some(body))
            }
            Token::List { name } => call(Method::GET, format!("{}/tokens", person(&name)), None),
            Token::Activate { name, token, code } => {
                let path = format!("{}/tokens/{token}/activate", person(&name));
                call(Method::POST, path, Some(json!({ "code": code })))
            }
            Token::Resync { name, token, first, second } => {
                let path = format!("{}/tokens/{token}/resync", person(&name));
                call(Method::POST, path, Some(json!({ "first": first, "second": second })))
            }
            Token::Remove { name, token } => call(Method::DELETE, format!("{}/tokens/{token}", person(&name)), None),
        })
    }
}

/// API keys
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

impl From<ApiKey> for anyhow::Result<Call> {
    fn from(command: ApiKey) -> Self {
        Ok(match command {
            ApiKey::Create { name, scopes, applications, trusts_client_ip } => {
                let body = json!({
                    "name": name, "scopes": scopes, "applications": applications, "trusts_client_ip": trusts_client_ip
                });
                call(Method::POST, "/v1/api_keys".into(), Some(body))
            }
            ApiKey::List => call(Method::GET, "/v1/api_keys".into(), None),
            ApiKey::Revoke { id } => call(Method::DELETE, format!("/v1/api_keys/{id}"), None),
        })
    }
}

/// Company settings
#[derive(Subcommand)]
pub enum Setting {
    /// Show all
    Show,
    /// Replace all by a JSON file; what is left out has its default
    Set {
        /// The file
        file: PathBuf,
    },
}

impl From<Setting> for anyhow::Result<Call> {
    fn from(command: Setting) -> Self {
        Ok(match command {
            Setting::Show => call(Method::GET, "/v1/settings".into(), None),
            Setting::Set { file } => {
                let text =
                    std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
                call(Method::PUT, "/v1/settings".into(), Some(serde_json::from_str(&text)?))
            }
        })
    }
}
