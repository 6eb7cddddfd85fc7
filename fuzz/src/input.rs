//! How one stretch of bytes becomes what a parser takes.
//! Refuses cleverness: a corpus file must be readable as what it is, parts separated by line feeds.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// The bytes as text; what is not UTF-8 becomes the replacement character.
pub fn text(data: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// The first line and what follows it, without the line feed between them.
pub fn line(data: &[u8]) -> (Cow<'_, str>, &[u8]) {
    let end = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    (text(&data[..end]), data.get(end + 1..).unwrap_or_default())
}

/// Checks that a document that was accepted is written, read again and then written the same.
pub fn survives<T: Serialize + DeserializeOwned>(document: &T) {
    let written = serde_json::to_vec(document).expect("what was read can be written");
    let again: T = serde_json::from_slice(&written).expect("what was written can be read");
    assert_eq!(serde_json::to_vec(&again).expect("it was written before"), written);
}
