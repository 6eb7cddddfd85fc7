//! The portal for people who are called, as somebody without a script uses it; the phones are those of the simulated carrier.
#![allow(clippy::unwrap_used, reason = "a test")]

mod account;
mod set_up;
mod sign_in;
#[path = "../stage/mod.rs"]
mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;
use stage::visitor::{PASSWORD, Visitor};
use std::time::Duration;

/// Looks at the page again until it says so.
async fn reads(visitor: &mut Visitor, path: &str, words: &str) {
    for _ in 0..500 {
        visitor.get(path).await;
        if visitor.page.contains(words) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    visitor.is_at(path, words);
}

/// Waits for the end of what is under way.
async fn checks(visitor: &mut Visitor) {
    visitor.post("/verify", &[("do", "check")]).await;
}

async fn person(stage: &Stage, name: &str) -> Value {
    stage.get(&format!("/v1/users/name:{name}")).await
}

/// Somebody who is called, with a password.
async fn called(stage: &Stage, name: &str, phone: &str, mode: &str) {
    stage.called(name, phone, mode).await;
    stage.password(name).await;
}

/// Somebody who is signed in by a call.
async fn signed_in(stage: &Stage, name: &str, phone: &str, keys: &str) -> Visitor {
    stage.presses(phone, &[keys]).await;
    let mut visitor = Visitor::signing_in(stage, name).await;
    checks(&mut visitor).await;
    visitor.is_at("/account", "My account");
    visitor
}
