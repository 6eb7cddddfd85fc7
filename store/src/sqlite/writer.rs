//! The one writer: a batch becomes one row of the journal, and with it a part of what waits goes to the tables.
//! Refuses to guess at a failed COMMIT: what is not surely rolled back is reported as unknown.

use super::batch::{Batch, Written};
use super::pending::Pending;
use super::read::{damaged, not_read};
use super::stretch;
use super::tables::{Newest, Tables};
use super::{OpenOptions, SqliteStore, journal, lock};
use crate::{Change, CommitError, Conflict, Log, Operation, ReadError, Receipt};
use engine::moment::Moment;
use rusqlite::{Connection, ErrorCode};
use std::collections::VecDeque;

type Sql<T> = Result<T, rusqlite::Error>;
type Answers = Vec<Result<Receipt, Conflict>>;

/// The connection that writes, and what it knows of the journal.
pub(super) struct Writer {
    pub connection: Connection,
    newest: Newest,
    sequence: u64,
    /// Each row of the journal with its size.
    rows: VecDeque<(u64, usize)>,
    bytes: usize,
    /// Beyond it parts of the journal go to the tables.
    most_bytes: usize,
    /// How many things go there at once, at least.
    at_once: usize,
    /// No record in the journal expires before this.
    soonest: i64,
}

impl Writer {
    /// The writer of a store, and what waits in its journal.
    pub fn open(connection: Connection, options: &OpenOptions) -> Result<(Self, Pending), ReadError> {
        let node = options.node.as_str();
        let failed = |cause: rusqlite::Error| not_read("the journal", &cause);
        // Without it a position could come again.
        stretch::reach(&connection, node).map_err(failed)?.ok_or_else(|| damaged("the feed's counter".into()))?;
        let mut writer = Self::idle(connection).map_err(failed)?;
        (writer.most_bytes, writer.at_once) = (options.journal_bytes, options.settle_at_once);
        let pending = pending(&writer.connection, node, |sequence, bytes, soonest| {
            writer.sequence = sequence;
            writer.rows.push_back((sequence, bytes));
            writer.bytes += bytes;
            writer.soonest = writer.soonest.min(soonest);
        })?;
        Ok((writer, pending))
    }

    /// A writer that knows of no journal.
    pub fn idle(connection: Connection) -> Sql<Self> {
        let newest = Newest::read(&connection)?;
        Ok(Self {
            connection,
            newest,
            sequence: 0,
            rows: VecDeque::new(),
            bytes: 0,
            most_bytes: 0,
            at_once: 0,
            soonest: i64::MAX,
        })
    }

    /// From now on the journal has at most so many bytes before parts of it go to the tables.
    pub fn bound(&mut self, bytes: usize) {
        self.most_bytes = self.most_bytes.min(bytes);
    }

    /// How many things go to the tables with a batch of `size`.
    fn share(&self, size: usize, pending: &Pending) -> usize {
        if self.bytes > self.most_bytes { (2 * size).max(self.at_once).min(pending.waiting()) } else { 0 }
    }

    /// Whether a batch is about what waits in the journal in a way that only the tables can answer: it removes what is due
    /// there, or begins a new stretch.
    fn wants_tables(&self, changes: &[Change]) -> bool {
        let mut soonest = self.soonest;
        changes.iter().flat_map(|change| &change.operations).any(|operation| match operation {
            Operation::Put { expires, .. } => {
                soonest = soonest.min(expires.map_or(i64::MAX, |at| super::integer(at.millis())));
                false
            }
            Operation::Prune { now, .. } => soonest < super::integer(now.millis()),
            Operation::Retire { log, before, .. } => self.newest(*log).ended_by(*before),
            Operation::Append { at, .. } => begins(self.newest.timelines.0, *at),
            Operation::Settle { at, .. } => begins(self.newest.outcomes.0, *at),
            Operation::Delete { .. } | Operation::Audit { .. } => false,
        })
    }

    const fn newest(&self, log: Log) -> stretch::Stretch {
        match log {
            Log::Outcomes => self.newest.outcomes.0,
            Log::Timelines => self.newest.timelines.0,
        }
    }

    fn added(&mut self, written: &Written) {
        self.newest = written.newest;
        if !written.row.is_empty() {
            self.sequence += 1;
            self.rows.push_back((self.sequence, written.row.len()));
            self.bytes += written.row.len();
            let soonest = written.entries.iter().map(|(entry, _)| entry.expires()).min();
            self.soonest = self.soonest.min(soonest.unwrap_or(i64::MAX));
        }
    }

    fn begins_before(&self, sequence: u64) -> bool {
        self.rows.front().is_some_and(|(first, _)| *first < sequence)
    }

    /// The rows before `sequence` are gone.
    fn cut(&mut self, sequence: u64) {
        while self.begins_before(sequence) {
            self.bytes -= self.rows.pop_front().map_or(0, |(_, bytes)| bytes);
        }
        if self.rows.is_empty() {
            self.soonest = i64::MAX;
        }
    }
}

fn begins(newest: stretch::Stretch, at: Moment) -> bool {
    newest.for_row(at) != newest
}

/// What waits in the journal as `connection` sees it; `row` hears of each row its sequence, its size, and when the first
/// record in it expires.
pub(super) fn pending(
    connection: &Connection,
    node: &str,
    mut row: impl FnMut(u64, usize, i64),
) -> Result<Pending, ReadError> {
    let failed = |cause: rusqlite::Error| not_read("the journal", &cause);
    let reach = stretch::reach(connection, node).map_err(failed)?;
    // A damaged counter is named when the feed is read; it gives no position, so nothing is written after it.
    let mut pending = Pending::new(reach.map_or(0, |reach| reach.last));
    let tables = Tables { connection, node };
    for (sequence, bytes, entries) in journal::read(connection)? {
        let mut soonest = i64::MAX;
        for entry in entries {
            let mut in_table = false;
            if let Some(key) = entry.key()
                && pending.slot(key).is_none()
            {
                in_table = tables.version(key).map_err(failed)?.is_some();
            }
            soonest = soonest.min(entry.expires());
            pending.take(sequence, entry, in_table);
        }
        row(sequence, bytes, soonest);
    }
    Ok(pending)
}

/// Where a batch goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// To the journal; a part of what waits there goes to the tables.
    Journal,
    /// To the tables, and all that waits before it.
    Tables,
}

/// What a transaction did.
struct Done {
    answers: Answers,
    written: Written,
    /// How many of those that waited are in the tables.
    share: usize,
    /// The first row of the journal that stays.
    first: u64,
}

impl SqliteStore {
    pub(super) fn write(&self, changes: &[Change]) -> Result<Answers, CommitError> {
        let mut writer = lock(&self.writer);
        let way = if writer.wants_tables(changes) { Way::Tables } else { Way::Journal };
        match self.transact(&mut writer, changes, way) {
            // The journal's own pages are room too, and what removes must work where there is no other.
            Err(CommitError::Full) if way == Way::Journal => self.transact(&mut writer, changes, Way::Tables),
            done => done,
        }
    }

    fn transact(&self, writer: &mut Writer, changes: &[Change], way: Way) -> Result<Answers, CommitError> {
        writer.connection.execute_batch("BEGIN IMMEDIATE").map_err(surely_not_written)?;
        let done = match way {
            Way::Journal => self.to_the_journal(writer, changes),
            Way::Tables => self.to_the_tables(writer, changes),
        };
        let done = done.map_err(|cause| {
            roll_back(&writer.connection);
            surely_not_written(cause)
        })?;
        commit(&writer.connection)?;
        Ok(self.committed(writer, done))
    }

    fn to_the_journal(&self, writer: &Writer, changes: &[Change]) -> Sql<Done> {
        let tables = Tables { connection: &writer.connection, node: &self.node };
        let pending = self.pending();
        let mut batch = Batch::new(&tables, &pending, writer.newest, false);
        let answers = changes.iter().map(|change| batch.change(change)).collect::<Sql<Answers>>()?;
        let written = batch.finish();
        if !written.row.is_empty() {
            journal::append(&writer.connection, writer.sequence + 1, &written.row)?;
        }
        let share = writer.share(written.entries.len(), &pending);
        tables.settle(&pending, &writer.newest, share)?;
        let first = pending.first(share).unwrap_or(writer.sequence + 1);
        if writer.begins_before(first) {
            journal::cut(&writer.connection, first)?;
        }
        Ok(Done { answers, written, share, first })
    }

    fn to_the_tables(&self, writer: &Writer, changes: &[Change]) -> Sql<Done> {
        let tables = Tables { connection: &writer.connection, node: &self.node };
        let (share, first) = (usize::MAX, writer.sequence + 1);
        let last = self.settle_all(writer)?;
        let nothing = Pending::new(last);
        let mut batch = Batch::new(&tables, &nothing, writer.newest, true);
        let answers = changes.iter().map(|change| batch.change(change)).collect::<Sql<Answers>>()?;
        Ok(Done { answers, written: batch.finish(), share, first })
    }

    /// The journal goes first: what it took is room for what comes from it.
    fn settle_all(&self, writer: &Writer) -> Sql<u64> {
        let pending = self.pending();
        let tables = Tables { connection: &writer.connection, node: &self.node };
        if !writer.rows.is_empty() {
            journal::cut(&writer.connection, writer.sequence + 1)?;
        }
        tables.settle(&pending, &writer.newest, usize::MAX)?;
        Ok(pending.last)
    }

    fn committed(&self, writer: &mut Writer, done: Done) -> Answers {
        let Done { answers, written, share, first } = done;
        writer.added(&written);
        writer.cut(first);
        let mut pending = self.pending_mut();
        let rows = pending.let_go(share);
        for (entry, in_table) in written.entries {
            let in_table = entry.key().and_then(|key| rows.get(key)).copied().unwrap_or(in_table);
            pending.take(writer.sequence, entry, in_table);
        }
        pending.last = written.last;
        answers
    }

    /// Moves everything that waits in the journal to the tables; for tests that look there.
    #[doc(hidden)]
    pub fn settle_journal(&self) -> Result<(), CommitError> {
        self.transact(&mut lock(&self.writer), &[], Way::Tables).map(|_| ())
    }
}

impl Drop for SqliteStore {
    /// So that a store that was closed in order starts without a journal. What stays there is read at the next start.
    fn drop(&mut self) {
        if self.settle_at_close
            && let Err(cause) = self.settle_journal()
        {
            tracing::warn!(%cause, "the journal stays as it is until the next start");
        }
    }
}

/// Before COMMIT nothing of the transaction is visible to anybody, so whatever went wrong, nothing was written.
fn surely_not_written(cause: rusqlite::Error) -> CommitError {
    match cause.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => CommitError::Full,
        _ => CommitError::Unavailable { cause: cause.to_string() },
    }
}

/// In WAL mode COMMIT appends frames to the log, the one that marks the commit last, then syncs the log, then enters the
/// frames into the shared index. What follows from an error depends on the step it came from (`walFrames` in SQLite):
///
/// - A frame finds no room (`ENOSPC`, or a page beyond `max_page_count`): `SQLITE_FULL`. The commit frame is not in the
///   log, the next transaction writes over those before it: surely rolled back. No frame follows the commit frame, as
///   SQLite is built here with powersafe overwrite and so without padding.
/// - Anything else that writes or syncs is `SQLITE_IOERR_…`. After a failed sync the frames may or may not survive a
///   power cut, and the kernel may have dropped the pages, so trying the sync again would prove nothing. The shared index
///   that cannot grow on a full disk (`SQLITE_IOERR_SHMSIZE`) comes after the sync: then the commit *is* durable, though
///   this process has rolled back. Both are unknown.
fn commit(connection: &Connection) -> Result<(), CommitError> {
    connection.execute_batch("COMMIT").map_err(|cause| {
        let code = cause.sqlite_error_code();
        roll_back(connection);
        match code {
            Some(ErrorCode::DiskFull) => CommitError::Full,
            Some(ErrorCode::DatabaseBusy) => CommitError::Unavailable { cause: cause.to_string() },
            _ => CommitError::OutcomeUnknown { cause: cause.to_string() },
        }
    })
}

fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(cause) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(%cause, "a transaction could not be rolled back");
    }
}
