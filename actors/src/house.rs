//! What the Desk and the verifications of one arbiter share; one thread, so nothing in it needs a lock.
//! Refuses to block: reads go to the blocking pool, writes to the Ledger.

use crate::clock::Clock;
use crate::desk::Desk;
use crate::ledger::Ledger;
use crate::people::{self, People, Person};
use crate::router::Router;
use crate::switchboard::Switchboard;
use crate::vault::Vault;
use actix::Addr;
use engine::code::CodeKey;
use engine::id::Shard;
use engine::moment::Moment;
use engine::number::PhoneNumber;
use engine::pin::PinKey;
use engine::policy::Policy;
use engine::verification::{Event, Verification};
use std::cell::RefCell;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};
use store::{ReadError, Store};

/// Sees every step before the rules do.
pub type Watch = Arc<dyn Fn(&Verification, &Event) + Send + Sync>;

/// What all arbiters share.
pub struct Shared {
    /// Reads.
    pub store: Arc<dyn Store>,
    /// Writes.
    pub ledger: Ledger,
    /// Time.
    pub clock: Clock,
    /// Codes are derived with it.
    pub code_key: CodeKey,
    /// PINs are hashed with them; the first one is current.
    pub pin_keys: Vec<PinKey>,
    /// Token keys are sealed in it.
    pub vault: Arc<dyn Vault>,
    /// People are spread over shards with it, so that nobody can aim at one.
    pub shard_key: [u8; 32],
    /// The Desks.
    pub desks: OnceLock<Vec<Addr<Desk>>>,
    /// The owners of numbers.
    pub switchboards: OnceLock<Vec<Addr<Switchboard>>>,
    /// The lines.
    pub router: OnceLock<Router>,
    /// Verifications in flight.
    pub in_flight: AtomicUsize,
    /// The most that may be.
    pub most_in_flight: usize,
    /// Sees every step before the rules do; a test may make it panic.
    pub watch: Option<Watch>,
}

impl Shared {
    /// The shard of a person.
    pub fn shard_of(&self, name: &str) -> Shard {
        Shard::of_hash(self.hash(name))
    }

    /// The Desk of a shard.
    pub fn desk(&self, shard: Shard) -> &Addr<Desk> {
        let desks = self.desks.get().expect("desks are set before anything is admitted");
        &desks[shard.index() % desks.len()]
    }

    /// The owner of a number.
    pub fn switchboard(&self, number: PhoneNumber) -> &Addr<Switchboard> {
        let boards = self.switchboards.get().expect("switchboards are set before anything is admitted");
        &boards[Shard::of_hash(self.hash(&number.to_string())).index() % boards.len()]
    }

    /// The lines.
    pub fn router(&self) -> &Router {
        self.router.get().expect("the router is set before anything is admitted")
    }

    fn hash(&self, text: &str) -> u64 {
        engine::shard::hash(&self.shard_key, text)
    }
}

/// What one arbiter's actors share.
pub struct House {
    /// What all share.
    pub shared: Arc<Shared>,
    /// The people at home here.
    pub people: RefCell<People>,
    /// Company settings; replaced when they change.
    pub policy: RefCell<Arc<Policy>>,
}

impl House {
    /// Now.
    pub fn now(&self) -> Moment {
        self.shared.clock.now()
    }

    /// Company settings.
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.borrow())
    }

    /// Reads a person from the store, whatever is in memory.
    pub async fn reload(&self, name: &str) -> Result<(), ReadError> {
        let person = self.fetch(name).await?;
        self.people.borrow_mut().put(name, person);
        Ok(())
    }

    async fn fetch(&self, name: &str) -> Result<Person, ReadError> {
        let store = Arc::clone(&self.shared.store);
        let owned = name.to_owned();
        tokio::task::spawn_blocking(move || people::load(&*store, &owned))
            .await
            .map_err(|cause| ReadError::Unavailable { cause: cause.to_string() })?
    }

    /// Reads a person unless in memory.
    pub async fn ensure(&self, name: &str) -> Result<(), ReadError> {
        if self.people.borrow().get(name).is_some() { Ok(()) } else { self.reload(name).await }
    }
}
