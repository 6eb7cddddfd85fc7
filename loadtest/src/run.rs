//! One run: what all of its parts share, and what is seen of it while it goes on.
//! Refuses to go on when the engine has died: what was measured until then is kept.

use crate::human::Habit;
use crate::people::People;
use crate::process::used;
use crate::scenario::Scenario;
use crate::stage::Stage;
use crate::tally::{Tally, millis};
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// How often what is seen is written down.
const SAMPLE: Duration = Duration::from_millis(500);

/// A look at the run.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Seconds since the beginning.
    pub at: f64,
    /// Verifications that ended each second since the look before.
    pub rate: f64,
    /// Verifications under way.
    pub in_flight: u64,
    /// CPUs that the engine used since the look before.
    pub cpus: f64,
    /// Bytes that the engine holds.
    pub rss: u64,
}

/// What is measured of the part that counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    /// How long it was, seconds.
    pub seconds: f64,
    /// CPU of the engine, microseconds.
    pub cpu_us: u64,
    /// Verifications that ended in it, whenever they were started.
    pub settled: u64,
    /// Bytes that the engine held at its end, before the feed is compared.
    pub rss: u64,
    /// When it ended, in seconds of the run.
    pub until: f64,
}

/// The run.
pub struct Run {
    /// What is played.
    pub scenario: Scenario,
    /// On what.
    pub stage: Stage,
    /// By whom.
    pub people: People,
    /// What came of it.
    pub tally: RefCell<Tally>,
    /// Looks at it.
    pub samples: RefCell<Vec<Sample>>,
    /// Verifications under way.
    pub in_flight: Cell<u64>,
    /// All that ended, also those that do not count.
    pub ended: Cell<u64>,
    /// Bytes that the engine held before anything was started.
    pub empty_rss: u64,
    /// How many were open at once, and the bytes that the engine held then.
    pub opened: Cell<Option<(u64, u64)>>,
    /// How long a start took with all of them in the store.
    pub restarted: Cell<Option<Duration>>,
    /// Why it was given up.
    pub given_up: RefCell<Option<String>>,
    begin: Instant,
    mark: Cell<(Option<Instant>, u64, u64)>,
    counted: Cell<Counted>,
    bar: ProgressBar,
}

impl Run {
    /// A run that begins now.
    pub fn new(scenario: Scenario, stage: Stage, people: People, empty_rss: u64) -> anyhow::Result<Rc<Self>> {
        let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}")?);
        Ok(Rc::new(Self {
            scenario,
            stage,
            people,
            tally: RefCell::new(Tally::new()?),
            samples: RefCell::default(),
            in_flight: Cell::new(0),
            ended: Cell::new(0),
            empty_rss,
            opened: Cell::default(),
            restarted: Cell::default(),
            given_up: RefCell::default(),
            begin: Instant::now(),
            mark: Cell::new((None, 0, 0)),
            counted: Cell::default(),
            bar,
        }))
    }

    /// Looks at the run until it is dropped, and at whether the engine lives.
    pub async fn watch(self: Rc<Self>) {
        let (mut cpu_before, mut ended_before, mut at_before) = (self.cpu_us(), self.ended.get(), Instant::now());
        loop {
            tokio::time::sleep(SAMPLE).await;
            if self.stage.engine_died() {
                self.give_up("the engine ended in the middle of the run");
            }
            let (cpu, ended, passed) = (self.cpu_us(), self.ended.get(), at_before.elapsed().as_secs_f64());
            let sample = Sample {
                at: self.begin.elapsed().as_secs_f64(),
                rate: (ended - ended_before) as f64 / passed,
                in_flight: self.in_flight.get(),
                cpus: cpu.saturating_sub(cpu_before) as f64 / 1e6 / passed,
                rss: self.rss(),
            };
            (cpu_before, ended_before, at_before) = (cpu, ended, Instant::now());
            self.samples.borrow_mut().push(sample);
            self.show(&sample);
        }
    }

    fn show(&self, sample: &Sample) {
        let tally = self.tally.borrow();
        self.bar.set_message(format!(
            "{}: {:.0}/s, {} in flight, p50 {:.0} ms, p99 {:.0} ms, {} unexpected",
            self.scenario.name,
            sample.rate,
            sample.in_flight,
            millis(&tally.latency, 50.0),
            millis(&tally.latency, 99.0),
            tally.unexpected
        ));
        self.bar.tick();
    }

    /// Says what goes on now.
    pub fn say(&self, what: &str) {
        self.bar.set_message(format!("{}: {what}", self.scenario.name));
        self.bar.tick();
    }

    /// What counts begins now.
    pub fn count_from_now(&self) {
        self.mark.set((Some(Instant::now()), self.cpu_us(), self.ended.get()));
    }

    /// What counts pauses or ends now.
    pub fn count_until_now(&self) {
        let (Some(since), cpu, ended) = self.mark.take() else { return };
        let before = self.counted.get();
        self.counted.set(Counted {
            seconds: before.seconds + since.elapsed().as_secs_f64(),
            cpu_us: before.cpu_us + self.cpu_us().saturating_sub(cpu),
            settled: before.settled + self.ended.get() - ended,
            rss: self.rss(),
            until: self.begin.elapsed().as_secs_f64(),
        });
    }

    /// What was measured.
    pub fn counted(&self) -> Counted {
        self.counted.get()
    }

    /// Ends the run before its time.
    pub fn give_up(&self, why: &str) {
        self.given_up.borrow_mut().get_or_insert_with(|| why.to_owned());
    }

    /// Whether it was given up.
    pub fn is_over(&self) -> bool {
        self.given_up.borrow().is_some()
    }

    /// A verification is under way.
    pub fn begun(&self, counts: bool) {
        self.in_flight.set(self.in_flight.get() + 1);
        self.tally.borrow_mut().started += u64::from(counts);
    }

    /// It ended.
    pub fn over(&self) {
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
        self.ended.set(self.ended.get() + 1);
    }

    /// Whether a verification of a person may end for this reason.
    pub fn expects(&self, person: u32, reason: &str) -> bool {
        self.people.expected(person).contains(&reason) || self.scenario.also.iter().any(|also| also == reason)
    }

    /// The person thinks so long before what decides.
    pub fn think(&self, person: u32) -> Duration {
        match self.people.habit(person) {
            Habit::Silent => Duration::ZERO,
            // The wrong answer comes first, and then the right one.
            Habit::WrongOnce => self.people.think(person) * 2,
            Habit::Right | Habit::Twice | Habit::WrongAlways => self.people.think(person),
        }
    }

    /// Microseconds of CPU that the engine has used.
    pub fn cpu_us(&self) -> u64 {
        self.stage.engine_id().map_or(0, |id| used(id).cpu_us)
    }

    /// Bytes that the engine holds.
    pub fn rss(&self) -> u64 {
        self.stage.engine_id().map_or(0, |id| used(id).rss_bytes)
    }

    /// Nothing is shown any more.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
