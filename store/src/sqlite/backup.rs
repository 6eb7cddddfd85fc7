//! A copy of the store while it serves, checked before it has its name.
//! Refuses to overwrite anything, and to leave half a copy behind.

use super::open::failed;
use super::{OpenError, SqliteStore, lock, migrations};
use crate::new_file::Part;
use rusqlite::{Connection, OpenFlags};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

impl SqliteStore {
    /// Copies the store to `to` while serving. The copy is checked and durable before it has its name. It is one moment
    /// of the store; while it is made the write-ahead log grows with what is written meanwhile.
    pub fn backup(&self, to: &Path) -> Result<(), OpenError> {
        if to.exists() {
            return Err(OpenError::Exists(to.to_owned()));
        }
        let refused = |cause: std::io::Error| {
            let exists = cause.kind() == ErrorKind::AlreadyExists;
            if exists { OpenError::Exists(to.to_owned()) } else { failed(to)(cause) }
        };
        let part = Part::create(to).map_err(refused)?;
        self.copy(part.path())?;
        part.give_name(to).map_err(refused)
    }

    fn copy(&self, part: &Path) -> Result<(), OpenError> {
        let least = counts(&lock(&self.readers[0]))?;
        // A connection of its own: those for reads may not write anywhere, not even into another file.
        let copier = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        copier.busy_timeout(Duration::from_secs(5))?;
        let target = part.to_str().ok_or_else(|| failed(part)(ErrorKind::InvalidFilename.into()))?;
        copier.execute("VACUUM INTO ?1", [target])?;
        check(part, least)
    }
}

/// The links of the audit chain and the outcomes that were ever counted. Both only grow; records and stretches come and go,
/// and so do not tell whether a copy is whole.
fn counts(connection: &Connection) -> Result<[i64; 2], OpenError> {
    let count = |sql| connection.query_row(sql, [], |row| row.get(0));
    Ok([count("SELECT COUNT(*) FROM audit")?, count("SELECT COALESCE(SUM(last), 0) FROM feed")?])
}

fn check(copy: &Path, least: [i64; 2]) -> Result<(), OpenError> {
    let connection = Connection::open(copy)?;
    let said: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if said != "ok" {
        return Err(OpenError::BadBackup(said));
    }
    let found = counts(&connection)?;
    if migrations::version(&connection)? != migrations::CURRENT
        || found.iter().zip(least).any(|(have, had)| *have < had)
    {
        return Err(OpenError::BadBackup(format!("it holds {found:?} links and outcomes, the store held {least:?}")));
    }
    Ok(())
}
