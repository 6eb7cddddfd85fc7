//! The engine from outside: start, look, check, cancel, and look after people.
//! Refuses to know transports: HTTP, the portal's pages and tests call the same functions.

use crate::clock::Clock;
use crate::desk::{Amend, AmendError, Desk, Idempotency, LookAt, Recover, Start};
use crate::house::{House, Shared, Watch};
use crate::in_flight::{Answered, Seen, What};
use crate::ledger::{Ledger, LedgerState, NotWritten};
use crate::line::{Line as LineActor, LineSettings, LineShared, LineState};
use crate::people::{Amendment, Versioned, read};
use crate::router::{Line, Router};
use crate::switchboard::{PolicyChanged, Switchboard};
use crate::vault::Vault;
use actix::{Actor, Addr, Arbiter};
use channels::text::TextGateway;
use engine::code::CodeKey;
use engine::id::VerificationId;
use engine::method::Method;
use engine::moment::Moment;
use engine::pin::PinKey;
use engine::policy::Policy;
use engine::reason::Reason;
use engine::reply;
use engine::request::Request;
use engine::verification::{Door, Event, ResendRefusal, Verification};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;
use store::{Document, Expect, Kind, Operation, ReadError, Store};
use tokio::sync::{oneshot, watch};

pub use crate::desk::StartError;

/// The key of the company's settings in the store.
const COMPANY: &str = "company";
/// Expired records that are removed in one transaction, few enough not to hold up others.
const PRUNED: u32 = 10_000;
/// Open verifications that are read at once at the start.
const PAGE: usize = 10_000;

/// What the engine runs with.
pub struct EngineSettings {
    /// What must not be lost.
    pub store: Arc<dyn Store>,
    /// Sealed token keys.
    pub vault: Arc<dyn Vault>,
    /// Derives codes.
    pub code_key: [u8; 32],
    /// Hash PINs; the first one is current.
    pub pin_keys: Vec<PinKey>,
    /// Spreads people over shards.
    pub shard_key: [u8; 32],
    /// Lines and their gateways, at most 32.
    pub lines: Vec<(LineSettings, Arc<dyn TextGateway>)>,
    /// Arbiters; one per core.
    pub arbiters: usize,
    /// The most verifications in flight.
    pub most_in_flight: usize,
    /// Sees every step before the rules do.
    pub watch: Option<Watch>,
}

/// The engine refuses what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such thing.
    #[error("there is no such verification")]
    NotFound,
    /// It has ended.
    #[error("the verification has ended")]
    Settled(Box<Verification>),
    /// No code is awaited.
    #[error("this verification does not wait for a code to be typed in")]
    NoCodeAwaited,
    /// What was entered is no code.
    #[error("a code has digits only")]
    NotACode,
    /// Not before this.
    #[error("too many wrong codes; try again later")]
    Paused(Moment),
    /// The text cannot be sent again now.
    #[error("the text cannot be sent again now")]
    Resend(ResendRefusal),
    /// What was wanted of a person is not possible.
    #[error("{0}")]
    Impossible(String),
    /// The store does not take it.
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    /// The store could not be read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
    /// The engine is stopping.
    #[error("the engine is stopping")]
    Unavailable,
}

impl From<AmendError> for Refused {
    fn from(error: AmendError) -> Self {
        match error {
            AmendError::Refused(why) => Self::Impossible(why),
            AmendError::NotWritten(why) => why.into(),
            AmendError::NotRead(why) => why.into(),
        }
    }
}

/// The running engine; clones share it.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    policy: Arc<RwLock<Arc<Policy>>>,
    arbiters: Arc<Vec<Arbiter>>,
    stopping: Arc<AtomicBool>,
}

impl Engine {
    /// Starts the actors and takes up what was in flight when the process ended.
    pub async fn start(settings: EngineSettings) -> Result<Self, ReadError> {
        let unavailable = |cause: String| ReadError::Unavailable { cause };
        let stored = read::<Policy>(&*settings.store, COMPANY)?;
        let policy = Arc::new(stored.map(|stored| stored.value).unwrap_or_default());
        let (ledger, _) = Ledger::start(Arc::clone(&settings.store)).map_err(|cause| unavailable(cause.to_string()))?;
        let shared = Arc::new(Shared {
            store: settings.store,
            ledger,
            clock: Clock::start(),
            code_key: CodeKey::new(settings.code_key),
            pin_keys: settings.pin_keys,
            vault: settings.vault,
            shard_key: settings.shard_key,
            desks: OnceLock::new(),
            switchboards: OnceLock::new(),
            router: OnceLock::new(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: settings.most_in_flight,
            watch: settings.watch,
        });
        let arbiters: Vec<_> = (0..settings.arbiters.max(1)).map(|_| Arbiter::new()).collect();
        let engine = Self {
            shared,
            policy: Arc::new(RwLock::new(Arc::clone(&policy))),
            arbiters: Arc::new(arbiters),
            stopping: Arc::default(),
        };
        engine.start_switchboards(&policy);
        engine.start_lines(settings.lines);
        engine.start_desks(&policy).await.map_err(|_| unavailable("an arbiter did not start".into()))?;
        engine.recover().await?;
        Ok(engine)
    }

    fn start_switchboards(&self, policy: &Arc<Policy>) {
        let boards = self.arbiters.iter().map(|arbiter| {
            let (shared, policy) = (Arc::clone(&self.shared), Arc::clone(policy));
            Switchboard::start_in_arbiter(&arbiter.handle(), move |_| Switchboard::new(shared, policy))
        });
        let _ = self.shared.switchboards.set(boards.collect());
    }

    fn start_lines(&self, lines: Vec<(LineSettings, Arc<dyn TextGateway>)>) {
        let started = lines.into_iter().take(32).zip(0_u8..).map(|((settings, gateway), index)| {
            let line = Arc::new(LineShared::new(&settings));
            let (shared, clock) = (Arc::clone(&line), self.shared.clock);
            let arbiter = &self.arbiters[usize::from(index) % self.arbiters.len()];
            let addr = LineActor::start_in_arbiter(&arbiter.handle(), move |_| {
                LineActor::new(settings, index, shared, gateway, clock)
            });
            Line { addr, shared: line }
        });
        let _ = self.shared.router.set(Router::new(started.collect()));
    }

    async fn start_desks(&self, policy: &Arc<Policy>) -> Result<(), oneshot::error::RecvError> {
        let mut desks = Vec::new();
        for arbiter in self.arbiters.iter() {
            let (tell, told) = oneshot::channel();
            let (shared, policy) = (Arc::clone(&self.shared), Arc::clone(policy));
            arbiter.spawn_fn(move || {
                let house = House { shared, people: Default::default(), policy: policy.into() };
                let _ = tell.send(Desk::new(Rc::new(house)).start());
            });
            desks.push(told.await?);
        }
        let _ = self.shared.desks.set(desks);
        Ok(())
    }

    /// Every verification that was in flight is taken up, each with its deadline.
    async fn recover(&self) -> Result<(), ReadError> {
        let desks = self.desks();
        let mut found: HashMap<usize, Vec<(Verification, u64)>> = HashMap::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.shared.store.list(Kind::Open, after.as_deref(), PAGE)?;
            for record in &page {
                let verification = Verification::from_record(record)?;
                let desk = verification.id.shard().index() % desks.len();
                found.entry(desk).or_default().push((verification, record.version));
            }
            match page.last() {
                Some(last) => after = Some(last.key.id.clone()),
                None => break,
            }
        }
        for (desk, found) in found {
            tracing::info!(desk, verifications = found.len(), "verifications in flight are taken up");
            let recovered = desks[desk].send(Recover { found }).await;
            recovered.map_err(|cause| ReadError::Unavailable { cause: cause.to_string() })??;
        }
        Ok(())
    }

    fn desks(&self) -> &[Addr<Desk>] {
        self.shared.desks.get().map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Now, by the engine's clock.
    pub fn now(&self) -> Moment {
        self.shared.clock.now()
    }

    /// The store, for reads.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    /// The vault of token keys.
    pub fn vault(&self) -> &Arc<dyn Vault> {
        &self.shared.vault
    }

    /// The keys of PINs; the first one is current.
    pub fn pin_keys(&self) -> &[PinKey] {
        &self.shared.pin_keys
    }

    pub(crate) fn fraud_code(&self) -> String {
        let policy = self.policy();
        if policy.fraud.enabled { policy.fraud.code.clone() } else { String::new() }
    }

    /// Company settings.
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Replaces the company settings, which were checked before; `audit` becomes durable with them.
    pub async fn set_policy(&self, policy: Policy, audit: Vec<Operation>) -> Result<(), Refused> {
        let mut operations = vec![Operation::put(COMPANY, &policy, Expect::Any)];
        operations.extend(audit);
        self.shared.ledger.commit(operations.into()).await?;
        let policy = Arc::new(policy);
        *self.policy.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::clone(&policy);
        for desk in self.desks() {
            desk.do_send(PolicyChanged(Arc::clone(&policy)));
        }
        for board in self.shared.switchboards.get().into_iter().flatten() {
            board.do_send(PolicyChanged(Arc::clone(&policy)));
        }
        Ok(())
    }

    /// Starts a verification; `body` is the SHA-256 of the request where an idempotency key came with it.
    pub async fn start_verification(&self, request: Request, body: Option<String>) -> Result<Verification, StartError> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err(StartError::Full);
        }
        let idempotency = request
            .idempotency_key
            .as_ref()
            .zip(body)
            .map(|(key, body)| Idempotency { key: format!("{}\u{1f}{key}", request.caller), body });
        let desk = self.shared.desk(self.shared.shard_of(&request.user));
        let start = Start { request, idempotency };
        desk.send(start).await.unwrap_or(Err(StartError::NotWritten(NotWritten::Unavailable)))
    }

    /// How a verification stands; with `wait`, its end or how it stands when the time is over.
    pub async fn look(&self, id: VerificationId, wait: Option<Duration>) -> Result<Verification, Refused> {
        let seen = self.shared.desk(id.shard()).send(LookAt { id, wait: wait.is_some() }).await;
        let Some(Seen { verification, end }) = seen.map_err(|_| Refused::Unavailable)? else {
            return self.settled(id).await?.ok_or(Refused::NotFound);
        };
        let (Some(end), Some(wait)) = (end, wait) else { return Ok(verification) };
        match tokio::time::timeout(wait, end).await {
            Ok(Ok(ended)) => Ok(ended),
            Ok(Err(_)) | Err(_) => Box::pin(self.look(id, None)).await,
        }
    }

    /// The outcome of a verification that has ended.
    pub async fn settled(&self, id: VerificationId) -> Result<Option<Verification>, Refused> {
        let shared = Arc::clone(&self.shared);
        Ok(settled(&shared, id).await?)
    }

    /// Checks a code that was typed into the application.
    pub async fn check(&self, id: VerificationId, typed: &str) -> Result<Verification, Refused> {
        let standing = self.look(id, None).await?;
        if standing.stage.is_settled() {
            return Err(Refused::Settled(Box::new(standing)));
        }
        if !standing.rung().is_some_and(|rung| rung.mode.needs_input()) {
            return Err(Refused::NoCodeAwaited);
        }
        let digits = reply::digits(typed).ok_or(Refused::NotACode)?;
        match self.bring(id, What::Code(Door::Typed, digits), vec![]).await? {
            Some(Answered::Taken { verification, .. }) => Ok(*verification),
            Some(Answered::Paused(until)) => Err(Refused::Paused(until)),
            Some(Answered::NotWritten(why)) => Err(why.into()),
            None => self.settled(id).await?.map_or(Err(Refused::NotFound), |v| Err(Refused::Settled(Box::new(v)))),
        }
    }

    /// Ends a verification for its caller; one that has ended stays as it is.
    pub async fn cancel(&self, id: VerificationId) -> Result<Verification, Refused> {
        let event = Event::Cancelled { reason: Reason::CancelledByCaller };
        match self.bring(id, What::Event(event), vec![]).await? {
            Some(Answered::Taken { verification, .. }) => Ok(*verification),
            Some(Answered::NotWritten(why)) => Err(why.into()),
            Some(Answered::Paused(_)) | None => self.settled(id).await?.ok_or(Refused::NotFound),
        }
    }

    /// Sends the text once more, with a new code; the old one is void.
    pub async fn resend(&self, id: VerificationId) -> Result<Verification, Refused> {
        let standing = self.look(id, None).await?;
        if standing.stage.is_settled() {
            return Err(Refused::Settled(Box::new(standing)));
        }
        if standing.rung().is_none_or(|rung| rung.method != Method::Sms) {
            return Err(Refused::Resend(ResendRefusal::NothingSent));
        }
        standing.may_resend(self.now()).map_err(Refused::Resend)?;
        match self.bring(id, What::Event(Event::ResendAsked), vec![]).await? {
            Some(Answered::Taken { verification, .. }) => Ok(*verification),
            Some(Answered::NotWritten(why)) => Err(why.into()),
            Some(Answered::Paused(_)) | None => Err(Refused::NotFound),
        }
    }

    /// Changes a person, at their home, after whatever happens to them now.
    pub async fn amend(&self, user: &str, amendment: Amendment) -> Result<(), Refused> {
        let desk = self.shared.desk(self.shared.shard_of(user));
        let amended = desk.send(Amend { user: user.to_owned(), amendment }).await;
        amended.map_err(|_| Refused::Unavailable)?.map_err(Refused::from)
    }

    /// Commits a change that belongs to no person.
    pub async fn commit(&self, operations: Vec<Operation>) -> Result<(), Refused> {
        self.shared.ledger.commit(operations.into()).await?;
        Ok(())
    }

    /// Removes idempotency keys and marks of messages whose time is over; call it now and then.
    pub async fn prune(&self) -> Result<(), Refused> {
        self.commit(vec![Operation::Prune { now: self.now(), limit: PRUNED }]).await
    }

    /// Reads from the store without blocking the caller's thread.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Store) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, Refused> {
        let store = Arc::clone(&self.shared.store);
        Ok(tokio::task::spawn_blocking(move || read(&*store)).await.map_err(|_| Refused::Unavailable)??)
    }

    /// Reads a document with its version.
    pub async fn document<D: Document + Send + 'static>(&self, id: &str) -> Result<Option<Versioned<D>>, Refused> {
        let id = id.to_owned();
        self.read(move |store| read::<D>(store, &id)).await
    }

    /// Tells when an outcome joins the feed.
    pub fn settled_positions(&self) -> watch::Receiver<u64> {
        self.shared.ledger.settled()
    }

    /// How the writer is.
    pub fn ledger_state(&self) -> LedgerState {
        self.shared.ledger.state()
    }

    /// How the lines are.
    pub fn lines(&self) -> Vec<LineState> {
        self.shared.router().lines().iter().map(|line| line.shared.state()).collect()
    }

    /// Verifications in flight.
    pub fn in_flight(&self) -> usize {
        self.shared.in_flight.load(Ordering::Relaxed)
    }

    /// Whether it takes no new verifications any more.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Admits nothing more, waits until what is being sent is answered, at most `patience`; the rest is kept for the next start.
    pub async fn stop(&self, patience: Duration) {
        self.stopping.store(true, Ordering::Relaxed);
        let out = || self.lines().iter().map(|line| line.in_flight).sum::<usize>();
        let drained = async {
            while out() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(patience, drained).await.is_err() {
            tracing::warn!(left = out(), "texts were still out when the engine stopped; they are not sent again");
        }
        for arbiter in self.arbiters.iter() {
            arbiter.stop();
        }
    }
}

/// The outcome of a verification that has ended.
pub(crate) async fn settled(shared: &Arc<Shared>, id: VerificationId) -> Result<Option<Verification>, ReadError> {
    let store = Arc::clone(&shared.store);
    let row = tokio::task::spawn_blocking(move || store.outcome(id))
        .await
        .map_err(|cause| ReadError::Unavailable { cause: cause.to_string() })??;
    row.map(|row| {
        serde_json::from_slice(&row.body)
            .map_err(|cause| ReadError::Corrupt { what: format!("outcome of {id}"), cause: cause.to_string() })
    })
    .transpose()
}
