//! PINs: what a new one must obey, how one is kept, and when it must be changed (mfa-server.md §5).
//! Refuses to keep or to show a PIN.

mod generate;
mod hash;
mod rules;
mod state;
mod weak;

pub use generate::generate;
pub use hash::{PinHash, PinKey};
pub use rules::{LONGEST, PinFault, PinRules, SHORTEST, check_new};
pub use state::{PinStanding, PinState};
pub use weak::phone_subset;
