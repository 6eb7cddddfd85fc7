//! Wrong passwords of a name or an address, and how long the next try has to wait (portal.md §4.1, row 2).
//! Refuses to lock anybody out for long: a stranger who types wrong passwords costs the person seconds.

use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Failures of one name from one address before the next try waits.
pub const PER_NAME: usize = 5;
/// Failures of one name from anywhere before the next try waits: more than one stranger makes, whom the other limits slow down,
/// so that it takes many of them to keep the person waiting.
pub const PER_NAME_ANYWHERE: usize = 40;
/// Failures from one address before the next try waits.
pub const PER_ADDRESS: usize = 20;
/// How long a failure counts.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(30);
/// Failures that are remembered: enough for the longest wait.
const REMEMBERED: usize = PER_NAME_ANYWHERE + 8;

/// The last failures, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    at: Vec<Moment>,
}

impl Failures {
    /// Another one.
    pub fn failed(&mut self, now: Moment) {
        self.at.retain(|at| now.since(*at) < WINDOW);
        self.at.push(now);
        self.at.drain(..self.at.len().saturating_sub(REMEMBERED));
    }

    /// The last one was none after all.
    pub fn forgive_last(&mut self) {
        self.at.pop();
    }

    /// Not before this is the next try looked at: 1, 2, 4 … 30 seconds after the last failure, from the `most`th on.
    pub fn wait_until(&self, most: usize, now: Moment) -> Option<Moment> {
        let recent = self.at.iter().filter(|at| now.since(**at) < WINDOW).count();
        let over = u32::try_from(recent.checked_sub(most)?).unwrap_or(u32::MAX);
        let gap = Duration::from_secs(1 << over.min(5)).min(LONGEST);
        self.at.last().map(|last| *last + gap).filter(|until| now < *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_wait_longer_and_longer_and_are_forgotten_after_a_quarter_of_an_hour() {
        let start = Moment::from_millis(1_700_000_000_000);
        let mut failures = Failures::default();
        for _ in 0..PER_NAME - 1 {
            failures.failed(start);
        }
        assert_eq!(failures.wait_until(PER_NAME, start), None);
        let mut gaps = vec![];
        for _ in 0..7 {
            failures.failed(start);
            gaps.extend(failures.wait_until(PER_NAME, start).map(|until| until.since(start).as_secs()));
        }
        assert_eq!(gaps, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(failures.wait_until(PER_ADDRESS, start), None, "an address has more");
        assert_eq!(failures.wait_until(PER_NAME, start + LONGEST), None);
        assert_eq!(failures.wait_until(PER_NAME, start + WINDOW), None);
    }

    #[test]
    fn it_does_not_grow() {
        let mut failures = Failures::default();
        for _ in 0..1000 {
            failures.failed(Moment::from_millis(1));
        }
        assert_eq!(failures.at.len(), REMEMBERED);
    }
}
