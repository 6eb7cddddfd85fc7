//! Reaches people: the clients of gateways.
//! Refuses rules: what to send and when is decided in `engine` and `actors`.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test"))]

pub mod call;
pub mod callback;
pub mod leg;
pub mod mail;
pub mod meaning;
pub mod media;
pub mod sip;
pub mod text;
pub mod twilio;
pub mod webhook;
