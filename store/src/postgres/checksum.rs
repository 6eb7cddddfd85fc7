//! Checksums of what is stored: CRC-32 over the columns of a row, its key and its place included.
//! Refuses the version of a record: the server counts it. Its own page checksums (`initdb --data-checksums`) have that.

use crate::{Key, OutcomeRow};
use engine::moment::Moment;

fn checksum(parts: &[&[u8]]) -> i64 {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Of a record.
pub fn of_record(key: &Key, parent: Option<&str>, format: i32, body: &[u8], expires: Option<i64>) -> i64 {
    let present = [u8::from(parent.is_some()), u8::from(expires.is_some())];
    checksum(&[
        key.kind.as_str().as_bytes(),
        key.id.as_bytes(),
        &present,
        parent.unwrap_or_default().as_bytes(),
        &format.to_le_bytes(),
        body,
        &expires.unwrap_or_default().to_le_bytes(),
    ])
}

/// Of a row of a timeline.
pub fn of_line(id: &[u8], place: i64, at: Moment, body: &[u8]) -> i64 {
    checksum(&[id, &place.to_le_bytes(), &at.millis().to_le_bytes(), body])
}

/// Of an outcome.
pub fn of_outcome(writer: &str, row: &OutcomeRow) -> i64 {
    checksum(&[
        writer.as_bytes(),
        &row.position.to_le_bytes(),
        &row.verification.bits().to_be_bytes(),
        &row.at.millis().to_le_bytes(),
        row.caller.as_bytes(),
        row.application.as_bytes(),
        &row.body,
    ])
}
