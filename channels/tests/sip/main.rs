//! The SIP trunk against real parts: baresip as the phone, kamailio as the carrier's edge, SIPp as callees that misbehave.
//! Refuses peers on another machine: each is started for its test, on free ports of this one, and stopped by its own pid.
#![allow(clippy::unwrap_used, reason = "a test")]

mod call;
mod callee;
mod carrier;
mod edge;
mod far;
mod led_away;
mod misbehaves;
mod over;
mod peer;
mod phone;
mod picked_up;
mod refused;
mod secure;
mod strangers;
