//! The engine from outside: start, look, check, cancel, and look after people.
//! Refuses to know transports: HTTP, the portal's pages and tests call the same functions.

use crate::desk::{Amend, EndAll, LookAt, Start, StartError, Started};
use crate::house::{Shared, Watch};
use crate::idempotency::Idempotency;
use crate::in_flight::{Answered, Seen, What};
use crate::keeper::{Kept, KeptState};
use crate::ledger::{LedgerState, NotWritten};
use crate::letters::Doors;
use crate::line::Carries;
use crate::line::{Gateway, LineSettings, LineState};
use crate::mailer::{Look, Notices};
use crate::opening;
use crate::people::{Amendment, Versioned, read};
use crate::postman::Webhooks;
use crate::refused::Refused;
use crate::sources;
use crate::speech::Speech;
use crate::vault::Vault;
use actix::Arbiter;
use channels::webhook::{UrlRefused, encode_secret};
use engine::id::{ApiKeyId, VerificationId};
use engine::method::Method;
use engine::moment::Moment;
use engine::pin::PinKey;
use engine::policy::Policy;
use engine::reason::Reason;
use engine::reply;
use engine::request::Request;
use engine::secret::Secret;
use engine::verification::{Door, Event, ResendRefusal, Verification};
use engine::webhook;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::{Document, Expect, Operation, ReadError, Store};
use tokio::sync::watch;

/// The key of the company's settings in the store.
pub(crate) const COMPANY: &str = "company";

/// How long gateways have to hang up when the engine stops.
const HANGING_UP: Duration = Duration::from_millis(500);

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
    pub lines: Vec<(LineSettings, Gateway)>,
    /// What is said in calls.
    pub speech: Speech,
    /// What outcomes are told with.
    pub webhooks: Webhooks,
    /// What people are told with.
    pub notices: Notices,
    /// Arbiters; one per core.
    pub arbiters: usize,
    /// The most verifications in flight.
    pub most_in_flight: usize,
    /// Sees every step before the rules do.
    pub watch: Option<Watch>,
}

/// The running engine; clones share it.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    arbiters: Arc<[Arbiter]>,
    kept: Arc<[Arc<Kept>]>,
    stopping: Arc<AtomicBool>,
    given_up: watch::Receiver<Option<String>>,
}

impl Engine {
    pub(crate) fn new(
        shared: Arc<Shared>,
        arbiters: Arc<[Arbiter]>,
        kept: Arc<[Arc<Kept>]>,
        stopping: Arc<AtomicBool>,
        given_up: watch::Receiver<Option<String>>,
    ) -> Self {
        Self { shared, arbiters, kept, stopping, given_up }
    }

    /// Starts the actors and takes up what was in flight when the process ended.
    pub async fn start(settings: EngineSettings) -> Result<Self, ReadError> {
        opening::open(settings).await
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
        self.shared.policy()
    }

    /// Replaces the company settings, which were checked before; `audit` becomes durable with them.
    pub async fn set_policy(&self, policy: Policy, audit: Vec<Operation>) -> Result<(), Refused> {
        let mut operations = vec![Operation::put(COMPANY, &policy, Expect::Any)];
        operations.extend(audit);
        self.shared.ledger.commit(operations.into()).await?;
        self.shared.policy.store(Arc::new(policy));
        Ok(())
    }

    /// Starts a verification; `wait` says whether its end is waited for.
    pub async fn start_verification(
        &self,
        request: Request,
        idempotency: Option<Idempotency>,
        wait: bool,
    ) -> Result<Started, StartError> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err(StartError::Full);
        }
        let desk = self.shared.desk(self.shared.shard_of(&request.user));
        let start = Start { request, idempotency, wait };
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
            // Its actor died, or time is over: it may have ended in this very moment.
            Ok(Err(_)) | Err(_) => Box::pin(self.look(id, None)).await,
        }
    }

    /// The end of what was started, or how it stands when the time is over.
    pub async fn end_of(&self, started: Started, wait: Duration) -> Result<Verification, Refused> {
        match started.end {
            Some(end) => match tokio::time::timeout(wait, end).await {
                Ok(Ok(ended)) => Ok(ended),
                // Its actor died, or time is over: it may have ended in this very moment.
                Ok(Err(_)) | Err(_) => self.look(started.verification.id, None).await,
            },
            None => self.look(started.verification.id, Some(wait)).await,
        }
    }

    /// The outcome of a verification that has ended.
    pub async fn settled(&self, id: VerificationId) -> Result<Option<Verification>, Refused> {
        Ok(self.shared.settled(id).await?)
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
            Some(Answered::Ended) | None => Err(self.ended(id).await?),
        }
    }

    /// What is said to who comes after the end.
    async fn ended(&self, id: VerificationId) -> Result<Refused, Refused> {
        Ok(self.settled(id).await?.map_or(Refused::NotFound, |ended| Refused::Settled(Box::new(ended))))
    }

    /// Ends a verification for its caller; one that has ended stays as it is.
    pub async fn cancel(&self, id: VerificationId) -> Result<Verification, Refused> {
        let event = Event::Cancelled { reason: Reason::CancelledByCaller };
        match self.bring(id, What::Event(event), vec![]).await? {
            Some(Answered::Taken { verification, .. }) => Ok(*verification),
            Some(Answered::NotWritten(why)) => Err(why.into()),
            Some(Answered::Paused(_) | Answered::Ended) | None => self.settled(id).await?.ok_or(Refused::NotFound),
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
            Some(Answered::Paused(_) | Answered::Ended) | None => Err(self.ended(id).await?),
        }
    }

    /// Ends all that a person has in flight: they were blocked, switched off or removed.
    pub async fn end_all(&self, user: &str, reason: Reason) -> Result<(), Refused> {
        let all = EndAll { user: user.to_owned(), reason };
        self.shared.desk(self.shared.shard_of(user)).send(all).await.map_err(|_| Refused::Unavailable)
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

    /// Reads from the store without blocking the caller's thread.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Store) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, Refused> {
        Ok(self.shared.read(read).await?)
    }

    /// Reads a document with its version.
    pub async fn document<D: Document + Send + 'static>(&self, id: &str) -> Result<Option<Versioned<D>>, Refused> {
        let id = id.to_owned();
        self.read(move |store| read::<D>(store, &id)).await
    }

    /// By what people can be told.
    pub fn doors(&self) -> Doors {
        self.shared.doors()
    }

    /// Notices may be due: they are durable, and need not wait for the mailer's own look.
    pub fn tell(&self) {
        self.shared.mailer.do_send(Look);
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
        self.shared.router.lines().iter().map(|line| line.shared.state()).collect()
    }

    /// Whether outcomes may be posted to this URL.
    pub fn check_webhook(&self, url: &str) -> Result<(), UrlRefused> {
        self.shared.webhooks.client.check(url)
    }

    /// The secret that signs the webhooks of an API key, `whsec_…`.
    pub fn webhook_secret(&self, caller: ApiKeyId) -> Secret<String> {
        encode_secret(&webhook::secret(&self.shared.webhooks.key, caller))
    }

    /// How the long-lived actors are.
    pub fn actors(&self) -> Vec<KeptState> {
        self.kept.iter().map(|kept| kept.state()).collect()
    }

    /// Ends when an actor died too often to be built anew, and says which: then the process must be started anew.
    pub async fn given_up(&self) -> String {
        let mut given_up = self.given_up.clone();
        match given_up.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }

    /// Whether an actor died too often to be built anew.
    pub fn has_given_up(&self) -> bool {
        self.given_up.borrow().is_some()
    }

    /// Whether this gateway's inbound messages must be listed, because some may be lost; asks once.
    pub fn take_owing(&self, gateway: &str) -> bool {
        self.shared.router.named(Carries::Texts, gateway).is_some_and(|(_, line)| line.shared.take_owing())
    }

    /// Something that this gateway told us was not taken: its inbound messages must be listed.
    pub fn owe(&self, gateway: &str) {
        if let Some((_, line)) = self.shared.router.named(Carries::Texts, gateway) {
            line.shared.owe();
        }
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
        self.shared.router.lines().iter().for_each(|line| line.shared.close());
        let out = || self.lines().iter().map(|line| line.in_flight).sum::<usize>();
        let drained = async {
            while out() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(patience, drained).await.is_err() {
            tracing::warn!(
                left = out(),
                "texts or calls were still out when the engine stopped; they are not begun again"
            );
        }
        let calls = self.lines().iter().any(|line| line.carries == Carries::Calls && line.in_flight > 0);
        sources::write(&self.shared).await;
        for arbiter in self.arbiters.iter() {
            arbiter.stop();
        }
        if calls {
            // With the arbiters end whoever speaks in calls; their gateways hang up.
            tokio::time::sleep(HANGING_UP).await;
        }
    }
}
