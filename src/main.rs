//! The program `countersign`: command line, settings, wiring.
//! Refuses rules: it starts what the crates offer.

mod checkpoints;
mod cli;
mod client;
mod commands;
mod config;
mod demo;
mod init;
mod key_commands;
mod retention;
mod serve;
mod store_commands;
mod wiring;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("countersign: {error}");
            for cause in error.chain().skip(1) {
                eprintln!("  because: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}
