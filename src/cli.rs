//! The command line.
//! Refuses nothing itself: each command has its own file.

use crate::{commands, config, demo, init, key_commands, serve, store_commands};
use clap::{CommandFactory, Parser, Subcommand};
use std::path::PathBuf;

/// Verifies people through their phone: texts and OATH codes.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write settings and a master key into a folder, and make the first API key
    Init {
        /// The folder; made if it is missing
        dir: PathBuf,
    },
    /// Serve the engine: API and callbacks
    Serve {
        /// The settings file
        #[arg(long)]
        config: PathBuf,
    },
    /// Serve the gateway simulators alone
    Simulate(serve::Simulate),
    /// Show everything on this machine, with simulated phones
    Demo(demo::Demo),
    /// Name every mistake in a settings file
    CheckConfig {
        /// The settings file
        file: PathBuf,
    },
    /// People
    User(commands::Reached<commands::User>),
    /// OATH tokens
    Token(commands::Reached<commands::Token>),
    /// API keys
    Apikey(commands::Reached<commands::ApiKey>),
    /// Company settings
    Setting(commands::Reached<commands::Setting>),
    /// The audit chain
    Audit {
        #[command(subcommand)]
        command: store_commands::Audit,
    },
    /// The store
    Store {
        #[command(subcommand)]
        command: store_commands::StoreCommand,
    },
    /// The keys that seal secrets in the store
    Keys {
        #[command(subcommand)]
        command: key_commands::Keys,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Cli {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Init { dir } => init::run(&dir),
            Command::Serve { config } => serve::run(&config),
            Command::Simulate(simulate) => simulate.run(),
            Command::Demo(demo) => demo.run(),
            Command::CheckConfig { file } => config::check(&file),
            Command::User(command) => command.run(),
            Command::Token(command) => command.run(),
            Command::Apikey(command) => command.run(),
            Command::Setting(command) => command.run(),
            Command::Audit { command } => command.run(),
            Command::Store { command } => command.run(),
            Command::Keys { command } => command.run(),
            Command::Completions { shell } => {
                clap_complete::generate(shell, &mut Self::command(), "countersign", &mut std::io::stdout());
                Ok(())
            }
        }
    }
}
