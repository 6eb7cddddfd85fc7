//! Calls over a SIP trunk of a carrier: our own user agent client (RFC 3261 and what sip.md §1.2 lists).
//! Refuses to be called, and anything that is not needed to call somebody, say something and hear keys.

mod carried;
mod conversation;
mod dialog;
mod digest;
mod gateway;
mod ground;
mod machine;
pub mod message;
mod resolve;
mod settings;
mod status;
mod strangers;
mod tokens;
mod transaction;
mod transport;
mod trunk;
mod upkeep;

pub use gateway::{Sip, SipError};
pub use machine::CallerId;
pub use settings::SipSettings;
pub use transport::{Carrier, Counts};
