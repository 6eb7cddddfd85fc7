//! What a SIP gateway counts, and what its callers did against the rules.
//! Counts only: no numbers, no keys.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::Serialize;

use crate::lock::lock;

/// A rule of the RFCs that a caller broke. The call goes on where it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Violation {
    /// Bytes that are no message, or a stream's message without `Content-Length`.
    Malformed,
    /// A field that every request has is missing or cannot be read (RFC 3261 §8.1.1).
    MissingField,
    /// A branch without `z9hG4bK` (RFC 3261 §8.1.1.7).
    OldBranch,
    /// An ACK with another branch, number, address or tag than it must have (RFC 3261 §13.2.2.4, §17.1.1.3).
    WrongAck,
    /// An ACK that belongs to nothing here.
    StrayAck,
    /// A 200 or a refusal that was never acknowledged in 32 seconds.
    MissingAck,
    /// A CANCEL before any provisional answer (RFC 3261 §9.1), or one with another number than its INVITE.
    WrongCancel,
    /// A number in a dialog that is not above the last one (RFC 3261 §12.2.2).
    OldNumber,
    /// A PRACK that acknowledges nothing, or the wrong answer (RFC 3262 §3).
    WrongPrack,
    /// Credentials with a wrong password, address, user or form.
    WrongCredentials,
    /// A request in a dialog that is not, or no longer, here.
    NoDialog,
    /// An answer to nothing that was asked.
    StrayAnswer,
    /// A session that was not refreshed in its time (RFC 4028 §10).
    NotRefreshed,
    /// SDP that cannot be read, or a second offer where an answer belongs.
    BadSdp,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Happening {
    Registered,
    Options,
    /// INVITEs that begin a call, as often as they were told apart.
    Invites,
    Challenged,
    Rang,
    Answered,
    Cancelled,
    /// Calls that the caller ended.
    ByesHeard,
    /// Calls that the phone ended.
    ByesSent,
    /// Requests that came again.
    Repeated,
    /// Answers and requests sent again.
    SentAgain,
    Silenced,
    Prack,
    KeysHeard,
}

#[derive(Default)]
pub(crate) struct Tally {
    counts: Mutex<Counts>,
}

/// The counts at one moment, as the control API shows them.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Counts {
    happened: BTreeMap<Happening, u64>,
    /// Calls refused, by final status.
    refused: BTreeMap<u16, u64>,
    violations: BTreeMap<Violation, u64>,
    in_call: u64,
    most_in_call: u64,
}

impl Tally {
    pub(crate) fn count(&self, happening: Happening) {
        *lock(&self.counts).happened.entry(happening).or_default() += 1;
    }

    pub(crate) fn refuse(&self, status: u16) {
        *lock(&self.counts).refused.entry(status).or_default() += 1;
    }

    pub(crate) fn blame(&self, violation: Violation) {
        *lock(&self.counts).violations.entry(violation).or_default() += 1;
    }

    /// One more call is carried.
    pub(crate) fn enter(&self) {
        let mut counts = lock(&self.counts);
        counts.in_call += 1;
        counts.most_in_call = counts.most_in_call.max(counts.in_call);
    }

    pub(crate) fn leave(&self) {
        let mut counts = lock(&self.counts);
        counts.in_call = counts.in_call.saturating_sub(1);
    }

    pub(crate) fn look(&self) -> Counts {
        lock(&self.counts).clone()
    }

    /// All but the calls that are carried now.
    pub(crate) fn clear(&self) {
        let mut counts = lock(&self.counts);
        let in_call = counts.in_call;
        *counts = Counts { in_call, most_in_call: in_call, ..Counts::default() };
    }
}
