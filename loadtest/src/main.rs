//! The program `countersign-loadtest`: load on an engine, as its users would run before a campaign.
//! Refuses to call a run good in which a verification was lost or ended otherwise than the people in it behave.

mod people;
mod process;
mod report;
mod stage;
mod tally;
mod texts;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Puts load on an engine, and tells what came of it
#[derive(Parser)]
#[command(name = "countersign-loadtest", version, about)]
struct Cli {
    /// Write the report as JSON too
    #[arg(long, global = true)]
    json: Option<PathBuf>,
    /// The program `countersign`; the one beside this program if not given
    #[arg(long, global = true)]
    program: Option<PathBuf>,
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Subcommand)]
enum Scenario {
    /// Two-way texts, one request each, which waits for the outcome
    Texts(texts::Texts),
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("countersign-loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the run was good.
fn run(cli: Cli) -> anyhow::Result<bool> {
    let program = match cli.program {
        Some(program) => program,
        None => std::env::current_exe()?.with_file_name("countersign"),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        match cli.scenario {
            Scenario::Texts(texts) => texts.run(&program).await,
        }
    })?;
    print!("{}", report.table());
    if let Some(path) = cli.json {
        std::fs::write(&path, format!("{:#}\n", report.json()))?;
    }
    Ok(report.is_good())
}
