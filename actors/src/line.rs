//! One gateway account: a bounded queue, a pace, a limit on what is out, retry with backoff, and a circuit breaker.
//! Refuses to send twice: only what the gateway surely did not take is tried again.

use crate::clock::Clock;
use crate::in_flight::{Happened, InFlight, MayISend};
use crate::router::LineFacts;
use actix::{Actor, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, WrapFuture};
use channels::text::{SendError, Text, TextGateway};
use engine::id::AttemptId;
use engine::moment::Moment;
use engine::number::PhoneNumber;
use engine::verification::{Event, Refusal};
use governor::clock::Clock as _;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics::counter;
use std::collections::{HashSet, VecDeque};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// Tries of one send that the gateway surely did not take.
const TRIES: u32 = 4;
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
/// Failures in a row that open the circuit, and how long it stays open.
const FAILURES: u32 = 5;
const COOL_DOWN: Duration = Duration::from_secs(5);

/// Limits of a line.
#[derive(Debug, Clone)]
pub struct LineSettings {
    /// Its name, as in the settings and the callbacks.
    pub name: String,
    /// Texts a second.
    pub per_second: NonZeroU32,
    /// Texts a minute to one number.
    pub per_number_per_minute: NonZeroU32,
    /// Texts given to the gateway and not answered yet.
    pub max_in_flight: usize,
    /// Texts that may wait.
    pub queue: usize,
    /// Destinations it serves, as beginnings of E.164; empty serves all.
    pub prefixes: Vec<String>,
    /// Price of a text, in any one unit.
    pub price: u32,
}

/// What is known of a line from outside its thread.
pub struct LineShared {
    name: String,
    prefixes: Arc<[String]>,
    price: u32,
    bound: usize,
    queued: AtomicUsize,
    out: AtomicUsize,
    healthy: AtomicBool,
    sent: AtomicU64,
    failed: AtomicU64,
}

/// A snapshot for health, metrics and tests.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LineState {
    /// Its name.
    pub name: String,
    /// Texts that wait.
    pub queued: usize,
    /// Texts given to the gateway and not answered yet.
    pub in_flight: usize,
    /// Whether the circuit is closed.
    pub healthy: bool,
    /// Texts taken by the gateway since the start.
    pub sent: u64,
    /// Texts not taken since the start.
    pub failed: u64,
}

impl LineShared {
    /// From the settings.
    pub fn new(settings: &LineSettings) -> Self {
        Self {
            name: settings.name.clone(),
            prefixes: settings.prefixes.clone().into(),
            price: settings.price,
            bound: settings.queue,
            queued: AtomicUsize::new(0),
            out: AtomicUsize::new(0),
            healthy: AtomicBool::new(true),
            sent: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// For the router.
    pub fn facts(&self) -> LineFacts {
        LineFacts {
            healthy: self.healthy.load(Ordering::Relaxed),
            prefixes: Arc::clone(&self.prefixes),
            price: self.price,
        }
    }

    /// For health and metrics.
    pub fn state(&self) -> LineState {
        LineState {
            name: self.name.clone(),
            queued: self.queued.load(Ordering::Relaxed),
            in_flight: self.out.load(Ordering::Relaxed),
            healthy: self.healthy.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }

    /// Takes a place in the queue; `false` if it is full.
    pub fn take_place(&self) -> bool {
        let take = |queued| (queued < self.bound).then_some(queued + 1);
        self.queued.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Gives a place back.
    pub fn free_place(&self) {
        self.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A text that waits for its turn.
pub struct Job {
    /// Which send.
    pub attempt: AttemptId,
    /// Where to.
    pub to: PhoneNumber,
    /// After this it is no use.
    pub until: Moment,
    /// Whose it is.
    pub owner: Addr<InFlight>,
}

/// The actor of one gateway account.
pub struct Line {
    settings: LineSettings,
    index: u8,
    shared: Arc<LineShared>,
    gateway: Arc<dyn TextGateway>,
    clock: Clock,
    queue: VecDeque<Job>,
    withdrawn: HashSet<AttemptId>,
    pace: DefaultDirectRateLimiter,
    per_number: DefaultKeyedRateLimiter<PhoneNumber>,
    failures: u32,
    open_until: Option<Moment>,
    woken: bool,
}

impl Line {
    /// A line over `gateway`; `index` is its place in the settings.
    pub fn new(
        settings: LineSettings,
        index: u8,
        shared: Arc<LineShared>,
        gateway: Arc<dyn TextGateway>,
        clock: Clock,
    ) -> Self {
        Self {
            pace: RateLimiter::direct(Quota::per_second(settings.per_second)),
            per_number: RateLimiter::keyed(Quota::per_minute(settings.per_number_per_minute)),
            settings,
            index,
            shared,
            gateway,
            clock,
            queue: VecDeque::new(),
            withdrawn: HashSet::new(),
            failures: 0,
            open_until: None,
            woken: false,
        }
    }

    fn pump(&mut self, ctx: &mut Context<Self>) {
        while self.shared.out.load(Ordering::Relaxed) < self.most_out() && !self.queue.is_empty() {
            let now = self.clock.now();
            if let Some(until) = self.open_until.filter(|until| now < *until) {
                return self.wake_in(until.since(now), ctx);
            }
            if let Err(not_until) = self.pace.check() {
                let wait = not_until.wait_time_from(governor::clock::DefaultClock::default().now());
                return self.wake_in(wait, ctx);
            }
            let Some(job) = self.queue.pop_front() else { return };
            self.shared.free_place();
            if self.withdrawn.remove(&job.attempt) {
                continue;
            }
            self.dispatch(job, now, ctx);
        }
    }

    /// One at a time while the circuit is half open.
    fn most_out(&self) -> usize {
        if self.open_until.is_some() { 1 } else { self.settings.max_in_flight }
    }

    fn wake_in(&mut self, wait: Duration, ctx: &mut Context<Self>) {
        if !self.woken {
            self.woken = true;
            ctx.run_later(wait + Duration::from_millis(1), |line, ctx| {
                line.woken = false;
                line.pump(ctx);
            });
        }
    }

    fn dispatch(&mut self, job: Job, now: Moment, ctx: &mut Context<Self>) {
        if now >= job.until {
            return self.refuse(&job, Refusal::Busy, "it waited in the line's queue until its time was over");
        }
        if self.per_number.check_key(&job.to).is_err() {
            return self.refuse(&job, Refusal::Busy, "too many texts to this number within a minute");
        }
        self.shared.out.fetch_add(1, Ordering::Relaxed);
        let delivery = Delivery {
            gateway: Arc::clone(&self.gateway),
            line: self.settings.name.clone().into(),
            index: self.index,
            clock: self.clock,
            job,
        };
        ctx.spawn(delivery.run().into_actor(self).map(|result, line, ctx| {
            line.shared.out.fetch_sub(1, Ordering::Relaxed);
            line.learn(result);
            line.pump(ctx);
        }));
    }

    fn refuse(&self, job: &Job, refusal: Refusal, detail: &str) {
        let event = Event::Refused { attempt: job.attempt, refusal, detail: detail.into() };
        job.owner.do_send(Happened::from(event));
    }

    fn learn(&mut self, result: Delivered) {
        match result {
            Delivered::Taken => {
                self.shared.sent.fetch_add(1, Ordering::Relaxed);
                counter!("countersign_line_sent_total", "line" => self.settings.name.clone()).increment(1);
                self.close_circuit();
            }
            Delivered::Answered => self.close_circuit(),
            Delivered::Fault => self.count_failure(),
            Delivered::NotAsked => {}
        }
    }

    fn close_circuit(&mut self) {
        self.failures = 0;
        self.open_until = None;
        self.shared.healthy.store(true, Ordering::Relaxed);
    }

    fn count_failure(&mut self) {
        self.shared.failed.fetch_add(1, Ordering::Relaxed);
        counter!("countersign_line_failed_total", "line" => self.settings.name.clone()).increment(1);
        self.failures += 1;
        if self.failures >= FAILURES {
            self.open_until = Some(self.clock.now() + COOL_DOWN);
            if self.shared.healthy.swap(false, Ordering::Relaxed) {
                tracing::warn!(line = %self.settings.name, "the line's circuit is open: the gateway does not answer as it should");
            }
        }
    }
}

impl Actor for Line {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(65_536);
        ctx.run_interval(Duration::from_secs(60), |line, _| line.per_number.retain_recent());
    }
}

/// A text joins the queue; its place was taken before.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Enqueue(pub Job);

impl Handler<Enqueue> for Line {
    type Result = ();

    fn handle(&mut self, Enqueue(job): Enqueue, ctx: &mut Self::Context) {
        self.queue.push_back(job);
        self.pump(ctx);
    }
}

/// A text that waits is wanted no more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Withdraw(pub AttemptId);

impl Handler<Withdraw> for Line {
    type Result = ();

    fn handle(&mut self, Withdraw(attempt): Withdraw, _: &mut Self::Context) {
        if self.queue.iter().any(|job| job.attempt == attempt) {
            self.withdrawn.insert(attempt);
        }
    }
}

enum Delivered {
    Taken,
    /// Not taken, for a reason that is not the gateway's fault.
    Answered,
    Fault,
    NotAsked,
}

struct Delivery {
    gateway: Arc<dyn TextGateway>,
    line: Box<str>,
    index: u8,
    clock: Clock,
    job: Job,
}

impl Delivery {
    async fn run(self) -> Delivered {
        let Some(text) = self.leave_to_send().await else { return Delivered::NotAsked };
        let result = self.send(&text).await;
        let (event, delivered) = self.news(result);
        self.job.owner.do_send(Happened::from(event));
        delivered
    }

    /// The verification may have ended meanwhile, and what it sends must be durable before it is sent.
    async fn leave_to_send(&self) -> Option<Text> {
        let (answer, answered) = oneshot::channel();
        let ask = MayISend { attempt: self.job.attempt, line: self.line.clone(), answer };
        self.job.owner.try_send(ask).ok()?;
        answered.await.ok().flatten()
    }

    async fn send(&self, text: &Text) -> Result<channels::text::Accepted, SendError> {
        let mut backoff = FIRST_BACKOFF;
        for tries in 1.. {
            let error = match self.gateway.send(text).await {
                Ok(accepted) => return Ok(accepted),
                Err(error) => error,
            };
            let wait = wait_before_retry(&error, backoff);
            if tries >= TRIES || !error.is_retryable() || self.clock.now() + wait >= self.job.until {
                return Err(error);
            }
            tracing::info!(line = %self.line, attempt = %self.job.attempt, %error, "the text was not taken and is tried again");
            tokio::time::sleep(wait).await;
            backoff = (backoff * 2).min(LONGEST_BACKOFF);
        }
        unreachable!("the loop ends by its own count")
    }

    fn news(&self, result: Result<channels::text::Accepted, SendError>) -> (Event, Delivered) {
        let attempt = self.job.attempt;
        let error = match result {
            Ok(accepted) => {
                return (Event::Accepted { attempt, provider_id: accepted.provider_id.into() }, Delivered::Taken);
            }
            Err(error) => error,
        };
        let detail: Box<str> = format!("{}: {error}", self.line).into();
        let (refusal, delivered) = match error {
            SendError::Ambiguous { .. } => return (Event::Uncertain { attempt, detail }, Delivered::Fault),
            SendError::NumberInvalid { .. } => (Refusal::NumberInvalid, Delivered::Answered),
            SendError::OptedOut { .. } => (Refusal::OptedOut, Delivered::Answered),
            SendError::Unreachable { .. } => (Refusal::Unreachable, Delivered::Answered),
            SendError::FraudGuard { .. } => (Refusal::FraudGuard, Delivered::Answered),
            SendError::BodyInvalid { .. } => (Refusal::Provider { line: self.index }, Delivered::Answered),
            SendError::GatewayRefused { .. } | SendError::Throttled { .. } | SendError::NoConnection { .. } => {
                (Refusal::Provider { line: self.index }, Delivered::Fault)
            }
        };
        (Event::Refused { attempt, refusal, detail }, delivered)
    }
}

/// Half of the backoff is certain, half is drawn, so that those who failed together do not come back together.
fn wait_before_retry(error: &SendError, backoff: Duration) -> Duration {
    let jitter = backoff.mul_f64(0.5 + crate::random::fraction() / 2.0);
    match error {
        SendError::Throttled { retry_after: Some(after), .. } => (*after).min(LONGEST_BACKOFF).max(jitter),
        SendError::Throttled { retry_after: None, .. }
        | SendError::NumberInvalid { .. }
        | SendError::OptedOut { .. }
        | SendError::Unreachable { .. }
        | SendError::GatewayRefused { .. }
        | SendError::FraudGuard { .. }
        | SendError::NoConnection { .. }
        | SendError::Ambiguous { .. }
        | SendError::BodyInvalid { .. } => jitter,
    }
}
