//! `keys`: rotation of the store's data keys, while the engine is down.
//! Refuses to run beside an engine: what it sealed meanwhile would be under keys that the other does not know.

use super::store::Place;
use crate::report::Report;
use actors::TokenRecord;
use clap::Subcommand;
use serde_json::json;
use store::Store;
use store::keys::{MasterKey, Resealed, Sealer, rotate};

/// Records that are moved in one transaction.
const STEP: usize = 500;

#[derive(Subcommand)]
pub enum Keys {
    /// Make a new data key and move every sealed secret to it; the engine must be down
    Rotate {
        #[command(flatten)]
        place: Place,
    },
    /// Move what is still sealed under older data keys, after a rotation that was cut short
    Reseal {
        #[command(flatten)]
        place: Place,
    },
}

impl Keys {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<Report> {
        let (Self::Rotate { place } | Self::Reseal { place }) = &self;
        let store = place.write()?;
        let master = MasterKey::read(&place.settings()?.keys.master_key_file)?;
        let sealer = match self {
            Self::Rotate { .. } => rotate(&*store, &master, actors::Clock::start().now())?,
            Self::Reseal { .. } => Sealer::open(&*store, &master)?,
        };
        let (key, Resealed { moved, unopened, .. }) = (sealer.current(), reseal(&*store, &sealer)?);
        let text = format!("data key {key} seals; {moved} secrets were sealed anew; older data keys stay, for backups");
        let json = json!({ "data_key": key, "resealed": moved, "unopened": unopened });
        if unopened.is_empty() {
            return Ok(Report::new(text, json));
        }
        Ok(Report::failed(format!("{text}\nthese do not open and stay as they are:\n{}", unopened.join("\n")), json))
    }
}

/// Nobody else writes: the store is ours alone.
fn reseal(store: &dyn Store, sealer: &Sealer) -> anyhow::Result<Resealed> {
    let mut all = Resealed { moved: 0, missed: 0, unopened: vec![], next: None };
    loop {
        let step = sealer.reseal::<TokenRecord>(store, all.next.as_deref(), STEP)?;
        all.moved += step.moved;
        all.unopened.extend(step.unopened);
        anyhow::ensure!(step.missed == 0, "somebody else writes to the store; run `keys reseal` once more");
        all.next = step.next;
        if all.next.is_none() {
            return Ok(all);
        }
    }
}
