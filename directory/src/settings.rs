//! What is wrong with the settings of a directory, named by its key and what would be right.
//! Refuses to repeat a value that may hold a secret.

use std::time::Duration;

/// Settings that no directory can be asked with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsFault {
    /// Nothing is set where something has to be.
    #[error("{key} is empty: {right}")]
    Empty {
        /// The setting.
        key: &'static str,
        /// What would be right.
        right: &'static str,
    },
    /// A value that cannot be used.
    #[error("{key} cannot be {value:?}: {right}")]
    Wrong {
        /// The setting.
        key: &'static str,
        /// Its value.
        value: String,
        /// What would be right.
        right: &'static str,
    },
    /// Passwords would be sent in clear to another machine.
    #[error("servers cannot be {0:?} in clear: ldaps:// or start_tls, unless the address is a loopback one")]
    Clear(String),
    /// The file of the certificate authority cannot be used.
    #[error("ca_file {0}")]
    CaFile(String),
    /// There are no authorities to trust.
    #[error("the certificate authorities of this system cannot be used: {0}")]
    Authorities(String),
}

/// Refuses an empty value.
pub const fn filled(key: &'static str, value: &str, right: &'static str) -> Result<(), SettingsFault> {
    if value.is_empty() { Err(SettingsFault::Empty { key, right }) } else { Ok(()) }
}

/// Refuses to wait for nothing.
pub fn some_time(timeout: Duration) -> Result<(), SettingsFault> {
    let wrong = || SettingsFault::Wrong { key: "timeout", value: format!("{timeout:?}"), right: "more than no time" };
    if timeout.is_zero() { Err(wrong()) } else { Ok(()) }
}
