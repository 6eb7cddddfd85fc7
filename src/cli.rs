//! The command line.
//! Refuses nothing itself: each command has its own file.

use crate::{commands, config, demo, documentation, init, serve};
use clap::{CommandFactory, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Verifies people through their phone: texts and OATH codes.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write settings and a master key into a folder, and make the first API key
    Init {
        /// The folder; made if it is missing
        dir: PathBuf,
        /// A store elsewhere, postgres://USER@HOST:PORT/DATABASE; an embedded one in the folder if not given
        #[arg(long)]
        store: Option<String>,
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
    /// People who may not pass
    Block(commands::Reached<commands::Block>),
    /// People who may pass once without contact
    Bypass(commands::Reached<commands::Bypass>),
    /// OATH tokens
    Token(commands::Reached<commands::Token>),
    /// What calls say
    Prompt(commands::Reached<commands::Prompt>),
    /// The lines of all gateways
    Line(commands::Reached<commands::Line>),
    /// Security questions
    Question(commands::Reached<commands::Question>),
    /// API keys
    Apikey(commands::Reached<commands::ApiKey>),
    /// Company settings and trusted addresses
    Setting(commands::Reached<commands::Setting>),
    /// The audit chain
    Audit {
        #[command(subcommand)]
        command: commands::audit::Audit,
    },
    /// The store
    Store {
        #[command(subcommand)]
        command: commands::store::Store,
    },
    /// The keys that seal secrets in the store
    Keys {
        #[command(subcommand)]
        command: commands::keys::Keys,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual of the settings and the man pages into a folder
    Documentation {
        /// The folder
        dir: PathBuf,
    },
}

impl Cli {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let report = match self.command {
            Command::Init { dir, store } => init::run(&dir, store.as_deref())?,
            Command::CheckConfig { file } => config::check(&file)?,
            Command::User(command) => command.run()?,
            Command::Block(command) => command.run()?,
            Command::Bypass(command) => command.run()?,
            Command::Token(command) => command.run()?,
            Command::Prompt(command) => command.run()?,
            Command::Line(command) => command.run()?,
            Command::Question(command) => command.run()?,
            Command::Apikey(command) => command.run()?,
            Command::Setting(command) => command.run()?,
            Command::Audit { command } => command.run()?,
            Command::Store { command } => command.run()?,
            Command::Keys { command } => command.run()?,
            Command::Documentation { dir } => documentation::write(&dir, Self::command())?,
            Command::Serve { config } => return serve::run(&config).map(|()| ExitCode::SUCCESS),
            Command::Simulate(simulate) => return simulate.run().map(|()| ExitCode::SUCCESS),
            Command::Demo(demo) => return demo.run().map(|()| ExitCode::SUCCESS),
            Command::Completions { shell } => {
                clap_complete::generate(shell, &mut Self::command(), "countersign", &mut std::io::stdout());
                return Ok(ExitCode::SUCCESS);
            }
        };
        Ok(report.print(self.json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }
}
