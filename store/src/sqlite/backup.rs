//! A copy of the store while it serves, checked before it has its name.
//! Refuses to overwrite anything, and to leave half a copy behind.

use super::open::{failed, folder, sync_folder};
use super::{OpenError, SqliteStore, lock, migrations};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions as FileOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const GROWING: [&str; 3] = ["timeline", "outcome", "audit"];

impl SqliteStore {
    /// Copies the store to `to` while serving. The copy is checked and durable before it has its name. It is one moment
    /// of the store; while it is made the write-ahead log grows with what is written meanwhile.
    pub fn backup(&self, to: &Path) -> Result<(), OpenError> {
        if to.exists() {
            return Err(OpenError::Exists(to.to_owned()));
        }
        let part = part_of(to);
        FileOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(|cause| {
            if cause.kind() == ErrorKind::AlreadyExists {
                OpenError::Exists(part.clone())
            } else {
                failed(&part)(cause)
            }
        })?;
        let made = self.copy(&part).and_then(|()| give_name(&part, to));
        let removed = std::fs::remove_file(&part);
        made?;
        // Given its name by a rename, the part is gone already.
        removed
            .or_else(|cause| if cause.kind() == ErrorKind::NotFound { Ok(()) } else { Err(cause) })
            .map_err(failed(&part))?;
        sync_folder(folder(to))
    }

    fn copy(&self, part: &Path) -> Result<(), OpenError> {
        let least = counts(&lock(&self.readers[0]))?;
        // A connection of its own: those for reads may not write anywhere, not even into another file.
        let copier = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        copier.busy_timeout(Duration::from_secs(5))?;
        let target = part.to_str().ok_or_else(|| failed(part)(ErrorKind::InvalidFilename.into()))?;
        copier.execute("VACUUM INTO ?1", [target])?;
        check(part, least)?;
        File::open(part).and_then(|file| file.sync_all()).map_err(failed(part))
    }
}

/// `to` with an ending of ours, in the same folder, so that it can take the name of `to` in one step.
fn part_of(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    PathBuf::from(name)
}

/// A link, unlike a rename, does not replace what came there meanwhile; where the file system has no links, it is a
/// rename after another look.
fn give_name(part: &Path, to: &Path) -> Result<(), OpenError> {
    match std::fs::hard_link(part, to) {
        Ok(()) => Ok(()),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Err(OpenError::Exists(to.to_owned())),
        Err(_) if to.exists() => Err(OpenError::Exists(to.to_owned())),
        Err(_) => std::fs::rename(part, to).map_err(failed(to)),
    }
}

/// Rows that are only ever added; records come and go, and so do not tell whether a copy is whole.
fn counts(connection: &Connection) -> Result<[i64; 3], OpenError> {
    let count = |table| connection.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0));
    Ok([count(GROWING[0])?, count(GROWING[1])?, count(GROWING[2])?])
}

fn check(copy: &Path, least: [i64; 3]) -> Result<(), OpenError> {
    let connection = Connection::open(copy)?;
    let said: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if said != "ok" {
        return Err(OpenError::BadBackup(said));
    }
    let found = counts(&connection)?;
    if migrations::version(&connection)? != migrations::CURRENT
        || found.iter().zip(least).any(|(have, had)| *have < had)
    {
        return Err(OpenError::BadBackup(format!("it holds {found:?} rows, the store held {least:?}")));
    }
    Ok(())
}
