//! Reads, each with its checksum compared.
//! Refuses what is damaged.

use super::SqliteStore;
use super::commit::{outcome_checksum, record_checksum, timeline_checksum};
use crate::{
    AuditRow, Change, CommitError, Conflict, Key, Kind, OutcomeRow, ReadError, Receipt, Record, Store, TimelineRow,
};
use engine::id::VerificationId;
use engine::moment::Moment;
use rusqlite::{OptionalExtension, Params, Row, params};

const RECORD: &str = "SELECT id, version, parent, format, body, crc FROM record";
const OUTCOME: &str = "SELECT position, verification, at, caller, application, body, crc FROM outcome";

impl From<rusqlite::Error> for ReadError {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Unavailable { cause: cause.to_string() }
    }
}

impl Store for SqliteStore {
    fn commit(&self, batch: &[Change]) -> Result<Vec<Result<Receipt, Conflict>>, CommitError> {
        self.write(batch)
    }

    fn get(&self, key: &Key) -> Result<Option<Record>, ReadError> {
        let sql = format!("{RECORD} WHERE kind = ?1 AND id = ?2");
        Ok(self.records(&sql, key.kind, params![key.kind.as_str(), key.id])?.pop())
    }

    fn children(&self, kind: Kind, parent: &str) -> Result<Vec<Record>, ReadError> {
        let sql = format!("{RECORD} WHERE kind = ?1 AND parent = ?2 ORDER BY id");
        self.records(&sql, kind, params![kind.as_str(), parent])
    }

    fn list(&self, kind: Kind, after: Option<&str>, limit: usize) -> Result<Vec<Record>, ReadError> {
        let sql = format!("{RECORD} WHERE kind = ?1 AND id > ?2 ORDER BY id LIMIT ?3");
        self.records(&sql, kind, params![kind.as_str(), after.unwrap_or_default(), limit as i64])
    }

    fn count(&self, kind: Kind) -> Result<u64, ReadError> {
        let reader = self.reader();
        let mut count = reader.prepare_cached("SELECT COUNT(*) FROM record WHERE kind = ?1")?;
        Ok(count.query_row([kind.as_str()], |row| row.get::<_, i64>(0))?.cast_unsigned())
    }

    fn timeline(&self, verification: VerificationId) -> Result<Vec<TimelineRow>, ReadError> {
        let id = verification.bits().to_be_bytes();
        let sql = "SELECT sequence, at, body, crc FROM timeline WHERE verification = ?1 ORDER BY sequence";
        let row = |row: &Row<'_>| {
            let found = TimelineRow { sequence: row.get(0)?, at: moment(row, 1)?, body: row.get(2)? };
            Ok((found, row.get::<_, u32>(3)?))
        };
        self.rows(sql, [&id[..]], row)?
            .into_iter()
            .map(|(found, crc)| {
                let good = crc == timeline_checksum(&id, found.sequence, found.at, &found.body);
                good.then_some(found).ok_or_else(|| damaged(format!("timeline of {verification}")))
            })
            .collect()
    }

    fn outcome(&self, verification: VerificationId) -> Result<Option<OutcomeRow>, ReadError> {
        let sql = format!("{OUTCOME} WHERE verification = ?1");
        Ok(self.outcome_rows(&sql, [&verification.bits().to_be_bytes()[..]])?.pop())
    }

    fn outcomes(&self, after: u64, limit: usize) -> Result<Vec<OutcomeRow>, ReadError> {
        let sql = format!("{OUTCOME} WHERE writer = ?1 AND position > ?2 ORDER BY position LIMIT ?3");
        self.outcome_rows(&sql, params![self.node, after.cast_signed(), limit as i64])
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, ReadError> {
        let sql = "SELECT position, at, body, hash FROM audit WHERE writer = ?1 AND position > ?2
                   ORDER BY position LIMIT ?3";
        self.rows(sql, params![self.node, after.cast_signed(), limit as i64], audit_row)
    }

    fn audit_head(&self) -> Result<Option<AuditRow>, ReadError> {
        let reader = self.reader();
        let sql = "SELECT position, at, body, hash FROM audit WHERE writer = ?1 ORDER BY position DESC LIMIT 1";
        let mut head = reader.prepare_cached(sql)?;
        Ok(head.query_row([&self.node], audit_row).optional()?)
    }
}

impl SqliteStore {
    fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<Vec<T>, ReadError> {
        let reader = self.reader();
        let mut statement = reader.prepare_cached(sql)?;
        Ok(statement.query_map(params, row)?.collect::<Result<_, _>>()?)
    }

    fn records(&self, sql: &str, kind: Kind, params: impl Params) -> Result<Vec<Record>, ReadError> {
        let row = |row: &Row<'_>| {
            let record = Record {
                key: Key::new(kind, row.get::<_, String>(0)?),
                version: row.get::<_, i64>(1)?.cast_unsigned(),
                parent: row.get(2)?,
                format: row.get(3)?,
                body: row.get(4)?,
            };
            Ok((record, row.get::<_, u32>(5)?))
        };
        self.rows(sql, params, row)?
            .into_iter()
            .map(|(record, crc)| {
                let Record { key, version, parent, format, body } = &record;
                let good = crc == record_checksum(key, *version, parent.as_deref(), *format, body);
                if good { Ok(record) } else { Err(damaged(record.key.to_string())) }
            })
            .collect()
    }

    fn outcome_rows(&self, sql: &str, params: impl Params) -> Result<Vec<OutcomeRow>, ReadError> {
        let row = |row: &Row<'_>| {
            let id: [u8; 16] = row.get(1)?;
            let found = OutcomeRow {
                position: row.get::<_, i64>(0)?.cast_unsigned(),
                verification: VerificationId::from_bits(u128::from_be_bytes(id)),
                at: moment(row, 2)?,
                caller: row.get(3)?,
                application: row.get(4)?,
                body: row.get(5)?,
            };
            Ok((found, id, row.get::<_, u32>(6)?))
        };
        self.rows(sql, params, row)?
            .into_iter()
            .map(|(row, id, crc)| {
                let expected = outcome_checksum(row.position, &id, row.at, &row.caller, &row.application, &row.body);
                if crc == expected { Ok(row) } else { Err(damaged(format!("outcome of {}", row.verification))) }
            })
            .collect()
    }
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
