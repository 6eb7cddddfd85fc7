//! The monotonic clock of the sound of calls, and the wait for a moment on it.
//! Refuses to be read anywhere but where packets come and go: the rest takes the time as an argument.

use std::time::{Duration, Instant};

/// Counts from the moment when it was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the one home of the clock of media")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn now(self) -> Duration {
        self.0.elapsed()
    }

    /// Sleeps until this time, or not at all if it is over.
    pub fn wait_until(self, time: Duration) {
        let left = time.saturating_sub(self.now());
        if !left.is_zero() {
            std::thread::sleep(left);
        }
    }
}
