//! What every directory does, whatever it speaks.
//! Refuses to tell a wrong name from a wrong password: strangers learn nothing about names.

use engine::secret::Secret;
use futures_util::future::BoxFuture;

/// Somebody whose password was right, as the directory knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The user name as the directory has it (`sAMAccountName`, `uid`); none: as it was asked.
    pub name: Option<String>,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// The names of their groups, as far as the directory was asked for them.
    pub groups: Vec<String>,
}

/// Nobody was authenticated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAuthenticated {
    /// No such name, a wrong password, an account that is switched off or locked, or not in the required group.
    #[error("name or password is wrong")]
    Wrong,
    /// The password was right and must be changed first.
    #[error("the password has expired")]
    PasswordExpired {
        /// Whether [`Directory::change_password`] can do that.
        may_change: bool,
    },
    /// The directory could not be asked; the cause is for the log.
    #[error("the directory cannot be asked: {0}")]
    Unavailable(String),
}

/// The password is the old one still; after `Unavailable` that is not sure.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotChanged {
    /// The old password is wrong, or whatever else [`NotAuthenticated::Wrong`] stands for.
    #[error("name or password is wrong")]
    Wrong,
    /// The directory's rules refuse the new one.
    #[error("the directory refuses the new password")]
    Refused,
    /// Passwords are not changed here, or not by this person.
    #[error("the password cannot be changed here")]
    NotAllowed,
    /// The directory could not be asked; the cause is for the log.
    #[error("the directory cannot be asked: {0}")]
    Unavailable(String),
}

/// A place where names and passwords are known.
pub trait Directory: Send + Sync {
    /// Whether this password is that of this name (canonical). It takes as many steps for a name that nobody has.
    fn authenticate<'a>(
        &'a self,
        name: &'a str,
        password: &'a Secret<String>,
    ) -> BoxFuture<'a, Result<Entry, NotAuthenticated>>;

    /// Gives this name (canonical) a new password, as the person who knows the old one. Unless a directory says otherwise
    /// it does not do that.
    fn change_password<'a>(
        &'a self,
        _name: &'a str,
        _old: &'a Secret<String>,
        _new: &'a Secret<String>,
    ) -> BoxFuture<'a, Result<(), NotChanged>> {
        Box::pin(std::future::ready(Err(NotChanged::NotAllowed)))
    }
}
