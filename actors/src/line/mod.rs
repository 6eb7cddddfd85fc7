//! One gateway account: a bounded queue, a pace, a limit on what is out, retry with backoff, and a circuit breaker.
//! Refuses to know what a text or a call is for: the verification says whether it may go, and hears what became of it.

mod carry;
mod delivery;
mod facts;

pub use carry::{Carries, Gateway, Outgoing};
pub use delivery::Job;
pub use facts::{LineSettings, LineShared, LineState, Out};

use crate::clock::Clock;
use crate::keeper::{Build, Guard, Post};
use actix::{Actor, ActorFutureExt, AsyncContext, Context, Handler, Message, WrapFuture};
use delivery::{Delivered, Delivery};
use engine::moment::Moment;
use engine::verification::{Event, Refusal};
use futures_util::FutureExt;
use governor::clock::Clock as _;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// Failures in a row that open the circuit, and how long it stays open.
const FAILURES: u32 = 5;
const COOL_DOWN: Duration = Duration::from_secs(5);

/// What a line is made of, in each of its lives.
#[derive(Clone)]
pub struct LineParts {
    /// Its limits.
    pub settings: LineSettings,
    /// Its place in the settings.
    pub index: u8,
    /// What is known of it from outside.
    pub shared: Arc<LineShared>,
    /// Where it sends to.
    pub gateway: Gateway,
    /// Time.
    pub clock: Clock,
}

/// The actor of one gateway account.
pub struct Line {
    parts: LineParts,
    queue: VecDeque<Job>,
    failures: u32,
    open_until: Option<Moment>,
    woken: bool,
    _guard: Guard,
}

/// How a line is built.
pub fn keep(parts: LineParts, post: Arc<Post<Line>>) -> Build {
    Box::new(move |guard| {
        post.fill(Line::new(parts.clone(), guard).start());
        Box::pin(std::future::ready(Ok(())))
    })
}

impl Line {
    /// A line with nothing in it.
    fn new(parts: LineParts, guard: Guard) -> Self {
        // What the last life knew of the gateway's health died with it.
        parts.shared.become_healthy(true);
        Self { parts, queue: VecDeque::new(), failures: 0, open_until: None, woken: false, _guard: guard }
    }

    fn pump(&mut self, ctx: &mut Context<Self>) {
        while self.parts.shared.out() < self.most_out() && !self.parts.shared.is_closing() {
            let now = self.parts.clock.now();
            self.drop_useless(now);
            if self.queue.is_empty() {
                return;
            }
            if let Some(until) = self.open_until.filter(|until| now < *until) {
                return self.wake_in(until.since(now), ctx);
            }
            if let Err(not_until) = self.parts.shared.pace.check() {
                let wait = not_until.wait_time_from(governor::clock::DefaultClock::default().now());
                return self.wake_in(wait, ctx);
            }
            let Some(job) = self.queue.pop_front() else { return };
            self.dispatch(job, ctx);
        }
    }

    /// Those at the front that need not go any more cost no turn.
    fn drop_useless(&mut self, now: Moment) {
        while let Some(job) = self.queue.pop_front() {
            if !job.is_wanted() {
                job.forget();
            } else if now >= job.until {
                refuse(job, Refusal::Busy, "it waited in the line's queue until its time was over");
            } else {
                return self.queue.push_front(job);
            }
        }
    }

    /// One at a time while the circuit is half open.
    fn most_out(&self) -> usize {
        if self.open_until.is_some() { 1 } else { self.parts.settings.max_in_flight }
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

    fn dispatch(&mut self, mut job: Job, ctx: &mut Context<Self>) {
        job.leave_queue();
        if self.parts.shared.per_number.check_key(&job.to).is_err() {
            return refuse(job, Refusal::Busy, "this number was reached too often within a minute");
        }
        let out = self.parts.shared.go_out();
        self.deliver(job, None, out, ctx);
    }

    fn deliver(&self, job: Job, outgoing: Option<Outgoing>, out: Out, ctx: &mut Context<Self>) {
        let delivery = Delivery {
            gateway: self.parts.gateway.clone(),
            line: self.parts.settings.name.clone().into(),
            address: ctx.address(),
            index: self.parts.index,
            clock: self.parts.clock,
            job,
            outgoing,
            out,
        };
        let delivering = AssertUnwindSafe(delivery.run()).catch_unwind();
        ctx.spawn(delivering.into_actor(self).map(|result, line, ctx| {
            line.learn(&result.unwrap_or(Delivered::Fault));
            line.pump(ctx);
        }));
    }

    fn learn(&mut self, result: &Delivered) {
        match result {
            Delivered::Taken => {
                self.parts.shared.count_sent();
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
        if !self.parts.shared.become_healthy(true) {
            tracing::info!(line = %self.parts.settings.name, "the line's circuit is closed again");
        }
    }

    fn count_failure(&mut self) {
        self.parts.shared.count_failed();
        self.failures += 1;
        if self.failures >= FAILURES {
            let until = self.parts.clock.now() + COOL_DOWN;
            self.open_until = Some(until);
            self.parts.shared.rest_until(until);
            if self.parts.shared.become_healthy(false) {
                tracing::warn!(line = %self.parts.settings.name, "the line's circuit is open: the gateway does not answer as it should");
            }
        }
    }
}

fn refuse(job: Job, refusal: Refusal, detail: &str) {
    let event = Event::Refused { attempt: job.attempt, refusal, detail: detail.into() };
    job.tell(event);
}

impl Actor for Line {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(65_536);
        ctx.run_interval(Duration::from_secs(60), |line, _| line.parts.shared.per_number.retain_recent());
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

/// A text goes to the gateway at once, in a place that was taken before; its *sending* is durable.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Go {
    /// What becomes of it.
    pub job: Job,
    /// What goes.
    pub outgoing: Outgoing,
    /// Its place.
    pub out: Out,
}

impl Handler<Go> for Line {
    type Result = ();

    fn handle(&mut self, Go { job, outgoing, out }: Go, ctx: &mut Self::Context) {
        self.deliver(job, Some(outgoing), out, ctx);
    }
}

/// A call was placed: its gateway works.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct CallPlaced;

impl Handler<CallPlaced> for Line {
    type Result = ();

    fn handle(&mut self, _: CallPlaced, ctx: &mut Self::Context) {
        self.learn(&Delivered::Taken);
        self.pump(ctx);
    }
}

/// A place at the gateway that was taken is free again, and nothing went through it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct PlaceFree;

impl Handler<PlaceFree> for Line {
    type Result = ();

    fn handle(&mut self, _: PlaceFree, ctx: &mut Self::Context) {
        self.pump(ctx);
    }
}
