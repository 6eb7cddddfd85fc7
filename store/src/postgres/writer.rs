//! The one writer of a node. It holds a lock in the database as long as its connection lives, and a token that every batch
//! compares, so that nobody writes in its name after it was replaced.
//! Refuses to guess at a lost COMMIT: the mark of the batch says whether it happened.

use super::connect::Connector;
use super::maintain::{self, Newest};
use super::stage::{Exact, Heads, NotKnown, Stage};
use super::write::{Mark, Statements, write};
use super::{OpenError, said, schema};
use crate::{Change, CommitError, Conflict, Expect, Key, Kind, Log, Operation, Receipt};
use engine::id::VerificationId;
use std::collections::HashMap;
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

/// How long the lock of a writer that has died is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it is tried to learn what became of a batch whose connection was lost.
const LONGEST_DOUBT: Duration = Duration::from_secs(60);
const RETRY: Duration = Duration::from_millis(200);
/// Rows of timelines that a writer can add between two starts.
const PLACES: i64 = 1 << 40;

type Answers = Vec<Result<Receipt, Conflict>>;

/// A connection that holds the lock.
struct Live {
    client: Client,
    statements: Statements,
}

/// The writer.
pub struct Writer {
    connector: Connector,
    node: String,
    token: i64,
    live: Option<Live>,
    batch: i64,
    heads: Heads,
    newest: Newest,
    /// What the batch that is being committed comes to.
    doubt: Option<Doubt>,
}

/// A batch of which it is not known whether it was committed.
struct Doubt {
    answers: Answers,
    heads: Heads,
    newest: Newest,
    counted: Vec<Counted>,
}

/// A number that only the server can give: change, operation, record, and by how much it is less than the version there.
type Counted = (usize, usize, Key, u64);

/// Why a batch is not written.
enum Fault {
    /// Something is not as the changes expect.
    Mismatch,
    /// The server said so, or went away.
    Said(Error),
}

impl From<Error> for Fault {
    fn from(cause: Error) -> Self {
        let mismatch = cause.code().is_some_and(|code| code.code() == "CS001");
        if mismatch { Self::Mismatch } else { Self::Said(cause) }
    }
}

impl Writer {
    /// Brings the schema forward, takes the lock and a new token.
    pub async fn open(connector: Connector, node: &str) -> Result<Self, OpenError> {
        let mut client = connector.connect().await?;
        schema::run(&mut client).await?;
        if client.query_one("SHOW fsync", &[]).await?.get::<_, &str>(0) != "on" {
            return Err(OpenError::NoSync);
        }
        if !locked(&client, node).await? {
            return Err(OpenError::InUse(node.to_owned()));
        }
        let sql = "INSERT INTO node VALUES ($1, 1, 0, 0, 0)
                   ON CONFLICT (name) DO UPDATE SET token = node.token + 1 RETURNING token, batch, last";
        let row = client.query_one(sql, &[&node]).await?;
        let token: i64 = row.get(0);
        let head = "SELECT position, hash FROM audit WHERE writer = $1 ORDER BY position DESC LIMIT 1";
        let head = client.query_opt(head, &[&node]).await?;
        let link = head.map_or((0, [0; 32]), |row| {
            let hash: Vec<u8> = row.get(1);
            (row.get::<_, i64>(0).cast_unsigned(), hash.try_into().unwrap_or([0; 32]))
        });
        let heads = Heads { last: row.get::<_, i64>(2).cast_unsigned(), link, place: token * PLACES };
        let newest = Newest::read(&client).await?;
        let statements = Statements::prepare(&client).await?;
        let live = Some(Live { client, statements });
        Ok(Self { connector, node: node.to_owned(), token, live, batch: row.get(1), heads, newest, doubt: None })
    }

    /// Commits a batch: in one round trip, if all is as it expects.
    pub async fn commit(&mut self, changes: &[Change]) -> Result<Answers, CommitError> {
        if changes.iter().all(|change| change.operations.is_empty()) {
            return Ok(changes.iter().map(|_| Ok(Receipt::default())).collect());
        }
        if self.live.as_ref().is_none_or(|live| live.client.is_closed()) {
            self.live = None;
            let back = self.connect_again().await;
            back.map_err(|cause| CommitError::Unavailable { cause })?;
        }
        let written = if self.is_plain(changes) { self.quick(changes).await } else { Err(Fault::Mismatch) };
        let written = match written {
            Err(Fault::Mismatch) => self.exactly(changes).await,
            written => written,
        };
        match written {
            Ok(answers) => Ok(answers),
            Err(Fault::Mismatch) => Err(CommitError::OutcomeUnknown {
                cause: format!("another process writes for the node {} now", self.node),
            }),
            Err(Fault::Said(cause)) => self.failed(&cause).await,
        }
    }

    /// Whether nothing in a batch is about the partitions.
    fn is_plain(&self, changes: &[Change]) -> bool {
        changes.iter().flat_map(|change| &change.operations).all(|operation| match operation {
            Operation::Append { at, .. } => self.newest.timelines.for_row(*at) == self.newest.timelines,
            Operation::Settle { at, .. } => self.newest.outcomes.for_row(*at) == self.newest.outcomes,
            Operation::Prune { .. } | Operation::Retire { .. } => false,
            Operation::Put { .. } | Operation::Delete { .. } | Operation::Audit { .. } => true,
        })
    }

    /// Without asking first: what the changes expect is asserted.
    async fn quick(&mut self, changes: &[Change]) -> Result<Answers, Fault> {
        let mut stage = Stage::new(self.heads, None);
        let mut answers = Vec::with_capacity(changes.len());
        for (index, change) in changes.iter().enumerate() {
            answers.push(stage.change(index, change).map_err(|NotKnown| Fault::Mismatch)?);
        }
        self.batch += 1;
        let times = |key: &Key, times: u64| stage.records.get(key).map_or(0, |fate| fate.version.saturating_sub(times));
        let counted = |(change, operation, key, by): &Counted| (*change, *operation, key.clone(), times(key, *by));
        let counted = stage.counted.iter().map(counted).collect();
        self.doubt = Some(Doubt { answers, heads: stage.heads, newest: self.newest, counted });
        let Some(live) = &self.live else { return Err(Fault::Mismatch) };
        // Where the server is there and has refused something, its COMMIT has ended the transaction without effect.
        let versions = write(&live.client, &live.statements, &stage, &self.mark(), true).await?;
        Ok(self.committed(&versions))
    }

    /// The batch is durable.
    fn committed(&mut self, versions: &HashMap<Key, u64>) -> Answers {
        let Some(Doubt { mut answers, heads, newest, counted }) = self.doubt.take() else { return vec![] };
        for (change, operation, key, less) in counted {
            if let (Some(Ok(receipt)), Some(version)) = (answers.get_mut(change), versions.get(&key)) {
                receipt.numbers[operation] = version - less;
            }
        }
        (self.heads, self.newest) = (heads, newest);
        answers
    }

    fn mark(&self) -> Mark<'_> {
        Mark {
            node: &self.node,
            token: self.token,
            batch: self.batch,
            timelines: self.newest.timelines.number,
            outcomes: self.newest.outcomes.number,
            before: self.newest.outcomes.number - 1,
        }
    }

    /// With all that the changes touch read first, in one transaction, change by change where they are about partitions.
    async fn exactly(&mut self, changes: &[Change]) -> Result<Answers, Fault> {
        let Some(live) = self.live.take() else { return Err(Fault::Mismatch) };
        let (heads, newest) = (self.heads, self.newest);
        self.batch += 1;
        let written = self.in_transaction(&live, changes).await;
        (self.heads, self.newest) = (heads, newest);
        if written.is_err() {
            // A connection that is gone has rolled back by itself, or committed.
            let _ = live.client.batch_execute("ROLLBACK").await;
        }
        self.live = Some(live);
        written.map(|()| self.committed(&HashMap::new()))
    }

    async fn in_transaction(&mut self, live: &Live, changes: &[Change]) -> Result<(), Fault> {
        live.client.batch_execute("BEGIN").await?;
        let answers = if self.is_plain(changes) {
            self.all_at_once(live, changes).await?
        } else {
            let mut answers = Vec::with_capacity(changes.len());
            for change in changes {
                answers.push(self.one(live, change).await?);
            }
            answers
        };
        self.doubt = Some(Doubt { answers, heads: self.heads, newest: self.newest, counted: vec![] });
        Ok(live.client.batch_execute("COMMIT").await?)
    }

    async fn all_at_once(&mut self, live: &Live, changes: &[Change]) -> Result<Answers, Fault> {
        let exact = self.read(&live.client, changes.iter().flat_map(|change| &change.operations)).await?;
        let mut stage = Stage::new(self.heads, Some(&exact));
        let mut answers = Vec::with_capacity(changes.len());
        for (index, change) in changes.iter().enumerate() {
            answers.push(stage.change(index, change).map_err(|NotKnown| Fault::Mismatch)?);
        }
        write(&live.client, &live.statements, &stage, &self.mark(), false).await?;
        self.heads = stage.heads;
        Ok(answers)
    }

    /// A change under a savepoint, operation by operation.
    async fn one(&mut self, live: &Live, change: &Change) -> Result<Result<Receipt, Conflict>, Fault> {
        let (heads, newest) = (self.heads, self.newest);
        live.client.batch_execute("SAVEPOINT change").await?;
        let mut numbers = Vec::with_capacity(change.operations.len());
        for (index, operation) in change.operations.iter().enumerate() {
            match self.operation(live, operation).await? {
                Ok(number) => numbers.push(number),
                Err(found) => {
                    live.client.batch_execute("ROLLBACK TO change; RELEASE change").await?;
                    (self.heads, self.newest) = (heads, newest);
                    return Ok(Err(Conflict { operation: index, found }));
                }
            }
        }
        live.client.batch_execute("RELEASE change").await?;
        Ok(Ok(Receipt { numbers }))
    }

    async fn operation(&mut self, live: &Live, operation: &Operation) -> Result<Result<u64, Option<u64>>, Fault> {
        match operation {
            Operation::Prune { now, limit } => return Ok(Ok(maintain::prune(&live.client, *now, *limit).await?)),
            Operation::Retire { log, before, limit } => {
                let rows = maintain::retire(&live.client, *log, *before, *limit).await?;
                return Ok(Ok(rows));
            }
            Operation::Append { at, .. } => {
                self.newest.timelines =
                    maintain::made(&live.client, Log::Timelines, self.newest.timelines, *at).await?;
            }
            Operation::Settle { at, .. } => {
                let before = self.newest.outcomes;
                let exact = self.read(&live.client, std::iter::once(operation)).await?;
                if !exact.settled.is_empty() {
                    return Ok(Err(Some(1)));
                }
                self.newest.outcomes = maintain::made(&live.client, Log::Outcomes, before, *at).await?;
            }
            Operation::Put { .. } | Operation::Delete { .. } | Operation::Audit { .. } => {}
        }
        let exact = self.read(&live.client, std::iter::once(operation)).await?;
        let mut stage = Stage::new(self.heads, Some(&exact));
        let change = Change { operations: vec![operation.clone()] };
        let answer = stage.change(0, &change).map_err(|NotKnown| Fault::Mismatch)?;
        let answer = answer.map(|receipt| receipt.numbers[0]).map_err(|conflict| conflict.found);
        write(&live.client, &live.statements, &stage, &self.mark(), false).await?;
        self.heads = stage.heads;
        Ok(answer)
    }

    /// What the database holds of all that some operations touch.
    async fn read<'o>(&self, client: &Client, operations: impl Iterator<Item = &'o Operation>) -> Result<Exact, Error> {
        let (mut kinds, mut ids, mut settled) = (Vec::new(), Vec::new(), Vec::new());
        for operation in operations {
            match operation {
                Operation::Put { key, .. } | Operation::Delete { key, .. } => {
                    kinds.push(key.kind.as_str());
                    ids.push(key.id.as_str());
                }
                Operation::Settle { verification, .. } => settled.push(verification.bits().to_be_bytes().to_vec()),
                Operation::Append { .. } | Operation::Audit { .. } => {}
                Operation::Prune { .. } | Operation::Retire { .. } => {}
            }
        }
        let sql =
            "SELECT kind, id, version FROM record JOIN unnest($1::text[], $2::text[]) AS u (kind, id) USING (kind, id)";
        let kind = |word: &str| Kind::ALL.iter().find(|kind| kind.as_str() == word).copied();
        let mut exact = Exact::default();
        for row in client.query(sql, &[&kinds, &ids]).await? {
            if let Some(kind) = kind(row.get(0)) {
                let key = Key::new(kind, row.get::<_, String>(1));
                exact.versions.insert(key, row.get::<_, i64>(2).cast_unsigned());
            }
        }
        let sql = "SELECT verification FROM outcome WHERE stretch >= $1 AND verification = ANY($2)";
        let newest = self.newest.outcomes.number - 1;
        for row in client.query(sql, &[&newest, &settled]).await? {
            let id: Vec<u8> = row.get(0);
            if let Ok(bits) = id.try_into() {
                exact.settled.insert(VerificationId::from_bits(u128::from_be_bytes(bits)));
            }
        }
        Ok(exact)
    }

    /// The server refused a batch, or its connection was lost in the middle of one.
    async fn failed(&mut self, cause: &Error) -> Result<Answers, CommitError> {
        if let Some(code) = cause.code() {
            let full = [SqlState::DISK_FULL, SqlState::OUT_OF_MEMORY].contains(code);
            let down = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN].contains(code);
            if !down {
                return Err(if full { CommitError::Full } else { CommitError::Unavailable { cause: said(cause) } });
            }
        }
        self.live = None;
        let doubted = self.batch;
        let begin = tokio::time::Instant::now();
        while begin.elapsed() < LONGEST_DOUBT {
            if let Ok(batch) = self.connect_again().await {
                // The lock is ours again, so whatever the lost connection was doing has ended.
                return if batch == doubted { self.was_committed().await } else { Err(lost(cause)) };
            }
            tokio::time::sleep(RETRY).await;
        }
        Err(CommitError::OutcomeUnknown { cause: said(cause) })
    }

    async fn was_committed(&mut self) -> Result<Answers, CommitError> {
        let unknown = |cause: String| CommitError::OutcomeUnknown { cause };
        let Some(live) = &self.live else { return Err(unknown("another process writes for this node".into())) };
        let keys: Vec<_> =
            self.doubt.iter().flat_map(|doubt| &doubt.counted).map(|(_, _, key, _)| key.clone()).collect();
        let reads: Vec<_> = keys.into_iter().map(|key| Operation::Delete { key, expect: Expect::Any }).collect();
        let exact = self.read(&live.client, reads.iter()).await.map_err(|cause| unknown(said(&cause)))?;
        Ok(self.committed(&exact.versions))
    }

    /// A new connection with the same lock and token; the mark of the last batch that was committed.
    async fn connect_again(&mut self) -> Result<i64, String> {
        let failed = |cause: Error| said(&cause);
        let client = self.connector.connect().await.map_err(failed)?;
        if !locked(&client, &self.node).await.map_err(failed)? {
            return Err("another connection holds the lock of this node".into());
        }
        let sql = "SELECT token, batch FROM node WHERE name = $1";
        let row = client.query_one(sql, &[&self.node]).await.map_err(failed)?;
        if row.get::<_, i64>(0) != self.token {
            return Err("another process has written for this node meanwhile; this one must be started anew".into());
        }
        let statements = Statements::prepare(&client).await.map_err(failed)?;
        self.live = Some(Live { client, statements });
        Ok(row.get(1))
    }
}

fn lost(cause: &Error) -> CommitError {
    CommitError::Unavailable { cause: format!("the connection was lost before COMMIT: {}", said(cause)) }
}

/// Takes the lock of a node for as long as the connection lives; whoever has died gives it back soon.
async fn locked(client: &Client, node: &str) -> Result<bool, Error> {
    let begin = tokio::time::Instant::now();
    loop {
        let sql = "SELECT pg_try_advisory_lock(hashtextextended('countersign node ' || $1, 0))";
        if client.query_one(sql, &[&node]).await?.get(0) {
            return Ok(true);
        }
        if begin.elapsed() > PATIENCE {
            return Ok(false);
        }
        tokio::time::sleep(RETRY).await;
    }
}
