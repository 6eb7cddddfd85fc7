//! The deadlines of a call.
//! Refuses two of the same kind: a new one takes the place of the old.

use std::time::Duration;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// It rang as long as it may.
    Ring,
    /// The CANCEL brought no final answer.
    GiveUp,
    /// Our 200 is sent again.
    Repeat,
    /// Our 200 was never acknowledged.
    Unacknowledged,
    /// The session is to be refreshed by us.
    Refresh,
    /// Nobody refreshed the session.
    Expire,
    /// Nothing comes late any more.
    Linger,
}

/// Those that are set.
#[derive(Debug, Default)]
pub(super) struct Timers(Vec<(Duration, Timer)>);

impl Timers {
    pub(super) fn set(&mut self, timer: Timer, at: Duration) {
        self.unset(timer);
        self.0.push((at, timer));
    }

    pub(super) fn unset(&mut self, timer: Timer) {
        self.0.retain(|(_, known)| *known != timer);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn is_set(&self, timer: Timer) -> bool {
        self.0.iter().any(|(_, known)| *known == timer)
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.0.iter().map(|(at, _)| *at).min()
    }

    /// Takes the earliest that is due.
    pub(super) fn due(&mut self, now: Duration) -> Option<Timer> {
        let (at, timer) = *self.0.iter().min_by_key(|(at, _)| *at)?;
        (at <= now).then(|| {
            self.unset(timer);
            timer
        })
    }
}
