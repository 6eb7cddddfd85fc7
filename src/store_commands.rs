//! `audit` and `store`: what works on the store itself, also while the engine is down.
//! Refuses to overwrite a backup.

use crate::wiring::store_path;
use anyhow::Context;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use store::audit::{Checkpoint, verify};
use store::keys::MasterKey;
use store::sqlite::OpenOptions;
use store::{Kind, SqliteStore, Store};

/// Where the store is.
#[derive(Args)]
pub struct Place {
    /// The settings file
    #[arg(long)]
    config: PathBuf,
}

impl Place {
    fn read(&self) -> anyhow::Result<(SqliteStore, crate::config::Config)> {
        let config = crate::config::Config::read(&self.config)?;
        Ok((SqliteStore::open_read_only(&store_path(&config.store.url)?, "n1")?, config))
    }
}

#[derive(Subcommand)]
pub enum Audit {
    /// Walk the whole chain; with a checkpoint from elsewhere, links that were cut off or written anew show too
    Verify {
        #[command(flatten)]
        place: Place,
        /// A file whose last line is a checkpoint
        #[arg(long)]
        against: Option<PathBuf>,
    },
    /// Print a signed checkpoint of where the chain stands; keep it on another machine
    Checkpoint {
        #[command(flatten)]
        place: Place,
    },
}

impl Audit {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Verify { place, against } => {
                let (store, config) = place.read()?;
                let master = MasterKey::read(&config.keys.master_key_file)?;
                let checkpoint = against.map(|path| last_checkpoint(&path)).transpose()?;
                let report = verify(&store, &master, checkpoint.as_ref())?;
                match report.checked_against {
                    Some(position) => {
                        println!("{} links are whole, and agree with the checkpoint at {position}", report.links)
                    }
                    None => println!(
                        "{} links are whole; without --against links cut off at the end do not show",
                        report.links
                    ),
                }
            }
            Self::Checkpoint { place } => {
                let (store, config) = place.read()?;
                let master = MasterKey::read(&config.keys.master_key_file)?;
                let checkpoint = Checkpoint::take(&store, &master, actors::Clock::start().now())?;
                println!("{}", checkpoint.context("the chain is empty")?.to_line());
            }
        }
        Ok(())
    }
}

fn last_checkpoint(path: &std::path::Path) -> anyhow::Result<Checkpoint> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    Ok(Checkpoint::from_line(line.context("the checkpoint file is empty")?)?)
}

#[derive(Subcommand)]
pub enum StoreCommand {
    /// Copy the store, also while serving; the copy is checked
    Backup {
        #[command(flatten)]
        place: Place,
        /// The new file
        to: PathBuf,
    },
    /// Bring the schema forward; the engine does it at its start too
    Migrate {
        #[command(flatten)]
        place: Place,
    },
    /// Count what is in the store
    Count {
        #[command(flatten)]
        place: Place,
    },
}

impl StoreCommand {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Backup { place, to } => {
                place.read()?.0.backup(&to)?;
                println!("the store was copied to {} and checked", to.display());
            }
            Self::Migrate { place } => {
                let config = crate::config::Config::read(&place.config)?;
                SqliteStore::open(
                    &store_path(&config.store.url)?,
                    &OpenOptions { create: false, ..Default::default() },
                )?;
                println!("the store is of the current version");
            }
            Self::Count { place } => {
                let (store, _) = place.read()?;
                for kind in Kind::ALL {
                    println!("{:<14} {}", kind.as_str(), store.count(*kind)?);
                }
            }
        }
        Ok(())
    }
}
