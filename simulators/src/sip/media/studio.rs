//! The thread that paces the sound of all calls: each line gets its turn every 20 ms.
//! It ends with whoever started it, and after a delay goes on at the right pace instead of catching up in a burst.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::FRAME_MS;
use super::line::Line;
use crate::clock;
use crate::lock::lock;

/// A delay beyond which the beat begins anew.
const LONGEST_DELAY: Duration = Duration::from_millis(200);

pub(crate) struct Studio {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    lines: Mutex<Vec<Arc<Line>>>,
    ending: AtomicBool,
}

/// A line's place; the line is out of the studio when this goes.
pub(crate) struct Place {
    shared: Arc<Shared>,
    line: Arc<Line>,
}

impl Studio {
    pub(crate) fn start() -> std::io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let pace = Arc::clone(&shared);
        let thread = thread::Builder::new().name("sound".to_owned()).spawn(move || beat(&pace))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    pub(crate) fn enter(&self, line: Arc<Line>) -> Place {
        lock(&self.shared.lines).push(Arc::clone(&line));
        Place { shared: Arc::clone(&self.shared), line }
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It has no panic to pass on that its log did not tell.
            let _ = thread.join();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.shared.lines).retain(|line| !Arc::ptr_eq(line, &self.line));
    }
}

fn beat(shared: &Shared) {
    let step = Duration::from_millis(FRAME_MS);
    let mut next = clock::tick();
    let mut tick = 0;
    while !shared.ending.load(Ordering::Relaxed) {
        let lines = lock(&shared.lines).clone();
        lines.iter().for_each(|line| line.tick(tick));
        // An end that comes meanwhile must not wait for the last hold on a line.
        drop(lines);
        tick += 1;
        next += step;
        let now = clock::tick();
        if now.saturating_duration_since(next) > LONGEST_DELAY {
            next = now;
        }
        thread::sleep(next.saturating_duration_since(now));
    }
}
