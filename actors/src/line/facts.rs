//! What is known of a line from outside its thread: its limits, how full it is, how healthy.
//! Refuses to send.

use crate::router::LineFacts;
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
    prefixes: Arc<[String]>,
    price: u32,
    bound: usize,
    queued: AtomicUsize,
    out: AtomicUsize,
    healthy: AtomicBool,
    sent: AtomicU64,
    failed: AtomicU64,
    owing: AtomicBool,
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
            owing: AtomicBool::new(true),
        }
    }

    /// Whether this is its name.
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name
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

    /// Takes a place in the queue; `None` if it is full.
    pub fn queue_place(self: &Arc<Self>) -> Option<Queued> {
        let take = |queued| (queued < self.bound).then_some(queued + 1);
        self.queued.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).ok()?;
        Some(Queued(Arc::clone(self)))
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
        counter!("countersign_line_sent_total", "line" => self.name.clone()).increment(1);
    }

    /// Counts a text that was the gateway's fault.
    pub(super) fn count_failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        counter!("countersign_line_failed_total", "line" => self.name.clone()).increment(1);
    }

    /// Whether the circuit is closed from now on; says what it was before.
    pub(super) fn become_healthy(&self, healthy: bool) -> bool {
        let before = self.healthy.swap(healthy, Ordering::Relaxed);
        if healthy && !before {
            self.owe();
        }
        before
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
