//! The Twilio-shaped gateway: texts and calls over its REST interface, signed callbacks (gateways.md §1 to §3).
//! Refuses to follow redirects, to talk in clear beyond this machine, and to send anything twice.

mod address;
mod answer;
mod callback;
mod client;
mod errors;
mod form;
mod inbox;
pub mod retry_after;
mod settings;
mod signature;
pub mod voice;

pub use answer::read_answer;
pub use client::{BuildError, Twilio};
pub use errors::meaning;
pub use form::parse_form;
pub use inbox::read_page;
pub use settings::{Privacy, TwilioSettings};
pub use signature::{sign, sign_sha256, verify};
