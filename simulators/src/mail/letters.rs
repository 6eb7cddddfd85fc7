//! The letters that are kept, in the order they came.
//! It keeps a bounded number of them and of their bytes, and forgets the oldest first.

use std::collections::VecDeque;
use std::sync::Arc;

use super::letter::Letter;

/// All letters together.
const MOST_BYTES: usize = 64 * 1024 * 1024;

pub(crate) struct Letters {
    kept: VecDeque<Arc<Letter>>,
    capacity: usize,
    bytes: usize,
    taken: u64,
    changes: u64,
}

impl Letters {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { kept: VecDeque::new(), capacity, bytes: 0, taken: 0, changes: 0 }
    }

    /// Keeps a letter and gives it its number.
    pub(crate) fn keep(&mut self, letter: Letter) -> u64 {
        self.taken += 1;
        self.changes += 1;
        let letter = Letter { number: self.taken, ..letter };
        self.bytes += letter.weight();
        self.kept.push_back(Arc::new(letter));
        while self.kept.len() > self.capacity || self.bytes > MOST_BYTES {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.weight();
        }
        self.taken
    }

    /// The last `limit` letters to `to`, or to anybody; newest last. And how many there are.
    pub(crate) fn last(&self, to: Option<&str>, limit: usize) -> (Vec<Arc<Letter>>, usize) {
        let fits = |letter: &&Arc<Letter>| to.is_none_or(|to| letter.went_to(to));
        let all: Vec<_> = self.kept.iter().filter(fits).collect();
        let skipped = all.len().saturating_sub(limit);
        (all[skipped..].iter().map(|letter| Arc::clone(letter)).collect(), all.len())
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Grows with every change.
    pub(crate) const fn changes(&self) -> u64 {
        self.changes
    }

    /// Forgets them; numbers go on.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        self.bytes = 0;
        self.changes += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(to: &str, size: usize) -> Letter {
        let body = format!("\r\n{}", "x".repeat(size));
        Letter::read(String::new(), vec![to.to_owned()], 0, body.as_bytes())
    }

    fn numbers(letters: &Letters, to: Option<&str>, limit: usize) -> Vec<u64> {
        letters.last(to, limit).0.iter().map(|letter| letter.number).collect()
    }

    #[test]
    fn the_oldest_go_first() {
        let mut letters = Letters::new(3);
        for _ in 0..5 {
            letters.keep(letter("a@example.com", 1));
        }
        assert_eq!(numbers(&letters, None, 9), [3, 4, 5]);
        assert_eq!(numbers(&letters, None, 2), [4, 5]);
        assert!(numbers(&letters, Some("b@example.com"), 9).is_empty());
        letters.clear();
        assert_eq!((letters.len(), letters.keep(letter("b@example.com", 1))), (0, 6));
        assert_eq!(numbers(&letters, Some("B@example.com"), 9), [6]);
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mut letters = Letters::new(1_000);
        for _ in 0..70 {
            letters.keep(letter("a@example.com", 1024 * 1024 - 100));
        }
        assert_eq!(letters.len(), 64);
    }
}
