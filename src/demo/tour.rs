//! The tour: one verification for each method and each expected ending, with its timeline.
//! Refuses to call it well unless status and reason are the expected ones.

use super::Stage;
use super::people::{DemoPerson, PEOPLE};
use actors::Clock;
use anyhow::Context;
use engine::oath::{Algorithm, base32, hotp, totp};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Runs it; `false` if something ended otherwise.
pub async fn run(stage: &Stage) -> anyhow::Result<bool> {
    let tour = Tour { stage, clock: Clock::start() };
    let mut well = true;
    well &= tour.shown("two-way text with PIN", ("verified", "sms_ok"), tour.waited("alice", 30).await?).await?;
    well &= tour.shown("one-way text", ("verified", "sms_ok"), tour.one_way().await?).await?;
    let code = tour.totp("carol")?;
    well &= tour.shown("TOTP", ("verified", "oath_ok"), tour.typed("carol", &code).await?).await?;
    well &= tour.shown("HOTP after a resync", ("verified", "oath_ok"), tour.hotp_after_resync().await?).await?;
    well &= tour.shown("wrong passcode", ("denied", "sms_code_pin_wrong"), tour.waited("erin", 30).await?).await?;
    well &= tour.shown("wrong PIN", ("denied", "sms_code_pin_wrong"), tour.waited("frank", 30).await?).await?;
    well &= tour.shown("replayed TOTP", ("denied", "oath_replayed"), tour.typed("carol", &code).await?).await?;
    well &= tour.shown("no reply in time", ("failed", "sms_no_reply"), tour.waited("grace", 2).await?).await?;
    well &= tour.shown("gateway down", ("failed", "sms_not_sent"), tour.waited("heidi", 30).await?).await?;
    let by_phone = [
        ("call with PIN over SIP", ("verified", "voice_pin_ok"), "ivan"),
        ("call with # over REST", ("verified", "voice_ok"), "judy"),
        ("backup phone, after the first did not answer", ("verified", "voice_ok"), "kim"),
        ("fraud reported by phone", ("denied", "fraud_voice"), "leo"),
    ];
    for (title, expected, user) in by_phone {
        well &= tour.shown(title, expected, tour.waited(user, 120).await?).await?;
    }
    Ok(well)
}

struct Tour<'a> {
    stage: &'a Stage,
    clock: Clock,
}

impl Tour<'_> {
    async fn shown(&self, title: &str, expected: (&str, &str), ended: Value) -> anyhow::Result<bool> {
        let word = |name: &str| ended[name].as_str().unwrap_or("-").to_owned();
        let id = word("id");
        let timeline = self.stage.api.get(&format!("/v1/verifications/{id}/timeline")).await?;
        let entries = timeline["items"].as_array().cloned().unwrap_or_default();
        let gateway = entries.iter().find_map(|entry| entry["line"].as_str()).unwrap_or("-");
        let well = (word("status").as_str(), word("reason").as_str()) == expected;
        let verdict = if well { "as expected" } else { "NOT AS EXPECTED" };
        println!(
            "\n{title}: method={} mode={} status={} reason={} gateway={gateway}  ({verdict})",
            word("method"),
            word("mode"),
            word("status"),
            word("reason"),
        );
        for entry in entries {
            println!("  {}", line(&entry));
        }
        Ok(well)
    }

    async fn start(&self, user: &str, ttl: u32) -> anyhow::Result<Value> {
        let body = json!({ "user": user, "application": "demo", "ttl_seconds": ttl });
        self.stage.api.post("/v1/verifications", body).await
    }

    /// Starts, and waits for the end.
    async fn waited(&self, user: &str, ttl: u32) -> anyhow::Result<Value> {
        let started = self.start(user, ttl).await?;
        self.end(&started).await
    }

    async fn end(&self, started: &Value) -> anyhow::Result<Value> {
        let id = started["id"].as_str().context("a verification has an id")?;
        for _ in 0..600 {
            let now = self.stage.api.get(&format!("/v1/verifications/{id}")).await?;
            if now["status"] != "pending" {
                return Ok(now);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("{id} did not end within a minute")
    }

    async fn typed(&self, user: &str, code: &str) -> anyhow::Result<Value> {
        let started = self.start(user, 60).await?;
        let id = started["id"].as_str().context("a verification has an id")?;
        self.stage.api.post(&format!("/v1/verifications/{id}/check"), json!({ "code": code })).await
    }

    async fn one_way(&self) -> anyhow::Result<Value> {
        let bob = person("bob")?;
        let started = self.start("bob", 60).await?;
        let id = started["id"].as_str().context("a verification has an id")?;
        let phone = bob.phone.context("bob has a phone")?;
        for _ in 0..100 {
            let seen = self.stage.simulators.get(&format!("/sim/v1/phones/{phone}")).await?;
            let text = seen["texts"].as_array().and_then(|texts| texts.last()?["body"].as_str()).unwrap_or_default();
            let code: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
            if code.len() == 6 {
                return self.stage.api.post(&format!("/v1/verifications/{id}/check"), json!({ "code": code })).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("no text came to {phone}")
    }

    /// The present code of somebody's token.
    fn totp(&self, user: &str) -> anyhow::Result<String> {
        let (secret, _) = person(user)?.token.context("the person has a token")?;
        Ok(totp::code(base32::parse(secret)?.expose(), self.clock.now(), 30, 6, Algorithm::Sha1))
    }

    async fn hotp_after_resync(&self) -> anyhow::Result<Value> {
        let (secret, _) = person("dave")?.token.context("dave has a token")?;
        let key = base32::parse(secret)?;
        let code = |counter| hotp::code(key.expose(), counter, 6, Algorithm::Sha1);
        let tokens = self.stage.api.get("/v1/users/name:dave/tokens").await?;
        let id = tokens["items"][0]["id"].as_str().context("dave's token has an id")?;
        let far = self.typed("dave", &code(300)).await?;
        anyhow::ensure!(far["status"] == "pending", "a code far ahead must not be accepted: {far}");
        let cancel = format!("/v1/verifications/{}/cancel", far["id"].as_str().unwrap_or_default());
        self.stage.api.call(Method::POST, &cancel, None).await?;
        let body = json!({ "first": code(300), "second": code(301) });
        self.stage.api.post(&format!("/v1/users/name:dave/tokens/{id}/resync"), body).await?;
        self.typed("dave", &code(302)).await
    }
}

fn person(user: &str) -> anyhow::Result<&'static DemoPerson> {
    PEOPLE.iter().find(|person| person.user == user).context("the demo has this person")
}

fn line(entry: &Value) -> String {
    let word = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let rung = entry["rung"].as_u64().map(|rung| format!(" rung {rung}")).unwrap_or_default();
    let detail = entry["detail"].as_str().map(|detail| format!(": {detail}")).unwrap_or_default();
    let through = entry["line"].as_str().map(|line| format!(" through {line}")).unwrap_or_default();
    format!("{} {}{rung}{through}{detail}", word("at"), word("what"))
}
