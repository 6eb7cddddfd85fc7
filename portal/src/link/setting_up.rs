//! The set-up, and what of it is used again for changes.
//! Refuses to count anything before it was verified.

use super::Reply;
use super::account::Backup;
use engine::method::Method;
use engine::moment::Moment;
use engine::number::NumberFault;
use engine::pin::PinFault;
use engine::reason::Reason;
use engine::secret::Secret;
use std::time::Duration;

/// Setting up and changing a method.
pub trait SettingUp: Send + Sync {
    /// Saves a step as a draft; every fault at once.
    fn save<'a>(&'a self, handle: &'a str, step: Step) -> Reply<'a, Vec<Fault>>;
    /// Drops what is being changed.
    fn drop_draft<'a>(&'a self, handle: &'a str) -> Reply<'a, ()>;
    /// The OATH key of an authenticator app that is being set up; a new one if none is.
    fn app_key<'a>(&'a self, handle: &'a str) -> Reply<'a, Option<AppKey>>;
    /// The first code of that app: if it is right, its codes count; in a set-up they are the person's method, and the login is
    /// a new one.
    fn prove_app<'a>(&'a self, handle: &'a str, code: &'a str) -> Reply<'a, Proved>;
    /// A token by its serial number and a code, and another code where the first was of another time.
    fn take_token<'a>(&'a self, handle: &'a str, token: TakenToken) -> Reply<'a, Proved>;
    /// A step that nobody must take is put off.
    fn put_off<'a>(&'a self, handle: &'a str, due: super::Due) -> Reply<'a, ()>;
    /// Sends the code that the first set-up needs, where it goes by mail: another one only where that is asked for. `None` where
    /// there is no mailbox.
    fn send_proof<'a>(&'a self, handle: &'a str, again: bool) -> Reply<'a, Option<Mailed>>;
    /// The code that the first set-up needs.
    fn prove<'a>(&'a self, handle: &'a str, code: &'a str) -> Reply<'a, bool>;
    /// Begins to take a change of the phone back: the old one is to answer.
    fn undo<'a>(&'a self, handle: &'a str) -> Reply<'a, bool>;
}

/// What the first set-up needs beside the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A code by mail.
    Mail,
    /// A code of an administrator.
    Administrator,
}

/// A code that was mailed.
#[derive(Debug)]
pub struct Mailed {
    /// Where to, masked.
    pub mailbox: String,
    /// The last one counts no more, and the next one goes not before this.
    pub not_before: Option<Moment>,
}

/// A step of the set-up, as it was typed.
#[derive(Debug)]
pub enum Step {
    /// The method.
    Method(Method),
    /// A phone for texts or for calls, with a PIN where the person's mode has one.
    Phone(Box<TypedPhone>),
}

/// A phone as it was typed.
#[derive(Debug)]
pub struct TypedPhone {
    /// Whether it is to be texted or called.
    pub method: Method,
    /// Country code, digits.
    pub country: String,
    /// The number, in any spelling.
    pub phone: String,
    /// Dialled after a call is answered; empty for none.
    pub extension: String,
    /// A PIN; empty keeps the one that is stored.
    pub pin: Secret<String>,
    /// The same again.
    pub confirm: Secret<String>,
    /// The backup phone, where it is asked for.
    pub backup: Option<Backup>,
    /// The key of the form: sent twice it is saved once.
    pub once: String,
}

/// What is wrong with a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No number was typed.
    PhoneMissing,
    /// It is no number.
    Phone(NumberFault),
    /// We do not text, or call, such numbers.
    PhoneRefused(Reason),
    /// It is no extension.
    Extension,
    /// Numbers with an extension are not called here.
    ExtensionRefused,
    /// An earlier phone is coming back: nothing else is changed meanwhile.
    Returns,
    /// It was changed too often today.
    PhoneTooOften,
    /// The backup number is none.
    Backup(NumberFault),
    /// We do not call such numbers.
    BackupRefused(Reason),
    /// Numbers with an extension are not called here.
    BackupExtensionRefused,
    /// The backup number is the number itself.
    BackupSame,
    /// A PIN is needed.
    PinMissing,
    /// A rule of PINs.
    Pin(PinFault),
    /// The PIN and its repetition differ.
    PinMismatch,
    /// This method is not on offer, or this login may not.
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

/// A token that somebody has in hand.
#[derive(Debug)]
pub struct TakenToken {
    /// Its serial number.
    pub serial: String,
    /// What it shows now.
    pub code: String,
    /// What it showed next; empty if it was not asked for.
    pub next: String,
}

/// What came of a first code.
#[derive(Debug)]
pub enum Proved {
    /// It is right; in a set-up with the handle of the new login.
    Right(Option<Secret<String>>),
    /// It is not, or there is no such token for this person: nobody is told which.
    Wrong,
    /// It is of another time: the next one is needed too.
    OutOfDate,
    /// It is no code.
    NotACode,
    /// Codes are not looked at for so long.
    Wait(Duration),
    /// There are as many tokens as there may be: one has to go first.
    TooMany,
}
