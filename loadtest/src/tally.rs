//! What came of each verification of a run.
//! Refuses to forget one: what was started and did not settle is lost.

use hdrhistogram::Histogram;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// What was seen so far.
pub struct Tally {
    /// Verifications that were started and count.
    pub started: u64,
    /// Those of them that ended.
    pub settled: u64,
    /// Verifications that were reported as ended in two ways, or twice in the feed.
    pub settled_twice: u64,
    /// Ended otherwise than the people in them behave, or could not be started.
    pub unexpected: u64,
    /// How many ended for each reason, errors of the transport and of the API among them.
    pub reasons: BTreeMap<String, u64>,
    /// Microseconds from when a request was due to its outcome.
    pub latency: Histogram<u64>,
    /// Microseconds from when the person had answered to the outcome.
    pub reply: Histogram<u64>,
    /// Milliseconds that verifications expired later than they should.
    pub late: Histogram<u64>,
    /// Microseconds from request to answer of each page of the portal, by its path.
    pub pages: BTreeMap<String, Histogram<u64>>,
    /// The same of each form that was posted; where an end was waited for, with that wait.
    pub forms: BTreeMap<String, Histogram<u64>>,
    /// Those that ended: why, and how often the feed has told it.
    seen: HashMap<u64, (Box<str>, u32)>,
    hash: RandomState,
}

impl Tally {
    /// Nothing yet.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self {
            started: 0,
            settled: 0,
            settled_twice: 0,
            unexpected: 0,
            reasons: BTreeMap::new(),
            latency: histogram()?,
            reply: histogram()?,
            late: histogram()?,
            pages: BTreeMap::new(),
            forms: BTreeMap::new(),
            seen: HashMap::new(),
            hash: RandomState::new(),
        })
    }

    /// A verification ended, as `expected` or otherwise.
    pub fn settle(&mut self, id: &str, reason: &str, expected: bool) {
        if self.seen.insert(self.hash.hash_one(id), (reason.into(), 0)).is_some() {
            self.settled_twice += 1;
            return;
        }
        self.settled += 1;
        self.count(reason);
        self.unexpected += u64::from(!expected);
    }

    /// The feed tells the end of a verification.
    pub fn told(&mut self, id: &str, reason: &str) {
        if let Some((ended, times)) = self.seen.get_mut(&self.hash.hash_one(id)) {
            *times += 1;
            self.settled_twice += u64::from(*times > 1 || **ended != *reason);
        }
    }

    /// The feed has told everything: what it did not tell is lost.
    pub fn all_told(&mut self) {
        let untold = self.seen.values().filter(|(_, times)| *times == 0).count() as u64;
        self.settled -= untold;
    }

    /// How long it took.
    pub fn took(&mut self, due: Duration, think: Duration) {
        self.latency.saturating_record(micros(due));
        self.reply.saturating_record(micros(due.saturating_sub(think)).max(1));
    }

    /// A page of the portal was answered.
    pub fn page(&mut self, method: &str, path: &str, took: Duration) -> anyhow::Result<()> {
        let kind = if method == "GET" { &mut self.pages } else { &mut self.forms };
        if !kind.contains_key(path) {
            kind.insert(path.to_owned(), histogram()?);
        }
        kind.entry(path.to_owned()).and_modify(|times| times.saturating_record(micros(took)));
        Ok(())
    }

    /// One did not settle, for this reason.
    pub fn fail(&mut self, why: &str) {
        self.count(why);
        self.unexpected += 1;
    }

    fn count(&mut self, reason: &str) {
        match self.reasons.get_mut(reason) {
            Some(count) => *count += 1,
            None => {
                self.reasons.insert(reason.to_owned(), 1);
            }
        }
    }

    /// What was started and did not settle.
    pub const fn lost(&self) -> u64 {
        self.started.saturating_sub(self.settled)
    }

    /// Whether nothing was lost, told twice, or ended otherwise than expected.
    pub const fn is_good(&self) -> bool {
        self.settled > 0 && self.lost() == 0 && self.settled_twice == 0 && self.unexpected == 0
    }
}

fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 3_600_000_000, 3)?)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A percentile of microseconds, in milliseconds.
pub fn millis(histogram: &Histogram<u64>, percentile: f64) -> f64 {
    histogram.value_at_percentile(percentile) as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_told_twice_or_ends_otherwise_is_counted() {
        let mut tally = Tally::new().unwrap();
        tally.started = 5;
        tally.settle("a", "sms_ok", true);
        tally.settle("b", "timeout", false);
        tally.settle("a", "sms_ok", true);
        tally.fail("http_503");
        assert_eq!((tally.settled, tally.settled_twice, tally.lost(), tally.unexpected), (2, 1, 3, 2));
        let reasons = [("http_503".into(), 1), ("sms_ok".into(), 1), ("timeout".into(), 1)];
        assert_eq!(tally.reasons, BTreeMap::from(reasons));
        assert!(!tally.is_good());
    }

    #[test]
    fn what_the_feed_does_not_tell_is_lost_and_what_it_tells_otherwise_ended_twice() {
        let mut tally = Tally::new().unwrap();
        tally.started = 3;
        for id in ["a", "b", "c"] {
            tally.settle(id, "sms_ok", true);
        }
        tally.told("a", "sms_ok");
        tally.told("b", "timeout");
        tally.told("somebody else's", "sms_ok");
        tally.all_told();
        assert_eq!((tally.settled, tally.settled_twice, tally.lost()), (2, 1, 1));
    }

    #[test]
    fn the_time_that_a_person_thinks_is_not_the_engines() {
        let mut tally = Tally::new().unwrap();
        tally.took(Duration::from_millis(1500), Duration::from_millis(1000));
        assert!((499.0..501.0).contains(&millis(&tally.reply, 99.0)));
        assert!((1499.0..1502.0).contains(&millis(&tally.latency, 99.0)));
    }
}
