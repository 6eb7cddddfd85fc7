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
    /// Allows these addresses, and no other any more.
    pub fn are(&self, addresses: impl Iterator<Item = IpAddr>) {
        *self.locked() = addresses.map(|address| address.to_canonical()).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_the_trunks_no_more_may_not_send() {
        let [old, new]: [IpAddr; 2] = ["192.0.2.1", "::ffff:192.0.2.2"].map(|address| address.parse().unwrap());
        let sources = Sources::default();
        assert!(!sources.has(old));
        sources.are([old].into_iter());
        sources.are([new].into_iter());
        assert!(!sources.has(old) && sources.has("192.0.2.2".parse().unwrap()));
    }
}
