//! Reads of timelines and outcomes, over all their stretches as they are at one moment.
//! Refuses a place in the feed whose next outcome is gone.

use super::read::{asked_for, damaged, moment, not_read, rows};
use super::stretch::{self, Reach, Stretch};
use super::{SqliteStore, checksum, integer};
use crate::change::Log;
use crate::{Feed, OutcomeRow, ReadError, TimelineRow};
use engine::id::VerificationId;
use rusqlite::{Connection, Params, Row, params};

impl SqliteStore {
    pub(super) fn timeline_of(&self, verification: VerificationId) -> Result<Vec<TimelineRow>, ReadError> {
        let (id, what) = (verification.bits().to_be_bytes(), format!("timeline of {verification}"));
        let pending = self.pending();
        self.over(Log::Timelines, |reader, stretches| {
            // What waits is of the newest stretch; some of it may have reached its table already.
            let waiting = pending.lines(verification);
            let first = waiting.first().map_or(u32::MAX, |row| row.sequence);
            let mut found = Vec::new();
            for (index, stretch) in stretches.iter().enumerate().rev() {
                let rows = timeline_rows(reader, stretch, &id, &what)?;
                found.extend(rows.into_iter().filter(|row| index > 0 || row.sequence < first));
            }
            found.extend_from_slice(waiting);
            for (row, place) in found.iter_mut().zip(0..) {
                row.sequence = place;
            }
            Ok(found)
        })
    }

    pub(super) fn outcome_of(&self, verification: VerificationId) -> Result<Option<OutcomeRow>, ReadError> {
        let (id, what) = (verification.bits().to_be_bytes(), format!("outcome of {verification}"));
        let pending = self.pending();
        if let Some(waiting) = pending.outcome_of(verification) {
            return Ok(Some(waiting.clone()));
        }
        self.over(Log::Outcomes, |reader, stretches| {
            for stretch in stretches {
                if let Some(row) = outcome_rows(reader, &what, stretch, "verification = ?1", [&id[..]])?.pop() {
                    asked_for(row.verification == verification, &what)?;
                    return Ok(Some(row));
                }
            }
            Ok(None)
        })
    }

    pub(super) fn outcomes_of(&self, writer: &str, after: Option<u64>, limit: usize) -> Result<Feed, ReadError> {
        let pending = self.pending();
        self.over(Log::Outcomes, |reader, stretches| {
            let what = "the feed's counter";
            let Reach { last, removed } = stretch::reach(reader, writer)
                .map_err(|cause| not_read(what, &cause))?
                .ok_or_else(|| damaged(what.into()))?;
            let ours = writer == self.node;
            let last = if ours { last.max(pending.last) } else { last };
            let after = after.unwrap_or(removed);
            if after < removed {
                return Err(ReadError::Removed { last: removed });
            }
            if after > last {
                return Err(ReadError::Beyond { last });
            }
            let begin = holding(reader, stretches, writer, after)?;
            let mut found: Vec<OutcomeRow> = Vec::new();
            for stretch in stretches[..begin].iter().rev() {
                let left = integer(limit.saturating_sub(found.len()) as u64);
                let bounds = params![writer, integer(after), left];
                let which = "writer = ?1 AND position > ?2 ORDER BY position LIMIT ?3";
                found.extend(outcome_rows(reader, "an outcome", stretch, which, bounds)?);
                if found.len() == limit {
                    break;
                }
            }
            if ours {
                let read = found.last().map_or(after, |row| row.position);
                found.extend(pending.outcomes(read).take(limit - found.len()).cloned());
            }
            let positions = std::iter::once(after).chain(found.iter().map(|row| row.position));
            asked_for(positions.is_sorted_by(|one, next| one < next), "the order of outcomes")?;
            let next = found.last().map_or(after, |row| row.position);
            Ok(Feed { rows: found, next })
        })
    }

    /// Reads with the stretches of a log, the newest first; none of them comes or goes meanwhile.
    pub(super) fn over<T>(
        &self,
        log: Log,
        read: impl FnOnce(&Connection, &[Stretch]) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let reader = self.reader();
        let failed = |cause: rusqlite::Error| not_read("the catalogue of stretches", &cause);
        // One that sees a frozen moment already is not frozen once more.
        let _moment = reader.is_autocommit().then(|| reader.unchecked_transaction()).transpose().map_err(failed)?;
        let stretches = stretch::all(&reader, log).map_err(failed)?;
        read(&reader, &stretches)
    }
}

/// How many of the newest stretches must be read for what comes after a position: back to the first that begins no later.
fn holding(reader: &Connection, stretches: &[Stretch], writer: &str, after: u64) -> Result<usize, ReadError> {
    for (index, stretch) in stretches.iter().enumerate() {
        let sql = format!("SELECT MIN(position) FROM {} WHERE writer = ?1", stretch.table());
        let first = rows(reader, "an outcome", &sql, [writer], |row| row.get::<_, Option<i64>>(0))?;
        if first.first().copied().flatten().is_some_and(|first| first <= integer(after.saturating_add(1))) {
            return Ok(index + 1);
        }
    }
    Ok(stretches.len())
}

pub(super) fn timeline_rows(
    reader: &Connection,
    stretch: &Stretch,
    id: &[u8; 16],
    what: &str,
) -> Result<Vec<TimelineRow>, ReadError> {
    let table = stretch.table();
    let sql = format!("SELECT sequence, at, body, crc FROM {table} WHERE verification = ?1 ORDER BY sequence");
    let row = |row: &Row<'_>| {
        let found = TimelineRow { sequence: row.get(0)?, at: moment(row, 1)?, body: row.get(2)? };
        Ok((found, row.get::<_, u32>(3)?))
    };
    let good = |(found, crc): (TimelineRow, u32)| {
        let expected = checksum::of_timeline(id, found.sequence, found.at, &found.body);
        if crc == expected { Ok(found) } else { Err(damaged(what.to_owned())) }
    };
    rows(reader, what, &sql, [&id[..]], row)?.into_iter().map(good).collect()
}

fn outcome_rows(
    reader: &Connection,
    what: &str,
    stretch: &Stretch,
    which: &str,
    params: impl Params,
) -> Result<Vec<OutcomeRow>, ReadError> {
    let table = stretch.table();
    let sql =
        format!("SELECT writer, position, verification, at, caller, application, body, crc FROM {table} WHERE {which}");
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
        let (of, writer) = ((found.caller.as_str(), found.application.as_str()), row.get::<_, String>(0)?);
        let expected = checksum::of_outcome(&writer, found.position, &id, found.at, of, &found.body);
        let good = row.get::<_, u32>(7)? == expected;
        Ok((found, good))
    };
    let good = |(row, good): (OutcomeRow, bool)| {
        if good { Ok(row) } else { Err(damaged(format!("outcome of {}", row.verification))) }
    };
    rows(reader, what, &sql, params, row)?.into_iter().map(good).collect()
}
