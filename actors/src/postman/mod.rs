//! Tells outcomes to receivers, from a durable outbox, until each is taken or a day is over.
//! Refuses to let one receiver that is down keep the others waiting.

mod telling;

use crate::house::Shared;
use crate::keeper::{Build, Guard};
use crate::records::OutboxRecord;
use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, ResponseActFuture, WrapFuture};
use channels::webhook::WebhookClient;
use engine::id::{EventId, VerificationId};
use engine::moment::Moment;
use engine::secret::Secret;
use engine::verification::Verification;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use store::{Document, Key, Kind, ReadError, Store};
use telling::{RETRY, tell};

/// Calls at once, in all and to one receiver.
const MOST_OUT: usize = 64;
const MOST_OUT_TO_ONE: usize = 8;
/// Records that are read at once.
const PAGE: usize = 10_000;
/// The pause after a receiver failed, doubled with each failure in a row: one call at a time tries it.
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(60);

/// What outcomes are told with.
pub struct Webhooks {
    /// Makes the calls.
    pub client: WebhookClient,
    /// The secrets of API keys are derived from it.
    pub key: Secret<[u8; 32]>,
    /// Makes the body, JSON.
    pub body: fn(&Verification) -> String,
}

/// The actor.
pub struct Postman {
    shared: Arc<Shared>,
    /// What waits or is out, so that nothing is told twice at once.
    known: HashSet<EventId>,
    receivers: HashMap<Box<str>, Receiver>,
    out: usize,
    wake: Option<Moment>,
    _guard: Guard,
}

/// One receiver: scheme, host and port.
#[derive(Default)]
struct Receiver {
    due: BinaryHeap<Reverse<(Moment, EventId)>>,
    out: usize,
    failures: u32,
    rests_until: Option<Moment>,
}

impl Receiver {
    fn most_out(&self) -> usize {
        if self.failures > 0 { 1 } else { MOST_OUT_TO_ONE }
    }

    /// When it may be called next; `None` while it is called enough, or there is nothing for it.
    fn ready_at(&self) -> Option<Moment> {
        let Reverse((due, _)) = self.due.peek()?;
        (self.out < self.most_out()).then(|| self.rests_until.map_or(*due, |rest| rest.max(*due)))
    }

    fn learn(&mut self, answered: bool, now: Moment) {
        self.failures = if answered { 0 } else { self.failures.saturating_add(1) };
        let rest = FIRST_REST.saturating_mul(1 << self.failures.saturating_sub(1).min(16)).min(LONGEST_REST);
        self.rests_until = (self.failures > 0).then(|| now + rest);
    }
}

/// How the postman is built: with everything in the outbox.
pub fn keep(shared: &Arc<Shared>) -> Build {
    let shared = Arc::clone(shared);
    Box::new(move |guard| {
        let shared = Arc::clone(&shared);
        Box::pin(async move {
            let postman = Postman {
                shared: Arc::clone(&shared),
                known: HashSet::new(),
                receivers: HashMap::new(),
                out: 0,
                wake: None,
                _guard: guard,
            };
            let postman = postman.start();
            // First reachable, then read: what is posted meanwhile is known twice and told once.
            shared.postman.fill(postman.clone());
            let found = shared.read(outbox).await.map_err(|cause| cause.to_string())?;
            postman.send(Found(found)).await.map_err(|cause| cause.to_string())
        })
    })
}

/// Everything in the outbox. Blocking.
fn outbox(store: &dyn Store) -> Result<Vec<(EventId, OutboxRecord)>, ReadError> {
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.list(Kind::Outbox, after.as_deref(), PAGE)?;
        for record in &page {
            if let Ok(id) = record.key.id.parse() {
                found.push((id, OutboxRecord::from_record(record)?));
            }
        }
        match page.last() {
            Some(last) => after = Some(last.key.id.clone()),
            None => return Ok(found),
        }
    }
}

impl Actor for Postman {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(65_536);
    }
}

/// What was found in the outbox.
#[derive(Message)]
#[rtype(result = "()")]
struct Found(Vec<(EventId, OutboxRecord)>);

impl Handler<Found> for Postman {
    type Result = ();

    fn handle(&mut self, Found(found): Found, ctx: &mut Self::Context) {
        for (id, record) in found {
            if self.known.insert(id) {
                self.wait(id, &record);
            }
        }
        self.pump(ctx);
    }
}

/// A verification ended, and its webhook is in the outbox.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Posted(pub VerificationId);

impl Handler<Posted> for Postman {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, Posted(verification): Posted, _: &mut Self::Context) -> Self::Result {
        let id = EventId::from_bits(verification.bits());
        let shared = Arc::clone(&self.shared);
        let read = async move { shared.read(move |store| record(store, id)).await };
        Box::pin(read.into_actor(self).map(move |read, postman, ctx| match read {
            Ok(Some((_, record))) if postman.known.insert(id) => {
                postman.wait(id, &record);
                postman.pump(ctx);
            }
            Ok(_) => {}
            Err(cause) => {
                tracing::error!(%id, %cause, "a webhook cannot be read; it is tried again");
                ctx.notify_later(Posted(verification), RETRY);
            }
        }))
    }
}

fn record(store: &dyn Store, id: EventId) -> Result<Option<(u64, OutboxRecord)>, ReadError> {
    let found = store.get(&Key::new(Kind::Outbox, id.to_string()))?;
    found.map(|found| Ok((found.version, OutboxRecord::from_record(&found)?))).transpose()
}

impl Postman {
    fn wait(&mut self, id: EventId, record: &OutboxRecord) {
        self.receivers.entry(receiver_of(&record.url)).or_default().due.push(Reverse((record.next_at, id)));
    }

    /// Calls whoever is ready, each receiver in its turn, and wakes when the next one is.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        let now = self.shared.clock.now();
        let mut called = true;
        while called {
            called = false;
            let ready = self.receivers.iter().filter(|(_, it)| it.ready_at().is_some_and(|at| at <= now));
            let ready: Vec<_> = ready.map(|(name, _)| name.clone()).collect();
            for name in ready {
                if self.out < MOST_OUT {
                    called |= self.call(name, ctx);
                }
            }
        }
        self.receivers.retain(|_, receiver| receiver.out > 0 || !receiver.due.is_empty());
        let next = self.receivers.values().filter_map(Receiver::ready_at).min();
        if let Some(next) = next.filter(|_| self.out < MOST_OUT) {
            self.wake_at(next.max(now), ctx);
        }
    }

    fn wake_at(&mut self, at: Moment, ctx: &mut Context<Self>) {
        if self.wake.is_some_and(|earlier| earlier <= at) {
            return;
        }
        self.wake = Some(at);
        let wait = at.since(self.shared.clock.now()) + Duration::from_millis(1);
        ctx.run_later(wait, move |postman, ctx| {
            if postman.wake == Some(at) {
                postman.wake = None;
            }
            postman.pump(ctx);
        });
    }

    fn call(&mut self, name: Box<str>, ctx: &mut Context<Self>) -> bool {
        let Some(receiver) = self.receivers.get_mut(&name) else { return false };
        let Some(Reverse((_, id))) = receiver.due.pop() else { return false };
        receiver.out += 1;
        self.out += 1;
        let shared = Arc::clone(&self.shared);
        ctx.spawn(async move { tell(&shared, id).await }.into_actor(self).map(move |told, postman, ctx| {
            postman.out -= 1;
            let now = postman.shared.clock.now();
            if let Some(receiver) = postman.receivers.get_mut(&name) {
                receiver.out -= 1;
                receiver.learn(told.answered, now);
                match told.next_at {
                    Some(next) => receiver.due.push(Reverse((next, id))),
                    None => {
                        postman.known.remove(&id);
                    }
                }
            }
            postman.pump(ctx);
        }));
        true
    }
}

/// Scheme, host and port: what is down together.
fn receiver_of(url: &str) -> Box<str> {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[after_scheme..].find(['/', '?']).map_or(url.len(), |at| after_scheme + at);
    url[..end].to_ascii_lowercase().into()
}
