//! The schema, as steps that only go forward.
//! Refuses a store of a later version.

use super::OpenError;
use rusqlite::Connection;

/// Step n brings a store of version n to version n + 1. A released step never changes.
const STEPS: &[&str] = &[
    "
CREATE TABLE record (
  kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, parent TEXT, format INTEGER NOT NULL,
  body BLOB NOT NULL, expires INTEGER, crc INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX record_parent ON record (kind, parent) WHERE parent IS NOT NULL;
CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
CREATE TABLE timeline (
  verification BLOB NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL,
  PRIMARY KEY (verification, sequence)
) WITHOUT ROWID;
CREATE TABLE outcome (
  writer TEXT NOT NULL, position INTEGER NOT NULL, verification BLOB NOT NULL UNIQUE, at INTEGER NOT NULL,
  caller TEXT NOT NULL, application TEXT NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL,
  PRIMARY KEY (writer, position)
) WITHOUT ROWID;
CREATE TABLE audit (
  writer TEXT NOT NULL, position INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL, hash BLOB NOT NULL,
  PRIMARY KEY (writer, position)
) WITHOUT ROWID;
",
    "
CREATE TABLE stretch (
  log TEXT NOT NULL, number INTEGER NOT NULL, day INTEGER NOT NULL, guard INTEGER NOT NULL, PRIMARY KEY (log, number)
) WITHOUT ROWID;
CREATE TABLE feed (
  writer TEXT PRIMARY KEY, last INTEGER NOT NULL, removed INTEGER NOT NULL,
  guard_last INTEGER NOT NULL, guard_removed INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO feed SELECT writer, MAX(position), 0, ~MAX(position), ~0 FROM outcome GROUP BY writer;
INSERT INTO stretch SELECT 'outcome', 1, day, ~day FROM
  (SELECT COALESCE(MAX(at), 0) / 86400000 AS day FROM outcome WHERE typeof(at) = 'integer');
INSERT INTO stretch SELECT 'timeline', 1, day, ~day FROM
  (SELECT COALESCE(MAX(at), 0) / 86400000 AS day FROM timeline WHERE typeof(at) = 'integer');
ALTER TABLE outcome RENAME TO outcome_1;
ALTER TABLE timeline RENAME TO timeline_1;
",
    "
CREATE TABLE journal (sequence INTEGER PRIMARY KEY, body BLOB NOT NULL, crc INTEGER NOT NULL);
",
];

/// The version that this program writes.
pub const CURRENT: usize = STEPS.len();

/// Brings the store to the current version, each step in a transaction of its own.
pub fn run(connection: &mut Connection) -> Result<(), OpenError> {
    let found = version(connection)?;
    if found > CURRENT {
        return Err(OpenError::TooNew { found, known: CURRENT });
    }
    for (from, step) in STEPS.iter().enumerate().skip(found) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", from as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The version of the store; 0 if it is empty.
pub fn version(connection: &Connection) -> Result<usize, OpenError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(found).unwrap_or(usize::MAX))
}
