//! How a PIN is kept: a keyed hash under a server key that is not in the database (mfa-server.md §5.3).
//! Refuses a slow hash: four digits fall to any hash alone, and the key is what protects them.

use crate::id::UserId;
use crate::secret::Secret;
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;

/// A server key for PINs. Keys are rotated: each hash names the one it was made with.
#[derive(Debug, Clone)]
pub struct PinKey {
    /// Names the key; unique among the keys of the installation.
    pub id: u32,
    /// The key.
    pub key: Secret<[u8; 32]>,
}

impl PinKey {
    /// A key and its name.
    pub const fn new(id: u32, key: [u8; 32]) -> Self {
        Self { id, key: Secret::new(key) }
    }
}

/// A kept PIN. Stored as `KEY_ID.SALT.MAC` (the latter two in base64url) to be short.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PinHash {
    key_id: u32,
    salt: [u8; 16],
    mac: [u8; 32],
}

/// A text that is not a kept PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kept PIN: it must be KEY_ID.SALT.MAC with 16 and 32 bytes in base64url")]
pub struct NotAPinHash;

impl PinHash {
    /// Hashes `pin` of `user` with a fresh random `salt`.
    pub fn make(key: &PinKey, salt: [u8; 16], user: UserId, pin: &str) -> Self {
        Self { key_id: key.id, salt, mac: mac(key, salt, user, pin) }
    }

    /// The key it was made with.
    pub const fn key_id(&self) -> u32 {
        self.key_id
    }

    /// Whether `pin` of `user` is the kept one, compared in constant time. A key of another id never matches.
    pub fn matches(&self, key: &PinKey, user: UserId, pin: &str) -> bool {
        let same: bool = mac(key, self.salt, user, pin).ct_eq(&self.mac).into();
        same && key.id == self.key_id
    }
}

/// HMAC-SHA-256(key, salt ‖ user id ‖ PIN), each part after its length (32 bits, big-endian).
fn mac(key: &PinKey, salt: [u8; 16], user: UserId, pin: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.key.expose()).expect("HMAC takes a key of any length");
    for part in [&salt[..], &user.bits().to_be_bytes(), pin.as_bytes()] {
        mac.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PinHash").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl From<PinHash> for String {
    fn from(hash: PinHash) -> Self {
        format!("{}.{}.{}", hash.key_id, BASE64URL_NOPAD.encode(&hash.salt), BASE64URL_NOPAD.encode(&hash.mac))
    }
}

impl TryFrom<String> for PinHash {
    type Error = NotAPinHash;

    fn try_from(text: String) -> Result<Self, NotAPinHash> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(NotAPinHash);
        let key_id = part()?.parse().map_err(|_| NotAPinHash)?;
        Ok(Self { key_id, salt: bytes(part()?)?, mac: bytes(part()?)? })
    }
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], NotAPinHash> {
    let decoded = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| NotAPinHash)?;
    decoded.try_into().map_err(|_| NotAPinHash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: PinKey = PinKey::new(3, [9; 32]);

    #[test]
    fn only_the_same_pin_of_the_same_person_under_the_same_key_matches() {
        let ann = UserId::from_bits(1);
        let hash = PinHash::make(&KEY, [4; 16], ann, "2580");
        assert!(hash.matches(&KEY, ann, "2580"));
        assert!(!hash.matches(&KEY, ann, "2581"));
        assert!(!hash.matches(&KEY, ann, ""));
        assert!(!hash.matches(&KEY, UserId::from_bits(2), "2580"));
        assert!(!hash.matches(&PinKey::new(4, [9; 32]), ann, "2580"));
        assert!(!hash.matches(&PinKey::new(3, [8; 32]), ann, "2580"));
        assert_ne!(hash, PinHash::make(&KEY, [5; 16], ann, "2580"));
    }

    #[test]
    fn it_survives_its_text() {
        let hash = PinHash::make(&KEY, [4; 16], UserId::from_bits(1), "2580");
        let text = serde_json::to_string(&hash).unwrap();
        assert!(text.len() < 72, "{text}");
        assert_eq!(serde_json::from_str::<PinHash>(&text).unwrap(), hash);
        for wrong in ["", "1", "1.AA.AA", "x.AAAAAAAAAAAAAAAAAAAAAA.AA", "1.2.3.4"] {
            assert_eq!(PinHash::try_from(wrong.to_owned()), Err(NotAPinHash));
        }
    }

    /// Checked with Python: hmac.new(b"\t"*32, msg, "sha256") over 00000010·04×16, 00000010·…01, 00000004·"2580".
    #[test]
    fn the_message_is_what_the_specification_says() {
        let hash = PinHash::make(&KEY, [4; 16], UserId::from_bits(1), "2580");
        assert_eq!(
            data_encoding::HEXLOWER.encode(&hash.mac),
            "a155adf3af9cba068c4e85730780b4473859ebef6abb288e2776180129b715ed"
        );
    }
}
