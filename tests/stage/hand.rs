//! Calls on the stage: a hand at the simulated phones, and people who are called.
//! Refuses to know what was said: keys are pressed when somebody is listened to.
#![allow(dead_code, reason = "each scenario uses a part of it")]

use super::Stage;
use serde_json::{Value, json};
use std::time::Duration;

impl Stage {
    /// With a trunk, over which a number may be called again at once; and these settings of the portal over local accounts.
    pub async fn with_calls(portal: Value) -> Self {
        let stage = Self::calling().await;
        stage.offers(json!({ "allow_enrollment": true, "allow_select_method": true })).await;
        stage.offers(portal).await;
        // Who does not hear how to report fraud has heard all sooner.
        stage.set("fraud", json!({ "enabled": false })).await;
        stage.set("velocity", json!({ "number": { "gap_seconds": 0, "per_hour": 0, "per_day": 0 } })).await;
        stage
    }

    /// Changes some keys of a section of the company settings.
    pub async fn set(&self, section: &str, keys: Value) {
        let mut settings = self.get("/v1/settings").await;
        merge(&mut settings[section], keys);
        let (status, answer) = self.call(reqwest::Method::PUT, "/v1/settings", Some(settings)).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// Somebody who is to set up, with a password.
    pub async fn newcomer(&self, name: &str) {
        self.post("/v1/users", json!({ "name": name, "first_name": "Nina", "set_up": false })).await;
        self.password(name).await;
    }

    /// From now on the phone is answered at once, and these are pressed, one each time it is listened.
    pub async fn presses(&self, phone: &str, keys: &[&str]) {
        let habit =
            json!({ "on_call": "answer", "answer_after_ms": 0, "after_ms": 50, "barge_in": true, "keys": keys });
        self.behave(phone, habit).await;
    }

    /// Waits until the phone's call number `place`, from 0, is as wanted.
    pub async fn until_call(&self, phone: &str, place: usize, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut seen = Value::Null;
        for _ in 0..1500 {
            seen = self.calls(phone).await.get(place).cloned().unwrap_or_default();
            if wanted(&seen) {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("call {place} of {phone} is not as wanted: {seen}");
    }

    /// Waits until it rings.
    pub async fn rings(&self, phone: &str, place: usize) {
        self.until_call(phone, place, |call| call["state"] == "ringing").await;
    }

    /// Waits for the end, and gives why.
    pub async fn call_end(&self, phone: &str, place: usize) -> String {
        let call = self.until_call(phone, place, |call| call["state"] == "ended").await;
        call["end"].as_str().unwrap().to_owned()
    }

    /// A tester's hand at the phone: `answer`, `decline` or `hang_up`; what was answered is up.
    pub async fn hand(&self, phone: &str, act: &str) {
        self.at_phone(phone, act, None).await;
        let last = self.calls(phone).await.len() - 1;
        self.until_call(phone, last, |call| call["state"] != "ringing").await;
    }

    /// Keys are pressed by hand, once something was said: before that nobody listens.
    pub async fn keys(&self, phone: &str, keys: &str) {
        let last = self.calls(phone).await.len() - 1;
        self.until_call(phone, last, |call| call["prompts"].as_array().is_some_and(|said| !said.is_empty())).await;
        self.at_phone(phone, "keys", Some(json!({ "keys": keys }))).await;
    }

    async fn at_phone(&self, phone: &str, act: &str, body: Option<Value>) {
        let request = self.client.post(format!("{}/sim/v1/phones/{phone}/{act}", self.simulators.url()));
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 202, "{act}: {}", answer.text().await.unwrap());
    }
}

fn merge(into: &mut Value, from: Value) {
    match from {
        Value::Object(fields) => fields.into_iter().for_each(|(key, value)| merge(&mut into[&key], value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => *into = from,
    }
}
