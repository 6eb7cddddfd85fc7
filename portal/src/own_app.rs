//! An authenticator app of a person's own as a record: while it waits for its first code, and when it is let go.
//! Refuses to leave its serial number behind.

use crate::tokens::serial_key;
use actors::{Person, TokenRecord, Versioned};
use store::{Expect, Kind, Operation};

/// Who made tokens that people's own apps are.
pub const OWN_APP: &str = "own app";

/// Whether it is an app that waits for its first code.
pub fn is_pending(token: &TokenRecord) -> bool {
    !token.activated && token.manufacturer == OWN_APP
}

/// Takes away the keys that wait for their first code, but for the last ones.
pub fn drop_pending(person: &mut Person, stay: usize) -> Vec<Operation> {
    let (mut waiting, mut stays): (Vec<Versioned<TokenRecord>>, Vec<_>) =
        std::mem::take(&mut person.tokens).into_iter().partition(|token| is_pending(&token.value));
    waiting.sort_by_key(|token| token.value.created_at);
    stays.extend(waiting.split_off(waiting.len().saturating_sub(stay)));
    person.tokens = stays;
    waiting.iter().flat_map(|token| removal(&token.value)).collect()
}

/// Removes a token's records.
pub fn removal(token: &TokenRecord) -> [Operation; 2] {
    let serial = serial_key(&token.manufacturer, &token.serial);
    let gone = |kind, id| Operation::delete(kind, id, Expect::Any);
    [gone(Kind::Token, token.id.to_string()), gone(Kind::TokenSerial, serial)]
}
