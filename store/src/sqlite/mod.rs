//! The embedded store: SQLite in WAL mode with a full fsync at each commit, one writer and a few readers.
//! Refuses a second process: the file is locked while it is open for writing.

mod commit;
mod migrations;
mod open;
mod read;

pub use open::{OpenError, OpenOptions};

use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A store in one SQLite file.
pub struct SqliteStore {
    writer: Mutex<Connection>,
    readers: Vec<Mutex<Connection>>,
    /// The node that writes; positions of outcomes and audit are its own.
    node: String,
    path: PathBuf,
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
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The checksum of a row: CRC-32 over its parts, each with its length.
fn checksum(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize()
}
