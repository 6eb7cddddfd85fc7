//! Days: the stretch that a row goes to, and what is removed when its time is over. Each stretch is a partition.
//! Refuses to remove what lies behind a stretch that stays.

use crate::change::Log;
use engine::moment::Moment;
use tokio_postgres::{Client, Error};

/// Milliseconds of a UTC day, as Unix time counts them.
const DAY: u64 = 86_400_000;

/// A partition of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Counts up; later rows are never in an earlier one.
    pub number: i64,
    /// The UTC day of its first row, days since the epoch.
    pub day: u64,
}

impl Stretch {
    /// The stretch for a row of `at`, where this one is the newest: itself, or the next. A clock that was set back by more than
    /// a day gets its own, so that its rows go when their day is over.
    pub const fn for_row(self, at: Moment) -> Self {
        let day = at.millis() / DAY;
        let here = day == self.day || day.saturating_add(1) == self.day;
        if here { self } else { Self { number: self.number + 1, day } }
    }

    const fn ended_by(self, moment: Moment) -> bool {
        self.day.saturating_add(1).saturating_mul(DAY) <= moment.millis()
    }
}

/// The newest stretch of each log.
#[derive(Debug, Clone, Copy)]
pub struct Newest {
    pub outcomes: Stretch,
    pub timelines: Stretch,
}

impl Newest {
    /// As the catalogue has them.
    pub async fn read(client: &Client) -> Result<Self, Error> {
        Ok(Self { outcomes: newest(client, Log::Outcomes).await?, timelines: newest(client, Log::Timelines).await? })
    }
}

const fn word(log: Log) -> &'static str {
    match log {
        Log::Outcomes => "outcome",
        Log::Timelines => "timeline",
    }
}

async fn newest(client: &Client, log: Log) -> Result<Stretch, Error> {
    let sql = "SELECT number, day FROM stretch WHERE log = $1 ORDER BY number DESC LIMIT 1";
    let row = client.query_one(sql, &[&word(log)]).await?;
    Ok(Stretch { number: row.get(0), day: row.get::<_, i64>(1).cast_unsigned() })
}

/// The stretch for a row of `at`, made if it is not there.
pub async fn made(client: &Client, log: Log, newest: Stretch, at: Moment) -> Result<Stretch, Error> {
    let stretch = newest.for_row(at);
    if stretch != newest {
        let (log, number) = (word(log), stretch.number);
        let sql = format!("CREATE TABLE {log}_{number} PARTITION OF {log} FOR VALUES IN ({number})");
        client.batch_execute(&sql).await?;
        let day = stretch.day.cast_signed();
        client.execute("INSERT INTO stretch VALUES ($1, $2, $3)", &[&log, &number, &day]).await?;
    }
    Ok(stretch)
}

/// Removes at most `limit` expired records, those first that expired first; how many.
pub async fn prune(client: &Client, now: Moment, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM record USING (
                 SELECT kind, id FROM record WHERE expires IS NOT NULL AND expires < $1
                 ORDER BY expires, kind, id LIMIT $2) AS over
               WHERE record.kind = over.kind AND record.id = over.id";
    let now = i64::try_from(now.millis()).unwrap_or(i64::MAX);
    client.execute(sql, &[&now, &i64::from(limit)]).await
}

/// Removes at most `limit` rows of the oldest stretches whose day had ended `before` this; each partition goes as soon as it
/// is empty, but the newest stays. How many rows.
pub async fn retire(client: &Client, log: Log, before: Moment, limit: u32) -> Result<u64, Error> {
    let (mut removed, limit) = (0, u64::from(limit));
    let sql = "SELECT number, day FROM stretch WHERE log = $1 ORDER BY number";
    let all = client.query(sql, &[&word(log)]).await?;
    for (index, row) in all.iter().enumerate() {
        let stretch = Stretch { number: row.get(0), day: row.get::<_, i64>(1).cast_unsigned() };
        if removed == limit || !stretch.ended_by(before) {
            break;
        }
        removed += remove_rows(client, log, stretch, limit - removed).await?;
        if removed == limit {
            break;
        }
        if index + 1 < all.len() {
            client.batch_execute(&format!("DROP TABLE {}_{}", word(log), stretch.number)).await?;
            let sql = "DELETE FROM stretch WHERE log = $1 AND number = $2";
            client.execute(sql, &[&word(log), &stretch.number]).await?;
        }
    }
    Ok(removed)
}

async fn remove_rows(client: &Client, log: Log, stretch: Stretch, limit: u64) -> Result<u64, Error> {
    let table = format!("{}_{}", word(log), stretch.number);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    if log == Log::Outcomes {
        let sql = format!(
            "UPDATE node SET removed = GREATEST(removed, gone.last) FROM (
               SELECT writer, MAX(position) AS last FROM
                 (SELECT writer, position FROM {table} ORDER BY writer, position LIMIT $1) AS first GROUP BY writer) AS gone
             WHERE node.name = gone.writer"
        );
        client.execute(&sql, &[&limit]).await?;
    }
    let key = match log {
        Log::Outcomes => "writer, position",
        Log::Timelines => "verification, place",
    };
    let sql = format!("DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} ORDER BY {key} LIMIT $1)");
    client.execute(&sql, &[&limit]).await
}
