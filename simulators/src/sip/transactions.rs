//! The requests that were taken lately and what was answered, so that one that comes again is not another one (RFC 3261 §17.2).
//! It forgets each after the time in which it could come again.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::path::Path;

/// A little more than timers H, J and L: 64 · T1.
pub(crate) const MEMORY: Duration = Duration::from_secs(40);

/// Branch, sender and method; or a dialog that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) branch: String,
    pub(crate) sent_by: String,
    pub(crate) method: String,
}

#[derive(Default)]
pub(crate) struct Transactions {
    known: HashMap<Key, Known>,
    oldest_first: VecDeque<(Instant, Key)>,
}

#[derive(Default)]
struct Known {
    answer: Option<(Vec<u8>, Path)>,
    /// The tag of the call that it began, while that is under way.
    call: Option<String>,
}

impl Transactions {
    /// Whether the request is new; it is known from now on.
    pub(crate) fn begin(&mut self, key: &Key, now: Instant) -> bool {
        self.forget(now);
        if self.known.contains_key(key) {
            return false;
        }
        self.known.insert(key.clone(), Known::default());
        self.oldest_first.push_back((now + MEMORY, key.clone()));
        true
    }

    pub(crate) fn knows(&self, key: &Key) -> bool {
        self.known.contains_key(key)
    }

    /// What was answered last.
    pub(crate) fn answered(&mut self, key: &Key, bytes: Vec<u8>, path: Path) {
        if let Some(known) = self.known.get_mut(key) {
            known.answer = Some((bytes, path));
        }
    }

    pub(crate) fn answer_to(&self, key: &Key) -> Option<(Vec<u8>, Path)> {
        self.known.get(key)?.answer.clone()
    }

    /// An INVITE began a call, or the call is over: until then it is not forgotten.
    pub(crate) fn set_call(&mut self, key: &Key, tag: Option<String>) {
        if let Some(known) = self.known.get_mut(key) {
            known.call = tag;
        }
    }

    /// The tag of the call that an INVITE began.
    pub(crate) fn call_of(&self, key: &Key) -> Option<String> {
        self.known.get(key)?.call.clone()
    }

    fn forget(&mut self, now: Instant) {
        while self.oldest_first.front().is_some_and(|(due, _)| *due <= now) {
            let Some((_, key)) = self.oldest_first.pop_front() else { return };
            if self.known.get(&key).is_some_and(|known| known.call.is_some()) {
                self.oldest_first.push_back((now + MEMORY, key));
            } else {
                self.known.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(branch: &str) -> Key {
        Key { branch: branch.to_owned(), sent_by: "h".to_owned(), method: "INVITE".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_again_is_known_for_a_while() {
        let mut transactions = Transactions::default();
        let now = Instant::now();
        assert!(transactions.begin(&key("a"), now) && !transactions.begin(&key("a"), now));
        assert!(transactions.begin(&key("b"), now));
        transactions.set_call(&key("b"), Some("tag".to_owned()));
        let later = now + MEMORY;
        assert!(transactions.begin(&key("a"), later), "forgotten");
        assert_eq!(transactions.call_of(&key("b")).as_deref(), Some("tag"));
        transactions.set_call(&key("b"), None);
        assert!(transactions.begin(&key("b"), later + MEMORY));
    }
}
