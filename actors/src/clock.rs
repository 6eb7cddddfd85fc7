//! The one clock of the process: set by the wall at start, moved on by the monotonic clock.
//! Refuses to follow a wall clock that jumps, so that nothing open expires or is prolonged by it.

use engine::moment::Moment;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Gives `Moment`s. Copies tell the same time.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    wall: Moment,
    started: Instant,
}

impl Clock {
    /// Set by the wall, now.
    #[expect(clippy::disallowed_methods, reason = "the one home of both clocks")]
    pub fn start() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { wall: Moment::from_millis(u64::try_from(wall.as_millis()).unwrap_or(u64::MAX)), started: Instant::now() }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        self.wall + self.started.elapsed()
    }
}
