//! A pipelined connection: several requests are on it at once, and their answers come in the same order (RFC 9112 §9.3.2).
//! Refuses to go on after an error or a request that took too long: then nobody knows which answer is whose.

use super::LegError;
use super::answer::Answer;
use super::connection::Connection;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

struct Job {
    request: Vec<u8>,
    /// Set before the first byte is written.
    written: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<Answer, String>>,
}

/// A handle to it; clones share it.
#[derive(Clone)]
pub struct Pipe {
    jobs: mpsc::UnboundedSender<Job>,
    /// Requests that are on it or wait for it.
    load: Arc<AtomicUsize>,
    depth: usize,
    task: AbortHandle,
}

/// A place on it; its drop gives it back.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pipe {
    /// Runs on a connection; whoever starts it has the first place.
    pub fn start(connection: Connection, depth: usize, longest: usize) -> Self {
        let (jobs, waiting) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(connection, waiting, longest)).abort_handle();
        Self { jobs, load: Arc::new(AtomicUsize::new(1)), depth, task }
    }

    /// Whether it still works.
    pub fn is_open(&self) -> bool {
        !self.task.is_finished()
    }

    /// Takes a place on it, if there is one.
    pub fn enter(&self) -> bool {
        let take = |load| (load < self.depth).then_some(load + 1);
        self.load.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Writes a request and waits for its answer, in a place that was taken before.
    pub async fn exchange(&self, request: Vec<u8>, timeout: Duration) -> Result<Answer, LegError> {
        let _place = Place(Arc::clone(&self.load));
        let (answer, answered) = oneshot::channel();
        let written = Arc::<AtomicBool>::default();
        let gone = || LegError::NotSent("the connection had ended before".into());
        self.jobs.send(Job { request, written: Arc::clone(&written), answer }).map_err(|_| gone())?;
        match tokio::time::timeout(timeout, answered).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(cause))) => Err(LegError::Unknown(cause)),
            Ok(Err(_)) if written.load(Ordering::Acquire) => Err(LegError::Unknown("the connection ended".into())),
            Ok(Err(_)) => Err(gone()),
            Err(_) => {
                self.task.abort();
                Err(LegError::Unknown("it took too long".into()))
            }
        }
    }
}

async fn run(mut connection: Connection, mut waiting: mpsc::UnboundedReceiver<Job>, longest: usize) {
    let mut out = VecDeque::new();
    let ended = carry(&mut connection, &mut waiting, &mut out, longest).await;
    // Those that wait behind hear by their channel, and whether they were written.
    waiting.close();
    if let Err(cause) = ended {
        for answer in out {
            // Nobody may wait any more.
            let _: Result<(), _> = oneshot::Sender::send(answer, Err(cause.clone()));
        }
    }
}

async fn carry(
    connection: &mut Connection,
    waiting: &mut mpsc::UnboundedReceiver<Job>,
    out: &mut VecDeque<oneshot::Sender<Result<Answer, String>>>,
    longest: usize,
) -> Result<(), String> {
    let (mut jobs, mut unsent) = (Vec::new(), Vec::new());
    loop {
        tokio::select! {
            taken = tokio::time::timeout(super::IDLE, waiting.recv_many(&mut jobs, usize::MAX)), if unsent.is_empty() => {
                match taken {
                    Ok(0) => return Ok(()),
                    Err(_) if out.is_empty() => return Ok(()),
                    Ok(_) | Err(_) => {}
                }
                if out.is_empty() && !connection.is_quiet() {
                    return Ok(());
                }
                unsent = put_out(&mut jobs, out);
            }
            answer = connection.exchange(&mut unsent, longest), if !out.is_empty() => {
                let Some(answer) = answer? else { continue };
                let keeps = answer.keeps;
                if let Some(waiter) = out.pop_front() {
                    let _ = waiter.send(Ok(answer));
                }
                if !keeps {
                    return Err("the gateway closed the connection".into());
                }
            }
        }
    }
}

/// All that waits goes in one piece; from now on nobody knows whether a gateway has seen it.
fn put_out(jobs: &mut Vec<Job>, out: &mut VecDeque<oneshot::Sender<Result<Answer, String>>>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(jobs.iter().map(|job| job.request.len()).sum());
    for job in jobs.drain(..) {
        job.written.store(true, Ordering::Release);
        bytes.extend_from_slice(&job.request);
        out.push_back(job.answer);
    }
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
