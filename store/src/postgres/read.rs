//! The contract: commits by the one writer, reads over the pool, each row with its checksum compared.
//! Refuses what is damaged.

use super::{PostgresStore, checksum, said};
use crate::{
    AuditRow, Change, CommitError, Conflict, Feed, Key, Kind, OutcomeRow, ReadError, Receipt, Record, Store,
    TimelineRow,
};
use engine::id::VerificationId;
use engine::moment::Moment;
use std::sync::{Arc, PoisonError};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

const RECORD: &str = "SELECT id, version, parent, format, body, expires, crc FROM record";
const OUTCOME: &str = "SELECT writer, position, verification, at, caller, application, body, crc FROM outcome";

type Param = Box<dyn ToSql + Sync + Send>;

impl Store for PostgresStore {
    fn node(&self) -> &str {
        &self.node
    }

    fn commit(&self, batch: &[Change]) -> Result<Vec<Result<Receipt, Conflict>>, CommitError> {
        let (writer, changes) = (Arc::clone(&self.writer), batch.to_vec());
        let taken = writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let gone = || CommitError::Unavailable { cause: "the store is closed, or another commit goes on".into() };
        let mut own = taken.ok_or_else(gone)?;
        let (own, answer) = self.wait(async move {
            let answer = own.commit(&changes).await;
            (own, answer)
        });
        *writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(own);
        answer
    }

    fn get(&self, key: &Key) -> Result<Option<Record>, ReadError> {
        let sql = format!("{RECORD} WHERE kind = $1 AND id = $2");
        let rows = self.rows(sql, vec![Box::new(key.kind.as_str()), Box::new(key.id.clone())])?;
        rows.iter().map(|row| record(key.kind, row)).next().transpose()
    }

    fn children(&self, kind: Kind, parent: &str) -> Result<Vec<Record>, ReadError> {
        let sql = format!("{RECORD} WHERE kind = $1 AND parent = $2 ORDER BY id");
        let rows = self.rows(sql, vec![Box::new(kind.as_str()), Box::new(parent.to_owned())])?;
        rows.iter().map(|row| record(kind, row)).collect()
    }

    fn list(&self, kind: Kind, after: Option<&str>, limit: usize) -> Result<Vec<Record>, ReadError> {
        let from = if after.is_some() { "id >" } else { "id >=" };
        let sql = format!("{RECORD} WHERE kind = $1 AND {from} $2 ORDER BY id LIMIT $3");
        let after = after.unwrap_or_default().to_owned();
        let rows = self.rows(sql, vec![Box::new(kind.as_str()), Box::new(after), Box::new(most(limit))])?;
        rows.iter().map(|row| record(kind, row)).collect()
    }

    fn count(&self, kind: Kind) -> Result<u64, ReadError> {
        let sql = "SELECT COUNT(*) FROM record WHERE kind = $1".to_owned();
        let rows = self.rows(sql, vec![Box::new(kind.as_str())])?;
        Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0).cast_unsigned()))
    }

    fn timeline(&self, verification: VerificationId) -> Result<Vec<TimelineRow>, ReadError> {
        let id = verification.bits().to_be_bytes().to_vec();
        let sql = "SELECT place, at, body, crc FROM timeline WHERE verification = $1 ORDER BY place".to_owned();
        let rows = self.rows(sql, vec![Box::new(id.clone())])?;
        let line = |(row, sequence): (&Row, u32)| {
            let (at, body): (Moment, Vec<u8>) = (moment(row, 1), row.get(2));
            let good = checksum::of_line(&id, row.get(0), at, &body) == row.get::<_, i64>(3);
            let found = TimelineRow { sequence, at, body };
            if good { Ok(found) } else { Err(damaged(format!("timeline of {verification}"))) }
        };
        rows.iter().zip(0..).map(line).collect()
    }

    fn outcome(&self, verification: VerificationId) -> Result<Option<OutcomeRow>, ReadError> {
        let sql = format!("{OUTCOME} WHERE verification = $1 ORDER BY stretch DESC LIMIT 1");
        let id = verification.bits().to_be_bytes().to_vec();
        self.rows(sql, vec![Box::new(id)])?.iter().map(outcome).next().transpose()
    }

    fn outcomes(&self, after: Option<u64>, limit: usize) -> Result<Feed, ReadError> {
        let sql = "SELECT last, removed FROM node WHERE name = $1".to_owned();
        let reach = self.rows(sql, vec![Box::new(self.node.clone())])?;
        let (last, removed) = reach
            .first()
            .map_or((0, 0), |row| (row.get::<_, i64>(0).cast_unsigned(), row.get::<_, i64>(1).cast_unsigned()));
        let after = after.unwrap_or(removed);
        if after < removed {
            return Err(ReadError::Removed { last: removed });
        }
        if after > last {
            return Err(ReadError::Beyond { last });
        }
        let sql = format!("{OUTCOME} WHERE writer = $1 AND position > $2 ORDER BY position LIMIT $3");
        let params: Vec<Param> =
            vec![Box::new(self.node.clone()), Box::new(after.cast_signed()), Box::new(most(limit))];
        let rows = self.rows(sql, params)?.iter().map(outcome).collect::<Result<Vec<_>, _>>()?;
        let next = rows.last().map_or(after, |row| row.position);
        Ok(Feed { rows, next })
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, ReadError> {
        let sql = "SELECT position, at, body, hash FROM audit WHERE writer = $1 AND position > $2
                   ORDER BY position LIMIT $3";
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let params: Vec<Param> = vec![Box::new(self.node.clone()), Box::new(after), Box::new(most(limit))];
        self.rows(sql.to_owned(), params)?.iter().map(link).collect()
    }

    fn audit_head(&self) -> Result<Option<AuditRow>, ReadError> {
        let sql = "SELECT position, at, body, hash FROM audit WHERE writer = $1 ORDER BY position DESC LIMIT 1";
        self.rows(sql.to_owned(), vec![Box::new(self.node.clone())])?.iter().map(link).next().transpose()
    }
}

impl PostgresStore {
    fn rows(&self, sql: String, params: Vec<Param>) -> Result<Vec<Row>, ReadError> {
        let readers = self.readers.clone();
        self.wait(async move {
            let unavailable = |cause: String| ReadError::Unavailable { cause };
            let client = readers.get().await.map_err(|cause| unavailable(cause.to_string()))?;
            let statement = client.prepare_cached(&sql).await.map_err(|cause| unavailable(said(&cause)))?;
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| &**param as &(dyn ToSql + Sync)).collect();
            client.query(&statement, &params).await.map_err(|cause| unavailable(said(&cause)))
        })
    }
}

fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn moment(row: &Row, column: usize) -> Moment {
    Moment::from_millis(row.get::<_, i64>(column).cast_unsigned())
}

fn damaged(what: String) -> ReadError {
    ReadError::Corrupt { what, cause: "its checksum does not match".into() }
}

fn record(kind: Kind, row: &Row) -> Result<Record, ReadError> {
    let key = Key::new(kind, row.get::<_, String>(0));
    let (parent, format, body): (Option<String>, i32, Vec<u8>) = (row.get(2), row.get(3), row.get(4));
    let expected = checksum::of_record(&key, parent.as_deref(), format, &body, row.get(5));
    match u16::try_from(format) {
        Ok(format) if expected == row.get::<_, i64>(6) => {
            Ok(Record { key, version: row.get::<_, i64>(1).cast_unsigned(), parent, format, body })
        }
        Ok(_) | Err(_) => Err(damaged(key.to_string())),
    }
}

fn outcome(row: &Row) -> Result<OutcomeRow, ReadError> {
    let id: Vec<u8> = row.get(2);
    let bits = id.try_into().map(u128::from_be_bytes).map_err(|_| damaged("an outcome".into()))?;
    let found = OutcomeRow {
        position: row.get::<_, i64>(1).cast_unsigned(),
        verification: VerificationId::from_bits(bits),
        at: moment(row, 3),
        caller: row.get(4),
        application: row.get(5),
        body: row.get(6),
    };
    let good = checksum::of_outcome(row.get(0), &found) == row.get::<_, i64>(7);
    if good { Ok(found) } else { Err(damaged(format!("outcome of {}", found.verification))) }
}

fn link(row: &Row) -> Result<AuditRow, ReadError> {
    let hash: Vec<u8> = row.get(3);
    let hash = hash.try_into().map_err(|_| damaged("an audit link".into()))?;
    Ok(AuditRow { position: row.get::<_, i64>(0).cast_unsigned(), at: moment(row, 1), body: row.get(2), hash })
}
