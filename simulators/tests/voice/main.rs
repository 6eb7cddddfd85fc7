//! Calls over the provider's side: stories of what is said, pressed and told, and the provider's own library as a judge.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../stage/mod.rs"]
mod stage;

mod api;
mod call;
mod library;
mod listening;
mod reports;
mod ringing;
mod scripts;
