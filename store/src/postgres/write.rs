//! A staged batch as statements, all of them on their way before the first is answered.
//! Refuses row by row: each statement takes all rows of its kind as arrays.

use super::checksum;
use super::stage::{Base, Stage};
use crate::Key;
use futures_util::future::{BoxFuture, join_all};
use std::collections::HashMap;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

const RECORD: &str = "kind, id, version, parent, format, body, expires, crc";
const ARRAYS: &str =
    "$1::text[], $2::text[], $3::bigint[], $4::text[], $5::integer[], $6::bytea[], $7::bigint[], $8::bigint[]";

/// The statements of a connection that writes.
pub struct Statements {
    insert: Statement,
    update: Statement,
    upsert: Statement,
    remove: Statement,
    remove_any: Statement,
    absent: Statement,
    lines: Statement,
    outcomes: Statement,
    links: Statement,
    mark: Statement,
}

/// Where the rows of a batch go, and what marks it.
pub struct Mark<'a> {
    pub node: &'a str,
    pub token: i64,
    pub batch: i64,
    /// The stretches of new timelines, of new outcomes, and of outcomes before those.
    pub timelines: i64,
    pub outcomes: i64,
    pub before: i64,
}

/// Ends the batch if the rows that a statement touched are not as many as they must be.
fn expecting(statement: &str, wanted: &str) -> String {
    format!("WITH done AS ({statement} RETURNING 1) SELECT countersign_expect((SELECT count(*) FROM done), {wanted})")
}

impl Statements {
    /// Prepares them.
    pub async fn prepare(client: &Client) -> Result<Self, Error> {
        let insert = format!("INSERT INTO record ({RECORD}) SELECT * FROM unnest({ARRAYS}) ON CONFLICT DO NOTHING");
        let update = format!(
            "UPDATE record SET version = u.version, parent = u.parent, format = u.format, body = u.body,
               expires = u.expires, crc = u.crc
             FROM unnest({ARRAYS}, $9::bigint[]) AS u ({RECORD}, base)
             WHERE record.kind = u.kind AND record.id = u.id AND record.version = u.base"
        );
        let upsert = format!(
            "INSERT INTO record ({RECORD}) SELECT * FROM unnest({ARRAYS}) ON CONFLICT (kind, id) DO UPDATE SET
               version = record.version + excluded.version, parent = excluded.parent, format = excluded.format,
               body = excluded.body, expires = excluded.expires, crc = excluded.crc RETURNING kind, id, version"
        );
        let keys = "unnest($1::text[], $2::text[]) AS u (kind, id)";
        let same = "record.kind = u.kind AND record.id = u.id";
        let remove = "DELETE FROM record USING unnest($1::text[], $2::text[], $3::bigint[]) AS u (kind, id, base)
                      WHERE record.kind = u.kind AND record.id = u.id AND record.version = u.base";
        let lines = "INSERT INTO timeline (stretch, verification, place, at, body, crc)
                     SELECT $1, * FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bigint[])";
        let outcomes = "INSERT INTO outcome
                          (stretch, writer, position, verification, at, caller, application, body, crc)
                        SELECT $1, $2, * FROM unnest($3::bigint[], $4::bytea[], $5::bigint[], $6::text[], $7::text[],
                          $8::bytea[], $9::bigint[]) ON CONFLICT DO NOTHING RETURNING 1";
        let outcomes = format!(
            "WITH done AS ({outcomes}) SELECT countersign_expect((SELECT count(*) FROM done), $10),
               countersign_expect((SELECT count(*) FROM outcome WHERE stretch = $11 AND stretch <> $1
                                   AND verification = ANY($4::bytea[])), 0)"
        );
        let links = "INSERT INTO audit (writer, position, at, body, hash)
                     SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[])";
        let mark = "UPDATE node SET batch = $1, last = $2 WHERE name = $3 AND token = $4";
        Ok(Self {
            insert: client.prepare(&expecting(&insert, "$9")).await?,
            update: client.prepare(&expecting(&update, "$10")).await?,
            upsert: client.prepare(&upsert).await?,
            remove: client.prepare(&expecting(remove, "$4")).await?,
            remove_any: client.prepare(&format!("DELETE FROM record USING {keys} WHERE {same}")).await?,
            absent: client
                .prepare(&format!("SELECT countersign_expect((SELECT count(*) FROM record JOIN {keys} ON {same}), 0)"))
                .await?,
            lines: client.prepare(lines).await?,
            outcomes: client.prepare(&outcomes).await?,
            links: client.prepare(links).await?,
            mark: client.prepare(&expecting(mark, "1")).await?,
        })
    }
}

/// The columns of records.
#[derive(Default)]
struct Records<'a> {
    kind: Vec<&'a str>,
    id: Vec<&'a str>,
    version: Vec<i64>,
    parent: Vec<Option<&'a str>>,
    format: Vec<i32>,
    body: Vec<&'a [u8]>,
    expires: Vec<Option<i64>>,
    crc: Vec<i64>,
    base: Vec<i64>,
}

/// The keys of records.
#[derive(Default)]
struct Keys<'a> {
    kind: Vec<&'a str>,
    id: Vec<&'a str>,
    base: Vec<i64>,
}

/// The columns of everything that a batch writes.
#[derive(Default)]
struct Columns<'a> {
    new: Records<'a>,
    changed: Records<'a>,
    any: Records<'a>,
    removed: Keys<'a>,
    removed_any: Keys<'a>,
    absent: Keys<'a>,
}

impl<'a> Columns<'a> {
    fn of(stage: &'a Stage<'_>) -> Self {
        let mut columns = Self::default();
        for (key, fate) in &stage.records {
            let (kind, id) = (key.kind.as_str(), key.id.as_str());
            let Some(state) = &fate.state else {
                let (keys, base) = match fate.base {
                    Base::Is(Some(base)) => (&mut columns.removed, base),
                    Base::Is(None) => (&mut columns.absent, 0),
                    Base::Any => (&mut columns.removed_any, 0),
                };
                keys.kind.push(kind);
                keys.id.push(id);
                keys.base.push(base.cast_signed());
                continue;
            };
            let (records, base) = match fate.base {
                Base::Is(Some(base)) => (&mut columns.changed, base),
                Base::Is(None) => (&mut columns.new, 0),
                Base::Any => (&mut columns.any, 0),
            };
            let parent = state.parent.as_deref();
            records.kind.push(kind);
            records.id.push(id);
            records.version.push(fate.version.cast_signed());
            records.parent.push(parent);
            records.format.push(state.format);
            records.body.push(&state.body);
            records.expires.push(state.expires);
            records.crc.push(checksum::of_record(key, parent, state.format, &state.body, state.expires));
            records.base.push(base.cast_signed());
        }
        columns
    }
}

type Wait<'a> = BoxFuture<'a, Result<Vec<Row>, Error>>;

/// Writes all of it, with the mark of the batch; the versions of those records that only the server could count. `whole`
/// says whether it is a transaction of its own.
pub async fn write(
    client: &Client,
    statements: &Statements,
    stage: &Stage<'_>,
    mark: &Mark<'_>,
    whole: bool,
) -> Result<HashMap<Key, u64>, Error> {
    let columns = Columns::of(stage);
    let logs = Logs::of(stage, mark.node);
    let last = stage.heads.last.cast_signed();
    let length = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let counts = [&columns.new, &columns.changed].map(|records| length(records.id.len()));
    let (removed, outcomes) = (length(columns.removed.id.len()), length(stage.outcomes.len()));
    let Columns { new, changed, any, .. } = &columns;
    let new_ones = params(new, &[&counts[0]]);
    let changed_ones = params(changed, &[&changed.base, &counts[1]]);
    let any_ones = params(any, &[]);
    let gone: [&(dyn ToSql + Sync); 4] = [&columns.removed.kind, &columns.removed.id, &columns.removed.base, &removed];
    let gone_any: [&(dyn ToSql + Sync); 2] = [&columns.removed_any.kind, &columns.removed_any.id];
    let absent: [&(dyn ToSql + Sync); 2] = [&columns.absent.kind, &columns.absent.id];
    let lines: [&(dyn ToSql + Sync); 6] =
        [&mark.timelines, &logs.line_of, &logs.place, &logs.line_at, &logs.line, &logs.line_crc];
    let ended: [&(dyn ToSql + Sync); 11] = [
        &mark.outcomes,
        &mark.node,
        &logs.position,
        &logs.outcome_of,
        &logs.outcome_at,
        &logs.caller,
        &logs.application,
        &logs.outcome,
        &logs.outcome_crc,
        &outcomes,
        &mark.before,
    ];
    let links: [&(dyn ToSql + Sync); 5] = [&mark.node, &logs.link, &logs.link_at, &logs.link_body, &logs.hash];
    let marks: [&(dyn ToSql + Sync); 4] = [&mark.batch, &last, &mark.node, &mark.token];
    let mut all: Vec<Wait<'_>> = Vec::new();
    if whole {
        all.push(simple(client, "BEGIN"));
    }
    let mut add = |wanted: bool, statement, params| {
        if wanted {
            all.push(Box::pin(client.query(statement, params)) as Wait<'_>);
        }
    };
    add(!new.id.is_empty(), &statements.insert, &new_ones[..]);
    add(!changed.id.is_empty(), &statements.update, &changed_ones[..]);
    add(removed > 0, &statements.remove, &gone[..]);
    add(!columns.removed_any.id.is_empty(), &statements.remove_any, &gone_any[..]);
    add(!columns.absent.id.is_empty(), &statements.absent, &absent[..]);
    add(!stage.lines.is_empty(), &statements.lines, &lines[..]);
    add(outcomes > 0, &statements.outcomes, &ended[..]);
    add(!stage.links.is_empty(), &statements.links, &links[..]);
    add(true, &statements.mark, &marks[..]);
    add(!any.id.is_empty(), &statements.upsert, &any_ones[..]);
    let upserted = (!any.id.is_empty()).then(|| all.len() - 1);
    if whole {
        all.push(simple(client, "COMMIT"));
    }
    let answers = join_all(all).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(upserted.map(|index| counted(&answers[index])).unwrap_or_default())
}

fn simple<'a>(client: &'a Client, sql: &'static str) -> Wait<'a> {
    Box::pin(async move { client.batch_execute(sql).await.map(|()| Vec::new()) })
}

fn params<'p>(records: &'p Records<'_>, more: &[&'p (dyn ToSql + Sync)]) -> Vec<&'p (dyn ToSql + Sync)> {
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![
        &records.kind,
        &records.id,
        &records.version,
        &records.parent,
        &records.format,
        &records.body,
        &records.expires,
        &records.crc,
    ];
    params.extend(more);
    params
}

fn counted(rows: &[Row]) -> HashMap<Key, u64> {
    let kind = |word: &str| crate::Kind::ALL.iter().find(|kind| kind.as_str() == word).copied();
    rows.iter()
        .filter_map(|row| {
            let key = Key::new(kind(row.get(0))?, row.get::<_, String>(1));
            Some((key, row.get::<_, i64>(2).cast_unsigned()))
        })
        .collect()
}

/// The columns of rows that are only added.
#[derive(Default)]
struct Logs<'a> {
    line_of: Vec<Vec<u8>>,
    place: Vec<i64>,
    line_at: Vec<i64>,
    line: Vec<&'a [u8]>,
    line_crc: Vec<i64>,
    position: Vec<i64>,
    outcome_of: Vec<Vec<u8>>,
    outcome_at: Vec<i64>,
    caller: Vec<&'a str>,
    application: Vec<&'a str>,
    outcome: Vec<&'a [u8]>,
    outcome_crc: Vec<i64>,
    link: Vec<i64>,
    link_at: Vec<i64>,
    link_body: Vec<&'a [u8]>,
    hash: Vec<&'a [u8]>,
}

impl<'a> Logs<'a> {
    fn of(stage: &'a Stage<'_>, node: &str) -> Self {
        let mut logs = Self::default();
        for line in &stage.lines {
            let id = line.verification.bits().to_be_bytes();
            logs.line_crc.push(checksum::of_line(&id, line.place, line.at, &line.body));
            logs.line_of.push(id.to_vec());
            logs.place.push(line.place);
            logs.line_at.push(line.at.millis().cast_signed());
            logs.line.push(&line.body);
        }
        for row in &stage.outcomes {
            logs.position.push(row.position.cast_signed());
            logs.outcome_of.push(row.verification.bits().to_be_bytes().to_vec());
            logs.outcome_at.push(row.at.millis().cast_signed());
            logs.caller.push(&row.caller);
            logs.application.push(&row.application);
            logs.outcome.push(&row.body);
            logs.outcome_crc.push(checksum::of_outcome(node, row));
        }
        for link in &stage.links {
            logs.link.push(link.position.cast_signed());
            logs.link_at.push(link.at.millis().cast_signed());
            logs.link_body.push(&link.body);
            logs.hash.push(&link.hash);
        }
        logs
    }
}
