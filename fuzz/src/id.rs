//! Ids in addresses, bodies and callbacks.
//! Refuses two texts for one id, and an id that is of two kinds.

use crate::input;
use engine::id::{ApiKeyId, AttemptId, EventId, NotAnId, TokenId, UserId, VerificationId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::str::FromStr;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let text = input::text(data);
    let kinds = [
        one_text::<VerificationId>(&text),
        one_text::<UserId>(&text),
        one_text::<TokenId>(&text),
        one_text::<ApiKeyId>(&text),
        one_text::<EventId>(&text),
    ];
    assert!(kinds.iter().filter(|is| **is).count() <= 1, "{text}");
    if let Ok(attempt) = text.parse::<AttemptId>() {
        assert_eq!(attempt.to_string().parse(), Ok(attempt));
        assert!(text.starts_with(&attempt.verification.to_string()));
        assert!(attempt.verification.shard().index() < usize::from(engine::id::SHARDS));
        return true;
    }
    kinds.contains(&true)
}

fn one_text<T>(text: &str) -> bool
where
    T: FromStr<Err = NotAnId> + Display + Serialize + DeserializeOwned,
{
    let Ok(id) = text.parse::<T>() else { return false };
    assert_eq!(id.to_string(), text);
    input::survives(&id);
    true
}
