//! Who may send to us, and how much came that was not taken.
//! Refuses everybody until an address is allowed.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The addresses that may send to us.
#[derive(Debug, Default)]
pub struct Sources(Mutex<HashSet<IpAddr>>);

impl Sources {
    /// Allows an address.
    pub fn allow(&self, address: IpAddr) {
        self.locked().insert(address.to_canonical());
    }

    /// Whether it may.
    pub fn has(&self, address: IpAddr) -> bool {
        self.locked().contains(&address.to_canonical())
    }

    fn locked(&self) -> MutexGuard<'_, HashSet<IpAddr>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was not taken, or not sent as it should be, since the start.
#[derive(Debug, Default)]
pub struct Counts {
    /// Messages from addresses that are not the trunk's.
    pub foreign: AtomicU64,
    /// Messages that could not be read.
    pub unreadable: AtomicU64,
    /// Messages that came faster than they were taken.
    pub overrun: AtomicU64,
    /// Requests of more than 1,300 bytes that went by UDP all the same.
    pub oversize: AtomicU64,
}

impl Counts {
    pub(crate) fn add(count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}
