//! Every phone that was named, in shards so that many sends can look at once.
//! It keeps a bounded number and forgets first those of which nothing depends.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use crate::behaviour::Behaviour;
use crate::lock::{copy_of, lock, replace};
use crate::number::Number;
use crate::phone::Phone;

const SHARDS: usize = 64;
/// Phones that matter, passed over before one of them is forgotten all the same.
const PASSED_OVER: usize = 8;

/// The phones and what those do that nobody configured.
pub(crate) struct Phones {
    shards: Vec<Mutex<Shard>>,
    per_shard: usize,
    default: RwLock<Arc<Behaviour>>,
    touches: Arc<AtomicU64>,
}

#[derive(Default)]
struct Shard {
    phones: HashMap<Number, Phone>,
    oldest_first: VecDeque<Number>,
}

impl Phones {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            per_shard: most.div_ceil(SHARDS),
            default: RwLock::default(),
            touches: Arc::default(),
        }
    }

    /// Does something to a phone, which exists from now on. `step` is given what the phone does: its own behaviour or the default.
    pub(crate) fn with<T>(&self, number: Number, step: impl FnOnce(&mut Phone, &Arc<Behaviour>) -> T) -> T {
        let default = copy_of(&self.default);
        let touched = self.touches.fetch_add(1, Ordering::Relaxed) + 1;
        let mut shard = lock(self.shard(number));
        let phone = shard.phone(number, self.per_shard);
        phone.touched = touched;
        let behaviour = phone.behaviour.clone().unwrap_or(default);
        step(phone, &behaviour)
    }

    /// A copy of a phone; one that nobody named is empty.
    pub(crate) fn look(&self, number: Number) -> Phone {
        lock(self.shard(number)).phones.get(&number).cloned().unwrap_or_default()
    }

    /// Whether the phone told `sender` to stop.
    pub(crate) fn opted_out(&self, number: Number, sender: Number) -> bool {
        let shard = lock(self.shard(number));
        shard.phones.get(&number).is_some_and(|phone| phone.opted_out().contains(&sender))
    }

    /// The `limit` phones touched last, newest first, and how many there are.
    pub(crate) fn latest(&self, limit: usize) -> (Vec<Number>, usize) {
        let mut touched = Vec::new();
        for shard in &self.shards {
            touched.extend(lock(shard).phones.iter().map(|(number, phone)| (phone.touched, *number)));
        }
        let total = touched.len();
        if total > limit {
            touched.select_nth_unstable_by(limit, |a, b| b.cmp(a));
            touched.truncate(limit);
        }
        touched.sort_unstable_by(|a, b| b.cmp(a));
        (touched.into_iter().map(|(_, number)| number).collect(), total)
    }

    /// Phones without a behaviour of their own for which texts wait.
    pub(crate) fn waiting_by_default(&self) -> Vec<Number> {
        let mut waiting = Vec::new();
        for shard in &self.shards {
            let shard = lock(shard);
            let phones = shard.phones.iter().filter(|(_, phone)| phone.behaviour.is_none() && phone.is_waited_for());
            waiting.extend(phones.map(|(number, _)| *number));
        }
        waiting
    }

    /// What grows whenever a phone changes, for whoever changes what a phone shows.
    pub(crate) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.touches)
    }

    /// Grows whenever a phone changes.
    pub(crate) fn touches(&self) -> u64 {
        self.touches.load(Ordering::Relaxed)
    }

    pub(crate) fn default_behaviour(&self) -> Arc<Behaviour> {
        copy_of(&self.default)
    }

    pub(crate) fn set_default(&self, behaviour: Behaviour) {
        replace(&self.default, Arc::new(behaviour));
        self.touches.fetch_add(1, Ordering::Relaxed);
    }

    /// Forgets every phone and the default behaviour.
    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            *lock(shard) = Shard::default();
        }
        self.set_default(Behaviour::default());
    }

    fn shard(&self, number: Number) -> &Mutex<Shard> {
        &self.shards[number.shard(SHARDS)]
    }
}

impl Shard {
    fn phone(&mut self, number: Number, most: usize) -> &mut Phone {
        if !self.phones.contains_key(&number) {
            if self.phones.len() >= most {
                self.forget_one();
            }
            self.oldest_first.push_back(number);
        }
        self.phones.entry(number).or_default()
    }

    fn forget_one(&mut self) {
        for turn in 0..=PASSED_OVER {
            let Some(oldest) = self.oldest_first.pop_front() else {
                return;
            };
            let matters = self.phones.get(&oldest).is_some_and(Phone::matters);
            if turn == PASSED_OVER || !matters {
                self.phones.remove(&oldest);
                return;
            }
            self.oldest_first.push_back(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: u64) -> Number {
        Number::parse(&format!("+1202555{n:04}")).expect("valid")
    }

    #[test]
    fn forgets_phones_that_nobody_configured() {
        let phones = Phones::new(SHARDS);
        phones.with(number(0), |phone, _| phone.behaviour = Some(Arc::default()));
        for n in 1..1_000 {
            phones.with(number(n), |_, _| ());
        }
        let (_, total) = phones.latest(1);
        assert!(total <= SHARDS, "{total}");
        let kept = (0..1_000).filter(|n| phones.look(number(*n)).behaviour.is_some()).count();
        assert!(kept <= 1);
    }

    #[test]
    fn the_latest_come_first() {
        let phones = Phones::new(1_000);
        for n in [5, 3, 9, 5] {
            phones.with(number(n), |_, _| ());
        }
        assert_eq!(phones.latest(2), (vec![number(5), number(9)], 3));
        assert_eq!(phones.latest(10).0, [number(5), number(9), number(3)]);
    }
}
