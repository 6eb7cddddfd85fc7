//! Who somebody is: primary authentication by name and password, and what the directory knows of the person.
//! Refuses second factors, and to say whether the name or the password was wrong.

mod contract;
pub mod hash;
pub mod ldap;
mod local;
pub mod password;
pub mod radius;
mod settings;
mod windows;

pub use contract::{Directory, Entry, NotAuthenticated, NotChanged};
pub use ldap::{Ldap, LdapSettings};
pub use local::{LocalAccounts, Passwords, Unreadable};
pub use radius::{Radius, RadiusSettings};
pub use settings::SettingsFault;
pub use windows::{Windows, WindowsSettings};
