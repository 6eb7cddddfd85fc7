//! From name and password to a login, and its end.
//! Refuses to say what of a name or password is wrong.

use super::{Reply, Visit};
use engine::portal::PortalRules;
use engine::secret::Secret;
use std::net::IpAddr;
use std::time::Duration;

/// Signing in and out.
pub trait SigningIn: Send + Sync {
    /// What the portal offers now.
    fn site(&self) -> Reply<'_, Site>;
    /// Name and password.
    fn sign_in(&self, attempt: Attempt) -> Reply<'_, SignIn>;
    /// Another password in the directory, for somebody whose own has expired; what follows is a sign-in with the new one.
    fn change_password(&self, change: PasswordChange) -> Reply<'_, PasswordChanged>;
    /// The login of a handle and its person; `None` if it has ended.
    fn visit<'a>(&'a self, handle: &'a str) -> Reply<'a, Option<Visit>>;
    /// Whether the login of a handle is over because its person was blocked.
    fn is_blocked<'a>(&'a self, handle: &'a str) -> Reply<'a, bool>;
    /// What was posted to a page when the login of this handle had ended by itself: kept for the next one of its person.
    fn keep_typed<'a>(&'a self, handle: &'a str, path: &'a str, fields: &'a Fields) -> Reply<'a, ()>;
    /// The same, for the login that came after.
    fn typed<'a>(&'a self, handle: &'a str) -> Reply<'a, Fields>;
    /// It was sent again, and is kept no longer.
    fn drop_typed<'a>(&'a self, handle: &'a str) -> Reply<'a, ()>;
    /// Whether a form with this key is posted for the first time in this login.
    fn is_first<'a>(&'a self, handle: &'a str, once: &'a str) -> Reply<'a, bool>;
    /// The person of a login reads in this language from now on.
    fn speaks<'a>(&'a self, handle: &'a str, language: &'a str) -> Reply<'a, ()>;
    /// Ends the login.
    fn sign_out<'a>(&'a self, handle: &'a str) -> Reply<'a, ()>;
}

/// Fields of a form: names and what was typed.
pub type Fields = Vec<(String, String)>;

/// What every page may need to know.
#[derive(Debug, Clone)]
pub struct Site {
    /// What the portal offers.
    pub portal: PortalRules,
    /// Countries that texts go to.
    pub countries: Vec<Country>,
    /// Countries that are called.
    pub call_countries: Vec<Country>,
    /// Whether numbers with an extension are called.
    pub extensions: bool,
}

/// A country code, and the region that it is known for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    /// Digits.
    pub code: String,
    /// ISO 3166-1, two letters; empty where there is none.
    pub region: String,
}

/// Somebody wants to sign in.
#[derive(Debug)]
pub struct Attempt {
    /// As typed.
    pub name: String,
    /// As typed.
    pub password: Secret<String>,
    /// Where from.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub agent: String,
    /// What the browser holds to be known again.
    pub place: String,
    /// The handle that the browser had; its login ends.
    pub handle: String,
    /// Language of the page, BCP 47.
    pub language: String,
}

/// What came of name and password.
#[derive(Debug)]
pub enum SignIn {
    /// The password was right: the handle of the new login.
    Accepted(Secret<String>),
    /// Name or password is wrong, or the account is off: nobody is told which.
    Wrong,
    /// Too many failures; not before so long.
    Wait(Duration),
    /// Nobody may sign in now.
    Off,
    /// The password was right and must be changed first; whether that is possible here.
    PasswordExpired {
        /// Here, or elsewhere.
        here: bool,
    },
    /// This person has no set-up, and may not make one.
    NotSetUp,
    /// This person has no set-up, and the time to make one is over.
    SetUpClosed,
    /// This person has no set-up, and may not make one from this address.
    SetUpElsewhere,
    /// The password was right, and the person is blocked.
    Blocked,
}

/// Somebody changes a password that has expired.
#[derive(Debug)]
pub struct PasswordChange {
    /// Name, old password, and the rest of a sign-in.
    pub attempt: Attempt,
    /// The new one.
    pub new: Secret<String>,
}

/// What came of the change of a password.
#[derive(Debug)]
pub enum PasswordChanged {
    /// It counts.
    Done,
    /// Name or old password is wrong.
    Wrong,
    /// The directory's rules refuse the new one.
    Refused,
    /// It cannot be changed here.
    NotHere,
    /// Too many failures; not before so long.
    Wait(Duration),
}
