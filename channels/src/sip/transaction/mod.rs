//! Transactions (RFC 3261 §17, RFC 6026): requests are sent until they are answered, answers until they are taken, and each
//! is told once.
//! Refuses sockets and clocks: what comes is put in with its time, what is to be sent comes out.

mod client;
mod layer;
mod server;

pub use layer::{Layer, Outcome};

use super::message::Message;
use std::time::Duration;

/// The time of a round trip, as the standard guesses it.
pub const T1: Duration = Duration::from_millis(500);
/// The longest time between two sendings.
pub const T2: Duration = Duration::from_secs(4);
/// How long a message may be on its way.
pub const T4: Duration = Duration::from_secs(5);
/// Timers B, F, H, J, L and M.
pub const LONG: Duration = Duration::from_secs(32);

/// What a transaction wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Put this on the wire.
    Send(Message),
    /// This response is news.
    Tell(Message),
}

/// When something is sent again, and when that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Repeat {
    next: Duration,
    interval: Duration,
    /// The longest interval.
    most: Duration,
}

impl Repeat {
    fn new(now: Duration, most: Duration) -> Self {
        Self { next: now + T1, interval: T1, most }
    }

    /// Whether it is due; if so the next time is set.
    fn is_due(&mut self, now: Duration) -> bool {
        let due = now >= self.next;
        if due {
            self.interval = (self.interval * 2).min(self.most);
            self.next = now + self.interval;
        }
        due
    }
}

#[cfg(test)]
mod tests;
