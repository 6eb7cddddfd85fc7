//! Writes to the tables: one row of each kind, and what waits in the journal, moved there.
//! Refuses to decide: what is written was checked before.

use super::pending::{Item, Pending, State};
use super::stretch::{self, Stretch};
use super::{checksum, integer};
use crate::{Key, Log, OutcomeRow, TimelineRow, audit};
use engine::id::VerificationId;
use engine::moment::Moment;
use rusqlite::{Connection, OptionalExtension, params};

type Sql<T> = Result<T, rusqlite::Error>;

/// The stretches that new rows go to, and the ones before them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newest {
    pub outcomes: (Stretch, Option<Stretch>),
    pub timelines: (Stretch, Option<Stretch>),
}

impl Newest {
    /// As the catalogue has them.
    pub fn read(connection: &Connection) -> Sql<Self> {
        let newest = |log| stretch::newest(connection, log);
        Ok(Self { outcomes: newest(Log::Outcomes)?, timelines: newest(Log::Timelines)? })
    }
}

/// The tables of one writer.
pub(super) struct Tables<'a> {
    pub connection: &'a Connection,
    pub node: &'a str,
}

impl Tables<'_> {
    /// Moves up to `count` of what waits longest to its tables. What is removed goes first: it makes room for the rest.
    pub fn settle(&self, pending: &Pending, newest: &Newest, count: usize) -> Sql<()> {
        let mut last = None;
        let removed = |item: &&Item| match item {
            Item::Record(key) => pending.slot(key).is_some_and(|slot| slot.state.is_none()),
            Item::Lines(_) | Item::Outcome(_) => false,
        };
        let (gone, rest): (Vec<_>, Vec<_>) = pending.oldest(count).into_iter().partition(removed);
        for item in gone.into_iter().chain(rest) {
            match item {
                Item::Record(key) => self.record(key, pending)?,
                Item::Lines(id) => {
                    for row in pending.lines(*id) {
                        self.line(&newest.timelines.0, *id, row)?;
                    }
                }
                Item::Outcome(position) => {
                    if let Some(outcome) = pending.outcome(*position) {
                        self.outcome(&newest.outcomes.0, outcome)?;
                        last = Some(*position);
                    }
                }
            }
        }
        last.map_or(Ok(()), |last| stretch::reached(self.connection, self.node, last))
    }

    fn record(&self, key: &Key, pending: &Pending) -> Sql<()> {
        match pending.slot(key) {
            Some(slot) => match &slot.state {
                Some(state) => self.put(key, state),
                None => self.delete(key),
            },
            None => Ok(()),
        }
    }

    /// The version of a record.
    pub fn version(&self, key: &Key) -> Sql<Option<u64>> {
        let mut get = self.connection.prepare_cached("SELECT version FROM record WHERE kind = ?1 AND id = ?2")?;
        let found: Option<i64> = get.query_row(params![key.kind.as_str(), key.id], |row| row.get(0)).optional()?;
        Ok(found.map(i64::cast_unsigned))
    }

    /// Writes a record.
    pub fn put(&self, key: &Key, state: &State) -> Sql<()> {
        let State { version, parent, format, body, expires } = state;
        let crc = checksum::of_record(key, *version, parent.as_deref(), *format, body, *expires);
        let sql = "INSERT OR REPLACE INTO record (kind, id, version, parent, format, body, expires, crc)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let version = version.cast_signed();
        let row = params![key.kind.as_str(), key.id, version, parent, format, body, expires, crc];
        self.connection.prepare_cached(sql)?.execute(row).map(|_| ())
    }

    /// Removes a record.
    pub fn delete(&self, key: &Key) -> Sql<()> {
        let mut delete = self.connection.prepare_cached("DELETE FROM record WHERE kind = ?1 AND id = ?2")?;
        delete.execute(params![key.kind.as_str(), key.id]).map(|_| ())
    }

    /// The place of the next row of a timeline in a stretch.
    pub fn next_line(&self, stretch: &Stretch, verification: VerificationId) -> Sql<u32> {
        let id = verification.bits().to_be_bytes();
        let sql = format!("SELECT COALESCE(MAX(sequence) + 1, 0) FROM {} WHERE verification = ?1", stretch.table());
        self.connection.prepare_cached(&sql)?.query_row([&id[..]], |row| row.get(0))
    }

    /// Writes a row of a timeline.
    pub fn line(&self, stretch: &Stretch, verification: VerificationId, row: &TimelineRow) -> Sql<()> {
        let (id, at) = (verification.bits().to_be_bytes(), row.at.millis().cast_signed());
        let crc = checksum::of_timeline(&id, row.sequence, row.at, &row.body);
        let sql = format!(
            "INSERT OR REPLACE INTO {} (verification, sequence, at, body, crc) VALUES (?1, ?2, ?3, ?4, ?5)",
            stretch.table()
        );
        let row = params![&id[..], row.sequence, at, row.body, crc];
        self.connection.prepare_cached(&sql)?.execute(row).map(|_| ())
    }

    /// Whether a stretch has the outcome of a verification.
    pub fn has_outcome(&self, stretch: &Stretch, verification: VerificationId) -> Sql<bool> {
        let id = verification.bits().to_be_bytes();
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {} WHERE verification = ?1)", stretch.table());
        self.connection.prepare_cached(&sql)?.query_row([&id[..]], |row| row.get(0))
    }

    /// Writes an outcome.
    pub fn outcome(&self, stretch: &Stretch, row: &OutcomeRow) -> Sql<()> {
        let (id, of) = (row.verification.bits().to_be_bytes(), (row.caller.as_str(), row.application.as_str()));
        let crc = checksum::of_outcome(self.node, row.position, &id, row.at, of, &row.body);
        let sql = format!(
            "INSERT OR REPLACE INTO {} (writer, position, verification, at, caller, application, body, crc)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            stretch.table()
        );
        let (position, at) = (row.position.cast_signed(), row.at.millis().cast_signed());
        let row = params![self.node, position, &id[..], at, of.0, of.1, row.body, crc];
        self.connection.prepare_cached(&sql)?.execute(row).map(|_| ())
    }

    /// Adds a link to the audit chain; its position.
    pub fn audit(&self, at: Moment, body: &[u8]) -> Sql<u64> {
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
        let row = params![self.node, position.cast_signed(), at.millis().cast_signed(), body, &hash[..]];
        self.connection.prepare_cached(sql)?.execute(row)?;
        Ok(position)
    }

    /// Removes up to `limit` expired records, but those of which something newer is known; how many.
    pub fn prune(&self, now: Moment, limit: u32, is_newer: impl Fn(&str, &str) -> bool) -> Sql<u64> {
        let sql = "SELECT kind, id FROM record WHERE expires IS NOT NULL AND expires < ?1 ORDER BY expires, kind, id";
        let mut select = self.connection.prepare_cached(sql)?;
        let expired = select.query_map([integer(now.millis())], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let is_old =
            |row: &Sql<(String, String)>| row.as_ref().is_ok_and(|(kind, id)| !is_newer(kind, id)) || row.is_err();
        let expired = expired.filter(is_old).take(limit as usize).collect::<Sql<Vec<_>>>()?;
        let mut delete = self.connection.prepare_cached("DELETE FROM record WHERE kind = ?1 AND id = ?2")?;
        for (kind, id) in &expired {
            delete.execute([kind, id])?;
        }
        Ok(expired.len() as u64)
    }
}
