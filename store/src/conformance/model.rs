//! A store as the contract reads, kept in plain maps: the reference that real backends are compared with.
//! Refuses to be fast or durable.

use crate::{
    AuditRow, Change, CommitError, Conflict, Expect, Feed, Key, Kind, Log, Operation, OutcomeRow, ReadError, Receipt,
    Record, Store, TimelineRow, audit,
};
use engine::id::VerificationId;
use engine::moment::Moment;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The reference.
#[derive(Debug, Default)]
pub struct Model(Mutex<State>);

/// All that it holds.
#[derive(Debug, Clone, Default)]
pub struct State {
    records: HashMap<Key, (Record, Option<Moment>)>,
    timelines: Vec<(usize, VerificationId, Moment, Vec<u8>)>,
    timeline_days: Days,
    outcomes: Vec<(usize, OutcomeRow)>,
    outcome_days: Days,
    /// The last position given, and the last that was removed.
    feed: (u64, u64),
    audit: Vec<AuditRow>,
}

/// The day of each stretch that there ever was, and which is the oldest kept.
#[derive(Debug, Clone)]
struct Days {
    days: Vec<u64>,
    oldest: usize,
}

impl Default for Days {
    fn default() -> Self {
        Self { days: vec![0], oldest: 0 }
    }
}

impl Days {
    fn newest(&self) -> usize {
        self.days.len() - 1
    }

    /// The stretch for a row of `at`.
    fn place(&mut self, at: Moment) -> usize {
        let (day, newest) = (at.millis() / 86_400_000, self.days[self.newest()]);
        if day > newest || day + 1 < newest {
            self.days.push(day);
        }
        self.newest()
    }

    /// Whether the oldest stretch may be removed.
    fn is_over(&self, before: Moment) -> bool {
        (self.days[self.oldest] + 1) * 86_400_000 <= before.millis()
    }
}

impl Model {
    /// A copy of what it holds, to try things on.
    pub fn state(&self) -> State {
        self.held().clone()
    }

    fn held(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sorted(&self, wanted: impl Fn(&Record) -> bool) -> Vec<Record> {
        let held = self.held();
        let mut found: Vec<_> = held.records.values().map(|(record, _)| record.clone()).filter(wanted).collect();
        found.sort_by(|one, other| one.key.id.cmp(&other.key.id));
        found
    }
}

impl State {
    /// The version of the record at `key`.
    pub fn version(&self, key: &Key) -> Option<u64> {
        self.records.get(key).map(|(record, _)| record.version)
    }

    /// Runs a change; a conflict leaves everything as it was.
    pub fn change(&mut self, change: &Change) -> Result<Receipt, Conflict> {
        let mut after = self.clone();
        let numbered = change.operations.iter().enumerate();
        let numbers = numbered
            .map(|(index, operation)| after.operation(operation).map_err(|found| Conflict { operation: index, found }));
        let numbers = numbers.collect::<Result<_, _>>()?;
        *self = after;
        Ok(Receipt { numbers })
    }

    /// Runs one operation; `Err` is the version that was found instead of the expected one.
    pub fn operation(&mut self, operation: &Operation) -> Result<u64, Option<u64>> {
        match operation {
            Operation::Put { key, expect, parent, format, body, expires } => {
                let version = self.expect(key, *expect)?.unwrap_or(0) + 1;
                let (key, parent, body) = (key.clone(), parent.clone(), body.clone());
                let record = Record { key: key.clone(), version, parent, format: *format, body };
                self.records.insert(key, (record, *expires));
                Ok(version)
            }
            Operation::Delete { key, expect } => {
                self.expect(key, *expect)?;
                self.records.remove(key);
                Ok(0)
            }
            Operation::Append { verification, at, body } => {
                let stretch = self.timeline_days.place(*at);
                self.timelines.push((stretch, *verification, *at, body.clone()));
                Ok(0)
            }
            Operation::Settle { verification, at, caller, application, body } => {
                let (verification, days) = (*verification, &mut self.outcome_days);
                let recent = days.newest().saturating_sub(1);
                if self.outcomes.iter().any(|(at, row)| *at >= recent && row.verification == verification) {
                    return Err(Some(1));
                }
                let stretch = days.place(*at);
                self.feed.0 += 1;
                let (position, at) = (self.feed.0, *at);
                let (caller, application, body) = (caller.clone(), application.clone(), body.clone());
                self.outcomes.push((stretch, OutcomeRow { position, verification, at, caller, application, body }));
                Ok(position)
            }
            Operation::Audit { at, body } => {
                let position = self.audit.len() as u64 + 1;
                let previous = self.audit.last().map_or([0; 32], |row| row.hash);
                let hash = audit::link(&previous, position, *at, body);
                self.audit.push(AuditRow { position, at: *at, body: body.clone(), hash });
                Ok(position)
            }
            Operation::Prune { now, limit } => Ok(self.prune(*now, *limit)),
            Operation::Retire { log: Log::Outcomes, before, limit } => Ok(self.retire_outcomes(*before, *limit)),
            Operation::Retire { log: Log::Timelines, before, limit } => Ok(self.retire_timelines(*before, *limit)),
        }
    }

    fn expect(&self, key: &Key, expect: Expect) -> Result<Option<u64>, Option<u64>> {
        let found = self.version(key);
        let holds = match expect {
            Expect::Any => true,
            Expect::Absent => found.is_none(),
            Expect::Version(version) => found == Some(version),
        };
        if holds { Ok(found) } else { Err(found) }
    }

    fn retire_outcomes(&mut self, before: Moment, limit: u32) -> u64 {
        let mut removed = 0;
        while removed < limit && self.outcome_days.is_over(before) {
            // The first of the oldest stretch is the first of all.
            match self.outcomes.first() {
                Some((stretch, row)) if *stretch == self.outcome_days.oldest => {
                    self.feed.1 = row.position;
                    self.outcomes.remove(0);
                    removed += 1;
                }
                Some(_) | None if self.outcome_days.oldest == self.outcome_days.newest() => break,
                Some(_) | None => self.outcome_days.oldest += 1,
            }
        }
        u64::from(removed)
    }

    fn retire_timelines(&mut self, before: Moment, limit: u32) -> u64 {
        let mut removed = 0;
        while removed < limit && self.timeline_days.is_over(before) {
            let oldest = self.timeline_days.oldest;
            let rows = self.timelines.iter().enumerate().filter(|(_, row)| row.0 == oldest);
            match rows.min_by_key(|(place, row)| (row.1.bits(), *place)).map(|(place, _)| place) {
                Some(place) => {
                    self.timelines.remove(place);
                    removed += 1;
                }
                None if oldest == self.timeline_days.newest() => break,
                None => self.timeline_days.oldest += 1,
            }
        }
        u64::from(removed)
    }

    fn prune(&mut self, now: Moment, limit: u32) -> u64 {
        let expired = |(key, (_, expires)): (&Key, &(Record, Option<Moment>))| {
            expires.filter(|expires| *expires < now).map(|at| (at, key.kind.as_str(), key.clone()))
        };
        let mut expired: Vec<_> = self.records.iter().filter_map(expired).collect();
        expired.sort();
        expired.truncate(limit as usize);
        for (_, _, key) in &expired {
            self.records.remove(key);
        }
        expired.len() as u64
    }
}

impl Store for Model {
    fn node(&self) -> &str {
        "model"
    }

    fn commit(&self, batch: &[Change]) -> Result<Vec<Result<Receipt, Conflict>>, CommitError> {
        let mut held = self.held();
        Ok(batch.iter().map(|change| held.change(change)).collect())
    }

    fn get(&self, key: &Key) -> Result<Option<Record>, ReadError> {
        Ok(self.held().records.get(key).map(|(record, _)| record.clone()))
    }

    fn children(&self, kind: Kind, parent: &str) -> Result<Vec<Record>, ReadError> {
        Ok(self.sorted(|record| record.key.kind == kind && record.parent.as_deref() == Some(parent)))
    }

    fn list(&self, kind: Kind, after: Option<&str>, limit: usize) -> Result<Vec<Record>, ReadError> {
        let mut found =
            self.sorted(|record| record.key.kind == kind && after.is_none_or(|after| record.key.id.as_str() > after));
        found.truncate(limit);
        Ok(found)
    }

    fn count(&self, kind: Kind) -> Result<u64, ReadError> {
        Ok(self.sorted(|record| record.key.kind == kind).len() as u64)
    }

    fn timeline(&self, verification: VerificationId) -> Result<Vec<TimelineRow>, ReadError> {
        let held = self.held();
        let rows = held.timelines.iter().filter(|row| row.1 == verification).zip(0..);
        Ok(rows.map(|((_, _, at, body), sequence)| TimelineRow { sequence, at: *at, body: body.clone() }).collect())
    }

    fn outcome(&self, verification: VerificationId) -> Result<Option<OutcomeRow>, ReadError> {
        let held = self.held();
        Ok(held.outcomes.iter().rev().map(|(_, row)| row).find(|row| row.verification == verification).cloned())
    }

    fn outcomes(&self, after: Option<u64>, limit: usize) -> Result<Feed, ReadError> {
        let held = self.held();
        let after = after.unwrap_or(held.feed.1);
        if after < held.feed.1 {
            return Err(ReadError::Removed { last: held.feed.1 });
        }
        if after > held.feed.0 {
            return Err(ReadError::Beyond { last: held.feed.0 });
        }
        let rows = held.outcomes.iter().map(|(_, row)| row).filter(|row| row.position > after);
        let rows: Vec<_> = rows.take(limit).cloned().collect();
        let next = rows.last().map_or(after, |row| row.position);
        Ok(Feed { rows, next })
    }

    fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>, ReadError> {
        Ok(self.held().audit.iter().filter(|row| row.position > after).take(limit).cloned().collect())
    }

    fn audit_head(&self) -> Result<Option<AuditRow>, ReadError> {
        Ok(self.held().audit.last().cloned())
    }
}
