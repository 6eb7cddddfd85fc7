//! The journal: each batch as one row, appended and synced, before its parts go to the tables in their own time.
//! Refuses a row that fails its checksum, or that it cannot read to its last byte.

use super::pending::{Entry, State};
use crate::{Key, Kind, OutcomeRow, ReadError};
use engine::id::VerificationId;
use engine::moment::Moment;
use rusqlite::{Connection, params};

/// Writes a batch.
pub(super) fn append(connection: &Connection, sequence: u64, body: &[u8]) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO journal (sequence, body, crc) VALUES (?1, ?2, ?3)";
    let row = params![sequence.cast_signed(), body, checksum(sequence, body)];
    connection.prepare_cached(sql)?.execute(row).map(|_| ())
}

/// Removes the rows before `sequence`: all of them lies in the tables.
pub(super) fn cut(connection: &Connection, sequence: u64) -> Result<(), rusqlite::Error> {
    let mut delete = connection.prepare_cached("DELETE FROM journal WHERE sequence < ?1")?;
    delete.execute([sequence.cast_signed()]).map(|_| ())
}

/// One row: its sequence, its size, and what it says.
pub(super) type Read = (u64, usize, Vec<Entry>);

/// All rows, in order.
pub(super) fn read(connection: &Connection) -> Result<Vec<Read>, ReadError> {
    let failed = |cause: rusqlite::Error| super::read::not_read("the journal", &cause);
    let mut select = connection.prepare("SELECT sequence, body, crc FROM journal ORDER BY sequence").map_err(failed)?;
    let rows = select.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, Vec<u8>>(1)?, row.get::<_, u32>(2)?))
    });
    let mut found = Vec::new();
    for row in rows.map_err(failed)? {
        let (sequence, body, crc) = row.map_err(failed)?;
        let damaged = |cause: &str| ReadError::Corrupt {
            what: format!("row {sequence} of the journal"),
            cause: cause.to_owned(),
        };
        if crc != checksum(sequence, &body) {
            return Err(damaged("its checksum does not match"));
        }
        let entries = decode(&body).ok_or_else(|| damaged("it cannot be read to its end"))?;
        found.push((sequence, body.len(), entries));
    }
    Ok(found)
}

fn checksum(sequence: u64, body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&sequence.to_le_bytes());
    hasher.update(body);
    hasher.finalize()
}

const PUT: u8 = 1;
const DELETE: u8 = 2;
const LINE: u8 = 3;
const OUTCOME: u8 = 4;

/// Adds an entry to the row of a batch. Numbers are little-endian; a text or body has its length in 32 bits before it.
pub(super) fn encode(entry: &Entry, row: &mut Vec<u8>) {
    match entry {
        Entry::Put { key, state } => {
            row.push(PUT);
            put_key(key, row);
            row.extend(state.version.to_le_bytes());
            row.extend(state.format.to_le_bytes());
            row.push(u8::from(state.parent.is_some()) | u8::from(state.expires.is_some()) << 1);
            if let Some(parent) = &state.parent {
                put_bytes(parent.as_bytes(), row);
            }
            if let Some(expires) = state.expires {
                row.extend(expires.to_le_bytes());
            }
            put_bytes(&state.body, row);
        }
        Entry::Delete { key } => {
            row.push(DELETE);
            put_key(key, row);
        }
        Entry::Line { verification, sequence, at, body } => {
            row.push(LINE);
            row.extend(verification.bits().to_le_bytes());
            row.extend(sequence.to_le_bytes());
            row.extend(at.millis().to_le_bytes());
            put_bytes(body, row);
        }
        Entry::Outcome(outcome) => {
            row.push(OUTCOME);
            row.extend(outcome.position.to_le_bytes());
            row.extend(outcome.verification.bits().to_le_bytes());
            row.extend(outcome.at.millis().to_le_bytes());
            put_bytes(outcome.caller.as_bytes(), row);
            put_bytes(outcome.application.as_bytes(), row);
            put_bytes(&outcome.body, row);
        }
    }
}

fn put_key(key: &Key, row: &mut Vec<u8>) {
    put_bytes(key.kind.as_str().as_bytes(), row);
    put_bytes(key.id.as_bytes(), row);
}

fn put_bytes(bytes: &[u8], row: &mut Vec<u8>) {
    row.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    row.extend(bytes);
}

/// All entries of a row; `None` if it is not one.
fn decode(row: &[u8]) -> Option<Vec<Entry>> {
    let mut left = Left(row);
    let mut entries = Vec::new();
    while !left.0.is_empty() {
        entries.push(left.entry()?);
    }
    Some(entries)
}

/// What is left of a row.
struct Left<'a>(&'a [u8]);

impl Left<'_> {
    fn entry(&mut self) -> Option<Entry> {
        let [tag] = self.take()?;
        Some(match tag {
            PUT => self.put()?,
            DELETE => Entry::Delete { key: self.key()? },
            LINE => Entry::Line {
                verification: self.verification()?,
                sequence: u32::from_le_bytes(self.take()?),
                at: self.moment()?,
                body: self.bytes()?,
            },
            OUTCOME => Entry::Outcome(OutcomeRow {
                position: u64::from_le_bytes(self.take()?),
                verification: self.verification()?,
                at: self.moment()?,
                caller: self.text()?,
                application: self.text()?,
                body: self.bytes()?,
            }),
            _ => return None,
        })
    }

    fn put(&mut self) -> Option<Entry> {
        let key = self.key()?;
        let (version, format) = (u64::from_le_bytes(self.take()?), u16::from_le_bytes(self.take()?));
        let [present] = self.take()?;
        let parent = if present & 1 == 0 { None } else { Some(self.text()?) };
        let expires = if present & 2 == 0 { None } else { Some(i64::from_le_bytes(self.take()?)) };
        let body = self.bytes()?;
        Some(Entry::Put { key, state: State { version, parent, format, body, expires } })
    }

    fn key(&mut self) -> Option<Key> {
        let word = self.text()?;
        let kind = *Kind::ALL.iter().find(|kind| kind.as_str() == word)?;
        Some(Key::new(kind, self.text()?))
    }

    fn verification(&mut self) -> Option<VerificationId> {
        Some(VerificationId::from_bits(u128::from_le_bytes(self.take()?)))
    }

    fn moment(&mut self) -> Option<Moment> {
        Some(Moment::from_millis(u64::from_le_bytes(self.take()?)))
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?).ok()
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        let length = u32::from_le_bytes(self.take()?);
        let (bytes, left) = self.0.split_at_checked(length as usize)?;
        self.0 = left;
        Some(bytes.to_vec())
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, left) = self.0.split_first_chunk()?;
        self.0 = left;
        Some(*bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<Entry> {
        let verification = VerificationId::from_bits(7 << 100);
        let at = Moment::from_millis(1_700_000_000_000);
        let state = |parent: Option<&str>, expires| State {
            version: 3,
            parent: parent.map(str::to_owned),
            format: 2,
            body: b"{}".to_vec(),
            expires,
        };
        vec![
            Entry::Put { key: Key::new(Kind::Number, "+12025550100"), state: state(None, None) },
            Entry::Put { key: Key::new(Kind::Token, "ü"), state: state(Some("alice"), Some(-1)) },
            Entry::Delete { key: Key::new(Kind::Open, "") },
            Entry::Line { verification, sequence: 9, at, body: vec![] },
            Entry::Outcome(OutcomeRow {
                position: 1,
                verification,
                at,
                caller: "key".into(),
                application: "vpn".into(),
                body: vec![0xff; 300],
            }),
        ]
    }

    #[test]
    fn a_row_reads_as_it_was_written_and_no_part_of_it_as_another() {
        let mut row = Vec::new();
        let mut ends = vec![0];
        for entry in some() {
            encode(&entry, &mut row);
            ends.push(row.len());
        }
        assert_eq!(decode(&row), Some(some()));
        for length in 0..row.len() {
            let read = decode(&row[..length]);
            assert_eq!(read.is_some(), ends.contains(&length), "{length} bytes");
        }
    }
}
