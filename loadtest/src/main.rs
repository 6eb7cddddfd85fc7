//! The program `countersign-loadtest`: load on an engine, as its users would run before a campaign.
//! Refuses to call a run good in which a verification was lost or ended otherwise than the people in it behave.

mod arrivals;
mod hollow;
mod human;
mod limit;
mod people;
mod play;
mod process;
mod radius;
mod report;
mod run;
mod scenario;
mod stage;
mod stored;
mod tally;
mod wire;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use people::People;
use report::Report;
use run::Run;
use scenario::{Legs, Scenario, Shape};
use stage::{Place, Stage};
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

/// Puts load on an engine, and tells what came of it
#[derive(Parser)]
#[command(name = "countersign-loadtest", version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    hollow: Option<Hidden>,
    #[command(flatten)]
    play: Play,
}

#[derive(Subcommand)]
enum Hidden {
    /// The engine without an engine in it, for the limit
    #[command(hide = true)]
    Hollow(hollow::Hollow),
}

/// What is played, and what of it is other than the scenario says
#[derive(Args)]
struct Play {
    /// texts, people, campaign, in-flight, restart, oath, replay-storm, gateway-brownout, soak, enrolment, or a file in
    /// TOML
    #[arg(required = true)]
    scenario: Option<String>,
    /// Verifications open at once, for in-flight and restart
    open: Option<u32>,
    /// Verifications due each second
    #[arg(long, conflicts_with = "at_once")]
    rate: Option<f64>,
    /// Verifications in flight, a new one for each that ends, instead of a rate
    #[arg(long)]
    at_once: Option<u32>,
    /// Seconds that count
    #[arg(long)]
    duration: Option<f64>,
    /// Verifications that count, instead of a duration
    #[arg(long)]
    count: Option<u64>,
    /// Seconds at the full rate before what counts
    #[arg(long)]
    warm_up: Option<f64>,
    /// Seconds over which the rate grows
    #[arg(long)]
    ramp: Option<f64>,
    /// People who take turns
    #[arg(long)]
    people: Option<u32>,
    /// Seconds over which those that are open at once expire
    #[arg(long)]
    expire: Option<u32>,
    /// Verifications that are finished before, and lie in the store
    #[arg(long)]
    finished: Option<u64>,
    /// People who are in the store before, beside those who take turns
    #[arg(long)]
    stored: Option<u32>,
    /// Addresses that those who enrol come from; each from one of their own if 0
    #[arg(long)]
    addresses: Option<u32>,
    /// How requests lie on the connections to the gateway
    #[arg(long, value_parser = ["keep_alive", "pipelined"])]
    legs: Option<String>,
    /// Do not measure the limit
    #[arg(long)]
    no_limit: bool,
    /// Write the report as JSON
    #[arg(long)]
    json: Option<PathBuf>,
    /// Write the report as a page
    #[arg(long)]
    html: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match cli.hollow {
        Some(Hidden::Hollow(hollow)) => hollow::serve(hollow).map(|()| true),
        None => play(cli.play),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("countersign-loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the run was good.
fn play(play: Play) -> anyhow::Result<bool> {
    // Each verification that is waited for has a connection of its own.
    rlimit::increase_nofile_limit(u64::MAX).context("the limit of open files cannot be raised")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let scenario = play.scenario()?;
        let limit = if play.no_limit { None } else { limit::measure(&play.place, &scenario).await? };
        let run = measured(&play, scenario).await?;
        let tally = run.tally.borrow();
        let report = Report::of(&run, &tally, limit);
        print!("{}", report.table());
        if let Some(path) = &play.json {
            std::fs::write(path, format!("{:#}\n", report.json())).with_context(|| format!("{}", path.display()))?;
        }
        if let Some(path) = &play.html {
            std::fs::write(path, report.html()).with_context(|| format!("{}", path.display()))?;
        }
        Ok(report.is_good())
    })
}

/// The run, to its end or to where it had to be given up.
async fn measured(play: &Play, scenario: Scenario) -> anyhow::Result<Rc<Run>> {
    let stage = Stage::open(&play.place, &scenario)?;
    let people = People::of(&scenario, scenario.people);
    let empty = stage.engine_id().map_or(0, |id| process::used(id).rss_bytes);
    let run = Run::new(scenario, stage, people, empty)?;
    run.say("people are made");
    run.people.make(&run.stage).await?;
    stored::make(&run).await?;
    let watch = tokio::task::spawn_local(Rc::clone(&run).watch());
    let played = async {
        if run.scenario.finished > 0 {
            run.say("verifications are finished before");
            play::finish_some(&run).await?;
        }
        play::play(&run).await?;
        run.say("the feed is compared");
        play::compare(&run).await
    };
    if let Err(error) = played.await {
        run.give_up(&format!("{error:#}"));
    }
    watch.abort();
    run.finish();
    Ok(run)
}

impl Play {
    /// The scenario with what is other than it says; every mistake at once.
    fn scenario(&self) -> anyhow::Result<Scenario> {
        let name = self.scenario.as_deref().context("name a scenario")?;
        let mut scenario = scenario::read(name, &scenario::text(name)?)?;
        if let Some(rate) = self.rate {
            (scenario.rate, scenario.at_once) = (rate, 0);
        }
        if let Some(at_once) = self.at_once {
            (scenario.rate, scenario.at_once) = (0.0, at_once);
        }
        let set = |value: &mut f64, wanted: Option<f64>| *value = wanted.unwrap_or(*value);
        set(&mut scenario.duration, self.duration);
        set(&mut scenario.warm_up, self.warm_up);
        set(&mut scenario.ramp, self.ramp);
        scenario.count = self.count.unwrap_or(scenario.count);
        scenario.people = self.people.unwrap_or(scenario.people);
        scenario.expire = self.expire.unwrap_or(scenario.expire);
        scenario.finished = self.finished.unwrap_or(scenario.finished);
        scenario.stored = self.stored.unwrap_or(scenario.stored);
        scenario.addresses = self.addresses.unwrap_or(scenario.addresses);
        scenario.open = self.open.unwrap_or(scenario.open);
        if let Some(legs) = &self.legs {
            scenario.legs = if legs == "pipelined" { Legs::Pipelined } else { Legs::KeepAlive };
        }
        if matches!(scenario.shape, Shape::InFlight | Shape::Restart) {
            scenario.people = scenario.open;
        }
        let mistakes = scenario.mistakes();
        let told: Vec<_> = mistakes.iter().map(|(path, right)| format!("{path} {right}")).collect();
        anyhow::ensure!(mistakes.is_empty(), "{}", told.join("; "));
        Ok(scenario)
    }
}
