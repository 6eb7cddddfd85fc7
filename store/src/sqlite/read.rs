//! Reads, each with its checksum compared.
//! Refuses what is damaged.

use super::{SqliteStore, checksum, integer};
use crate::{
    AuditRow, Change, CommitError, Conflict, Feed, Key, Kind, OutcomeRow, ReadError, Receipt, Record, Store,
    TimelineRow,
};
use engine::id::VerificationId;
use engine::moment::Moment;
use rusqlite::{Connection, ErrorCode, Params, Row, params};

const RECORD: &str = "SELECT id, version, parent, format, body, expires, crc FROM record";

/// What is read as `what` did not come: it is damaged, or the store does not answer now.
pub(super) fn not_read(what: &str, cause: &rusqlite::Error) -> ReadError {
    let damaged = match cause.sqlite_error_code() {
        Some(code) => matches!(code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase),
        // A column that holds another type than was written.
        None => matches!(
            cause,
            rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..)
        ),
    };
    let cause = cause.to_string();
    if damaged { ReadError::Corrupt { what: what.to_owned(), cause } } else { ReadError::Unavailable { cause } }
}

impl Store for SqliteStore {
    fn node(&self) -> &str {
        &self.node
    }

    fn commit(&self, batch: &[Change]) -> Result<Vec<Result<Receipt, Conflict>>, CommitError> {
        self.write(batch)
    }

    fn get(&self, key: &Key) -> Result<Option<Record>, ReadError> {
        if let Some(waiting) = self.pending().get(key) {
            return Ok(waiting);
        }
        let sql = format!("{RECORD} WHERE kind = ?1 AND id = ?2");
        let found = self.records(&key.to_string(), &sql, key.kind, params![key.kind.as_str(), key.id])?.pop();
        asked_for(found.iter().all(|record| record.key == *key), &key.to_string())?;
        Ok(found)
    }

    fn children(&self, kind: Kind, parent: &str) -> Result<Vec<Record>, ReadError> {
        let pending = self.pending();
        let sql = format!("{RECORD} WHERE kind = ?1 AND parent = ?2 ORDER BY id");
        let mut found = self.records(&some(kind), &sql, kind, params![kind.as_str(), parent])?;
        asked_for(found.iter().all(|record| record.parent.as_deref() == Some(parent)), &some(kind))?;
        found.retain(|record| pending.slot(&record.key).is_none());
        found.extend(pending.children(kind, parent));
        found.sort_by(|one, other| one.key.id.cmp(&other.key.id));
        Ok(found)
    }

    fn list(&self, kind: Kind, after: Option<&str>, limit: usize) -> Result<Vec<Record>, ReadError> {
        let pending = self.pending();
        let mut after = after.map(str::to_owned);
        let mut found = Vec::new();
        while found.len() < limit {
            let wanted = limit - found.len();
            let mut page = self.page(kind, after.as_deref(), wanted)?;
            // Where the table has more, what waits behind its last row belongs to a later page.
            let until = page.last().filter(|_| page.len() == wanted).map(|last| last.key.id.clone());
            let slots: Vec<_> = pending.slots(kind, after.as_deref(), until.as_deref()).collect();
            if !slots.is_empty() {
                page.retain(|record| pending.slot(&record.key).is_none());
                page.extend(slots.into_iter().filter_map(|(key, _)| pending.get(key).flatten()));
                page.sort_by(|one, other| one.key.id.cmp(&other.key.id));
            }
            found.extend(page);
            if until.is_none() {
                break;
            }
            after = until;
        }
        found.truncate(limit);
        Ok(found)
    }

    fn count(&self, kind: Kind) -> Result<u64, ReadError> {
        let pending = self.pending();
        let sql = "SELECT COUNT(*) FROM record WHERE kind = ?1";
        let counted = self.rows(&some(kind), sql, [kind.as_str()], |row| row.get::<_, i64>(0))?;
        let waiting: i64 = pending.slots(kind, None, None).map(|(_, slot)| slot.adds()).sum();
        Ok(counted.first().map_or(0, |count| count + waiting).max(0).cast_unsigned())
    }

    fn timeline(&self, verification: VerificationId) -> Result<Vec<TimelineRow>, ReadError> {
        self.timeline_of(verification)
    }

    fn outcome(&self, verification: VerificationId) -> Result<Option<OutcomeRow>, ReadError> {
        self.outcome_of(verification)
    }

    fn outcomes(&self, after: Option<u64>, limit: usize) -> Result<Feed, ReadError> {
        self.outcomes_of(&self.node, after, limit)
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, ReadError> {
        self.audit_of(&self.node, after, limit)
    }

    fn audit_head(&self) -> Result<Option<AuditRow>, ReadError> {
        let sql = "SELECT position, at, body, hash FROM audit WHERE writer = ?1 ORDER BY position DESC LIMIT 1";
        Ok(self.rows("the last audit link", sql, [&self.node], audit_row)?.pop())
    }
}

impl SqliteStore {
    pub(super) fn audit_of(&self, writer: &str, after: u64, limit: usize) -> Result<Vec<AuditRow>, ReadError> {
        let sql = "SELECT position, at, body, hash FROM audit WHERE writer = ?1 AND position > ?2
                   ORDER BY position LIMIT ?3";
        self.rows("an audit link", sql, params![writer, integer(after), integer(limit as u64)], audit_row)
    }

    pub(super) fn rows<T>(
        &self,
        what: &str,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<Vec<T>, ReadError> {
        rows(&self.reader(), what, sql, params, row)
    }

    /// Up to `limit` records of the table.
    fn page(&self, kind: Kind, after: Option<&str>, limit: usize) -> Result<Vec<Record>, ReadError> {
        // Two statements: one with `?2 IS NULL OR …` would walk the kind from its beginning for every page.
        let from = if after.is_some() { "id >" } else { "id >=" };
        let sql = format!("{RECORD} WHERE kind = ?1 AND {from} ?2 ORDER BY id LIMIT ?3");
        let bounds = params![kind.as_str(), after.unwrap_or_default(), integer(limit as u64)];
        let found = self.records(&some(kind), &sql, kind, bounds)?;
        let ids = after.into_iter().chain(found.iter().map(|record| record.key.id.as_str()));
        asked_for(ids.is_sorted_by(|one, next| one < next), &some(kind))?;
        Ok(found)
    }

    fn records(&self, what: &str, sql: &str, kind: Kind, params: impl Params) -> Result<Vec<Record>, ReadError> {
        let row = |row: &Row<'_>| {
            let record = Record {
                key: Key::new(kind, row.get::<_, String>(0)?),
                version: row.get::<_, i64>(1)?.cast_unsigned(),
                parent: row.get(2)?,
                format: row.get(3)?,
                body: row.get(4)?,
            };
            Ok((record, row.get::<_, Option<i64>>(5)?, row.get::<_, u32>(6)?))
        };
        self.rows(what, sql, params, row)?
            .into_iter()
            .map(|(record, expires, crc)| {
                let Record { key, version, parent, format, body } = &record;
                let expected = checksum::of_record(key, *version, parent.as_deref(), *format, body, expires);
                if crc == expected { Ok(record) } else { Err(damaged(record.key.to_string())) }
            })
            .collect()
    }
}

/// The rows that `sql` finds on one connection.
pub(super) fn rows<T>(
    reader: &Connection,
    what: &str,
    sql: &str,
    params: impl Params,
    row: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
) -> Result<Vec<T>, ReadError> {
    let read = || reader.prepare_cached(sql)?.query_map(params, row)?.collect::<Result<_, _>>();
    read().map_err(|cause| not_read(what, &cause))
}

/// A damaged page can lead a search to a row that is good, but another one.
pub(super) fn asked_for(holds: bool, what: &str) -> Result<(), ReadError> {
    let cause = || "a search comes to another row".to_owned();
    if holds { Ok(()) } else { Err(ReadError::Corrupt { what: what.to_owned(), cause: cause() }) }
}

fn some(kind: Kind) -> String {
    format!("a record of kind {}", kind.as_str())
}

fn audit_row(row: &Row<'_>) -> Result<AuditRow, rusqlite::Error> {
    Ok(AuditRow {
        position: row.get::<_, i64>(0)?.cast_unsigned(),
        at: moment(row, 1)?,
        body: row.get(2)?,
        hash: row.get(3)?,
    })
}

pub(super) fn moment(row: &Row<'_>, column: usize) -> Result<Moment, rusqlite::Error> {
    Ok(Moment::from_millis(row.get::<_, i64>(column)?.cast_unsigned()))
}

pub(super) fn damaged(what: String) -> ReadError {
    ReadError::Corrupt { what, cause: "its checksum does not match".into() }
}
