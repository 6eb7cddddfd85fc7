//! The one writer: it takes every change that waits, commits them in one transaction, then answers all.
//! Refuses to try again after an unknown commit: then the process ends, and the next start reads what is durable.

use crate::spectators::Spectators;
use metrics::{counter, histogram};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;
use store::{Change, CommitError, Conflict, Operation, Receipt, Store};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

/// Changes that may wait; beyond it a change is refused.
const WAITING: usize = 65_536;
/// Changes in one transaction at most.
const BATCH: usize = 4_096;
/// A commit that takes longer is not waited for by anybody new: a server that went away may be gone for long.
const PATIENCE: Duration = Duration::from_secs(2);

/// A change was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// Somebody else wrote first: read again, decide again.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The disk is full.
    #[error("the disk that holds the store is full")]
    Full,
    /// The store does not take writes now.
    #[error("the store does not take writes now")]
    Unavailable,
    /// Too many changes wait.
    #[error("too many writes wait")]
    Busy,
}

/// How the Ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerState {
    /// The last commit was durable.
    Good,
    /// The disk is full.
    Full,
    /// The last commit failed.
    Unavailable,
}

struct Job {
    change: Change,
    answer: oneshot::Sender<Result<Receipt, NotWritten>>,
}

/// A handle to the writer; clones share it.
#[derive(Clone)]
pub struct Ledger {
    jobs: SyncSender<Job>,
    state: Arc<AtomicU8>,
    going_on: Arc<GoingOn>,
    settled: watch::Receiver<u64>,
    spectators: Arc<Spectators>,
}

/// Since when a commit goes on.
struct GoingOn {
    base: Instant,
    /// Milliseconds after the base and one more; 0 while none does.
    since: AtomicU64,
}

impl GoingOn {
    fn begin(&self) {
        let millis = u64::try_from(self.base.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.since.store(millis.saturating_add(1), Ordering::Relaxed);
    }

    fn end(&self) {
        self.since.store(0, Ordering::Relaxed);
    }

    fn is_stalled(&self) -> bool {
        match self.since.load(Ordering::Relaxed) {
            0 => false,
            since => self.base.elapsed() > Duration::from_millis(since) + PATIENCE,
        }
    }
}

impl Ledger {
    /// Starts the writer's thread. It ends when the last handle is gone and everything waiting is written.
    pub fn start(store: Arc<dyn Store>) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, waiting) = sync_channel(WAITING);
        let state = Arc::new(AtomicU8::new(LedgerState::Good as u8));
        let (announce, settled) = watch::channel(0);
        let spectators = Arc::<Spectators>::default();
        let going_on = Arc::new(GoingOn { base: Instant::now(), since: AtomicU64::new(0) });
        let writer = Writer {
            store,
            state: Arc::clone(&state),
            going_on: Arc::clone(&going_on),
            announce,
            spectators: Arc::clone(&spectators),
        };
        let waiting = Arc::new(Mutex::new(waiting));
        let (stalled, left) = (Arc::clone(&going_on), Arc::downgrade(&waiting));
        std::thread::Builder::new().name("refuser".into()).spawn(move || refuse_when_stalled(&stalled, &left))?;
        let thread = std::thread::Builder::new().name("ledger".into()).spawn(move || writer.run(&waiting))?;
        Ok((Self { jobs, state, going_on, settled, spectators }, thread))
    }

    /// Commits a change; the answer comes once it is durable or refused.
    pub async fn commit(&self, change: Change) -> Result<Receipt, NotWritten> {
        self.enqueue(change)?.await.unwrap_or(Err(NotWritten::Unavailable))
    }

    /// Waits until everything that was enqueued before is written or refused.
    pub async fn barrier(&self) -> Result<(), NotWritten> {
        self.commit(Change { operations: vec![] }).await.map(|_| ())
    }

    /// Puts a change behind those that wait; the order of calls is the order of commits.
    pub fn enqueue(&self, change: Change) -> Result<oneshot::Receiver<Result<Receipt, NotWritten>>, NotWritten> {
        if self.going_on.is_stalled() {
            return Err(NotWritten::Unavailable);
        }
        let (answer, answered) = oneshot::channel();
        match self.jobs.try_send(Job { change, answer }) {
            Ok(()) => Ok(answered),
            Err(TrySendError::Full(_)) => Err(NotWritten::Busy),
            Err(TrySendError::Disconnected(_)) => Err(NotWritten::Unavailable),
        }
    }

    /// How it is.
    pub fn state(&self) -> LedgerState {
        match self.state.load(Ordering::Relaxed) {
            _ if self.going_on.is_stalled() => LedgerState::Unavailable,
            1 => LedgerState::Full,
            2 => LedgerState::Unavailable,
            _ => LedgerState::Good,
        }
    }

    /// The position of the last outcome, for whoever waits for the feed.
    pub fn settled(&self) -> watch::Receiver<u64> {
        self.settled.clone()
    }

    /// Who watches.
    pub(crate) const fn spectators(&self) -> &Arc<Spectators> {
        &self.spectators
    }
}

struct Writer {
    store: Arc<dyn Store>,
    state: Arc<AtomicU8>,
    going_on: Arc<GoingOn>,
    announce: watch::Sender<u64>,
    spectators: Arc<Spectators>,
}

impl Writer {
    fn run(&self, waiting: &Mutex<Receiver<Job>>) {
        while let Some(jobs) = next(waiting) {
            self.commit(jobs);
        }
    }

    fn commit(&self, jobs: Vec<Job>) {
        let (changes, answers): (Vec<_>, Vec<_>) = jobs.into_iter().map(|job| (job.change, job.answer)).unzip();
        histogram!("countersign_ledger_batch_changes").record(changes.len() as f64);
        self.going_on.begin();
        let committed = self.store.commit(&changes);
        self.going_on.end();
        match committed {
            Ok(results) => {
                if changes.iter().any(adds) {
                    self.become_(LedgerState::Good);
                }
                self.announce_outcomes(&changes, &results);
                for (answer, result) in answers.into_iter().zip(results) {
                    let _ = answer.send(result.map_err(NotWritten::from));
                }
                self.spectators.tell(&changes);
            }
            Err(CommitError::Full) => self.refuse(answers, LedgerState::Full, &NotWritten::Full),
            Err(CommitError::Unavailable { cause }) => {
                tracing::error!(%cause, "the store does not take writes");
                self.refuse(answers, LedgerState::Unavailable, &NotWritten::Unavailable);
            }
            Err(CommitError::OutcomeUnknown { cause }) => {
                tracing::error!(%cause, "it is not known whether the last writes are durable; the process ends and must be started anew");
                std::process::abort();
            }
        }
    }

    fn refuse(&self, answers: Vec<oneshot::Sender<Result<Receipt, NotWritten>>>, state: LedgerState, why: &NotWritten) {
        self.become_(state);
        counter!("countersign_ledger_refused_total").increment(answers.len() as u64);
        for answer in answers {
            let _ = answer.send(Err(why.clone()));
        }
    }

    fn become_(&self, state: LedgerState) {
        let before = self.state.swap(state as u8, Ordering::Relaxed);
        if before != state as u8 {
            tracing::warn!(?state, "the ledger's state changed");
        }
    }

    fn announce_outcomes(&self, changes: &[Change], results: &[Result<Receipt, Conflict>]) {
        let settled = changes.iter().zip(results).filter_map(|(change, result)| {
            let numbers = &result.as_ref().ok()?.numbers;
            let index = change.operations.iter().position(|operation| matches!(operation, Operation::Settle { .. }))?;
            numbers.get(index).copied()
        });
        if let Some(last) = settled.max() {
            self.announce.send_replace(last);
        }
    }
}

/// All that waits, as soon as something does; `None` when nobody is left who could want something written.
fn next(waiting: &Mutex<Receiver<Job>>) -> Option<Vec<Job>> {
    let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let mut jobs = vec![waiting.recv().ok()?];
    jobs.extend(waiting.try_iter().take(BATCH - 1));
    Some(jobs)
}

/// What waits behind a commit that does not end is refused, as long as the writer lives.
fn refuse_when_stalled(going_on: &GoingOn, waiting: &Weak<Mutex<Receiver<Job>>>) {
    while let Some(waiting) = waiting.upgrade() {
        if going_on.is_stalled()
            && let Ok(waiting) = waiting.try_lock()
        {
            for job in waiting.try_iter() {
                let _ = job.answer.send(Err(NotWritten::Unavailable));
            }
        }
        drop(waiting);
        std::thread::sleep(PATIENCE / 4);
    }
}

/// Whether a change needs room on the disk: one that only removes succeeds on a full one, and says nothing of it.
fn adds(change: &Change) -> bool {
    change.operations.iter().any(|operation| match operation {
        Operation::Put { .. } | Operation::Append { .. } | Operation::Settle { .. } | Operation::Audit { .. } => true,
        Operation::Delete { .. } | Operation::Prune { .. } | Operation::Retire { .. } => false,
    })
}
