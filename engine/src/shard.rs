//! How people and numbers are spread over shards: by a keyed hash, so that nobody outside can aim at one shard.
//! Refuses to be reversible.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The 64-bit hash of a text: the beginning of HMAC-SHA-256 under `key`.
pub fn hash(key: &[u8; 32], text: &str) -> u64 {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    let bytes = mac.finalize().into_bytes();
    u64::from_be_bytes(bytes[..8].try_into().expect("a SHA-256 has 32 bytes"))
}
