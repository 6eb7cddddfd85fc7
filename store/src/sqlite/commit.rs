//! A batch becomes one transaction: each change checks all it expects first, then writes.
//! Refuses to guess at a failed COMMIT: what is not surely rolled back is reported as unknown.

use super::stretch::{self, Stretch};
use super::{SqliteStore, checksum, integer, lock};
use crate::{Change, CommitError, Conflict, Expect, Key, Log, Operation, Receipt, audit};
use engine::id::VerificationId;
use engine::moment::Moment;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

type Sql<T> = Result<T, rusqlite::Error>;

impl SqliteStore {
    pub(super) fn write(&self, changes: &[Change]) -> Result<Vec<Result<Receipt, Conflict>>, CommitError> {
        let connection = lock(&self.writer);
        connection.execute_batch("BEGIN IMMEDIATE").map_err(surely_not_written)?;
        let batch = Batch { connection: &connection, node: &self.node };
        let results = match changes.iter().map(|change| batch.change(change)).collect::<Sql<Vec<_>>>() {
            Ok(results) => results,
            Err(cause) => {
                roll_back(&connection);
                return Err(surely_not_written(cause));
            }
        };
        connection.execute_batch("COMMIT").map_err(|cause| after_commit(&connection, cause))?;
        Ok(results)
    }
}

/// Before COMMIT nothing of the transaction is visible to anybody, so whatever went wrong, nothing was written.
fn surely_not_written(cause: rusqlite::Error) -> CommitError {
    match cause.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => CommitError::Full,
        _ => CommitError::Unavailable { cause: cause.to_string() },
    }
}

/// In WAL mode COMMIT appends frames to the log, the one that marks the commit last, then syncs the log, then enters the
/// frames into the shared index. What follows from an error depends on the step it came from (`walFrames` in SQLite):
///
/// - A frame finds no room (`ENOSPC`, or a page beyond `max_page_count`): `SQLITE_FULL`. The commit frame is not in the
///   log, the next transaction writes over those before it: surely rolled back. No frame follows the commit frame, as
///   SQLite is built here with powersafe overwrite and so without padding.
/// - Anything else that writes or syncs is `SQLITE_IOERR_…`. After a failed sync the frames may or may not survive a
///   power cut, and the kernel may have dropped the pages, so trying the sync again would prove nothing. The shared index
///   that cannot grow on a full disk (`SQLITE_IOERR_SHMSIZE`) comes after the sync: then the commit *is* durable, though
///   this process has rolled back. Both are unknown.
fn after_commit(connection: &Connection, cause: rusqlite::Error) -> CommitError {
    let code = cause.sqlite_error_code();
    roll_back(connection);
    match code {
        Some(ErrorCode::DiskFull) => CommitError::Full,
        Some(ErrorCode::DatabaseBusy) => CommitError::Unavailable { cause: cause.to_string() },
        _ => CommitError::OutcomeUnknown { cause: cause.to_string() },
    }
}

fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(cause) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(%cause, "a transaction could not be rolled back");
    }
}

struct Batch<'a> {
    connection: &'a Connection,
    node: &'a str,
}

impl Batch<'_> {
    /// A change checks and writes operation by operation under a savepoint, so that later operations see earlier ones.
    fn change(&self, change: &Change) -> Sql<Result<Receipt, Conflict>> {
        if let [only] = change.operations.as_slice() {
            return Ok(self.operation(only, 0)?.map(|number| Receipt { numbers: vec![number] }));
        }
        self.connection.prepare_cached("SAVEPOINT change")?.execute([])?;
        let mut numbers = Vec::with_capacity(change.operations.len());
        for (index, operation) in change.operations.iter().enumerate() {
            match self.operation(operation, index)? {
                Ok(number) => numbers.push(number),
                Err(conflict) => {
                    self.connection.prepare_cached("ROLLBACK TO change")?.execute([])?;
                    self.connection.prepare_cached("RELEASE change")?.execute([])?;
                    return Ok(Err(conflict));
                }
            }
        }
        self.connection.prepare_cached("RELEASE change")?.execute([])?;
        Ok(Ok(Receipt { numbers }))
    }

    fn operation(&self, operation: &Operation, index: usize) -> Sql<Result<u64, Conflict>> {
        match operation {
            Operation::Put { key, expect, .. } => {
                let found = self.version(key)?;
                if !holds(*expect, found) {
                    return Ok(Err(Conflict { operation: index, found }));
                }
                self.put(operation, found.unwrap_or(0) + 1).map(Ok)
            }
            Operation::Delete { key, expect } => {
                let found = self.version(key)?;
                if !holds(*expect, found) {
                    return Ok(Err(Conflict { operation: index, found }));
                }
                let mut delete = self.connection.prepare_cached("DELETE FROM record WHERE kind = ?1 AND id = ?2")?;
                delete.execute(params![key.kind.as_str(), key.id])?;
                Ok(Ok(0))
            }
            Operation::Append { verification, at, body } => self.append(*verification, *at, body).map(Ok),
            Operation::Settle { verification, at, caller, application, body } => {
                let settled = self.settle(*verification, *at, (caller, application), body)?;
                Ok(settled.ok_or(Conflict { operation: index, found: Some(1) }))
            }
            Operation::Audit { at, body } => self.audit(*at, body).map(Ok),
            Operation::Prune { now, limit } => self.prune(*now, *limit).map(Ok),
            Operation::Retire { log, before, limit } => stretch::retire(self.connection, *log, *before, *limit).map(Ok),
        }
    }

    fn version(&self, key: &Key) -> Sql<Option<u64>> {
        let mut get = self.connection.prepare_cached("SELECT version FROM record WHERE kind = ?1 AND id = ?2")?;
        let found: Option<i64> = get.query_row(params![key.kind.as_str(), key.id], |row| row.get(0)).optional()?;
        Ok(found.map(i64::cast_unsigned))
    }

    fn put(&self, operation: &Operation, version: u64) -> Sql<u64> {
        let Operation::Put { key, parent, format, body, expires, .. } = operation else { return Ok(0) };
        let expires = expires.map(|at| integer(at.millis()));
        let crc = checksum::of_record(key, version, parent.as_deref(), *format, body, expires);
        let sql = "INSERT OR REPLACE INTO record (kind, id, version, parent, format, body, expires, crc)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        self.connection.prepare_cached(sql)?.execute(params![
            key.kind.as_str(),
            key.id,
            version.cast_signed(),
            parent,
            format,
            body,
            expires,
            crc
        ])?;
        Ok(version)
    }

    fn append(&self, verification: VerificationId, at: Moment, body: &[u8]) -> Sql<u64> {
        let (newest, _) = stretch::newest(self.connection, Log::Timelines)?;
        let table = self.made(newest, at)?.table();
        let id = verification.bits().to_be_bytes();
        let last = format!("SELECT COALESCE(MAX(sequence) + 1, 0) FROM {table} WHERE verification = ?1");
        let sequence: u32 = self.connection.prepare_cached(&last)?.query_row([&id[..]], |row| row.get(0))?;
        let crc = checksum::of_timeline(&id, sequence, at, body);
        let sql = format!("INSERT INTO {table} (verification, sequence, at, body, crc) VALUES (?1, ?2, ?3, ?4, ?5)");
        let at = at.millis().cast_signed();
        self.connection.prepare_cached(&sql)?.execute(params![&id[..], sequence, at, body, crc])?;
        Ok(0)
    }

    fn settle(&self, verification: VerificationId, at: Moment, of: (&str, &str), body: &[u8]) -> Sql<Option<u64>> {
        let id = verification.bits().to_be_bytes();
        let (newest, before) = stretch::newest(self.connection, Log::Outcomes)?;
        for stretch in std::iter::once(newest).chain(before) {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE verification = ?1)", stretch.table());
            if self.connection.prepare_cached(&sql)?.query_row([&id[..]], |row| row.get(0))? {
                return Ok(None);
            }
        }
        let table = self.made(newest, at)?.table();
        let position = stretch::next_position(self.connection, self.node)?;
        let (caller, application) = of;
        let crc = checksum::of_outcome(self.node, position, &id, at, of, body);
        let sql = format!(
            "INSERT INTO {table} (writer, position, verification, at, caller, application, body, crc)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        );
        self.connection.prepare_cached(&sql)?.execute(params![
            self.node,
            position.cast_signed(),
            &id[..],
            at.millis().cast_signed(),
            caller,
            application,
            body,
            crc
        ])?;
        Ok(Some(position))
    }

    /// The stretch for a row of `at`, made if it is not there.
    fn made(&self, newest: Stretch, at: Moment) -> Sql<Stretch> {
        let stretch = newest.for_row(at);
        if stretch != newest {
            stretch::make(self.connection, &stretch)?;
        }
        Ok(stretch)
    }

    fn audit(&self, at: Moment, body: &[u8]) -> Sql<u64> {
        let head = "SELECT position, hash FROM audit WHERE writer = ?1 ORDER BY position DESC LIMIT 1";
        let head: Option<(i64, [u8; 32])> = self
            .connection
            .prepare_cached(head)?
            .query_row([self.node], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (last, previous) = head.unwrap_or((0, [0; 32]));
        let position = last.cast_unsigned() + 1;
        let hash = audit::link(&previous, position, at, body);
        let sql = "INSERT INTO audit (writer, position, at, body, hash) VALUES (?1, ?2, ?3, ?4, ?5)";
        let at = at.millis().cast_signed();
        self.connection.prepare_cached(sql)?.execute(params![
            self.node,
            position.cast_signed(),
            at,
            body,
            &hash[..]
        ])?;
        Ok(position)
    }

    fn prune(&self, now: Moment, limit: u32) -> Sql<u64> {
        let sql = "DELETE FROM record WHERE (kind, id) IN
                   (SELECT kind, id FROM record WHERE expires IS NOT NULL AND expires < ?1
                    ORDER BY expires, kind, id LIMIT ?2)";
        let rows = self.connection.prepare_cached(sql)?.execute(params![integer(now.millis()), limit])?;
        Ok(rows as u64)
    }
}

const fn holds(expect: Expect, found: Option<u64>) -> bool {
    match (expect, found) {
        (Expect::Any, _) | (Expect::Absent, None) => true,
        (Expect::Version(wanted), Some(found)) => wanted == found,
        (Expect::Absent, Some(_)) | (Expect::Version(_), None) => false,
    }
}
