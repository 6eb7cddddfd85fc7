//! The last verifications of a person, so that they can be shown to them.
//! Refuses to hold more than their ids: what became of them is with their outcomes.

use crate::id::VerificationId;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// Verifications that are remembered of one person.
pub const MOST: usize = 50;
const BYTES: usize = 16;

/// Ids, the oldest first; stored as one text, because it is written with every verification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recent(Vec<VerificationId>);

impl Recent {
    /// Another one; the same one again changes nothing.
    pub fn note(&mut self, id: VerificationId) {
        if self.0.contains(&id) {
            return;
        }
        self.0.push(id);
        self.0.drain(..self.0.len().saturating_sub(MOST));
    }

    /// The newest first.
    pub fn newest(&self) -> impl Iterator<Item = VerificationId> {
        self.0.iter().rev().copied()
    }

    /// Whether it is one of them.
    pub fn holds(&self, id: VerificationId) -> bool {
        self.0.contains(&id)
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Recent> for String {
    fn from(recent: Recent) -> Self {
        let bytes: Vec<u8> = recent.0.iter().flat_map(|id| id.bits().to_be_bytes()).collect();
        BASE64URL_NOPAD.encode(&bytes)
    }
}

impl TryFrom<String> for Recent {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| "not base64")?;
        let (ids, rest) = bytes.as_chunks::<BYTES>();
        let ids = ids.iter().map(|bits| VerificationId::from_bits(u128::from_be_bytes(*bits))).collect();
        if rest.is_empty() { Ok(Self(ids)) } else { Err("not whole ids") }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_stay_and_each_is_there_once() {
        let mut recent = Recent::default();
        for bits in 0..60 {
            recent.note(VerificationId::from_bits(bits));
            recent.note(VerificationId::from_bits(bits));
        }
        let newest: Vec<_> = recent.newest().map(VerificationId::bits).collect();
        assert_eq!((newest.len(), newest[0], newest[49]), (50, 59, 10));
        let text = serde_json::to_string(&recent).unwrap();
        assert_eq!(serde_json::from_str::<Recent>(&text).unwrap(), recent);
        for wrong in ["\"!\"", "\"AAAA\""] {
            assert!(serde_json::from_str::<Recent>(wrong).is_err(), "{wrong}");
        }
    }
}
