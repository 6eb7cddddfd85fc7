//! What every directory does, whatever it speaks.
//! Refuses to tell a wrong name from a wrong password: strangers learn nothing about names.

use engine::secret::Secret;
use futures_util::future::BoxFuture;

/// Somebody whose password was right, as the directory knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
}

/// Nobody was authenticated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAuthenticated {
    /// No such name, a wrong password, or an account that is switched off.
    #[error("name or password is wrong")]
    Wrong,
    /// The directory could not be asked; the cause is for the log.
    #[error("the directory cannot be asked: {0}")]
    Unavailable(String),
}

/// A place where names and passwords are known.
pub trait Directory: Send + Sync {
    /// Whether this password is that of this name (canonical). It takes as long for a name that nobody has.
    fn authenticate<'a>(
        &'a self,
        name: &'a str,
        password: &'a Secret<String>,
    ) -> BoxFuture<'a, Result<Entry, NotAuthenticated>>;
}
