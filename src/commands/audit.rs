//! `audit`: the chain of administrative acts, looked at, verified, and its signed checkpoints.
//! Refuses to trust the store: a checkpoint that was kept elsewhere shows what was cut off or written anew.

use super::store::Place;
use super::{Call, Reach};
use crate::config::Config;
use crate::report::Report;
use crate::wiring::read_store;
use anyhow::Context;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::json;
use std::path::{Path, PathBuf};
use store::audit::{Checkpoint, PublicKey, verify};
use store::keys::{MasterKey, Sealer};
use store::{SqliteStore, Store};

#[derive(Subcommand)]
pub enum Audit {
    /// List every act, oldest first, as a running engine tells them
    List(Reach),
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
    pub fn run(self) -> anyhow::Result<Report> {
        match self {
            Self::List(reach) => reach.ask(Call::new(Method::GET, "/v1/audit", None)),
            Self::Verify(verify) => verify.run(),
            Self::PublicKey { place } => {
                let master = MasterKey::read(&place.settings()?.keys.master_key_file)?;
                Sealer::open(&*place.read()?, &master)?;
                let line = PublicKey::of(&master).to_line();
                Ok(Report::new(line.clone(), json!({ "public_key": line })))
            }
            Self::Checkpoint { place } => {
                let (store, master) = (place.read()?, MasterKey::read(&place.settings()?.keys.master_key_file)?);
                // A wrong master key would sign too.
                Sealer::open(&*store, &master)?;
                let checkpoint = Checkpoint::take(&*store, &master, actors::Clock::start().now())?;
                let line = checkpoint.context("the audit chain is still empty")?.to_line();
                Ok(Report::new(line.clone(), json!({ "checkpoint": line })))
            }
        }
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
    /// A file with checkpoints, one on each line: the chain must go through all of them
    #[arg(long)]
    against: Option<PathBuf>,
    /// A file with what `audit public-key` printed; without it the key is derived from the master key
    #[arg(long)]
    public_key: Option<PathBuf>,
}

impl Verify {
    fn run(&self) -> anyhow::Result<Report> {
        let checkpoints = self.against.as_deref().map(checkpoints).transpose()?;
        let key = checkpoints.is_some().then(|| self.key()).transpose()?;
        let node = checkpoints.as_ref().and_then(|all| all.first()).map_or("n1", |checkpoint| checkpoint.node.as_str());
        let store = self.store(node)?;
        let report = verify(&*store, checkpoints.as_deref().zip(key.as_ref()))?;
        let text = match report.checked_against {
            Some(position) => format!("{} links are whole, and agree with the checkpoint at {position}", report.links),
            None => {
                format!("{} links are whole; without --against links cut off at the end do not show", report.links)
            }
        };
        Ok(Report::new(text, json!({ "links": report.links, "checked_against": report.checked_against })))
    }

    fn store(&self, node: &str) -> anyhow::Result<Box<dyn Store>> {
        match (&self.store, &self.config) {
            (Some(file), _) => Ok(Box::new(SqliteStore::open_read_only(file, node)?)),
            (None, Some(config)) => read_store(&Config::read(config)?.store, node),
            (None, None) => anyhow::bail!("name the settings with --config, or a backup with --store"),
        }
    }

    fn key(&self) -> anyhow::Result<PublicKey> {
        if let Some(path) = &self.public_key {
            return Ok(PublicKey::from_line(&read_text(path)?)?);
        }
        let config = self.config.as_deref().context("name the key that signed with --public-key")?;
        Ok(PublicKey::of(&MasterKey::read(&Config::read(config)?.keys.master_key_file)?))
    }
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Every line that is a checkpoint: one that a crash cut short is not.
fn checkpoints(path: &Path) -> anyhow::Result<Vec<Checkpoint>> {
    let text = read_text(path)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty()).map(Checkpoint::from_line);
    let (mut found, mut fault) = (Vec::new(), None);
    for line in lines {
        match line {
            Ok(checkpoint) => found.push(checkpoint),
            Err(cause) => fault = Some(cause),
        }
    }
    match fault {
        Some(cause) if found.is_empty() => Err(cause.into()),
        None if found.is_empty() => anyhow::bail!("{} is empty", path.display()),
        Some(_) | None => Ok(found),
    }
}
