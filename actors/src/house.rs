//! What the actors share: all of them, and those of one Desk.
//! Refuses to block: reads go to the blocking pool, writes to the Ledger.

use crate::clock::Clock;
use crate::desk::Desk;
use crate::keeper::Post;
use crate::ledger::Ledger;
use crate::letters::Doors;
use crate::line::Carries;
use crate::mailer::{Mailer, Notices};
use crate::people::{self, People, Person};
use crate::postman::{Posted, Postman, Webhooks};
use crate::readers::Readers;
use crate::recordings::Recordings;
use crate::router::Router;
use crate::sources::Sources;
use crate::speech::Speech;
use crate::switchboard::Switchboard;
use crate::vault::Vault;
use actix::dev::ToEnvelope;
use actix::{Addr, Context, Handler, Message};
use arc_swap::ArcSwap;
use channels::text::TextGateway;
use engine::code::CodeKey;
use engine::id::Shard;
use engine::moment::Moment;
use engine::number::PhoneNumber;
use engine::pin::PinKey;
use engine::policy::Policy;
use engine::verification::{Event, Verification};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{ReadError, Store};

/// Sees every step before the rules do.
pub type Watch = Arc<dyn Fn(&Verification, &Event) + Send + Sync>;

/// What all arbiters share.
pub struct Shared {
    /// Reads.
    pub store: Arc<dyn Store>,
    /// The threads for that.
    pub readers: Readers,
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
    /// Company settings; replaced when they change.
    pub policy: ArcSwap<Policy>,
    /// Unanswered texts of each source.
    pub sources: Sources,
    /// The Desks.
    pub desks: Box<[Post<Desk>]>,
    /// The owners of numbers.
    pub switchboards: Box<[Post<Switchboard>]>,
    /// The lines.
    pub router: Router,
    /// Who tells outcomes to receivers.
    pub postman: Post<Postman>,
    /// What outcomes are told with.
    pub webhooks: Webhooks,
    /// Who tells people what happened to their account.
    pub mailer: Post<Mailer>,
    /// What they are told with.
    pub notices: Notices,
    /// What is said in calls.
    pub speech: Speech,
    /// Prompts that administrators have recorded; replaced when one changes.
    pub recordings: ArcSwap<Recordings>,
    /// The clients of the lines for texts, by their names.
    pub gateways: HashMap<String, Arc<dyn TextGateway>>,
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

    /// Which Desk a shard belongs to.
    pub fn desk_index(&self, shard: Shard) -> usize {
        shard.index() % self.desks.len()
    }

    /// The Desk of a shard.
    pub fn desk(&self, shard: Shard) -> &Post<Desk> {
        &self.desks[self.desk_index(shard)]
    }

    /// Which owner a number has.
    pub fn switchboard_index(&self, number: PhoneNumber) -> usize {
        Shard::of_hash(self.hash(&number.to_string())).index() % self.switchboards.len()
    }

    /// The owner of a number.
    pub fn switchboard(&self, number: PhoneNumber) -> &Post<Switchboard> {
        &self.switchboards[self.switchboard_index(number)]
    }

    /// Company settings.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// Reads from the store on a thread that may block.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Store) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let store = Arc::clone(&self.store);
        let read = self.readers.run(move || read(&*store)).await;
        read.unwrap_or_else(|| Err(ReadError::Unavailable { cause: "a read broke; the log says which".into() }))
    }

    /// The outcome of a verification that has ended.
    pub async fn settled(&self, id: engine::id::VerificationId) -> Result<Option<Verification>, ReadError> {
        let row = self.read(move |store| store.outcome(id)).await?;
        row.map(|row| {
            serde_json::from_slice(&row.body)
                .map_err(|cause| ReadError::Corrupt { what: format!("outcome of {id}"), cause: cause.to_string() })
        })
        .transpose()
    }

    /// Tells that a verification ended, once that is durable: its webhook is due.
    pub fn post(&self, settled: &Verification) {
        if settled.callback_url.is_some() {
            self.postman.do_send(Posted(settled.id));
        }
    }

    /// By what people can be told.
    pub fn doors(&self) -> Doors {
        let carries = |what| self.router.carries(what);
        Doors { mail: self.notices.mail.is_some(), text: carries(Carries::Texts), call: carries(Carries::Calls) }
    }

    fn hash(&self, text: &str) -> u64 {
        engine::shard::hash(&self.shard_key, text)
    }
}

/// A place among the verifications in flight; its drop gives it back.
pub struct Place(Arc<Shared>);

impl Place {
    /// Takes one, whether or not the bound is reached: what was admitted before must have one.
    pub fn take(shared: &Arc<Shared>) -> Self {
        shared.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(shared))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What one Desk and its verifications share; one thread, so nothing in it needs a lock.
pub struct House {
    /// What all share.
    pub shared: Arc<Shared>,
    /// The people at home here.
    pub people: RefCell<People>,
    /// The Desk; kept here once, because its address takes memory wherever it is kept.
    desk: OnceCell<Addr<Desk>>,
    /// Set when the Desk is gone: its verifications are taken up by the next one, and act no more.
    pub closed: Cell<bool>,
}

impl House {
    /// An empty house.
    pub fn new(shared: Arc<Shared>) -> Self {
        let people = RefCell::new(People::new(shared.doors()));
        Self { shared, people, desk: OnceCell::new(), closed: Cell::new(false) }
    }

    /// The Desk has started.
    pub fn belongs_to(&self, desk: Addr<Desk>) {
        self.desk.get_or_init(|| desk);
    }

    /// Tells the Desk something.
    pub fn tell_desk<M>(&self, message: M)
    where
        M: Message<Result = ()> + Send + 'static,
        Desk: Handler<M>,
        Context<Desk>: ToEnvelope<Desk, M>,
    {
        if let Some(desk) = self.desk.get() {
            desk.do_send(message);
        }
    }

    /// Now.
    pub fn now(&self) -> Moment {
        self.shared.clock.now()
    }

    /// Company settings.
    pub fn policy(&self) -> Arc<Policy> {
        self.shared.policy()
    }

    /// Reads a person from the store, whatever is in memory.
    pub async fn reload(&self, name: &str) -> Result<(), ReadError> {
        let owned = name.to_owned();
        let person: Person = self.shared.read(move |store| people::load(store, &owned)).await?;
        self.people.borrow_mut().put(name, person);
        Ok(())
    }

    /// Reads a person unless in memory.
    pub async fn ensure(&self, name: &str) -> Result<(), ReadError> {
        if self.people.borrow().get(name).is_some() { Ok(()) } else { self.reload(name).await }
    }
}
