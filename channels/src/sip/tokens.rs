//! Words that nobody can guess: tags, branches, Call-IDs, cnonces; each once.
//! Refuses to draw randomness: its seed is drawn by who places the call, and a test gives its own.

use sha2::{Digest, Sha256};
use std::time::Duration;

/// A source of words, from a seed.
#[derive(Clone)]
pub struct Tokens {
    seed: [u8; 32],
    count: u64,
}

impl Tokens {
    /// The words of a seed.
    pub const fn new(seed: [u8; 32]) -> Self {
        Self { seed, count: 0 }
    }

    /// A word of 24 hexadecimal digits (RFC 3261 §19.3 wants 32 bits of randomness; these are 96).
    pub fn word(&mut self) -> String {
        data_encoding::HEXLOWER.encode(&self.bytes()[..12])
    }

    /// A branch (RFC 3261 §8.1.1.7).
    pub fn branch(&mut self) -> String {
        format!("z9hG4bK{}", self.word())
    }

    /// A time between two.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + (most - least).mul_f64(f64::from(self.bytes()[0]) / 255.0)
    }

    fn bytes(&mut self) -> [u8; 32] {
        self.count += 1;
        Sha256::new().chain_update(self.seed).chain_update(self.count.to_be_bytes()).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_differ_and_times_stay_within() {
        let mut tokens = Tokens::new([7; 32]);
        let words: std::collections::HashSet<_> = (0..1000).map(|_| tokens.word()).collect();
        assert_eq!(words.len(), 1000);
        let (least, most) = (Duration::from_millis(2100), Duration::from_secs(4));
        assert!((0..100).all(|_| (least..=most).contains(&tokens.between(least, most))));
    }
}
