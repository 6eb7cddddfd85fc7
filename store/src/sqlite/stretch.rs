//! Outcomes and timelines lie in stretches: one table a day, attached by a catalogue, removed from the oldest on.
//! Refuses to open a stretch for a clock that only wavers around midnight.

use super::integer;
use crate::change::Log;
use engine::moment::Moment;
use rusqlite::{Connection, OptionalExtension, params};

type Sql<T> = Result<T, rusqlite::Error>;

/// Milliseconds of a UTC day, as Unix time counts them.
const DAY: u64 = 86_400_000;

/// One table of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub log: Log,
    /// Counts up; later rows are never in an earlier stretch.
    pub number: i64,
    /// The UTC day of its first row, days since the epoch.
    pub day: u64,
}

impl Stretch {
    /// Its table.
    pub fn table(&self) -> String {
        format!("{}_{}", word(self.log), self.number)
    }

    /// Whether its day had ended by `moment`.
    pub const fn ended_by(&self, moment: Moment) -> bool {
        self.day.saturating_add(1).saturating_mul(DAY) <= moment.millis()
    }

    /// The stretch for a row of `at`, where this one is the newest: itself, or one to be made. A clock that was set back by
    /// more than a day gets its own, so that its rows go when their day is over.
    pub const fn for_row(self, at: Moment) -> Self {
        let day = at.millis() / DAY;
        let here = day == self.day || day.saturating_add(1) == self.day;
        if here { self } else { Self { log: self.log, number: self.number + 1, day } }
    }
}

const fn word(log: Log) -> &'static str {
    match log {
        Log::Outcomes => "outcome",
        Log::Timelines => "timeline",
    }
}

/// All stretches of a log, the newest first. There is always one, and none between them is missing.
pub(super) fn all(connection: &Connection, log: Log) -> Sql<Vec<Stretch>> {
    let sql = "SELECT number, day, guard FROM stretch WHERE log = ?1 ORDER BY number DESC";
    let all =
        connection.prepare_cached(sql)?.query_map([word(log)], |row| stretch(log, row))?.collect::<Sql<Vec<_>>>()?;
    match all.windows(2).find(|two| two[0].number != two[1].number + 1) {
        Some(gap) => Err(rusqlite::Error::IntegralValueOutOfRange(0, gap[1].number)),
        None if all.is_empty() => Err(rusqlite::Error::IntegralValueOutOfRange(0, 0)),
        None => Ok(all),
    }
}

/// The newest, and the one before it if there is one.
pub(super) fn newest(connection: &Connection, log: Log) -> Sql<(Stretch, Option<Stretch>)> {
    let sql = "SELECT number, day, guard FROM stretch WHERE log = ?1 ORDER BY number DESC LIMIT 2";
    let mut newest = connection.prepare_cached(sql)?;
    let mut rows = newest.query_map([word(log)], |row| stretch(log, row))?;
    let first = rows.next().ok_or(rusqlite::Error::QueryReturnedNoRows)??;
    Ok((first, rows.next().transpose()?))
}

/// A row of the catalogue. A damaged day would have a stretch removed too early, so it is there twice.
fn stretch(log: Log, row: &rusqlite::Row<'_>) -> Sql<Stretch> {
    let (number, day, guard): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    if guard == !day {
        Ok(Stretch { log, number, day: day.cast_unsigned() })
    } else {
        Err(rusqlite::Error::IntegralValueOutOfRange(1, day))
    }
}

/// How many tables of a log there are, catalogued or not.
pub(super) fn tables(connection: &Connection, log: Log) -> Sql<usize> {
    let sql = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name GLOB ?1";
    let count: i64 = connection.prepare_cached(sql)?.query_row([format!("{}_[0-9]*", word(log))], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Makes the table of a stretch and enters it into the catalogue.
pub(super) fn make(connection: &Connection, stretch: &Stretch) -> Sql<()> {
    let table = stretch.table();
    connection.execute_batch(&match stretch.log {
        Log::Outcomes => format!(
            "CREATE TABLE {table} (
               writer TEXT NOT NULL, position INTEGER NOT NULL, verification BLOB NOT NULL UNIQUE, at INTEGER NOT NULL,
               caller TEXT NOT NULL, application TEXT NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL,
               PRIMARY KEY (writer, position)
             ) WITHOUT ROWID"
        ),
        Log::Timelines => format!(
            "CREATE TABLE {table} (
               verification BLOB NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL,
               crc INTEGER NOT NULL, PRIMARY KEY (verification, sequence)
             ) WITHOUT ROWID"
        ),
    })?;
    let (sql, day) = ("INSERT INTO stretch (log, number, day, guard) VALUES (?1, ?2, ?3, ?4)", integer(stretch.day));
    connection.prepare_cached(sql)?.execute(params![word(stretch.log), stretch.number, day, !day])?;
    Ok(())
}

/// Removes at most `limit` rows of the oldest stretches whose day had ended `before` this; each table goes as soon as it is
/// empty, but the newest stays.
pub(super) fn retire(connection: &Connection, log: Log, before: Moment, limit: u32) -> Sql<u64> {
    let (mut removed, limit) = (0, u64::from(limit));
    let stretches = all(connection, log)?;
    for (index, stretch) in stretches.iter().enumerate().rev() {
        if removed == limit || !stretch.ended_by(before) {
            break;
        }
        let rows = remove_rows(connection, stretch, limit - removed)?;
        removed += rows;
        if removed == limit {
            break;
        }
        if index > 0 {
            connection.execute_batch(&format!("DROP TABLE {}", stretch.table()))?;
            let sql = "DELETE FROM stretch WHERE log = ?1 AND number = ?2";
            connection.prepare_cached(sql)?.execute(params![word(log), stretch.number])?;
        }
    }
    Ok(removed)
}

/// Removes the first `limit` rows by key. Neighbours in the key are neighbours in the file, so few pages are touched.
fn remove_rows(connection: &Connection, stretch: &Stretch, limit: u64) -> Sql<u64> {
    let table = stretch.table();
    let key = match stretch.log {
        Log::Outcomes => "writer, position",
        Log::Timelines => "verification, sequence",
    };
    if stretch.log == Log::Outcomes {
        let sql = format!(
            "INSERT INTO feed (writer, last, removed, guard_last, guard_removed)
               SELECT writer, MAX(position), MAX(position), ~MAX(position), ~MAX(position) FROM
                 (SELECT writer, position FROM {table} ORDER BY {key} LIMIT ?1) GROUP BY writer
             ON CONFLICT (writer) DO UPDATE SET
               removed = MAX(removed, excluded.removed), guard_removed = ~MAX(removed, excluded.removed)"
        );
        connection.execute(&sql, [integer(limit)])?;
    }
    let rows = connection.execute(&removal(stretch), [integer(limit.saturating_sub(1))])?;
    // Fewer than the limit are there.
    let rows = if rows == 0 { connection.execute(&format!("DELETE FROM {table}"), [])? } else { rows };
    Ok(rows as u64)
}

/// The statement that removes up to the row at an offset. With bare columns on the right SQLite compares only the first
/// one by the key, and so reads all that is left.
fn removal(stretch: &Stretch) -> String {
    let table = stretch.table();
    let (one, two) = match stretch.log {
        Log::Outcomes => ("writer", "position"),
        Log::Timelines => ("verification", "sequence"),
    };
    format!(
        "DELETE FROM {table} WHERE ({one}, {two}) <= \
         (SELECT +{one}, +{two} FROM {table} ORDER BY {one}, {two} LIMIT 1 OFFSET ?1)"
    )
}

/// The outcomes of a writer are in their tables up to a position. The counter survives what it counted; one that is damaged
/// stays as it is.
pub(super) fn reached(connection: &Connection, writer: &str, position: u64) -> Sql<()> {
    let sql = "INSERT INTO feed (writer, last, removed, guard_last, guard_removed) VALUES (?1, ?2, 0, ~?2, ~0)
               ON CONFLICT (writer) DO UPDATE SET last = ?2, guard_last = ~?2 WHERE guard_last = ~last";
    connection.prepare_cached(sql)?.execute(params![writer, position.cast_signed()]).map(|_| ())
}

/// How far a writer's feed goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Reach {
    /// The last position that was given; 0 if none.
    pub last: u64,
    /// The last position that retention has removed; 0 if none.
    pub removed: u64,
}

/// How far the feed of a writer goes; `None` if what is written of it is damaged.
pub(super) fn reach(connection: &Connection, writer: &str) -> Sql<Option<Reach>> {
    let sql = "SELECT last, removed, guard_last = ~last AND guard_removed = ~removed AND removed BETWEEN 0 AND last
               FROM feed WHERE writer = ?1";
    let found = connection.prepare_cached(sql)?.query_row([writer], |row| {
        let (last, removed): (i64, i64) = (row.get(0)?, row.get(1)?);
        let reach = Reach { last: last.cast_unsigned(), removed: removed.cast_unsigned() };
        Ok(row.get::<_, bool>(2)?.then_some(reach))
    });
    Ok(found.optional()?.unwrap_or(Some(Reach::default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removal_searches_by_the_whole_key() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE stretch (log TEXT, number INTEGER, day INTEGER, guard INTEGER)")
            .unwrap();
        for log in [Log::Outcomes, Log::Timelines] {
            let stretch = Stretch { log, number: 1, day: 0 };
            make(&connection, &stretch).unwrap();
            let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", removal(&stretch))).unwrap();
            let plan = explain.query_map([1], |row| row.get::<_, String>(3)).unwrap().collect::<Sql<Vec<_>>>().unwrap();
            assert!(plan[0].contains("PRIMARY KEY (") && plan[0].contains(',') && plan[0].contains("<("), "{plan:?}");
        }
    }
}
