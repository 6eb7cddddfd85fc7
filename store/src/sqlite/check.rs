//! A look at all that is stored: SQLite's own check of the file, then every row against its checksum or hash.
//! Refuses to repair: what is damaged is restored from a backup.

use super::read::{not_read, rows};
use super::stretch::{self, Stretch};
use super::{SqliteStore, logs};
use crate::audit::AuditFault;
use crate::change::Log;
use crate::{AuditRow, Kind, ReadError, Store, audit};
use engine::id::VerificationId;
use rusqlite::{Connection, params};

/// Rows that are read at once.
const PAGE: usize = 1000;

/// How much was looked at; all of it is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checked {
    /// Records.
    pub records: u64,
    /// Outcomes.
    pub outcomes: u64,
    /// Timelines, one that goes over midnight counted for each day.
    pub timelines: u64,
    /// Audit links.
    pub links: u64,
}

impl SqliteStore {
    /// Reads everything once, as it is at one moment; while it looks, the log of a writer beside it cannot shrink. A damaged
    /// key hides its row from `get`, so this is what finds it.
    pub fn check(&self) -> Result<Checked, ReadError> {
        self.frozen().map_err(|cause| ReadError::Unavailable { cause: cause.to_string() })?.check_all()
    }

    fn check_all(&self) -> Result<Checked, ReadError> {
        let said = self.rows("the file", "PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0))?.concat();
        if said != "ok" {
            return Err(ReadError::Corrupt { what: "the file".into(), cause: said });
        }
        for log in [Log::Outcomes, Log::Timelines] {
            let (listed, there) = self.over(log, |reader, stretches| {
                let tables = stretch::tables(reader, log);
                Ok((stretches.len(), tables.map_err(|cause| not_read("the catalogue of stretches", &cause))?))
            })?;
            if listed != there {
                let (what, cause) = ("the catalogue of stretches".into(), format!("{listed} of {there} are in it"));
                return Err(ReadError::Corrupt { what, cause });
            }
        }
        Ok(Checked {
            records: self.check_records()?,
            outcomes: self.check_outcomes()?,
            timelines: self.check_timelines()?,
            links: self.check_links()?,
        })
    }

    fn check_records(&self) -> Result<u64, ReadError> {
        let mut seen = 0;
        for kind in Kind::ALL {
            let mut after: Option<String> = None;
            loop {
                let page = self.list(*kind, after.as_deref(), PAGE)?;
                seen += page.len() as u64;
                let Some(last) = page.last() else { break };
                after = Some(last.key.id.clone());
            }
        }
        let all = self.rows("a record", "SELECT COUNT(*) FROM record", [], |row| row.get::<_, i64>(0))?;
        let waiting: i64 = self.pending().all_slots().map(|(_, slot)| slot.adds()).sum();
        if all != [seen.cast_signed() - waiting] {
            let cause = format!("{seen} are of a known kind, {all:?} are there");
            return Err(ReadError::Corrupt { what: "a record's kind".into(), cause });
        }
        Ok(seen)
    }

    /// Every writer's outcomes, and that none is beyond its writer's counter: a position would come again.
    fn check_outcomes(&self) -> Result<u64, ReadError> {
        let (mut seen, mut waiting) = (0, 0);
        let mut counted = self.rows("the feed's counter", "SELECT writer, last FROM feed", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?.cast_unsigned()))
        })?;
        if !counted.iter().any(|(writer, _)| *writer == self.node) {
            counted.push((self.node.clone(), 0));
        }
        for (writer, last) in &mut counted {
            if *writer == self.node {
                let pending = self.pending();
                waiting = pending.outcomes(*last).count() as u64;
                *last = pending.last.max(*last);
            }
            let mut after = None;
            loop {
                let page = self.outcomes_of(writer, after, PAGE)?;
                seen += page.rows.len() as u64;
                if page.rows.is_empty() {
                    break;
                }
                after = Some(page.next);
            }
            if after.is_some_and(|after| after > *last) {
                return Err(damaged_counter(&format!("it says {last} for {writer}, {after:?} is there")));
            }
        }
        let all = self.over(Log::Outcomes, |reader, stretches| {
            let count = |stretch: &Stretch| {
                let sql = format!("SELECT COUNT(*) FROM {}", stretch.table());
                rows(reader, "an outcome", &sql, [], |row| row.get::<_, i64>(0)).map(|count| count.iter().sum::<i64>())
            };
            stretches.iter().map(count).sum::<Result<i64, _>>()
        })?;
        let complete = all.cast_unsigned() + waiting == seen;
        if complete { Ok(seen) } else { Err(damaged_counter(&format!("{seen} outcomes have one, {all} are there"))) }
    }

    fn check_timelines(&self) -> Result<u64, ReadError> {
        let mut seen = 0;
        let numbers = self.over(Log::Timelines, |_, stretches| Ok(stretches.to_vec()))?;
        for stretch in numbers {
            let mut last = Vec::new();
            loop {
                // One that was removed meanwhile has nothing left to check.
                let page = self.over(Log::Timelines, |reader, there| match there.contains(&stretch) {
                    true => timelines_after(reader, &stretch, &last),
                    false => Ok(vec![]),
                })?;
                let Some(end) = page.last() else { break };
                last = end.to_vec();
                seen += page.len() as u64;
            }
        }
        Ok(seen + self.timelines_that_wait()?)
    }

    /// Those of which nothing is in the newest stretch yet.
    fn timelines_that_wait(&self) -> Result<u64, ReadError> {
        let pending = self.pending();
        self.over(Log::Timelines, |reader, stretches| {
            let Some(newest) = stretches.first() else { return Ok(0) };
            let mut wait = 0;
            for id in pending.timelines() {
                let rows = logs::timeline_rows(reader, newest, &id.bits().to_be_bytes(), "a timeline")?;
                wait += u64::from(rows.is_empty());
            }
            Ok(wait)
        })
    }

    fn check_links(&self) -> Result<u64, ReadError> {
        let mut links = 0;
        let writers = self.rows("audit", "SELECT DISTINCT writer FROM audit", [], |row| row.get::<_, String>(0))?;
        for writer in writers {
            let walked = audit::walk(&|after| self.audit_of(&writer, after, PAGE), &mut |_: &AuditRow| Ok(()));
            links += walked.map_err(|fault| match fault {
                AuditFault::NotRead(cause) => cause,
                fault @ (AuditFault::Changed { .. }
                | AuditFault::Missing { .. }
                | AuditFault::CutOff { .. }
                | AuditFault::Rewritten { .. }
                | AuditFault::Signature
                | AuditFault::OtherNode { .. }) => {
                    ReadError::Corrupt { what: format!("audit chain of {writer}"), cause: fault.to_string() }
                }
            })?;
        }
        Ok(links)
    }
}

/// Up to a page of timelines of one stretch after one, each read and so checked; their ids.
fn timelines_after(reader: &Connection, stretch: &Stretch, last: &[u8]) -> Result<Vec<[u8; 16]>, ReadError> {
    let sql = format!(
        "SELECT DISTINCT verification FROM {} WHERE verification > ?1 ORDER BY verification LIMIT ?2",
        stretch.table()
    );
    let page = rows(reader, "a timeline", &sql, params![last, PAGE as i64], |row| row.get::<_, [u8; 16]>(0))?;
    for id in &page {
        let what = format!("timeline of {}", VerificationId::from_bits(u128::from_be_bytes(*id)));
        logs::timeline_rows(reader, stretch, id, &what)?;
    }
    Ok(page)
}

fn damaged_counter(cause: &str) -> ReadError {
    ReadError::Corrupt { what: "the feed's counter".into(), cause: cause.to_owned() }
}
