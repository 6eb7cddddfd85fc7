//! What came of each verification of a run.
//! Refuses to forget one: what was started and did not settle is lost.

use hdrhistogram::Histogram;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

/// What was seen so far.
pub struct Tally {
    /// Requests that were due.
    pub started: u64,
    /// Verifications that ended.
    pub settled: u64,
    /// Verifications that were reported as ended more than once.
    pub settled_twice: u64,
    /// How many ended for each reason, errors of the transport and of the API among them.
    pub reasons: BTreeMap<String, u64>,
    /// Microseconds from when a request was due to its outcome.
    pub latency: Histogram<u64>,
    seen: HashSet<String>,
}

impl Tally {
    /// Nothing yet.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self {
            started: 0,
            settled: 0,
            settled_twice: 0,
            reasons: BTreeMap::new(),
            latency: Histogram::new_with_bounds(1, 120_000_000, 3)?,
            seen: HashSet::new(),
        })
    }

    /// A verification ended, `took` after it was due.
    pub fn settle(&mut self, id: &str, reason: &str, took: Duration) {
        if !self.seen.insert(id.to_owned()) {
            self.settled_twice += 1;
            return;
        }
        self.settled += 1;
        *self.reasons.entry(reason.to_owned()).or_default() += 1;
        self.latency.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// One did not settle, for this reason.
    pub fn fail(&mut self, why: &str) {
        *self.reasons.entry(why.to_owned()).or_default() += 1;
    }

    /// What was started and did not settle.
    pub const fn lost(&self) -> u64 {
        self.started.saturating_sub(self.settled)
    }

    /// A percentile of the latency, milliseconds.
    pub fn millis(&self, percentile: f64) -> f64 {
        self.latency.value_at_percentile(percentile) as f64 / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_or_told_twice_is_counted() {
        let mut tally = Tally::new().unwrap();
        tally.started = 4;
        tally.settle("a", "sms_ok", Duration::from_millis(5));
        tally.settle("b", "sms_ok", Duration::from_millis(500));
        tally.settle("a", "sms_ok", Duration::from_millis(5));
        tally.fail("http_503");
        assert_eq!((tally.settled, tally.settled_twice, tally.lost()), (2, 1, 2));
        assert_eq!(tally.reasons, BTreeMap::from([("http_503".into(), 1), ("sms_ok".into(), 2)]));
        assert!((499.0..501.0).contains(&tally.millis(99.0)));
    }
}
