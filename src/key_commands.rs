//! `keys`: rotation of the store's data keys, while the engine is down.
//! Refuses to run beside an engine: what it sealed meanwhile would be under keys that the other does not know.

use crate::store_commands::{Place, open_to_write};
use actors::TokenRecord;
use clap::Subcommand;
use store::SqliteStore;
use store::keys::{MasterKey, Sealer, rotate};

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
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Rotate { place } => {
                let (store, config) = open_to_write(&place)?;
                let master = MasterKey::read(&config.keys.master_key_file)?;
                let sealer = rotate(&store, &master, actors::Clock::start().now())?;
                println!("data key {} seals from now on", sealer.current());
                reseal(&store, &sealer)
            }
            Self::Reseal { place } => {
                let (store, config) = open_to_write(&place)?;
                let master = MasterKey::read(&config.keys.master_key_file)?;
                reseal(&store, &Sealer::open(&store, &master)?)
            }
        }
    }
}

fn reseal(store: &SqliteStore, sealer: &Sealer) -> anyhow::Result<()> {
    let (mut moved, mut after) = (0, None);
    loop {
        let step = sealer.reseal::<TokenRecord>(store, after.as_deref(), STEP)?;
        moved += step.moved;
        after = step.next;
        if after.is_none() {
            break;
        }
    }
    println!("{moved} secrets were sealed anew; older data keys stay, for backups");
    Ok(())
}
