//! `audit` and `store`: what works on the store itself, also while the engine is down.
//! Refuses to overwrite a backup.

use crate::wiring::store_path;
use anyhow::Context;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use store::audit::{Checkpoint, PublicKey, verify};
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

/// The store for writing, which nothing else may have open, and the settings.
pub(crate) fn open_to_write(place: &Place) -> anyhow::Result<(SqliteStore, crate::config::Config)> {
    let config = crate::config::Config::read(&place.config)?;
    let options = OpenOptions { create: false, ..OpenOptions::default() };
    Ok((SqliteStore::open(&store_path(&config.store.url)?, &options)?, config))
}

#[derive(Subcommand)]
pub enum Audit {
    /// Walk the whole chain; with a checkpoint from elsewhere, links that were cut off or written anew show too
    Verify(Verify),
    /// Print the key that checkpoints can be verified with, without the master key
    PublicKey {
        #[command(flatten)]
        place: Place,
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
            Self::Verify(verify) => verify.run()?,
            Self::PublicKey { place } => {
                let config = crate::config::Config::read(&place.config)?;
                println!("{}", PublicKey::of(&MasterKey::read(&config.keys.master_key_file)?).to_line());
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

/// `audit verify`
#[derive(Args)]
pub struct Verify {
    /// The settings file
    #[arg(long, required_unless_present = "store")]
    config: Option<PathBuf>,
    /// A backup, instead of the store in the settings
    #[arg(long, conflicts_with = "config")]
    store: Option<PathBuf>,
    /// A file whose last whole line is a checkpoint
    #[arg(long)]
    against: Option<PathBuf>,
    /// A file with what `audit public-key` printed; without it the key is derived from the master key
    #[arg(long)]
    public_key: Option<PathBuf>,
}

impl Verify {
    fn run(&self) -> anyhow::Result<()> {
        let checkpoint = self.against.as_deref().map(last_checkpoint).transpose()?;
        let key = checkpoint.is_some().then(|| self.key()).transpose()?;
        let node = checkpoint.as_ref().map_or("n1", |checkpoint| checkpoint.node.as_str());
        let store = SqliteStore::open_read_only(&self.path()?, node)?;
        let report = verify(&store, checkpoint.as_ref().zip(key.as_ref()))?;
        match report.checked_against {
            Some(position) => println!("{} links are whole, and agree with the checkpoint at {position}", report.links),
            None => {
                println!("{} links are whole; without --against links cut off at the end do not show", report.links)
            }
        }
        Ok(())
    }

    fn path(&self) -> anyhow::Result<PathBuf> {
        match (&self.store, &self.config) {
            (Some(store), _) => Ok(store.clone()),
            (None, Some(config)) => store_path(&crate::config::Config::read(config)?.store.url),
            (None, None) => anyhow::bail!("name the settings with --config, or a backup with --store"),
        }
    }

    fn key(&self) -> anyhow::Result<PublicKey> {
        if let Some(path) = &self.public_key {
            return Ok(PublicKey::from_line(&read_text(path)?)?);
        }
        let config = self.config.as_deref().context("name the key that signed with --public-key")?;
        Ok(PublicKey::of(&MasterKey::read(&crate::config::Config::read(config)?.keys.master_key_file)?))
    }
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// The last line that is a checkpoint: one that a crash cut short is not.
fn last_checkpoint(path: &Path) -> anyhow::Result<Checkpoint> {
    let text = read_text(path)?;
    let mut lines = text.lines().rev().filter(|line| !line.trim().is_empty()).map(Checkpoint::from_line);
    let last = lines.next().with_context(|| format!("{} is empty", path.display()))?;
    Ok(last.or_else(|cause| lines.find_map(Result::ok).ok_or(cause))?)
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
    /// Read everything once and name damage
    Check {
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
                open_to_write(&place)?;
                println!("the store is of the current version");
            }
            Self::Check { place } => {
                let seen = place.read()?.0.check()?;
                println!(
                    "all is good: {} records, {} outcomes, {} timelines, {} audit links",
                    seen.records, seen.outcomes, seen.timelines, seen.links
                );
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
