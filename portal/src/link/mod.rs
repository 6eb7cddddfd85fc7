//! The one way from the pages to the engine: in this process, or over the SDK from a host of its own later.
//! Refuses to let pages see store or actors: what crosses here is plain, and is decided on the other side.

mod in_process;

pub use in_process::InProcess;

use engine::login::Strength;
use engine::method::{Method, Mode};
use engine::number::NumberFault;
use engine::pin::PinFault;
use engine::portal::PortalRules;
use engine::reason::{Reason, Status};
use engine::secret::Secret;
use futures_util::future::BoxFuture;
use std::net::IpAddr;
use std::time::Duration;

/// The engine cannot be asked, or cannot write: the page says so, and nobody is signed in (portal.md §13).
#[derive(Debug, thiserror::Error)]
#[error("the engine is not there now: {0}")]
pub struct Away(pub String);

/// An answer of the engine.
pub type Reply<'a, T> = BoxFuture<'a, Result<T, Away>>;

/// What pages ask of the engine. A `handle` is what the browser has of its login; each call names it, and none does more
/// than that login may.
pub trait EngineLink: Send + Sync {
    /// What the portal offers now.
    fn site(&self) -> Reply<'_, Site>;
    /// Name and password.
    fn sign_in(&self, attempt: Attempt) -> Reply<'_, SignIn>;
    /// The login of a handle and its person; `None` if it has ended.
    fn visit<'a>(&'a self, handle: &'a str) -> Reply<'a, Option<Visit>>;
    /// Ends the login.
    fn sign_out<'a>(&'a self, handle: &'a str) -> Reply<'a, ()>;
    /// Starts the verification that the login needs now: of the sign-in, or of what is being set up. The same `once` starts
    /// it once.
    fn ask<'a>(&'a self, handle: &'a str, once: &'a str) -> Reply<'a, ()>;
    /// How that verification stands, or its end if it comes within `wait`; `None` if none was started.
    fn progress<'a>(&'a self, handle: &'a str, wait: Option<Duration>) -> Reply<'a, Option<Progress>>;
    /// A code that was typed for it.
    fn enter<'a>(&'a self, handle: &'a str, code: &'a str) -> Reply<'a, Entered>;
    /// The text once more.
    fn send_again<'a>(&'a self, handle: &'a str) -> Reply<'a, ()>;
    /// Ends the verification.
    fn call_off<'a>(&'a self, handle: &'a str) -> Reply<'a, ()>;
    /// Draws what follows from the verification's end.
    fn conclude<'a>(&'a self, handle: &'a str) -> Reply<'a, Conclusion>;
    /// Saves a step of the set-up; every fault at once.
    fn save<'a>(&'a self, handle: &'a str, step: Step) -> Reply<'a, Vec<Fault>>;
    /// The OATH key of an authenticator app that is being set up; a new one if none is.
    fn app_key<'a>(&'a self, handle: &'a str) -> Reply<'a, Option<AppKey>>;
    /// The first code of that app: if it is right, its codes are the person's method, and the login is a new one.
    fn prove_app<'a>(&'a self, handle: &'a str, code: &'a str) -> Reply<'a, Proved>;
}

/// What every page may need to know.
#[derive(Debug, Clone)]
pub struct Site {
    /// What the portal offers.
    pub portal: PortalRules,
    /// Country codes that texts go to, digits.
    pub countries: Vec<String>,
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
    /// The handle that the browser had; its login ends.
    pub handle: String,
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
    /// This person has no set-up, and may not make one.
    NotSetUp,
    /// The password was right, and the person is blocked.
    Blocked,
}

/// A login with its person, as pages see them.
#[derive(Debug, Clone)]
pub struct Visit {
    /// How the login got in; `None` while only the password was right.
    pub signed_in: Option<Strength>,
    /// The person.
    pub person: Person,
}

/// A person as pages see them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Canonical user name.
    pub name: String,
    /// Given name, may be empty.
    pub first_name: String,
    /// Whether a method was ever verified.
    pub set_up: bool,
    /// The method that counts.
    pub method: Method,
    /// Its mode.
    pub mode: Mode,
    /// The phone that counts, masked.
    pub phone: Option<String>,
    /// How many tokens count.
    pub tokens: usize,
    /// What is being set up.
    pub draft: Option<DraftView>,
    /// Fewest digits of the person's PIN.
    pub shortest_pin: u8,
    /// The methods that the person may choose from; empty where the method is set for them.
    pub choices: Vec<Method>,
    /// Whether the method that is chosen or set can be set up now.
    pub usable: bool,
}

/// What is being set up, as its form shows it again.
#[derive(Debug, Clone)]
pub struct DraftView {
    /// The method.
    pub method: Method,
    /// Its mode.
    pub mode: Mode,
    /// The number as it was understood, E.164.
    pub phone: Option<String>,
    /// Whether a PIN is stored with it.
    pub has_pin: bool,
    /// Whether it was sent for verification.
    pub asked: bool,
}

/// A verification that the person sees running.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Pending, or how it ended.
    pub status: Status,
    /// Why it ended.
    pub reason: Option<Reason>,
    /// Of the rung in progress.
    pub method: Method,
    /// Of the rung in progress.
    pub mode: Mode,
    /// Where it goes to, masked.
    pub to: Option<String>,
    /// Wrong codes that are still forgiven.
    pub attempts_left: Option<u8>,
    /// Until its end.
    pub left: Duration,
    /// Until the text may be sent again; `None`: not any more.
    pub again_in: Option<Duration>,
}

/// What came of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// It was judged; the progress says how.
    Judged,
    /// It is no code.
    NotACode,
    /// Codes are not looked at for so long.
    Wait(Duration),
    /// The verification ended before.
    Ended,
}

/// What follows from the end of a verification.
#[derive(Debug)]
pub enum Conclusion {
    /// It has not ended.
    Pending,
    /// Signed in, by a new handle; `set_up` if what was being set up counts from now on.
    SignedIn {
        /// The new handle.
        handle: Secret<String>,
        /// Whether a set-up was concluded.
        set_up: bool,
    },
    /// What was set up counts from now on, but another login had asked: this one is to be verified by it.
    SetUpElsewhere,
    /// It did not succeed.
    NotVerified,
}

/// A step of the set-up, as its form was posted.
#[derive(Debug)]
pub enum Step {
    /// Which method.
    Method(Method),
    /// A phone for texts.
    Text {
        /// Country code, digits.
        country: String,
        /// As typed.
        phone: String,
        /// The PIN and its repetition, where the mode has one; both empty keep the stored one.
        pin: Secret<String>,
        /// Typed a second time.
        confirm: Secret<String>,
    },
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was entered.
    PhoneMissing,
    /// It is no number.
    Phone(NumberFault),
    /// We do not text such numbers.
    PhoneRefused(Reason),
    /// It was changed too often today.
    PhoneTooOften,
    /// A PIN is needed.
    PinMissing,
    /// A rule of PINs.
    Pin(PinFault),
    /// The PIN and its repetition differ.
    PinMismatch,
    /// This method is not on offer.
    Method,
}

/// What an authenticator app is set up with.
#[derive(Debug)]
pub struct AppKey {
    /// `otpauth://…`
    pub uri: Secret<String>,
    /// The key alone, base32.
    pub key: Secret<String>,
}

/// What came of an app's first code.
#[derive(Debug)]
pub enum Proved {
    /// It is right: the handle of the new login.
    Right(Secret<String>),
    /// It is not.
    Wrong,
    /// It is no code.
    NotACode,
    /// Codes are not looked at for so long.
    Wait(Duration),
}
