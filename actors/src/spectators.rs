//! Who watches a verification, and is told when its timeline has grown.
//! Refuses to carry what happened: a spectator reads the store, so a slow one holds no memory and misses nothing.

use crate::handle::Engine;
use engine::id::VerificationId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{Change, Operation};
use tokio::sync::watch;

/// Everybody who watches, by verification.
#[derive(Default)]
pub struct Spectators {
    seats: Mutex<HashMap<VerificationId, watch::Sender<()>>>,
    taken: AtomicUsize,
}

/// A seat; it is free again when it is dropped.
pub struct Seat {
    id: VerificationId,
    news: watch::Receiver<()>,
    of: Arc<Spectators>,
}

impl Engine {
    /// Watches a verification from now on. Read the store after this, then again after each [`Seat::news`].
    pub fn watch(&self, id: VerificationId) -> Seat {
        self.shared().ledger.spectators().sit(id)
    }

    /// How many watch.
    pub fn spectators(&self) -> usize {
        self.shared().ledger.spectators().taken.load(Ordering::Relaxed)
    }
}

impl Spectators {
    fn sit(self: &Arc<Self>, id: VerificationId) -> Seat {
        let news = self.seats().entry(id).or_insert_with(|| watch::channel(()).0).subscribe();
        self.taken.fetch_add(1, Ordering::Relaxed);
        Seat { id, news, of: Arc::clone(self) }
    }

    fn seats(&self) -> MutexGuard<'_, HashMap<VerificationId, watch::Sender<()>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A verification stands otherwise than before; told once memory has followed the store.
    pub(crate) fn moved(&self, id: VerificationId) {
        if self.taken.load(Ordering::Relaxed) > 0
            && let Some(seat) = self.seats().get(&id)
        {
            seat.send_replace(());
        }
    }

    /// Changes have become durable: entries of timelines may be among them that no step of a verification wrote. Costs one
    /// load while nobody watches.
    pub(crate) fn tell(&self, changes: &[Change]) {
        if self.taken.load(Ordering::Relaxed) == 0 {
            return;
        }
        let seats = self.seats();
        for operation in changes.iter().flat_map(|change| &change.operations) {
            let (Operation::Append { verification, .. } | Operation::Settle { verification, .. }) = operation else {
                continue;
            };
            if let Some(seat) = seats.get(verification) {
                seat.send_replace(());
            }
        }
    }
}

impl Seat {
    /// Waits until something was written since the last wait. Several happenings may be one piece of news.
    pub async fn news(&mut self) {
        // The sender lives as long as the seat: it is dropped with the last one only.
        let _ = self.news.changed().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.of.seats();
        if seats.get(&self.id).is_some_and(|seat| seat.receiver_count() == 1) {
            seats.remove(&self.id);
        }
        self.of.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use engine::moment::Moment;
    use std::time::Duration;

    fn append(id: VerificationId) -> Change {
        vec![Operation::Append { verification: id, at: Moment::default(), body: vec![] }].into()
    }

    async fn told(seat: &mut Seat) -> bool {
        tokio::time::timeout(Duration::from_millis(20), seat.news()).await.is_ok()
    }

    #[tokio::test]
    async fn news_reach_those_who_watch_this_one_and_many_are_one() {
        let spectators = Arc::new(Spectators::default());
        let (mine, other) = (VerificationId::from_bits(1), VerificationId::from_bits(2));
        let (mut first, mut second) = (spectators.sit(mine), spectators.sit(mine));
        spectators.tell(&[append(other)]);
        assert!(!told(&mut first).await);
        spectators.tell(&[append(mine), append(other), append(mine)]);
        assert!(told(&mut first).await && told(&mut second).await);
        assert!(!told(&mut first).await);
    }

    #[tokio::test]
    async fn a_seat_is_free_when_its_spectator_leaves() {
        let spectators = Arc::new(Spectators::default());
        let id = VerificationId::from_bits(1);
        let (first, mut second) = (spectators.sit(id), spectators.sit(id));
        drop(first);
        spectators.tell(&[append(id)]);
        assert!(told(&mut second).await);
        drop(second);
        assert!(spectators.seats().is_empty());
        assert_eq!(spectators.taken.load(Ordering::Relaxed), 0);
    }
}
