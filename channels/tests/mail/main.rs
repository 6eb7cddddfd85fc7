//! The mail client against a real mail server (aiosmtpd), and against one that is bytes alone where a real one would not lie.
//! Refuses a server on another machine: each is started for its test, on a free port of this one.
#![allow(clippy::unwrap_used, reason = "a test")]

mod authority;
mod clear;
mod refused;
mod sent;
mod server;
mod settings;
mod trust;
