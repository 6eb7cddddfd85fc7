//! The threads that read from the store, so that no arbiter waits for a disk.
//! Refuses writes: they are the Ledger's.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Threads that wait to be woken: a busy one takes the next job by itself.
    idle: usize,
    over: bool,
}

/// A fixed number of threads; they end when this is dropped.
pub struct Readers(Arc<Queue>);

impl Readers {
    /// Starts them.
    pub fn start(count: usize) -> std::io::Result<Self> {
        let queue = Arc::<Queue>::default();
        for index in 0..count {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name(format!("reader {index}")).spawn(move || queue.work())?;
        }
        Ok(Self(queue))
    }

    /// Runs `read` on one of them; `None` if it panicked.
    pub async fn run<T: Send + 'static>(&self, read: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        // Nobody may wait for it any more.
        self.0.put(Box::new(move || drop(answer.send(read()))));
        answered.await.ok()
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.0.state().over = true;
        self.0.ready.notify_all();
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, job: Job) {
        let mut state = self.state();
        state.waiting.push_back(job);
        if state.idle > 0 {
            self.ready.notify_one();
        }
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            // Its answer is dropped with it, and so the asker knows.
            let _ = catch_unwind(AssertUnwindSafe(job));
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            if state.over {
                return None;
            }
            state.idle += 1;
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;

    #[tokio::test]
    async fn every_read_is_answered_also_after_one_that_broke() {
        let readers = Readers::start(2).unwrap();
        let reads = (0..100).map(|number| {
            readers.run(move || {
                assert!(number % 10 != 3, "this read breaks, as the test wants it");
                number
            })
        });
        let answers = join_all(reads).await;
        let expected: Vec<_> = (0..100).map(|number| (number % 10 != 3).then_some(number)).collect();
        assert_eq!(answers, expected);
    }
}
