//! What must not be lost: the `Store` trait, SQLite and PostgreSQL behind it, sealing of secrets and the audit chain.
//! Refuses rules: it keeps records and guards their versions; what they mean is decided in `engine`.

pub mod audit;
pub mod change;
#[cfg(feature = "conformance")]
pub mod conformance;
mod contract;
mod documents;
pub mod keys;
mod new_file;
pub mod postgres;
pub mod record;
pub mod row;
pub mod sqlite;

pub use change::{Change, Expect, Log, Operation};
pub use contract::{CommitError, Conflict, ReadError, Receipt, Store};
pub use postgres::PostgresStore;
pub use record::{Document, Key, Kind, Record};
pub use row::{AuditRow, Feed, OutcomeRow, TimelineRow};
pub use sqlite::SqliteStore;
