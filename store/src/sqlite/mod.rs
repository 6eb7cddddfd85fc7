//! The embedded store: SQLite in WAL mode with a full fsync at each commit, one writer and a few readers.
//! Refuses a second process: the file is locked while it is open for writing.

mod backup;
mod batch;
mod check;
mod checksum;
mod journal;
mod logs;
mod migrations;
mod open;
mod pending;
mod read;
mod stretch;
mod tables;
mod writer;

pub use check::Checked;
pub use open::{OpenError, OpenOptions};

use pending::Pending;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use writer::Writer;

/// A store in one SQLite file.
pub struct SqliteStore {
    writer: Mutex<Writer>,
    /// What stands before the tables.
    pending: RwLock<Pending>,
    readers: Vec<Mutex<Connection>>,
    /// The node that writes; positions of outcomes and audit are its own.
    node: String,
    path: PathBuf,
    settle_at_close: bool,
    _lock: Option<std::fs::File>,
}

impl SqliteStore {
    /// Where it is.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        for reader in &self.readers {
            if let Ok(free) = reader.try_lock() {
                return free;
            }
        }
        lock(&self.readers[0])
    }

    fn pending(&self) -> RwLockReadGuard<'_, Pending> {
        self.pending.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn pending_mut(&self) -> RwLockWriteGuard<'_, Pending> {
        self.pending.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lock<T>(one: &Mutex<T>) -> MutexGuard<'_, T> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number as SQLite has it. What is beyond 63 bits stands at the end rather than wrap to before the beginning: a record
/// that never expires, a cursor after everything.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
