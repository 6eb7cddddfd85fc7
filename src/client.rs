//! A small client of the engine's own API, for the administrative commands and the demo.
//! Refuses nothing: what the engine says is shown as it is.

use anyhow::Context;
use reqwest::{Client, Method};
use serde_json::Value;

/// Talks to one engine with one key.
#[derive(Clone)]
pub struct Api {
    client: Client,
    url: String,
    key: String,
}

impl Api {
    /// An engine at `url`.
    pub fn new(url: &str, key: &str) -> anyhow::Result<Self> {
        let client = Client::builder().no_proxy().timeout(std::time::Duration::from_secs(70)).build()?;
        Ok(Self { client, url: url.trim_end_matches('/').to_owned(), key: key.trim().to_owned() })
    }

    /// Sends a request; an answer that is a problem is an error with its detail.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.with_context(|| format!("no engine answers at {}", self.url))?;
        let status = answer.status();
        let text = answer.text().await?;
        let value: Value =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
        if status.is_success() {
            return Ok(value);
        }
        let detail = value["detail"].as_str().map_or_else(|| value.to_string(), str::to_owned);
        anyhow::bail!("{detail} (HTTP {}, {})", status.as_u16(), value["code"].as_str().unwrap_or("no code"))
    }

    /// GET.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None).await
    }

    /// POST.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// PUT.
    pub async fn put(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.call(Method::PUT, path, Some(body)).await
    }
}
