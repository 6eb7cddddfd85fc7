//! `store`: what works on the store itself, also while the engine is down.
//! Refuses to overwrite a backup.

use crate::config::Config;
use crate::report::Report;
use crate::wiring::store_path;
use clap::{Args, Subcommand};
use serde_json::{Map, json};
use std::path::PathBuf;
use store::sqlite::OpenOptions;
use store::{Kind, SqliteStore, Store as _};

/// Where the store is.
#[derive(Args)]
pub struct Place {
    /// The settings file
    #[arg(long)]
    config: PathBuf,
}

impl Place {
    /// The settings.
    pub fn settings(&self) -> anyhow::Result<Config> {
        Config::read(&self.config)
    }

    /// The store for reading, beside whoever writes.
    pub fn read(&self) -> anyhow::Result<SqliteStore> {
        Ok(SqliteStore::open_read_only(&store_path(&self.settings()?.store.url)?, "n1")?)
    }

    /// The store for writing, which nothing else may have open.
    pub fn write(&self) -> anyhow::Result<SqliteStore> {
        let options = OpenOptions { create: false, ..OpenOptions::default() };
        Ok(SqliteStore::open(&store_path(&self.settings()?.store.url)?, &options)?)
    }
}

#[derive(Subcommand)]
pub enum Store {
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

impl Store {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<Report> {
        match self {
            Self::Backup { place, to } => {
                place.read()?.backup(&to)?;
                Ok(Report::new(
                    format!("the store was copied to {} and checked", to.display()),
                    json!({ "backup": to }),
                ))
            }
            Self::Migrate { place } => {
                place.write()?;
                Ok(Report::new("the store is of the current version", json!({})))
            }
            Self::Check { place } => check(&place.read()?),
            Self::Count { place } => count(&place.read()?),
        }
    }
}

fn check(store: &SqliteStore) -> anyhow::Result<Report> {
    let seen = store.check()?;
    let text = format!(
        "all is good: {} records, {} outcomes, {} timelines, {} audit links",
        seen.records, seen.outcomes, seen.timelines, seen.links
    );
    let (records, outcomes) = (seen.records, seen.outcomes);
    let json =
        json!({ "records": records, "outcomes": outcomes, "timelines": seen.timelines, "audit_links": seen.links });
    Ok(Report::new(text, json))
}

fn count(store: &SqliteStore) -> anyhow::Result<Report> {
    let (mut lines, mut counts) = (Vec::new(), Map::new());
    for kind in Kind::ALL {
        let count = store.count(*kind)?;
        lines.push(format!("{:<14} {count}", kind.as_str()));
        counts.insert(kind.as_str().to_owned(), json!(count));
    }
    Ok(Report::new(lines.join("\n"), counts.into()))
}
