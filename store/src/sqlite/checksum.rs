//! Checksums of what is stored: CRC-32 over every column of a row, its key and its place included.
//! Refuses to be a guard against people: whoever can write can compute it. The audit chain is for that.

use crate::Key;
use engine::moment::Moment;

/// CRC-32 over the parts, each with its length, so that no two lists of parts read the same.
fn checksum(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize()
}

/// Of a record. `expires` is the column as it is stored.
pub(super) fn of_record(
    key: &Key,
    version: u64,
    parent: Option<&str>,
    format: u16,
    body: &[u8],
    expires: Option<i64>,
) -> u32 {
    let present = [u8::from(parent.is_some()), u8::from(expires.is_some())];
    checksum(&[
        key.kind.as_str().as_bytes(),
        key.id.as_bytes(),
        &version.to_le_bytes(),
        &present,
        parent.unwrap_or_default().as_bytes(),
        &format.to_le_bytes(),
        body,
        &expires.unwrap_or_default().to_le_bytes(),
    ])
}

/// Of a row of a timeline.
pub(super) fn of_timeline(id: &[u8; 16], sequence: u32, at: Moment, body: &[u8]) -> u32 {
    checksum(&[id, &sequence.to_le_bytes(), &at.millis().to_le_bytes(), body])
}

/// Of an outcome; `of` is its caller and application.
pub(super) fn of_outcome(writer: &str, position: u64, id: &[u8; 16], at: Moment, of: (&str, &str), body: &[u8]) -> u32 {
    let (position, at) = (position.to_le_bytes(), at.millis().to_le_bytes());
    checksum(&[writer.as_bytes(), &position, id, &at, of.0.as_bytes(), of.1.as_bytes(), body])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn every_column_of_a_record_counts() {
        let key = Key::new(Kind::Seen, "a");
        let sums = [
            of_record(&key, 1, None, 1, b"x", None),
            of_record(&Key::new(Kind::Mark, "a"), 1, None, 1, b"x", None),
            of_record(&Key::new(Kind::Seen, "b"), 1, None, 1, b"x", None),
            of_record(&key, 2, None, 1, b"x", None),
            of_record(&key, 1, Some(""), 1, b"x", None),
            of_record(&key, 1, Some("p"), 1, b"x", None),
            of_record(&key, 1, None, 2, b"x", None),
            of_record(&key, 1, None, 1, b"y", None),
            of_record(&key, 1, None, 1, b"x", Some(0)),
            of_record(&key, 1, None, 1, b"x", Some(9)),
        ];
        let different: std::collections::HashSet<_> = sums.iter().collect();
        assert_eq!(different.len(), sums.len());
    }
}
