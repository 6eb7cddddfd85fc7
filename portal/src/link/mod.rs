//! The one way from the pages to the engine: in this process, or over the SDK from a host of its own later.
//! Refuses to let pages see store or actors: what crosses here is plain, and is decided on the other side.

mod account;
mod in_process;
mod questions;
mod setting_up;
mod signing_in;
mod trying;
mod verifying;

pub use account::{
    Account, Backup, Before, Bypass, BypassRefused, Change, LookingAfter, Past, PinFaults, Place, Removed, Token,
    TokenCode,
};
pub use in_process::{Directories, InProcess, PortalKeys};
pub use questions::{Answered, Answering, Catalogue, GivenAnswer, QuestionView, Saved};
pub use setting_up::{AppKey, Fault, Mailed, Proof, Proved, SettingUp, Step, TakenToken, TypedPhone};
pub use signing_in::{Attempt, Country, Fields, PasswordChange, PasswordChanged, SignIn, SigningIn, Site};
pub use trying::{Try, Trying};
pub use verifying::{CallState, Conclusion, Entered, Line, Progress, Verifying, Way};

use engine::login::Strength;
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::progress;
use futures_util::future::BoxFuture;
use std::time::Duration;

/// The engine cannot be asked, or cannot write: the page says so, and nobody is signed in (portal.md §13).
#[derive(Debug, thiserror::Error)]
#[error("the engine is not there now: {0}")]
pub struct Away(pub String);

/// An answer of the engine.
pub type Reply<'a, T> = BoxFuture<'a, Result<T, Away>>;

/// What pages ask of the engine. A `handle` is what the browser has of its login; each call names it, and none does more
/// than that login may.
pub trait EngineLink: SigningIn + Verifying + SettingUp + LookingAfter + Answering + Trying {}

impl<T: SigningIn + Verifying + SettingUp + LookingAfter + Answering + Trying> EngineLink for T {}

/// A login with its person, as pages see them.
#[derive(Debug, Clone)]
pub struct Visit {
    /// How the login got in; `None` while only the password was right.
    pub signed_in: Option<Strength>,
    /// When it ends if nothing more is done; `None` while it waits for the verification.
    pub ends: Option<End>,
    /// What is due, in its order.
    pub dues: Vec<Due>,
    /// The steps of the first set-up, until it is finished.
    pub steps: Vec<(progress::Step, progress::State)>,
    /// The page whose form was posted when the login before this one had ended.
    pub typed: Option<String>,
    /// The person.
    pub person: Person,
}

/// The end of a login if nothing more is done.
#[derive(Debug, Clone, Copy)]
pub struct End {
    /// When.
    pub at: Moment,
    /// In what time: the browser's clock may be wrong.
    pub left: Duration,
}

impl Visit {
    /// What is due first.
    pub fn due(&self) -> Option<Due> {
        self.dues.first().copied()
    }

    /// Whether this is due, first or later.
    pub fn is_due(&self, due: Due) -> bool {
        self.dues.contains(&due)
    }
}

/// What comes before anything else, or is offered until it was put off often enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The proof that the first set-up needs beside the password.
    Proof(Proof),
    /// Another PIN.
    Pin,
    /// A token beside the method; may be put off.
    Token,
    /// Security questions; may be put off.
    Questions,
}

/// A person as pages see them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Canonical user name.
    pub name: String,
    /// Given name, may be empty.
    pub first_name: String,
    /// The language that they chose for the pages.
    pub language: Option<String>,
    /// Whether a method was ever verified.
    pub set_up: bool,
    /// The method that counts.
    pub method: Method,
    /// The phone that counts, masked.
    pub phone: Option<String>,
    /// How many tokens count.
    pub tokens: usize,
    /// What is being set up or changed.
    pub draft: Option<DraftView>,
    /// Fewest digits of the person's PIN.
    pub shortest_pin: u8,
    /// Whether weak PINs are refused.
    pub no_weak_pin: bool,
    /// Whether there is a PIN that counts.
    pub has_pin: bool,
    /// The mode of calls, as they are or would be.
    pub voice_mode: Mode,
    /// The mode of texts, as they are or would be.
    pub text_mode: Mode,
    /// Whether there is a backup phone.
    pub has_backup: bool,
    /// Whether enough security questions are answered.
    pub answered: bool,
    /// The methods that the person may choose from; empty where the method is set for them.
    pub choices: Vec<Method>,
    /// The methods that only have to be shown to work.
    pub ready: Vec<Method>,
    /// Whether the method that is chosen or set can be set up now.
    pub usable: bool,
    /// What the person may do.
    pub may: May,
}

/// What a person may do at the portal now.
#[derive(Debug, Clone, Copy, Default)]
pub struct May {
    /// Change the phone.
    pub change_phone: bool,
    /// Have or change a backup phone.
    pub change_backup: bool,
    /// Change the PIN.
    pub change_pin: bool,
    /// Choose languages.
    pub change_language: bool,
    /// Be called at all.
    pub calls: bool,
    /// Have the backup phone called to see that it answers.
    pub test_backup: bool,
    /// Be called to hear how calls sound.
    pub hear: bool,
    /// Choose and change security questions.
    pub change_questions: bool,
    /// Look after tokens.
    pub tokens: bool,
    /// Set up an authenticator app by its key.
    pub own_app: bool,
    /// Take a token by its serial number.
    pub take_token: bool,
    /// Start a one-time bypass.
    pub bypass: bool,
    /// See their verifications.
    pub history: bool,
    /// Take back a change of the phone.
    pub undo: bool,
    /// Use an OATH code where the verification did not succeed.
    pub use_code: bool,
    /// Answer security questions where the verification did not succeed.
    pub use_questions: bool,
}

/// What is being set up or changed, as its form shows it again.
#[derive(Debug, Clone)]
pub struct DraftView {
    /// The method.
    pub method: Method,
    /// The number as it was understood, E.164, and its extension: only where it was typed.
    pub phone: Option<(String, String)>,
    /// The backup phone, E.164, and its extension: only where it was typed.
    pub backup: Option<(String, String)>,
    /// Whether there is a number.
    pub has_phone: bool,
    /// Whether a PIN is stored with it.
    pub has_pin: bool,
    /// Whether it was sent for verification.
    pub asked: bool,
    /// When it was saved: whoever saw another one is told so.
    pub version: u64,
}
