//! The one writer: it takes every change that waits, commits them in one transaction, then answers all.
//! Refuses to try again after an unknown commit: then the process ends, and the next start reads what is durable.

use crate::spectators::Spectators;
use metrics::{counter, histogram};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use store::{Change, CommitError, Conflict, Operation, Receipt, Store};
use tokio::sync::{oneshot, watch};

/// Changes that may wait; beyond it a change is refused.
const WAITING: usize = 65_536;
/// Changes in one transaction at most.
const BATCH: usize = 4_096;

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
    settled: watch::Receiver<u64>,
    spectators: Arc<Spectators>,
}

impl Ledger {
    /// Starts the writer's thread. It ends when the last handle is gone and everything waiting is written.
    pub fn start(store: Arc<dyn Store>) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, waiting) = sync_channel(WAITING);
        let state = Arc::new(AtomicU8::new(LedgerState::Good as u8));
        let (announce, settled) = watch::channel(0);
        let spectators = Arc::<Spectators>::default();
        let writer = Writer { store, state: Arc::clone(&state), announce, spectators: Arc::clone(&spectators) };
        let thread = std::thread::Builder::new().name("ledger".into()).spawn(move || writer.run(&waiting))?;
        Ok((Self { jobs, state, settled, spectators }, thread))
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
    announce: watch::Sender<u64>,
    spectators: Arc<Spectators>,
}

impl Writer {
    fn run(&self, waiting: &Receiver<Job>) {
        while let Ok(first) = waiting.recv() {
            let mut jobs = vec![first];
            jobs.extend(waiting.try_iter().take(BATCH - 1));
            self.commit(jobs);
        }
    }

    fn commit(&self, jobs: Vec<Job>) {
        let (changes, answers): (Vec<_>, Vec<_>) = jobs.into_iter().map(|job| (job.change, job.answer)).unzip();
        histogram!("countersign_ledger_batch_changes").record(changes.len() as f64);
        match self.store.commit(&changes) {
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

/// Whether a change needs room on the disk: one that only removes succeeds on a full one, and says nothing of it.
fn adds(change: &Change) -> bool {
    change.operations.iter().any(|operation| match operation {
        Operation::Put { .. } | Operation::Append { .. } | Operation::Settle { .. } | Operation::Audit { .. } => true,
        Operation::Delete { .. } | Operation::Prune { .. } | Operation::Retire { .. } => false,
    })
}
