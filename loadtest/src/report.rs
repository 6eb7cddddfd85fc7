//! What came of a run, for people and for scripts.
//! Refuses to round in favour of the engine.

use crate::tally::Tally;
use serde_json::{Value, json};
use std::fmt::Write;

/// The end of a run.
pub struct Report {
    /// Its name.
    pub scenario: &'static str,
    /// How long the counted part was.
    pub seconds: f64,
    /// The reason for which every verification ends if people behave as they do here.
    pub expected: &'static str,
    /// What was seen.
    pub tally: Tally,
    /// Microseconds of CPU that the engine used in the counted part.
    pub cpu_us: u64,
    /// Bytes of memory that it held at the end.
    pub rss_bytes: u64,
}

impl Report {
    /// Whether nothing was lost, told twice, or ended otherwise than expected.
    pub fn is_good(&self) -> bool {
        self.tally.settled > 0 && self.tally.lost() == 0 && self.tally.settled_twice == 0 && self.unexpected() == 0
    }

    fn unexpected(&self) -> u64 {
        self.tally.reasons.iter().filter(|(reason, _)| reason.as_str() != self.expected).map(|(_, count)| count).sum()
    }

    fn rate(&self) -> f64 {
        self.tally.settled as f64 / self.seconds
    }

    fn cpu_us_each(&self) -> f64 {
        self.cpu_us as f64 / self.tally.settled.max(1) as f64
    }

    /// For scripts.
    pub fn json(&self) -> Value {
        json!({
            "scenario": self.scenario,
            "rate": self.rate(),
            "p50_ms": self.tally.millis(50.0),
            "p99_ms": self.tally.millis(99.0),
            "started": self.tally.started,
            "settled": self.tally.settled,
            "lost": self.tally.lost(),
            "settled_twice": self.tally.settled_twice,
            "unexpected": self.unexpected(),
            "reasons": self.tally.reasons,
            "engine_cpu_us_each": self.cpu_us_each(),
            "engine_rss_bytes": self.rss_bytes,
        })
    }

    /// For people.
    pub fn table(&self) -> String {
        let mut table = String::new();
        let mut line = |name: &str, value: String| {
            // Writing into a String cannot fail.
            let _ = writeln!(table, "{name:<28} {value}");
        };
        line("scenario", self.scenario.to_owned());
        line("settled a second", format!("{:.1}", self.rate()));
        line("latency p50, p99", format!("{:.1} ms, {:.1} ms", self.tally.millis(50.0), self.tally.millis(99.0)));
        line("started, settled", format!("{}, {}", self.tally.started, self.tally.settled));
        line("lost, settled twice", format!("{}, {}", self.tally.lost(), self.tally.settled_twice));
        for (reason, count) in &self.tally.reasons {
            line(&format!("ended {reason}"), count.to_string());
        }
        line("engine CPU each", format!("{:.0} µs", self.cpu_us_each()));
        line("engine memory", format!("{:.1} MB", self.rss_bytes as f64 / 1e6));
        line("verdict", if self.is_good() { "good" } else { "not good" }.to_owned());
        table
    }
}
