//! Administrative commands: most are one call of a running engine's API, some work on the store itself.
//! Refuses to print a key or PIN but where it was just made.

mod apikey;
pub mod audit;
mod block;
pub mod keys;
mod line;
mod prompt;
mod question;
mod setting;
pub mod store;
#[cfg(test)]
mod tests;
mod token;
mod user;

pub use apikey::ApiKey;
pub use block::{Block, Bypass};
pub use line::Line;
pub use prompt::Prompt;
pub use question::Question;
pub use setting::Setting;
pub use token::Token;
pub use user::User;

use crate::client::Api;
use crate::report::Report;
use anyhow::Context;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Where the engine is.
#[derive(Args)]
pub struct Reach {
    /// Where the engine is
    #[arg(long, global = true, default_value = "http://127.0.0.1:8080", env = "COUNTERSIGN_URL")]
    url: String,
    /// A file with an API key
    #[arg(long, global = true, env = "COUNTERSIGN_API_KEY_FILE")]
    api_key_file: Option<PathBuf>,
}

impl Reach {
    /// Calls, and reports what came back.
    pub fn ask(&self, call: Call) -> anyhow::Result<Report> {
        let path = self.api_key_file.as_deref();
        let key = secret_in(path.context("say which key: --api-key-file FILE (init wrote admin.key)")?)?;
        let api = Api::new(&self.url, &key)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(call.made(&api))?;
        Ok(Report::new(plain(&answer), answer))
    }
}

/// A command with the engine that it talks to.
#[derive(Args)]
pub struct Reached<C: Subcommand> {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: C,
}

impl<C: Subcommand + Asks> Reached<C> {
    /// Calls, and reports what came back.
    pub fn run(self) -> anyhow::Result<Report> {
        self.reach.ask(self.command.call()?)
    }
}

/// A command that is one call of the API.
pub trait Asks {
    /// The call.
    fn call(self) -> anyhow::Result<Call>;
}

/// What a command asks of the API.
pub struct Call {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Call {
    fn new(method: Method, path: impl Into<String>, body: Option<Value>) -> Self {
        Self { method, path: path.into(), body }
    }

    /// A list comes whole, page by page.
    async fn made(self, api: &Api) -> anyhow::Result<Value> {
        let mut answer = api.call(self.method, &self.path, self.body).await?;
        let mark = if self.path.contains('?') { '&' } else { '?' };
        while let Some(cursor) = answer["next_cursor"].as_str() {
            let page = api.get(&format!("{}{mark}cursor={}", self.path, encoded(cursor))).await?;
            let more = page["items"].as_array().cloned().unwrap_or_default();
            answer["items"].as_array_mut().context("the list has no items")?.extend(more);
            answer["next_cursor"] = page["next_cursor"].clone();
        }
        Ok(answer)
    }
}

fn plain(answer: &Value) -> String {
    match answer.get("items").and_then(Value::as_array) {
        Some(items) => items.iter().map(line).collect::<Vec<_>>().join("\n"),
        None if answer.is_null() => "done".into(),
        None => line(answer),
    }
}

fn line(value: &Value) -> String {
    let Some(fields) = value.as_object() else { return value.to_string() };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let shown = fields.iter().filter(|(_, value)| !value.is_null() && **value != json!(""));
    shown.map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join("  ")
}

/// A person in a path, by id or by user name.
fn person(name: &str) -> String {
    if name.starts_with("usr_") { format!("/v1/users/{name}") } else { format!("/v1/users/name:{}", encoded(name)) }
}

/// Percent-encoded (RFC 3986 §2.3 names the letters that stay).
fn encoded(text: &str) -> String {
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if stays(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The fields that were given.
fn given(all: &impl Serialize) -> Value {
    let mut body = serde_json::to_value(all).expect("arguments are plain structs");
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    body
}

/// The text of a file, without the end of its line.
fn secret_in(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(text.trim().to_owned())
}
