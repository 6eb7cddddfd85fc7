//! A token's key in base32, as people and files write it.
//! Refuses an error that repeats the key.

use crate::input;
use engine::oath::base32::{LONGEST, SHORTEST, encode, parse};
use engine::secret::Secret;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let text = input::text(data);
    let read = parse(&text);
    match &read {
        Ok(key) => {
            let bytes = key.expose();
            assert!((SHORTEST..=LONGEST * 5 / 8).contains(&bytes.len()));
            survives(bytes);
        }
        Err(fault) => {
            let told = format!("{fault} {fault:?}");
            let long = text.trim().chars().count() >= 40;
            assert!(!long || !told.contains(text.trim()), "{told}");
        }
    }
    if (SHORTEST..=LONGEST * 5 / 8).contains(&data.len()) {
        survives(data);
    }
    read.is_ok()
}

/// As it is written by us, and as a person copies that: in small letters, in groups.
fn survives(bytes: &[u8]) {
    let text = encode(&Secret::new(bytes.to_vec()));
    let copied: String = text.expose().to_lowercase().chars().flat_map(|c| [c, ' ']).collect();
    for written in [text.expose().as_str(), &copied, &format!("{}======", text.expose())] {
        assert_eq!(parse(written).expect("it was written by us").expose(), bytes);
    }
}
