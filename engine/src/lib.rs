//! The rules of verification as plain values and pure functions.
//! Refuses: IO, clocks, randomness, async and actors; time, keys and random numbers arrive as arguments.

pub mod bypass;
pub mod cache;
pub mod code;
pub mod decision;
#[cfg(test)]
mod decision_tests;
pub mod draft;
pub mod enrollment;
pub mod failures;
pub mod guesses;
pub mod id;
pub mod ladder;
pub mod language;
pub mod lockout;
pub mod login;
pub mod method;
pub mod moment;
pub mod notice;
pub mod number;
pub mod oath;
pub mod person;
pub mod pin;
pub mod policy;
pub mod portal;
pub mod progress;
pub mod prompt;
pub mod question;
pub mod quiet;
pub mod reason;
pub mod recent;
pub mod reply;
pub mod request;
pub mod secret;
pub mod setup;
pub mod shard;
pub mod source;
pub mod timeline;
pub mod trusted_ip;
pub mod user_name;
pub mod velocity;
pub mod verification;
pub mod webhook;
pub mod wording;
