//! The program `countersign`: command line, settings, wiring.
//! Refuses rules: it starts what the crates offer.

mod checkpoints;
mod cli;
mod client;
mod commands;
mod config;
mod demo;
mod documentation;
mod init;
mod report;
mod retention;
mod serve;
mod wiring;

use clap::Parser;
use std::process::ExitCode;

/// Much is allocated on one thread and freed on another, which the system's own allocator does slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("countersign: {error}");
            for cause in error.chain().skip(1) {
                eprintln!("  because: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}
