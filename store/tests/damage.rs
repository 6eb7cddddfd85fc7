//! Damaged files: bytes flipped and tails cut off, in the database and in its log.
//! Refuses wrong answers: whatever is read is what was written, or the damage is named.
#![allow(clippy::unwrap_used, reason = "a test")]

use engine::id::VerificationId;
use engine::moment::Moment;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::path::Path;
use store::audit::{AuditFault, Checkpoint, PublicKey, verify};
use store::keys::MasterKey;
use store::sqlite::{OpenError, OpenOptions};
use store::{Expect, Key, Kind, Operation, ReadError, SqliteStore, Store};

const BATCHES: u64 = 60;
const ROUNDS: u32 = 200;

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, &OpenOptions::default())
}

fn id(number: u64) -> VerificationId {
    VerificationId::from_bits(u128::from(number) << 100 | u128::from(number))
}

fn body(number: u64) -> Vec<u8> {
    format!("{number}/").repeat(60).into_bytes()
}

fn key(number: u64) -> Key {
    Key::new(Kind::Seen, format!("{number:05}"))
}

fn batch(number: u64) -> Vec<Operation> {
    let (at, verification, body) = (Moment::from_millis(number), id(number), body(number));
    let (parent, expires) = (Some(format!("{}", number % 7)), Some(Moment::from_millis(number + 1)));
    vec![
        Operation::Put { key: key(number), expect: Expect::Absent, parent, format: 1, body: body.clone(), expires },
        Operation::Append { verification, at, body: body.clone() },
        Operation::Settle { verification, at, caller: "key".into(), application: "vpn".into(), body: body.clone() },
        Operation::Audit { at, body },
    ]
}

fn fill(store: &dyn Store, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        assert!(store.commit(&[batch(number).into()]).unwrap()[0].is_ok());
    }
}

/// Compares what is there of one batch: `true` if it is whole, `false` if nothing of it is there, an error if a read
/// names damage, and a panic if anything that was read is wrong.
fn one_is_whole(store: &SqliteStore, number: u64) -> Result<[bool; 3], ReadError> {
    let record = store.get(&key(number))?;
    let timeline = store.timeline(id(number))?;
    let outcome = store.outcome(id(number))?;
    if let Some(record) = &record {
        assert!(record.body == body(number) && record.version == 1, "record of batch {number}: {record:?}");
        assert_eq!(record.parent, Some(format!("{}", number % 7)));
    }
    if let [row] = timeline.as_slice() {
        assert!(row.at.millis() == number && row.body == body(number), "timeline of batch {number}: {row:?}");
    }
    if let Some(row) = &outcome {
        assert!(row.position == number && row.body == body(number), "outcome of batch {number}: {row:?}");
    }
    Ok([record.is_some(), timeline.len() == 1, outcome.is_some()])
}

/// What became of a damaged store.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Named,
    Whole,
}

fn look(path: &Path) -> Seen {
    let Ok(store) = open(path) else { return Seen::Named };
    let reads: Vec<_> = (1..=BATCHES).map(|number| one_is_whole(&store, number)).collect();
    let feed = store.outcomes(None, usize::MAX);
    let named = reads.iter().any(Result::is_err) || feed.is_err() || store.check().is_err();
    let whole = reads.iter().all(|read| read.as_ref().is_ok_and(|parts| *parts == [true; 3]));
    assert!(named || whole, "something is missing, and nothing names it: {reads:?}");
    if named { Seen::Named } else { Seen::Whole }
}

fn random() -> StdRng {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    println!("seed {}", u64::from_le_bytes(bytes));
    StdRng::seed_from_u64(u64::from_le_bytes(bytes))
}

fn flip(bytes: &mut [u8], random: &mut StdRng) -> String {
    let (place, bit) = (random.random_range(0..bytes.len()), random.random_range(0..8));
    bytes[place] ^= 1 << bit;
    format!("bit {bit} of byte {place}")
}

#[test]
fn a_damaged_database_is_never_read_wrong() {
    let (dir, mut random) = (tempfile::tempdir().unwrap(), random());
    let path = dir.path().join("s.db");
    fill(&open(&path).unwrap(), 1..=BATCHES);
    let good = std::fs::read(&path).unwrap();
    assert_eq!(look(&path), Seen::Whole);
    let mut named = 0;
    for round in 0..ROUNDS {
        let mut bytes = good.clone();
        let what = if round % 5 == 0 {
            bytes.truncate(random.random_range(1..bytes.len()));
            format!("cut to {}", bytes.len())
        } else {
            flip(&mut bytes, &mut random)
        };
        println!("{what}");
        let damaged = dir.path().join(format!("{round}.db"));
        std::fs::write(&damaged, bytes).unwrap();
        named += u32::from(look(&damaged) == Seen::Named);
    }
    // The rest fell on bytes that hold nothing.
    assert!(named > ROUNDS / 4, "only {named} of {ROUNDS} were named");
}

#[test]
fn a_damaged_log_gives_a_whole_beginning_and_a_checkpoint_shows_what_is_gone() {
    let (dir, mut random) = (tempfile::tempdir().unwrap(), random());
    let path = dir.path().join("s.db");
    let master = MasterKey::new([3; 32]);
    let store = open(&path).unwrap();
    fill(&store, 1..=BATCHES);
    let checkpoint = Checkpoint::take(&store, &master, Moment::from_millis(9)).unwrap().unwrap();
    let file = std::fs::read(&path).unwrap();
    // While the store is open its log is not moved into the database, as after a kill.
    let log = std::fs::read(dir.path().join("s.db-wal")).unwrap();
    assert!(log.len() > 100_000, "the log holds the batches");
    let mut shorter = 0;
    for round in 0..ROUNDS / 3 {
        let mut bytes = log.clone();
        let what = if round % 2 == 0 {
            bytes.truncate(random.random_range(1..bytes.len()));
            format!("cut to {}", bytes.len())
        } else {
            flip(&mut bytes, &mut random)
        };
        println!("{what}");
        let damaged = dir.path().join(format!("{round}.db"));
        std::fs::write(&damaged, &file).unwrap();
        std::fs::write(dir.path().join(format!("{round}.db-wal")), bytes).unwrap();
        let store = open(&damaged).unwrap();
        let there = store.count(Kind::Seen).unwrap();
        for number in 1..=BATCHES {
            assert_eq!(one_is_whole(&store, number).unwrap(), [number <= there; 3], "batch {number} of {there}");
        }
        store.check().unwrap();
        if there < BATCHES {
            shorter += 1;
            let found = verify(&store, Some((std::slice::from_ref(&checkpoint), &PublicKey::of(&master))));
            assert!(matches!(found, Err(AuditFault::CutOff { expected: BATCHES, found }) if found == there));
        }
    }
    assert!(shorter > ROUNDS / 6, "only {shorter} lost anything");
}
