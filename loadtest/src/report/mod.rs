//! What came of a run, for people and for scripts.
//! Refuses to round in favour of the engine.

mod chart;
mod html;

use crate::run::{Counted, Run, Sample};
use crate::scenario::Shape;
use crate::tally::{Tally, millis};
use hdrhistogram::Histogram;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The end of a run.
pub struct Report<'a> {
    run: &'a Run,
    tally: &'a Tally,
    counted: Counted,
    limit: Option<f64>,
    samples: Vec<Sample>,
}

impl<'a> Report<'a> {
    /// Of a run that is over.
    pub fn of(run: &'a Run, tally: &'a Tally, limit: Option<f64>) -> Self {
        Self { run, tally, counted: run.counted(), limit, samples: run.samples.borrow().clone() }
    }

    /// Whether nothing was lost, told twice, or ended otherwise than expected, and memory stayed as it should.
    pub fn is_good(&self) -> bool {
        self.tally.is_good() && !self.run.is_over() && !self.grows()
    }

    /// Whether memory grew by more than the scenario allows. A run of less than a minute does not say.
    fn grows(&self) -> bool {
        self.counted.seconds >= 60.0 && self.growth().is_some_and(|growth| growth > self.run.scenario.flat)
    }

    /// Verifications a second.
    fn rate(&self) -> f64 {
        self.counted.settled as f64 / self.counted.seconds.max(f64::MIN_POSITIVE)
    }

    fn cpu_us_each(&self) -> f64 {
        self.counted.cpu_us as f64 / self.counted.settled.max(1) as f64
    }

    fn ratio(&self) -> Option<f64> {
        self.limit.map(|limit| self.rate() / limit)
    }

    /// Bytes above the empty process of each that was open at once.
    fn bytes_each(&self) -> Option<f64> {
        let (open, rss) = self.run.opened.get()?;
        Some(rss.saturating_sub(self.run.empty_rss) as f64 / open.max(1) as f64)
    }

    fn late_p99(&self) -> Option<f64> {
        let bounded = matches!(self.run.scenario.shape, Shape::InFlight | Shape::Restart);
        bounded.then(|| self.tally.late.value_at_percentile(99.0) as f64)
    }

    /// By how many percent memory grew over the second half at most, where the scenario cares.
    fn growth(&self) -> Option<f64> {
        // The comparison of the feed afterwards is no part of what a soak looks at.
        let counts = self.samples.iter().take_while(|sample| sample.at <= self.counted.until).count();
        let half = &self.samples[counts / 2..counts];
        let (first, most) = (half.first()?.rss.max(1), half.iter().map(|sample| sample.rss).max()?);
        (self.run.scenario.flat > 0.0).then(|| (most as f64 / first as f64 - 1.0) * 100.0)
    }

    /// For scripts.
    pub fn json(&self) -> Value {
        json!({
            "scenario": self.run.scenario.name,
            "rate": self.rate(),
            "limit": self.limit,
            "ratio": self.ratio(),
            "p50_ms": millis(&self.tally.latency, 50.0),
            "p99_ms": millis(&self.tally.latency, 99.0),
            "reply_p50_ms": millis(&self.tally.reply, 50.0),
            "reply_p99_ms": millis(&self.tally.reply, 99.0),
            "started": self.tally.started,
            "settled": self.tally.settled,
            "lost": self.tally.lost(),
            "settled_twice": self.tally.settled_twice,
            "unexpected": self.tally.unexpected,
            "reasons": self.tally.reasons,
            "pages": times(&self.tally.pages),
            "forms": times(&self.tally.forms),
            "engine_cpu_us_each": self.cpu_us_each(),
            "engine_rss_bytes": self.counted.rss,
            "bytes_each": self.bytes_each(),
            "timer_late_p99_ms": self.late_p99(),
            "open_at_once": self.run.opened.get().map(|(open, _)| open),
            "restart_seconds": self.run.restarted.get().map(|took| took.as_secs_f64()),
            "rss_growth_percent": self.growth(),
            "given_up": *self.run.given_up.borrow(),
            "good": self.is_good(),
        })
    }

    /// For people.
    pub fn table(&self) -> String {
        let mut table = String::new();
        for (name, value) in self.lines() {
            // Writing into a String cannot fail.
            let _ = writeln!(table, "{name:<32} {value}");
        }
        table
    }

    fn lines(&self) -> Vec<(String, String)> {
        let mut lines = vec![
            ("scenario".to_owned(), self.run.scenario.name.clone()),
            ("settled a second".to_owned(), format!("{:.1}", self.rate())),
        ];
        let mut line = |name: &str, value: String| lines.push((name.to_owned(), value));
        if let (Some(limit), Some(ratio)) = (self.limit, self.ratio()) {
            line("limit of this run, ratio", format!("{limit:.1} a second, {ratio:.2}"));
        }
        let tally = self.tally;
        let two = |histogram| format!("{:.1} ms, {:.1} ms", millis(histogram, 50.0), millis(histogram, 99.0));
        line("from due, p50 and p99", two(&tally.latency));
        line("from reply, p50 and p99", two(&tally.reply));
        line("started, settled", format!("{}, {}", tally.started, tally.settled));
        let wrong = format!("{}, {}, {}", tally.lost(), tally.settled_twice, tally.unexpected);
        line("lost, twice, unexpected", wrong);
        for (reason, count) in &tally.reasons {
            line(&format!("ended {reason}"), count.to_string());
        }
        for (kind, of) in [("page", &tally.pages), ("form", &tally.forms)] {
            for (path, times) in of {
                line(&format!("{kind} {path}, p50 and p99"), two(times));
            }
        }
        if self.counted.cpu_us > 0 {
            line("engine CPU each", format!("{:.0} µs", self.cpu_us_each()));
            line("engine memory", format!("{:.1} MB", self.counted.rss as f64 / 1e6));
        }
        if let (Some((open, _)), Some(bytes)) = (self.run.opened.get(), self.bytes_each()) {
            line("open at once", format!("{open}, {bytes:.0} bytes each"));
        }
        if let Some(late) = self.late_p99() {
            line("expired late, p99", format!("{late:.0} ms"));
        }
        if let Some(took) = self.run.restarted.get() {
            line("served again after", format!("{:.2} s", took.as_secs_f64()));
        }
        if let Some(growth) = self.growth() {
            line("memory, second half", format!("{growth:+.1} %"));
        }
        if let Some(why) = &*self.run.given_up.borrow() {
            line("given up", why.clone());
        }
        line("verdict", if self.is_good() { "good" } else { "not good" }.to_owned());
        lines
    }

    /// One page that needs nothing else.
    pub fn html(&self) -> String {
        html::page(&self.run.scenario.name, &self.lines(), &self.samples, self.tally)
    }
}

/// Median and 99th percentile by path, milliseconds.
fn times(pages: &BTreeMap<String, Histogram<u64>>) -> Value {
    let of = |times: &Histogram<u64>| json!({ "p50_ms": millis(times, 50.0), "p99_ms": millis(times, 99.0) });
    pages.iter().map(|(path, times)| (path.clone(), of(times))).collect()
}
