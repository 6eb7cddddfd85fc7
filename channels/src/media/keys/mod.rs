//! Keys that the person presses: how they come, and which of them count (sip.md §6).
//! Refuses to count one press twice, and to write a key into a log.

pub(super) mod ears;
pub(super) mod event;
pub mod info;
pub(super) mod tone;

/// The keys in the order of their numbers (RFC 4733 §3.2).
const KEYS: &[u8; 16] = b"0123456789*#ABCD";

/// The key of a number, `None` for events that are no keys.
pub(super) fn key(number: u8) -> Option<char> {
    KEYS.get(usize::from(number)).map(|key| char::from(*key))
}

/// The number of a key; lower case letters are keys too.
pub(super) fn number(key: char) -> Option<u8> {
    let at = KEYS.iter().position(|one| char::from(*one) == key.to_ascii_uppercase())?;
    u8::try_from(at).ok()
}
