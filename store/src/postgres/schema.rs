//! The schema in PostgreSQL, as steps that only go forward, each in a transaction of its own under a lock.
//! Refuses a database of a later version.

use super::OpenError;
use tokio_postgres::Client;

/// Held while the schema is brought forward, so that two that start at once do it one after the other.
const LOCK: i64 = 0x636f_756e_7465_7273;

/// Step n brings a database of version n to version n + 1. A released step never changes.
///
/// Identifiers compare byte by byte (`COLLATE "C"`), as they do in the other backend. `countersign_expect` turns a number of
/// rows that should not be into an error, so that a batch whose assumptions do not hold ends before its COMMIT.
const STEPS: &[&str] = &[r#"
CREATE TABLE record (
  kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, version bigint NOT NULL, parent text COLLATE "C",
  format integer NOT NULL, body bytea NOT NULL, expires bigint, crc bigint NOT NULL, PRIMARY KEY (kind, id)
);
CREATE INDEX record_parent ON record (kind, parent) WHERE parent IS NOT NULL;
CREATE INDEX record_expires ON record (expires) WHERE expires IS NOT NULL;
CREATE TABLE timeline (
  stretch bigint NOT NULL, verification bytea NOT NULL, place bigint NOT NULL, at bigint NOT NULL, body bytea NOT NULL,
  crc bigint NOT NULL, PRIMARY KEY (stretch, verification, place)
) PARTITION BY LIST (stretch);
CREATE TABLE timeline_1 PARTITION OF timeline FOR VALUES IN (1);
CREATE TABLE outcome (
  stretch bigint NOT NULL, writer text COLLATE "C" NOT NULL, position bigint NOT NULL, verification bytea NOT NULL,
  at bigint NOT NULL, caller text NOT NULL, application text NOT NULL, body bytea NOT NULL, crc bigint NOT NULL,
  PRIMARY KEY (stretch, writer, position), UNIQUE (stretch, verification)
) PARTITION BY LIST (stretch);
CREATE TABLE outcome_1 PARTITION OF outcome FOR VALUES IN (1);
CREATE TABLE stretch (log text NOT NULL, number bigint NOT NULL, day bigint NOT NULL, PRIMARY KEY (log, number));
INSERT INTO stretch VALUES ('outcome', 1, 0), ('timeline', 1, 0);
CREATE TABLE audit (
  writer text COLLATE "C" NOT NULL, position bigint NOT NULL, at bigint NOT NULL, body bytea NOT NULL,
  hash bytea NOT NULL, PRIMARY KEY (writer, position)
);
CREATE TABLE node (
  name text COLLATE "C" PRIMARY KEY, token bigint NOT NULL, batch bigint NOT NULL, last bigint NOT NULL,
  removed bigint NOT NULL
);
CREATE FUNCTION countersign_expect(rows bigint, wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF rows <> wanted THEN
    RAISE EXCEPTION '% rows, not %', rows, wanted USING ERRCODE = 'CS001';
  END IF;
END $$;
"#];

/// The version that this program writes.
pub const CURRENT: usize = STEPS.len();

/// Brings the schema to the current version.
pub async fn run(client: &mut Client) -> Result<(), OpenError> {
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await?;
    let stepped = steps(client).await;
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await?;
    stepped
}

/// Whether the schema is the current one.
pub async fn check(client: &Client) -> Result<(), OpenError> {
    let found = client.query_opt("SELECT version FROM countersign_schema", &[]).await;
    match found.ok().flatten().map(|row| usize::try_from(row.get::<_, i64>(0)).unwrap_or(usize::MAX)) {
        Some(found) if found > CURRENT => Err(OpenError::TooNew { found, known: CURRENT }),
        Some(found) if found == CURRENT => Ok(()),
        Some(_) | None => Err(OpenError::TooOld),
    }
}

async fn steps(client: &mut Client) -> Result<(), OpenError> {
    let make = "CREATE TABLE IF NOT EXISTS countersign_schema (version bigint NOT NULL)";
    client.batch_execute(make).await?;
    let found = client.query_opt("SELECT version FROM countersign_schema", &[]).await?;
    let found = found.map_or(0, |row| usize::try_from(row.get::<_, i64>(0)).unwrap_or(usize::MAX));
    if found > CURRENT {
        return Err(OpenError::TooNew { found, known: CURRENT });
    }
    for (from, step) in STEPS.iter().enumerate().skip(found) {
        let transaction = client.transaction().await?;
        transaction.batch_execute(step).await?;
        transaction.batch_execute("DELETE FROM countersign_schema").await?;
        let version = from as i64 + 1;
        transaction.execute("INSERT INTO countersign_schema VALUES ($1)", &[&version]).await?;
        transaction.commit().await?;
    }
    Ok(())
}
