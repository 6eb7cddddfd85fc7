//! What is known of a line from outside its thread: its limits, how full it is, how healthy.
//! Refuses to send.

use super::{COOL_DOWN, Carries, Gateway};
use crate::router::LineFacts;
use engine::moment::Moment;
use engine::number::PhoneNumber;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics::counter;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

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
    gateway: Gateway,
    prefixes: Arc<[String]>,
    price: u32,
    bound: usize,
    queued: AtomicUsize,
    out: AtomicUsize,
    healthy: AtomicBool,
    /// While the circuit is open: when one text may try the gateway, milliseconds since the epoch.
    try_at: AtomicU64,
    sent: AtomicU64,
    failed: AtomicU64,
    owing: AtomicBool,
    closing: AtomicBool,
    most_out: usize,
    pub(super) pace: DefaultDirectRateLimiter,
    pub(super) per_number: DefaultKeyedRateLimiter<PhoneNumber>,
}

/// A snapshot for health, metrics and tests.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LineState {
    /// Its name.
    pub name: String,
    /// What it carries.
    pub carries: Carries,
    /// Why its gateway cannot be used just now, where it says so.
    pub trouble: Option<String>,
    /// Texts or calls that wait.
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
    pub fn new(settings: &LineSettings, gateway: Gateway) -> Self {
        Self {
            name: settings.name.clone(),
            gateway,
            prefixes: settings.prefixes.clone().into(),
            price: settings.price,
            bound: settings.queue,
            queued: AtomicUsize::new(0),
            out: AtomicUsize::new(0),
            healthy: AtomicBool::new(true),
            try_at: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            owing: AtomicBool::new(true),
            closing: AtomicBool::new(false),
            most_out: settings.max_in_flight,
            pace: RateLimiter::direct(Quota::per_second(settings.per_second)),
            per_number: RateLimiter::keyed(Quota::per_minute(settings.per_number_per_minute)),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it carries.
    pub const fn carries(&self) -> Carries {
        self.gateway.carries()
    }

    /// Whether this is its name.
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name
    }

    /// For the router. A line whose circuit has been open for a while counts as healthy, so that somebody tries it.
    pub fn facts(&self, now: Moment) -> LineFacts {
        LineFacts {
            carries: self.carries(),
            healthy: self.healthy.load(Ordering::Relaxed) || now.millis() >= self.try_at.load(Ordering::Relaxed),
            prefixes: Arc::clone(&self.prefixes),
            price: self.price,
        }
    }

    /// A text is on its way to it: while the circuit is open, the next one may try it only after the cool-down.
    pub fn picked(&self, now: Moment) {
        if !self.healthy.load(Ordering::Relaxed) {
            self.rest_until(now + COOL_DOWN);
        }
    }

    /// While the circuit is open, nobody tries it before this.
    pub(super) fn rest_until(&self, at: Moment) {
        self.try_at.store(at.millis(), Ordering::Relaxed);
    }

    /// For health and metrics.
    pub fn state(&self) -> LineState {
        LineState {
            name: self.name.clone(),
            carries: self.carries(),
            trouble: self.gateway.trouble(),
            queued: self.queued.load(Ordering::Relaxed),
            in_flight: self.out.load(Ordering::Relaxed),
            healthy: self.healthy.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }

    /// Takes a place in the queue; `None` if it is full.
    pub fn queue_place(self: &Arc<Self>) -> Option<Queued> {
        let take = |queued| (queued < self.bound).then_some(queued + 1);
        self.queued.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok()?;
        Some(Queued(Arc::clone(self)))
    }

    /// A free place at the gateway for a text that need not wait: the circuit is closed, nobody waits, and the pace allows it.
    pub fn enter(self: &Arc<Self>, to: PhoneNumber) -> Option<Out> {
        if !self.healthy.load(Ordering::Relaxed) || self.is_closing() || self.queued.load(Ordering::Relaxed) > 0 {
            return None;
        }
        let take = |out| (out < self.most_out).then_some(out + 1);
        self.out.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok()?;
        let place = Out(Arc::clone(self));
        let free = self.pace.check().is_ok() && self.per_number.check_key(&to).is_ok();
        free.then_some(place)
    }

    /// Counts a text as given to the gateway, until the guard is dropped.
    pub(super) fn go_out(self: &Arc<Self>) -> Out {
        self.out.fetch_add(1, Ordering::Relaxed);
        Out(Arc::clone(self))
    }

    /// Texts given to the gateway and not answered yet.
    pub(super) fn out(&self) -> usize {
        self.out.load(Ordering::Relaxed)
    }

    /// Counts a text that the gateway took.
    pub(super) fn count_sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        counter!("countersign_line_sent_total", "line" => self.name.clone(), "carries" => self.carries().as_str())
            .increment(1);
    }

    /// Counts a text that was the gateway's fault.
    pub(super) fn count_failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        counter!("countersign_line_failed_total", "line" => self.name.clone(), "carries" => self.carries().as_str())
            .increment(1);
    }

    /// Whether the circuit is closed from now on; says what it was before.
    pub(super) fn become_healthy(&self, healthy: bool) -> bool {
        let before = self.healthy.swap(healthy, Ordering::Relaxed);
        if healthy && !before {
            self.owe();
        }
        before
    }

    /// Nothing more leaves the queue; it is kept for the next start.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Whether nothing more leaves the queue.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// Something that the gateway told us may be lost: its inbound messages must be listed.
    pub fn owe(&self) {
        self.owing.store(true, Ordering::Relaxed);
    }

    /// Whether its inbound messages must be listed; asks once.
    pub fn take_owing(&self) -> bool {
        self.owing.swap(false, Ordering::Relaxed)
    }
}

/// A place in a line's queue; its drop gives it back.
pub struct Queued(Arc<LineShared>);

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A text that is given to the gateway; its drop says that this is over.
pub struct Out(Arc<LineShared>);

impl Drop for Out {
    fn drop(&mut self) {
        self.0.out.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use channels::call::{Call, CallEnd, Hears, Order, VoiceGateway};
    use futures_util::future::BoxFuture;
    use std::time::Duration;
    use tokio::sync::mpsc::UnboundedReceiver;

    struct Nobody;

    impl VoiceGateway for Nobody {
        fn call(&self, _: Call, _: UnboundedReceiver<Order>, _: Hears) -> BoxFuture<'_, CallEnd> {
            Box::pin(std::future::ready(CallEnd::NoAnswer))
        }

        fn trouble(&self) -> Option<String> {
            None
        }
    }

    #[test]
    fn while_the_circuit_is_open_one_text_after_each_cool_down_may_try_the_gateway() {
        let many = NonZeroU32::new(10).expect("not zero");
        let line = LineShared::new(
            &LineSettings {
                name: "sms".into(),
                per_second: many,
                per_number_per_minute: many,
                max_in_flight: 1,
                queue: 1,
                prefixes: vec![],
                price: 0,
            },
            Gateway::Voice(Arc::new(Nobody)),
        );
        let at = |seconds| Moment::from_millis(1_000_000) + Duration::from_secs(seconds);
        let healthy = |seconds| line.facts(at(seconds)).healthy;
        assert!(line.take_owing() && healthy(0));
        line.become_healthy(false);
        line.rest_until(at(5));
        assert_eq!([0, 4, 5, 6].map(healthy), [false, false, true, true]);
        line.picked(at(6));
        assert_eq!([6, 10, 11].map(healthy), [false, false, true]);
        assert!(!line.take_owing());
        line.become_healthy(true);
        assert!(healthy(7) && line.take_owing(), "what it told us meanwhile may be lost");
    }
}
