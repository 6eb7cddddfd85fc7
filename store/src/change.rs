//! Changes as data: a change is a list of operations that happen all together or not at all.
//! Refuses to run them: that is the backend's.

use crate::record::{Document, Key, Kind};
use engine::id::VerificationId;
use engine::moment::Moment;

/// What must hold of a record for a write to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// It does not exist.
    Absent,
    /// It exists in this version.
    Version(u64),
    /// Whatever is there, or nothing.
    Any,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Writes a record; its version becomes one more than before (1 when new).
    Put {
        /// Its place.
        key: Key,
        /// What must hold.
        expect: Expect,
        /// The record that it belongs to.
        parent: Option<String>,
        /// Format version of the body.
        format: u16,
        /// The document.
        body: Vec<u8>,
        /// After this it may be pruned.
        expires: Option<Moment>,
    },
    /// Removes a record. Removing what is not there is no conflict under `Expect::Any`.
    Delete {
        /// Its place.
        key: Key,
        /// What must hold.
        expect: Expect,
    },
    /// Adds one row to a verification's timeline, after those already there. It lies in the newest stretch.
    Append {
        /// Whose timeline.
        verification: VerificationId,
        /// When.
        at: Moment,
        /// What happened: a JSON array of entries.
        body: Vec<u8>,
    },
    /// Adds the outcome of a verification to the feed. An outcome of the same verification in the newest stretch or the one
    /// before it, and so of at least the last day, is a conflict.
    Settle {
        /// Whose outcome.
        verification: VerificationId,
        /// When.
        at: Moment,
        /// The API key that started it, for the filter of the feed.
        caller: String,
        /// The application, for the filter of the feed.
        application: String,
        /// The settled verification, JSON.
        body: Vec<u8>,
    },
    /// Adds one link to the audit chain.
    Audit {
        /// When.
        at: Moment,
        /// What was done by whom, JSON. Holds pseudonyms, never names, numbers or secrets.
        body: Vec<u8>,
    },
    /// Removes at most `limit` expired records, those first that expired first, then by kind and key.
    Prune {
        /// Records with `expires` before this.
        now: Moment,
        /// At most so many.
        limit: u32,
    },
    /// Removes at most `limit` rows of a log, the oldest stretches first and within one by key. A stretch goes only when its
    /// whole day had ended before `before`, and nothing behind one that stays goes.
    Retire {
        /// Which.
        log: Log,
        /// The moment from which on everything is kept.
        before: Moment,
        /// At most so many rows.
        limit: u32,
    },
}

/// What is only ever added to, and kept for a time. It lies in stretches: a row begins a new one unless it is of the newest
/// one's UTC day or the day before that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// The feed of outcomes.
    Outcomes,
    /// The timelines of verifications.
    Timelines,
}

impl Operation {
    /// Writes `document` under `id`.
    pub fn put<D: Document>(id: impl Into<String>, document: &D, expect: Expect) -> Self {
        Self::Put {
            key: Key::new(D::KIND, id),
            expect,
            parent: None,
            format: D::FORMAT,
            body: document.to_body(),
            expires: None,
        }
    }

    /// The same write, with a parent.
    #[must_use]
    pub fn under(mut self, to: Option<String>) -> Self {
        if let Self::Put { parent, .. } = &mut self {
            *parent = to;
        }
        self
    }

    /// The same write, to be pruned after `moment`.
    #[must_use]
    pub fn until(mut self, moment: Moment) -> Self {
        if let Self::Put { expires, .. } = &mut self {
            *expires = Some(moment);
        }
        self
    }

    /// Removes the record `id` of `kind`.
    pub fn delete(kind: Kind, id: impl Into<String>, expect: Expect) -> Self {
        Self::Delete { key: Key::new(kind, id), expect }
    }
}

/// Operations that happen all together or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// In this order; later ones see what earlier ones of the same change wrote.
    pub operations: Vec<Operation>,
}

impl From<Vec<Operation>> for Change {
    fn from(operations: Vec<Operation>) -> Self {
        Self { operations }
    }
}
