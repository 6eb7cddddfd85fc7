//! The text client against a gateway that is bytes and nothing else, so that it can misbehave as real ones do.
//! Refuses an HTTP server in between: what one would repair is what is tested here.
#![allow(clippy::unwrap_used, reason = "a test")]

mod answers;
mod faults;
mod gateway;
mod inbox;
mod sent;
mod tls;
