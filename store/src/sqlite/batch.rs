//! The changes of one batch: each checks all it expects first, then writes, for the journal or at once to the tables.
//! Refuses half a change: one whose expectation fails leaves nothing.

use super::journal;
use super::pending::{Entry, Pending, State};
use super::stretch::{self, Stretch};
use super::tables::{Newest, Tables};
use crate::{Change, Conflict, Expect, Key, Kind, Operation, OutcomeRow, Receipt, TimelineRow};
use engine::id::VerificationId;
use engine::moment::Moment;
use std::collections::{HashMap, HashSet};

type Sql<T> = Result<T, rusqlite::Error>;

/// What is known of a record.
#[derive(Debug, Clone, Copy)]
struct Known {
    version: Option<u64>,
    in_table: bool,
}

/// How to take back a part of a change that is left out.
enum Undo {
    Version(Key, Option<Known>),
    Line(VerificationId, Option<u32>),
    Outcome(VerificationId),
}

/// The changes of one batch.
pub(super) struct Batch<'a> {
    tables: &'a Tables<'a>,
    pending: &'a Pending,
    /// Whether everything goes to the tables at once. Then nothing waits.
    direct: bool,
    newest: Newest,
    records: HashMap<Key, Known>,
    lines: HashMap<VerificationId, u32>,
    settled: HashSet<VerificationId>,
    last: u64,
    entries: Vec<(Entry, bool)>,
    undo: Vec<Undo>,
}

/// What a batch wrote.
pub(super) struct Written {
    /// For the journal; empty if nothing goes there.
    pub row: Vec<u8>,
    /// What is in it, and of a record whether it has a row in its table.
    pub entries: Vec<(Entry, bool)>,
    /// The stretches that new rows go to.
    pub newest: Newest,
    /// The last position in the feed.
    pub last: u64,
}

impl<'a> Batch<'a> {
    /// An empty one.
    pub fn new(tables: &'a Tables<'a>, pending: &'a Pending, newest: Newest, direct: bool) -> Self {
        Self {
            tables,
            pending,
            direct,
            newest,
            records: HashMap::new(),
            lines: HashMap::new(),
            settled: HashSet::new(),
            last: pending.last,
            entries: Vec::new(),
            undo: Vec::new(),
        }
    }

    /// What it wrote.
    pub fn finish(self) -> Written {
        let mut row = Vec::new();
        for (entry, _) in &self.entries {
            journal::encode(entry, &mut row);
        }
        Written { row, entries: self.entries, newest: self.newest, last: self.last }
    }

    /// Checks and writes operation by operation, so that later ones see earlier ones.
    pub fn change(&mut self, change: &Change) -> Sql<Result<Receipt, Conflict>> {
        let saved = change.operations.len() > 1 && (self.direct || change.operations.iter().any(needs_tables));
        if saved {
            self.sql("SAVEPOINT change")?;
        }
        let (entries, last, newest) = (self.entries.len(), self.last, self.newest);
        self.undo.clear();
        let mut numbers = Vec::with_capacity(change.operations.len());
        for (index, operation) in change.operations.iter().enumerate() {
            match self.operation(operation, index)? {
                Ok(number) => numbers.push(number),
                Err(conflict) => {
                    self.entries.truncate(entries);
                    (self.last, self.newest) = (last, newest);
                    self.take_back();
                    if saved {
                        self.sql("ROLLBACK TO change")?;
                        self.sql("RELEASE change")?;
                    }
                    return Ok(Err(conflict));
                }
            }
        }
        if saved {
            self.sql("RELEASE change")?;
        }
        Ok(Ok(Receipt { numbers }))
    }

    fn sql(&self, sql: &str) -> Sql<()> {
        self.tables.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    fn take_back(&mut self) {
        for undo in self.undo.drain(..).rev() {
            match undo {
                Undo::Version(key, Some(before)) => {
                    self.records.insert(key, before);
                }
                Undo::Version(key, None) => {
                    self.records.remove(&key);
                }
                Undo::Line(id, Some(before)) => {
                    self.lines.insert(id, before);
                }
                Undo::Line(id, None) => {
                    self.lines.remove(&id);
                }
                Undo::Outcome(id) => {
                    self.settled.remove(&id);
                }
            }
        }
    }

    fn operation(&mut self, operation: &Operation, index: usize) -> Sql<Result<u64, Conflict>> {
        let conflict = |found| Ok(Err(Conflict { operation: index, found }));
        match operation {
            Operation::Put { key, expect, parent, format, body, expires } => {
                let found = self.known(key)?;
                if !holds(*expect, found.version) {
                    return conflict(found.version);
                }
                let version = found.version.unwrap_or(0) + 1;
                let expires = expires.map(|at| super::integer(at.millis()));
                let state = State { version, parent: parent.clone(), format: *format, body: body.clone(), expires };
                self.record(key, found, Some(state))?;
                Ok(Ok(version))
            }
            Operation::Delete { key, expect } => {
                let found = self.known(key)?;
                if !holds(*expect, found.version) {
                    return conflict(found.version);
                }
                if found.version.is_some() {
                    self.record(key, found, None)?;
                }
                Ok(Ok(0))
            }
            Operation::Append { verification, at, body } => self.append(*verification, *at, body).map(Ok),
            Operation::Settle { verification, at, caller, application, body } => {
                if self.has_outcome(*verification)? {
                    return conflict(Some(1));
                }
                let (caller, application, body) = (caller.clone(), application.clone(), body.clone());
                let (position, verification, at) = (self.last + 1, *verification, *at);
                self.settle(OutcomeRow { position, verification, at, caller, application, body }).map(Ok)
            }
            Operation::Audit { at, body } => self.tables.audit(*at, body).map(Ok),
            Operation::Prune { now, limit } => {
                self.tables.prune(*now, *limit, |kind, id| self.is_newer(kind, id)).map(Ok)
            }
            Operation::Retire { log, before, limit } => {
                let rows = stretch::retire(self.tables.connection, *log, *before, *limit)?;
                self.newest = Newest::read(self.tables.connection)?;
                Ok(Ok(rows))
            }
        }
    }

    fn known(&self, key: &Key) -> Sql<Known> {
        if let Some(known) = self.records.get(key) {
            return Ok(*known);
        }
        if let Some(slot) = self.pending.slot(key) {
            return Ok(Known { version: slot.state.as_ref().map(|state| state.version), in_table: slot.in_table });
        }
        let version = self.tables.version(key)?;
        Ok(Known { version, in_table: version.is_some() })
    }

    /// Whether something that is not in its table yet is known of a record.
    fn is_newer(&self, kind: &str, id: &str) -> bool {
        let kind = Kind::ALL.iter().find(|known| known.as_str() == kind);
        let key = kind.map(|kind| Key::new(*kind, id));
        key.is_some_and(|key| self.records.contains_key(&key) || self.pending.slot(&key).is_some())
    }

    fn record(&mut self, key: &Key, found: Known, state: Option<State>) -> Sql<()> {
        if self.direct {
            return match state {
                Some(state) => self.tables.put(key, &state),
                None => self.tables.delete(key),
            };
        }
        let known = Known { version: state.as_ref().map(|state| state.version), in_table: found.in_table };
        self.undo.push(Undo::Version(key.clone(), self.records.insert(key.clone(), known)));
        let key = key.clone();
        let entry = match state {
            Some(state) => Entry::Put { key, state },
            None => Entry::Delete { key },
        };
        self.entries.push((entry, found.in_table));
        Ok(())
    }

    fn append(&mut self, verification: VerificationId, at: Moment, body: &[u8]) -> Sql<u64> {
        let stretch = self.made(self.newest.timelines.0, at)?;
        self.newest.timelines.0 = stretch;
        let sequence = match (self.lines.get(&verification), self.pending.lines(verification).last()) {
            (Some(next), _) => *next,
            (None, Some(row)) => row.sequence + 1,
            (None, None) => self.tables.next_line(&stretch, verification)?,
        };
        if self.direct {
            self.tables.line(&stretch, verification, &TimelineRow { sequence, at, body: body.to_vec() })?;
            return Ok(0);
        }
        self.undo.push(Undo::Line(verification, self.lines.insert(verification, sequence + 1)));
        self.entries.push((Entry::Line { verification, sequence, at, body: body.to_vec() }, false));
        Ok(0)
    }

    fn has_outcome(&self, verification: VerificationId) -> Sql<bool> {
        if self.settled.contains(&verification) || self.pending.outcome_of(verification).is_some() {
            return Ok(true);
        }
        let (newest, before) = &self.newest.outcomes;
        if self.tables.has_outcome(newest, verification)? {
            return Ok(true);
        }
        before.as_ref().map_or(Ok(false), |before| self.tables.has_outcome(before, verification))
    }

    fn settle(&mut self, row: OutcomeRow) -> Sql<u64> {
        let newest = self.newest.outcomes.0;
        let stretch = self.made(newest, row.at)?;
        if stretch != newest {
            self.newest.outcomes = (stretch, Some(newest));
        }
        self.last = row.position;
        if self.direct {
            self.tables.outcome(&stretch, &row)?;
            stretch::reached(self.tables.connection, self.tables.node, row.position)?;
            return Ok(row.position);
        }
        self.settled.insert(row.verification);
        self.undo.push(Undo::Outcome(row.verification));
        self.entries.push((Entry::Outcome(row), false));
        Ok(self.last)
    }

    /// The stretch for a row of `at`, made if it is not there.
    fn made(&self, newest: Stretch, at: Moment) -> Sql<Stretch> {
        let stretch = newest.for_row(at);
        if stretch != newest {
            stretch::make(self.tables.connection, &stretch)?;
        }
        Ok(stretch)
    }
}

/// Whether an operation writes to the tables also where the rest of a batch goes to the journal.
pub(super) const fn needs_tables(operation: &Operation) -> bool {
    match operation {
        Operation::Audit { .. } | Operation::Prune { .. } | Operation::Retire { .. } => true,
        Operation::Put { .. } | Operation::Delete { .. } | Operation::Append { .. } | Operation::Settle { .. } => false,
    }
}

const fn holds(expect: Expect, found: Option<u64>) -> bool {
    match (expect, found) {
        (Expect::Any, _) | (Expect::Absent, None) => true,
        (Expect::Version(wanted), Some(found)) => wanted == found,
        (Expect::Absent, Some(_)) | (Expect::Version(_), None) => false,
    }
}
