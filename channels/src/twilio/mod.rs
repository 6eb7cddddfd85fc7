//! The Twilio-shaped gateway: texts over its REST interface, signed callbacks.
//! Refuses to follow redirects, to talk in clear beyond this machine, and to send anything twice.

mod callback;
mod client;
mod errors;
mod settings;
mod signature;

pub use callback::parse_form;
pub use client::{BuildError, Twilio};
pub use settings::TwilioSettings;
pub use signature::{sign, verify};
