//! Calls over an account, against a gateway that answers requests as each story says and calls back when it says so.
//! Refuses the simulators: what they and the client have in common would not be seen.
#![allow(clippy::unwrap_used, reason = "a test")]

mod call;
mod conversation;
mod gateway;
mod library;
mod placing;
mod strangers;
