//! The scenario `texts`: single requests that wait for their outcome, at a rate that does not heed how late the engine is.
//! Refuses to time from when a request was sent: it counts from when it was due.

use crate::people;
use crate::process::{Used, used};
use crate::report::Report;
use crate::stage::Stage;
use crate::tally::Tally;
use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Seconds that a request waits for its outcome.
const WAIT: u64 = 60;

/// `texts`
#[derive(Args)]
pub struct Texts {
    /// Verifications a second
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// Seconds of the run
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Seconds before it, at the same rate, that do not count
    #[arg(long, default_value_t = 2)]
    warm_up: u32,
    /// People who take turns, at most 100000
    #[arg(long, default_value_t = 2000)]
    people: u32,
}

/// What became of one request.
struct Ended {
    counts: bool,
    answer: anyhow::Result<(u16, Value)>,
    took: Duration,
}

impl Texts {
    /// Runs it.
    pub async fn run(&self, program: &Path) -> anyhow::Result<Report> {
        anyhow::ensure!(self.rate > 0 && self.seconds > 0, "--rate and --seconds must be at least 1");
        anyhow::ensure!((1..=people::MOST).contains(&self.people), "--people must be 1 to {}", people::MOST);
        let stage = Arc::new(Stage::start(program)?);
        people::make(&stage, self.people).await?;
        let mut tally = Tally::new()?;
        let (before, took) = self.play(&stage, &mut tally).await?;
        let after = used(stage.engine_id());
        let (seconds, cpu_us) = (took.as_secs_f64(), after.cpu_us.saturating_sub(before.cpu_us));
        Ok(Report { scenario: "texts", seconds, expected: "sms_ok", tally, cpu_us, rss_bytes: after.rss_bytes })
    }

    /// What the engine had used when the counted part began, and how long that took, from the first that was due to the
    /// last answer.
    async fn play(&self, stage: &Arc<Stage>, tally: &mut Tally) -> anyhow::Result<(Used, Duration)> {
        let (tell, mut told) = mpsc::unbounded_channel();
        let first = u64::from(self.rate) * u64::from(self.warm_up);
        let all = first + u64::from(self.rate) * u64::from(self.seconds);
        let begin = Instant::now();
        let at = |number: u64| begin + Duration::from_nanos(number * 1_000_000_000 / u64::from(self.rate));
        let mut before = used(stage.engine_id());
        for number in 0..all {
            let due = at(number);
            tokio::time::sleep_until(due).await;
            if number == first {
                before = used(stage.engine_id());
            }
            let (stage, tell, counts) = (Arc::clone(stage), tell.clone(), number >= first);
            let user = people::name(u32::try_from(number % u64::from(self.people))?);
            tally.started += u64::from(counts);
            tokio::spawn(async move {
                let body = json!({ "user": user, "application": "loadtest" });
                let answer = stage.post("/v1/verifications", &body, Some(WAIT)).await;
                // Nobody listens any more where the run was given up.
                let _ = tell.send(Ended { counts, answer, took: due.elapsed() });
            });
        }
        drop(tell);
        while let Some(ended) = told.recv().await {
            if ended.counts {
                learn(tally, ended).context("an answer of the engine has another form")?;
            }
        }
        Ok((before, at(first).elapsed()))
    }
}

fn learn(tally: &mut Tally, Ended { answer, took, .. }: Ended) -> anyhow::Result<()> {
    match answer {
        Ok((201, answer)) => {
            let text = |name: &str| answer[name].as_str().with_context(|| format!("no {name} in {answer}"));
            match text("status")? {
                "pending" => tally.fail("pending"),
                _ => tally.settle(text("id")?, text("reason")?, took),
            }
        }
        Ok((status, answer)) => tally.fail(&format!("http_{status}_{}", answer["code"].as_str().unwrap_or("no_code"))),
        Err(_) => tally.fail("no_answer"),
    }
    Ok(())
}
