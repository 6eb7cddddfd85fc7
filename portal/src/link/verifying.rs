//! The verification that a login needs, or that proves what is set up or changed.
//! Refuses full numbers and codes: pages show neither.

use super::Reply;
use engine::id::VerificationId;
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::reason::{Reason, Status};
use engine::secret::Secret;
use std::time::Duration;

/// Verifications.
pub trait Verifying: Send + Sync {
    /// Starts the verification that the login needs now: of the sign-in, or of what is set up or changed. The same `once` starts
    /// it once. Gives how long to wait where too many were asked for.
    fn ask<'a>(&'a self, handle: &'a str, once: &'a str, way: Way) -> Reply<'a, Option<Duration>>;
    /// How that verification stands, or its end if it comes within `wait`; `None` if none was started.
    fn progress<'a>(&'a self, handle: &'a str, wait: Option<Duration>) -> Reply<'a, Option<Progress>>;
    /// The same, once it stands otherwise than it was seen, or `wait` is over.
    fn moved<'a>(&'a self, handle: &'a str, seen: Option<Progress>, wait: Duration) -> Reply<'a, Option<Progress>>;
    /// A code that was typed for it.
    fn enter<'a>(&'a self, handle: &'a str, code: &'a str) -> Reply<'a, Entered>;
    /// The text once more.
    fn send_again<'a>(&'a self, handle: &'a str) -> Reply<'a, ()>;
    /// Ends the verification.
    fn call_off<'a>(&'a self, handle: &'a str) -> Reply<'a, ()>;
    /// Draws what follows from the verification's end.
    fn conclude<'a>(&'a self, handle: &'a str) -> Reply<'a, Conclusion>;
    /// What happened to a verification of the person, or to the one that is under way; empty if it is not theirs.
    fn story<'a>(&'a self, handle: &'a str, of: Option<VerificationId>) -> Reply<'a, Vec<Line>>;
}

/// How somebody is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the method that is theirs, or that is to be proved.
    Own,
    /// By a code of one of their tokens, instead.
    Code,
}

/// A verification that the person sees running.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Whether it may be repeated and ended from here.
    pub steers: bool,
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
    /// Whether that is the backup phone.
    pub backup: bool,
    /// How far the call is, where one is under way.
    pub call: Option<CallState>,
    /// Wrong codes that are still forgiven.
    pub attempts_left: Option<u8>,
    /// Until its end.
    pub left: Duration,
    /// Until the text may be sent again; `None`: not any more.
    pub again_in: Option<Duration>,
    /// The end of the lock, where the person is locked.
    pub locked_until: Option<Moment>,
}

impl Progress {
    /// Whether a page that shows the one would have to be drawn anew for the other.
    pub fn is_as(&self, other: &Self) -> bool {
        let shown = |one: &Self| (one.status, one.method, one.mode, one.backup, one.call);
        shown(self) == shown(other)
    }
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// It is about to be placed, or was and nothing is heard yet.
    Calling,
    /// The phone rings.
    Ringing,
    /// Somebody picked up and an extension is dialled.
    PutThrough,
    /// Somebody is asked.
    Answered,
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
    /// What was changed counts from now on; the login stays.
    Changed,
    /// It ended, and what was set up counts, but another login had asked for it: this one is verified by the new method.
    SetUpElsewhere,
    /// It ended otherwise, or is not there any more.
    NotVerified,
}

/// Something that happened, as the person is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Moment,
    /// The word of the timeline.
    pub what: String,
}
