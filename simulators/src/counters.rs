//! What a gateway counts.
//! Counts only: no numbers, no texts.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::lock::lock;

/// Live counts since the start or the last reset.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) accepted: Count,
    pub(crate) calls: Count,
    pub(crate) silenced: Count,
    pub(crate) replies: Count,
    pub(crate) callbacks_sent: Count,
    pub(crate) callbacks_failed: Count,
    pub(crate) receipts_lost: Count,
    refused: Mutex<BTreeMap<u32, u64>>,
}

/// One count.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// The counts at one moment, as the control API shows them.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshot {
    /// Texts accepted through the API.
    accepted: u64,
    /// Calls accepted through the API.
    calls: u64,
    /// Requests refused, by the provider's error code.
    refused: BTreeMap<u32, u64>,
    /// Sends that were never answered.
    silenced: u64,
    callbacks: Callbacks,
    /// Texts that phones sent to this gateway.
    replies: u64,
}

#[derive(Debug, Serialize)]
struct Callbacks {
    /// Answered with 2xx.
    sent: u64,
    /// Given up.
    failed: u64,
    /// Left out by `lost_receipts`.
    lost: u64,
}

impl Counters {
    pub(crate) fn refuse(&self, code: u32) {
        *lock(&self.refused).entry(code).or_default() += 1;
    }

    /// Refusals by code.
    pub(crate) fn refused(&self) -> BTreeMap<u32, u64> {
        lock(&self.refused).clone()
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            accepted: self.accepted.get(),
            calls: self.calls.get(),
            refused: self.refused(),
            silenced: self.silenced.get(),
            callbacks: Callbacks {
                sent: self.callbacks_sent.get(),
                failed: self.callbacks_failed.get(),
                lost: self.receipts_lost.get(),
            },
            replies: self.replies.get(),
        }
    }

    pub(crate) fn clear(&self) {
        let counts = [
            &self.accepted,
            &self.calls,
            &self.silenced,
            &self.replies,
            &self.callbacks_sent,
            &self.callbacks_failed,
            &self.receipts_lost,
        ];
        counts.into_iter().for_each(Count::clear);
        lock(&self.refused).clear();
    }
}
