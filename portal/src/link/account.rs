//! What people look after once they are set up.
//! Refuses to a login that a rule or questions let in what could lock the person out.

use super::{Fault, Reply};
use engine::id::{TokenId, VerificationId};
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::reason::{Reason, Status};
use engine::secret::Secret;
use std::time::Duration;

/// Looking after an account.
pub trait LookingAfter: Send + Sync {
    /// What is there; `None` where nobody is signed in.
    fn account<'a>(&'a self, handle: &'a str) -> Reply<'a, Option<Account>>;
    /// A change that needs no verification; every fault at once.
    fn change<'a>(&'a self, handle: &'a str, change: Change) -> Reply<'a, Vec<Fault>>;
    /// Another PIN; what is wrong with it.
    fn change_pin<'a>(
        &'a self,
        handle: &'a str,
        current: Secret<String>,
        pin: Secret<String>,
        confirm: Secret<String>,
    ) -> Reply<'a, PinFaults>;
    /// A code of one of the person's tokens: whether it is right, or two codes to set it right.
    fn token_code<'a>(&'a self, handle: &'a str, code: TokenCode) -> Reply<'a, super::Proved>;
    /// Removes a token.
    fn remove_token<'a>(&'a self, handle: &'a str, token: TokenId) -> Reply<'a, Removed>;
    /// Ends every other login of the person; with `own` this one too.
    fn sign_out_others<'a>(&'a self, handle: &'a str, own: bool) -> Reply<'a, ()>;
    /// The person's verifications of the last thirty days, the newest first.
    fn history<'a>(&'a self, handle: &'a str) -> Reply<'a, Vec<Past>>;
    /// One of them was not the person; `stop` blocks the account.
    fn not_me<'a>(&'a self, handle: &'a str, which: VerificationId, stop: bool) -> Reply<'a, bool>;
    /// Starts a one-time bypass.
    fn start_bypass<'a>(
        &'a self,
        handle: &'a str,
        seconds: Option<u32>,
        reason: &'a str,
    ) -> Reply<'a, Result<(), BypassRefused>>;
    /// Ends it.
    fn cancel_bypass<'a>(&'a self, handle: &'a str) -> Reply<'a, ()>;
}

/// An account as its person sees it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The backup phone, masked.
    pub backup: Option<String>,
    /// Whether it has answered yet.
    pub backup_verified: bool,
    /// Language of texts.
    pub text_language: String,
    /// Language of calls.
    pub call_language: String,
    /// Tokens that count.
    pub tokens: Vec<Token>,
    /// Logins.
    pub places: Vec<Place>,
    /// The bypass in force.
    pub bypass: Option<Bypass>,
    /// The phone that can be brought back.
    pub before: Option<Before>,
}

/// A phone that can be brought back.
#[derive(Debug, Clone)]
pub struct Before {
    /// The number, masked.
    pub phone: String,
    /// Whether a call is to be answered for it, not a text.
    pub by_call: bool,
    /// Until then.
    pub until: Moment,
}

/// A token as its person sees it.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Its serial number; empty for an own app.
    pub serial: String,
    /// When it was added.
    pub added_at: Moment,
}

/// A login as its person sees it.
#[derive(Debug, Clone)]
pub struct Place {
    /// What the browser calls itself.
    pub agent: String,
    /// Its address.
    pub address: String,
    /// When it signed in.
    pub since: Moment,
    /// When it was used last.
    pub seen_at: Moment,
    /// Whether it is this one.
    pub own: bool,
}

/// A bypass in force.
#[derive(Debug, Clone, Copy)]
pub struct Bypass {
    /// How much of its time is left.
    pub left: Duration,
}

/// A change that needs no verification.
#[derive(Debug)]
pub enum Change {
    /// The backup phone.
    Backup(Backup),
    /// Languages: of the pages, of texts and of calls.
    Language {
        /// Of the pages.
        page: String,
        /// Of texts.
        text: String,
        /// Of calls, where anybody can be called.
        call: Option<String>,
    },
}

/// A backup phone as it was typed; empty for none.
#[derive(Debug, Clone, Default)]
pub struct Backup {
    /// Country code, digits.
    pub country: String,
    /// The number, in any spelling.
    pub phone: String,
    /// Dialled after the call is answered.
    pub extension: String,
}

/// What is wrong with a change of the PIN.
#[derive(Debug, Default)]
pub struct PinFaults {
    /// The current PIN is wrong.
    pub current: bool,
    /// Too many wrong PINs; until then.
    pub locked_until: Option<Moment>,
    /// The new one.
    pub new: Vec<Fault>,
    /// It may not be changed.
    pub not_allowed: bool,
}

impl PinFaults {
    /// Whether it was changed.
    pub fn is_empty(&self) -> bool {
        !self.current && self.locked_until.is_none() && self.new.is_empty() && !self.not_allowed
    }
}

/// A code of a token.
#[derive(Debug)]
pub struct TokenCode {
    /// Which.
    pub token: TokenId,
    /// What it shows.
    pub code: String,
    /// What it showed next; empty for a mere check.
    pub next: String,
}

/// What came of removing a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Gone,
    /// It is the last one of somebody whose method it is.
    LastOne,
    /// This login may not.
    NotAllowed,
}

/// A bypass was not started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BypassRefused {
    /// Not on offer, or not to this login.
    NotAllowed,
    /// Three a day.
    TooMany,
    /// The person is locked.
    Locked,
    /// Not 30 to 3600 seconds.
    Seconds,
}

/// A verification as its person sees it.
#[derive(Debug, Clone)]
pub struct Past {
    /// Its id.
    pub id: VerificationId,
    /// When it was started.
    pub at: Moment,
    /// For which application, by the name that people see.
    pub application: String,
    /// How; `None` where nobody was contacted.
    pub method: Option<(Method, Mode)>,
    /// How it ended.
    pub status: Status,
    /// Why.
    pub reason: Option<Reason>,
}
