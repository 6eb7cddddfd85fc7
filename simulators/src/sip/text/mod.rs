//! SIP as text: messages, their fields, and how bytes become them (RFC 3261 §7, §25).
//! It knows no transactions and sends nothing.

pub(crate) mod field;
pub(crate) mod frame;
pub(crate) mod message;
pub(crate) mod read;
