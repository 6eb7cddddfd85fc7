//! The contract of every backend: batch commit of changes as data, and reads.
//! Refuses async: the Ledger calls `commit` from its own thread, readers call reads from a blocking pool.

use crate::{AuditRow, Change, Feed, Key, Kind, OutcomeRow, Record, TimelineRow};
use engine::id::VerificationId;

/// Keeps what must not be lost.
///
/// `commit` is called by one writer at a time; reads may run beside it and see only what is durable.
pub trait Store: Send + Sync + 'static {
    /// The node whose outcomes and audit chain are written and read here.
    fn node(&self) -> &str;

    /// Commits a batch in one transaction and returns once it is durable. One answer per change, in order: a change
    /// whose expectation fails is left out whole, its neighbours are not touched. On `Err` no change of the batch
    /// happened, except for [`CommitError::OutcomeUnknown`].
    fn commit(&self, batch: &[Change]) -> Result<Vec<Result<Receipt, Conflict>>, CommitError>;

    /// The record at `key`.
    fn get(&self, key: &Key) -> Result<Option<Record>, ReadError>;

    /// Records of `kind` whose parent is `parent`, by key.
    fn children(&self, kind: Kind, parent: &str) -> Result<Vec<Record>, ReadError>;

    /// Up to `limit` records of `kind` by key, after the key `after`.
    fn list(&self, kind: Kind, after: Option<&str>, limit: usize) -> Result<Vec<Record>, ReadError>;

    /// How many records of `kind` there are.
    fn count(&self, kind: Kind) -> Result<u64, ReadError>;

    /// The timeline of a verification, in order.
    fn timeline(&self, verification: VerificationId) -> Result<Vec<TimelineRow>, ReadError>;

    /// The outcome of a verification; the newest, should there be two.
    fn outcome(&self, verification: VerificationId) -> Result<Option<OutcomeRow>, ReadError>;

    /// Up to `limit` outcomes after a position, in order; without one from the first that is kept. Positions never come
    /// again. A position before what is kept is [`ReadError::Removed`], so that nobody misses outcomes without knowing it.
    fn outcomes(&self, after: Option<u64>, limit: usize) -> Result<Feed, ReadError>;

    /// Up to `limit` audit links after `position`, in order.
    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, ReadError>;

    /// The last audit link, if there is one.
    fn audit_head(&self) -> Result<Option<AuditRow>, ReadError>;
}

/// What a change did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// One number per operation: the new version of a `Put`, the position of a `Settle` or `Audit`, the rows
    /// of a `Prune` or `Retire`; 0 for a `Delete` or `Append`.
    pub numbers: Vec<u64>,
}

/// A change was left out: the expectation of one of its operations did not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("operation {operation} of the change expected another version (found {found:?})")]
pub struct Conflict {
    /// Which operation, from 0.
    pub operation: usize,
    /// The version that is there; `None` if the record is absent.
    pub found: Option<u64>,
}

/// A batch was not committed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// No room on the disk. Nothing was written; it may be tried again when there is room.
    #[error("the disk that holds the store is full; free some space, and the engine goes on by itself")]
    Full,
    /// The store cannot be written now. Nothing was written; it may be tried again.
    #[error("the store cannot be written: {cause}")]
    Unavailable {
        /// What the backend said.
        cause: String,
    },
    /// It is not known whether the batch is durable (a failed fsync, a lost connection at COMMIT). The process must
    /// reload from the store, or stop, before it goes on.
    #[error("it is not known whether the last writes are durable: {cause}")]
    OutcomeUnknown {
        /// What the backend said.
        cause: String,
    },
}

/// Something could not be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// What is stored fails its checksum or does not parse: restore it from a backup.
    #[error("{what} is damaged ({cause}); restore the store from a backup")]
    Corrupt {
        /// Which record or row.
        what: String,
        /// How it is damaged.
        cause: String,
    },
    /// Retention has removed what was asked for.
    #[error("outcomes up to position {last} were removed at the end of their retention")]
    Removed {
        /// The last position that is gone.
        last: u64,
    },
    /// A place in the feed that was never reached: it is of another store, or of this one before a backup was restored.
    #[error("the feed ends at position {last}")]
    Beyond {
        /// The last position that was given.
        last: u64,
    },
    /// Written by a later version of this program.
    #[error("{key} has format {format}, written by a later version of this program; use that version")]
    TooNew {
        /// Which record.
        key: Key,
        /// Its format.
        format: u16,
    },
    /// The store cannot be read now.
    #[error("the store cannot be read: {cause}")]
    Unavailable {
        /// What the backend said.
        cause: String,
    },
}
