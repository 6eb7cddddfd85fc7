//! Who somebody is: primary authentication by name and password, and what the directory knows of the person.
//! Refuses second factors, and to say whether the name or the password was wrong.

mod contract;
pub mod hash;
mod local;

pub use contract::{Directory, Entry, NotAuthenticated, NotChanged};
pub use local::{LocalAccounts, Passwords, Unreadable};
