//! Keys of secure sound in SDP (RFC 4568).
//! Refuses other suites than `AES_CM_128_HMAC_SHA1_80`, several keys, and anything that weakens it.

use data_encoding::BASE64;
use engine::secret::Secret;
use sdp_types::Media;

/// Bytes of a master key with its salt (RFC 3711 §5.2).
pub(in crate::media) const MASTER: usize = 30;
/// The suite that every carrier has.
pub(super) const SUITE: &str = "AES_CM_128_HMAC_SHA1_80";

/// A master key, 16 bytes, and its salt, 14 bytes.
pub(in crate::media) type MasterKey = Secret<[u8; MASTER]>;

/// A key and its number.
#[derive(Debug, Clone)]
pub(in crate::media) struct Crypto {
    /// Our answer to it names this.
    pub tag: u32,
    pub key: MasterKey,
}

/// A key for what we send.
pub(in crate::media) fn fresh_key() -> MasterKey {
    let mut key = [0; MASTER];
    getrandom::fill(&mut key).expect("the operating system gives random bytes, or no key is one");
    Secret::new(key)
}

/// The first key that we can use.
pub(super) fn first(media: &Media) -> Option<Crypto> {
    media.attributes.iter().filter(|one| one.attribute == "crypto").find_map(|one| crypto(one.value.as_deref()?))
}

/// `TAG SUITE inline:KEY|LIFETIME`; session parameters behind it only ever weaken or change the keys (§6.3).
fn crypto(value: &str) -> Option<Crypto> {
    let mut words = value.split_ascii_whitespace();
    let tag = words.next()?.parse().ok()?;
    let is_ours = words.next()?.eq_ignore_ascii_case(SUITE);
    let inline = words.next()?;
    (is_ours && words.next().is_none()).then_some(())?;
    Some(Crypto { tag, key: key(inline)? })
}

/// A second part may only be the lifetime, which no phone call reaches; with a master key identifier packets look different.
fn key(inline: &str) -> Option<MasterKey> {
    let parameters = inline.get(..7).filter(|method| method.eq_ignore_ascii_case("inline:")).map(|_| &inline[7..])?;
    let mut parts = parameters.split('|');
    let bytes = zeroize_later(BASE64.decode(parts.next()?.as_bytes()).ok()?);
    if parts.any(|part| part.contains(':')) || parameters.contains(';') {
        return None;
    }
    bytes.expose().as_slice().try_into().ok().map(Secret::new)
}

const fn zeroize_later(bytes: Vec<u8>) -> Secret<Vec<u8>> {
    Secret::new(bytes)
}

/// The attribute for a key of ours.
pub(super) fn attribute(tag: u32, key: &MasterKey) -> String {
    format!("a=crypto:{tag} {SUITE} inline:{}\r\n", BASE64.encode(key.expose()))
}
