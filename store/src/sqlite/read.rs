//! Reads, each with its checksum compared.
//! Refuses what is damaged.

use super::{SqliteStore, checksum, integer};
use crate::{
    AuditRow, Change, CommitError, Conflict, Key, Kind, OutcomeRow, ReadError, Receipt, Record, Store, TimelineRow,
};
use engine::id::VerificationId;
use engine::moment::Moment;
use rusqlite::{ErrorCode, Params, Row, params};

const RECORD: &str = "SELECT id, version, parent, format, body, expires, crc FROM record";
const OUTCOME: &str = "SELECT writer, position, verification, at, caller, application, body, crc FROM outcome";

/// What is read as `what` did not come: it is damaged, or the store does not answer now.
fn not_read(what: &str, cause: &rusqlite::Error) -> ReadError {
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
    fn commit(&self, batch: &[Change]) -> Result<Vec<Result<Receipt, Conflict>>, CommitError> {
        self.write(batch)
    }

    fn get(&self, key: &Key) -> Result<Option<Record>, ReadError> {
        let sql = format!("{RECORD} WHERE kind = ?1 AND id = ?2");
        Ok(self.records(&key.to_string(), &sql, key.kind, params![key.kind.as_str(), key.id])?.pop())
    }

    fn children(&self, kind: Kind, parent: &str) -> Result<Vec<Record>, ReadError> {
        let sql = format!("{RECORD} WHERE kind = ?1 AND parent = ?2 ORDER BY id");
        self.records(&some(kind), &sql, kind, params![kind.as_str(), parent])
    }

    fn list(&self, kind: Kind, after: Option<&str>, limit: usize) -> Result<Vec<Record>, ReadError> {
        // Two statements: one with `?2 IS NULL OR …` would walk the kind from its beginning for every page.
        let from = if after.is_some() { "id >" } else { "id >=" };
        let sql = format!("{RECORD} WHERE kind = ?1 AND {from} ?2 ORDER BY id LIMIT ?3");
        let bounds = params![kind.as_str(), after.unwrap_or_default(), integer(limit as u64)];
        self.records(&some(kind), &sql, kind, bounds)
    }

    fn count(&self, kind: Kind) -> Result<u64, ReadError> {
        let sql = "SELECT COUNT(*) FROM record WHERE kind = ?1";
        let counted = self.rows(&some(kind), sql, [kind.as_str()], |row| row.get::<_, i64>(0))?;
        Ok(counted.first().map_or(0, |count| count.cast_unsigned()))
    }

    fn timeline(&self, verification: VerificationId) -> Result<Vec<TimelineRow>, ReadError> {
        let (id, what) = (verification.bits().to_be_bytes(), format!("timeline of {verification}"));
        let sql = "SELECT sequence, at, body, crc FROM timeline WHERE verification = ?1 ORDER BY sequence";
        let row = |row: &Row<'_>| {
            let found = TimelineRow { sequence: row.get(0)?, at: moment(row, 1)?, body: row.get(2)? };
            Ok((found, row.get::<_, u32>(3)?))
        };
        self.rows(&what, sql, [&id[..]], row)?
            .into_iter()
            .map(|(found, crc)| {
                let expected = checksum::of_timeline(&id, found.sequence, found.at, &found.body);
                if crc == expected { Ok(found) } else { Err(damaged(what.clone())) }
            })
            .collect()
    }

    fn outcome(&self, verification: VerificationId) -> Result<Option<OutcomeRow>, ReadError> {
        let sql = format!("{OUTCOME} WHERE verification = ?1");
        let id = verification.bits().to_be_bytes();
        Ok(self.outcome_rows(&format!("outcome of {verification}"), &sql, [&id[..]])?.pop())
    }

    fn outcomes(&self, after: u64, limit: usize) -> Result<Vec<OutcomeRow>, ReadError> {
        let sql = format!("{OUTCOME} WHERE writer = ?1 AND position > ?2 ORDER BY position LIMIT ?3");
        self.outcome_rows("an outcome", &sql, params![self.node, integer(after), integer(limit as u64)])
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, ReadError> {
        let sql = "SELECT position, at, body, hash FROM audit WHERE writer = ?1 AND position > ?2
                   ORDER BY position LIMIT ?3";
        let bounds = params![self.node, integer(after), integer(limit as u64)];
        self.rows("an audit link", sql, bounds, audit_row)
    }

    fn audit_head(&self) -> Result<Option<AuditRow>, ReadError> {
        let sql = "SELECT position, at, body, hash FROM audit WHERE writer = ?1 ORDER BY position DESC LIMIT 1";
        Ok(self.rows("the last audit link", sql, [&self.node], audit_row)?.pop())
    }
}

impl SqliteStore {
    fn rows<T>(
        &self,
        what: &str,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<Vec<T>, ReadError> {
        let reader = self.reader();
        let read = || reader.prepare_cached(sql)?.query_map(params, row)?.collect::<Result<_, _>>();
        read().map_err(|cause| not_read(what, &cause))
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

    fn outcome_rows(&self, what: &str, sql: &str, params: impl Params) -> Result<Vec<OutcomeRow>, ReadError> {
        let row = |row: &Row<'_>| {
            let id: [u8; 16] = row.get(2)?;
            let found = OutcomeRow {
                position: row.get::<_, i64>(1)?.cast_unsigned(),
                verification: VerificationId::from_bits(u128::from_be_bytes(id)),
                at: moment(row, 3)?,
                caller: row.get(4)?,
                application: row.get(5)?,
                body: row.get(6)?,
            };
            let of = (found.caller.as_str(), found.application.as_str());
            let writer: String = row.get(0)?;
            let good =
                row.get::<_, u32>(7)? == checksum::of_outcome(&writer, found.position, &id, found.at, of, &found.body);
            Ok((found, good))
        };
        self.rows(what, sql, params, row)?
            .into_iter()
            .map(|(row, good)| if good { Ok(row) } else { Err(damaged(format!("outcome of {}", row.verification))) })
            .collect()
    }
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

fn moment(row: &Row<'_>, column: usize) -> Result<Moment, rusqlite::Error> {
    Ok(Moment::from_millis(row.get::<_, i64>(column)?.cast_unsigned()))
}

fn damaged(what: String) -> ReadError {
    ReadError::Corrupt { what, cause: "its checksum does not match".into() }
}
