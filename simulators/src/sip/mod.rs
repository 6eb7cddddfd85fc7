//! A carrier that speaks SIP and carries sound: calls to the simulated phones over UDP, TCP and TLS (RFC 3261).
//! It is as strict as carriers are, and counts what its callers do against the rules where a test can read it. It shares no code with
//! the programs it tests, and calls nobody by itself.
//!
//! | request | what is special |
//! |---|---|
//! | `INVITE` | digest (RFC 7616) as the settings say; 403 for a foreign caller id, 404 for what is no E.164 number, 488 without G.711, 422 for a session that is too short; 100, then 180, or 183 with early media, told reliably (RFC 3262) where both can |
//! | `ACK` | waited for 32 seconds, with its number, branch, address and tag looked at |
//! | `CANCEL` | 487 while it rings |
//! | `BYE` | from both sides |
//! | re-`INVITE`, `UPDATE` | answered, also on hold; the phone holds by itself where its behaviour says so |
//! | `INFO` | keys, in both directions |
//! | `PRACK`, `OPTIONS`, `REGISTER` | 200 |
//!
//! In a dialog nothing is skipped: numbers go up, and what is not here is 481.

mod carrier;
mod digest;
mod envelope;
mod faults;
mod leg;
mod media;
mod path;
mod sdp;
mod serve;
mod settings;
mod tally;
mod text;
mod transactions;
mod trunk;

pub use digest::{Algorithm, Challenge};
pub use faults::{NetworkFaults, OneWay, SipFaults, StatusFault};
pub(crate) use media::Studio;
pub(crate) use serve::{Opened, open, serve};
pub use settings::{Ringing, SipGateway, Transport};
pub(crate) use trunk::{Trunk, TrunkShape};
