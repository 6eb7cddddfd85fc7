//! `store`: what works on the store itself, also while the engine is down.
//! Refuses to overwrite a backup.

use crate::config::Config;
use crate::report::Report;
use crate::wiring::{NODE, is_postgres, open_store, read_store, store_path};
use clap::{Args, Subcommand};
use serde_json::{Map, json};
use std::path::PathBuf;
use std::sync::Arc;
use store::audit::verify;
use store::sqlite::{Checked, OpenOptions};
use store::{Kind, SqliteStore, Store as Contract};

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
    pub fn read(&self) -> anyhow::Result<Box<dyn Contract>> {
        read_store(&self.settings()?.store, NODE)
    }

    /// The store for writing, which nothing else may have open.
    pub fn write(&self) -> anyhow::Result<Arc<dyn Contract>> {
        let settings = self.settings()?.store;
        if is_postgres(&settings.url) {
            return open_store(&settings);
        }
        let options = OpenOptions { create: false, ..OpenOptions::default() };
        Ok(Arc::new(SqliteStore::open(&store_path(&settings.url)?, &options)?))
    }

    /// The file, for what only an embedded store offers.
    fn file(&self) -> anyhow::Result<SqliteStore> {
        Ok(SqliteStore::open_read_only(&store_path(&self.settings()?.store.url)?, NODE)?)
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
                place.file()?.backup(&to)?;
                Ok(Report::new(
                    format!("the store was copied to {} and checked", to.display()),
                    json!({ "backup": to }),
                ))
            }
            Self::Migrate { place } => {
                place.write()?;
                Ok(Report::new("the store is of the current version", json!({})))
            }
            Self::Check { place } if is_postgres(&place.settings()?.store.url) => walk(&*place.read()?),
            Self::Check { place } => check(&place.file()?),
            Self::Count { place } => count(&*place.read()?),
        }
    }
}

fn check(store: &SqliteStore) -> anyhow::Result<Report> {
    Ok(checked(&store.check()?))
}

/// Rows that are read at once.
const PAGE: usize = 1000;

/// Everything is read once, and each row compared with its checksum as it is read.
fn walk(store: &dyn Contract) -> anyhow::Result<Report> {
    let mut seen = Checked::default();
    for kind in Kind::ALL {
        let mut after: Option<String> = None;
        loop {
            let page = store.list(*kind, after.as_deref(), PAGE)?;
            seen.records += page.len() as u64;
            let Some(last) = page.last() else { break };
            after = Some(last.key.id.clone());
        }
    }
    let mut after = None;
    loop {
        let page = store.outcomes(after, PAGE)?;
        if page.rows.is_empty() {
            break;
        }
        for row in &page.rows {
            seen.timelines += u64::from(!store.timeline(row.verification)?.is_empty());
        }
        seen.outcomes += page.rows.len() as u64;
        after = Some(page.next);
    }
    seen.links = verify(store, None)?.links;
    Ok(checked(&seen))
}

fn checked(seen: &Checked) -> Report {
    let text = format!(
        "all is good: {} records, {} outcomes, {} timelines, {} audit links",
        seen.records, seen.outcomes, seen.timelines, seen.links
    );
    let (records, outcomes) = (seen.records, seen.outcomes);
    let json =
        json!({ "records": records, "outcomes": outcomes, "timelines": seen.timelines, "audit_links": seen.links });
    Report::new(text, json)
}

fn count(store: &dyn Contract) -> anyhow::Result<Report> {
    let (mut lines, mut counts) = (Vec::new(), Map::new());
    for kind in Kind::ALL {
        let count = store.count(*kind)?;
        lines.push(format!("{:<14} {count}", kind.as_str()));
        counts.insert(kind.as_str().to_owned(), json!(count));
    }
    Ok(Report::new(lines.join("\n"), counts.into()))
}
