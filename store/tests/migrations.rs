//! Stores of earlier versions, as they were written, opened by this program.
#![allow(clippy::unwrap_used, reason = "a test")]

use engine::id::VerificationId;
use engine::moment::Moment;
use std::path::{Path, PathBuf};
use store::sqlite::{OpenError, OpenOptions};
use store::{Key, Kind, Log, Operation, SqliteStore, Store};

const VERSION_1: &str = include_str!("fixtures/version-1.sql");

fn made(folder: &Path, dump: &str) -> PathBuf {
    let path = folder.join("s.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(dump).unwrap();
    path
}

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, &OpenOptions { create: false, ..OpenOptions::default() })
}

fn id(number: u128) -> VerificationId {
    VerificationId::from_bits(number * 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10)
}

fn day(number: u64) -> Moment {
    Moment::from_millis(1_700_000_000_000 + number * 86_400_000)
}

/// The fixture is of this version: kinds that came later are not in it.
fn records_are_all_there(store: &SqliteStore) {
    let kinds = Kind::ALL.iter().filter(|kind| VERSION_1.contains(&format!("'{} one'", kind.as_str())));
    for (kind, number) in kinds.clone().zip(0_u64..) {
        let word = kind.as_str();
        let one = store.get(&Key::new(*kind, format!("{word} one"))).unwrap().unwrap();
        assert_eq!((one.version, one.parent, one.format), (number + 1, None, 1), "{word}");
        assert!(String::from_utf8(one.body).unwrap().starts_with("{\"n\":"), "{word}");
        let second = store.children(*kind, "parent").unwrap();
        assert_eq!(second.iter().map(|record| record.key.id.clone()).collect::<Vec<_>>(), [format!("{word} twö")]);
        assert_eq!(store.count(*kind).unwrap(), 2, "{word}");
    }
    assert_eq!(kinds.count(), 14);
}

#[test]
fn version_1_is_brought_forward_with_all_that_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let path = made(dir.path(), VERSION_1);
    assert!(matches!(SqliteStore::open_read_only(&path, "n1"), Err(OpenError::TooOld(_))));
    let store = open(&path).unwrap();
    let checked = store.check().unwrap();
    assert_eq!((checked.records, checked.outcomes, checked.timelines, checked.links), (28, 3, 3, 4));
    records_are_all_there(&store);
    for number in 1..=3 {
        let (timeline, outcome) = (store.timeline(id(number)).unwrap(), store.outcome(id(number)).unwrap().unwrap());
        assert_eq!(
            timeline.iter().map(|row| row.body.as_slice()).collect::<Vec<_>>(),
            [&b"[{\"step\":0}]"[..], b"[{\"step\":1}]"]
        );
        assert_eq!(
            (u128::from(outcome.position), outcome.body),
            (number, format!("{{\"outcome\":{number}}}").into_bytes())
        );
    }
    assert_eq!(store::audit::verify(&store, None).unwrap().links, 4);
    let (verification, body) = (id(9), b"{}".to_vec());
    let settle = Operation::Settle { verification, at: day(4), caller: "key".into(), application: "vpn".into(), body };
    let receipt = store.commit(&[vec![settle].into()]).unwrap().remove(0).unwrap();
    assert_eq!(receipt.numbers, [4], "positions go on where they were");
    let retire = |before| Operation::Retire { log: Log::Outcomes, before, limit: 99 };
    let removed = store.commit(&[vec![retire(day(3))].into(), vec![retire(day(4))].into()]).unwrap();
    let removed: Vec<_> = removed.into_iter().map(|receipt| receipt.unwrap().numbers[0]).collect();
    assert_eq!(removed, [0, 3], "what was there goes with its last day");
}

#[test]
fn opening_again_changes_nothing_and_a_later_version_is_refused_untouched() {
    let dir = tempfile::tempdir().unwrap();
    let path = made(dir.path(), VERSION_1);
    drop(open(&path).unwrap());
    drop(open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 77).unwrap();
    let before = std::fs::read(&path).unwrap();
    for refused in [open(&path).err(), SqliteStore::open_read_only(&path, "n1").err()] {
        let told = refused.unwrap().to_string();
        assert!(told.contains("version 77") && told.contains("use the program that wrote it"), "{told}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_migration_that_fails_leaves_the_version_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let path = made(dir.path(), VERSION_1);
    let database = rusqlite::Connection::open(&path).unwrap();
    // In the way of the last statement of the step.
    database.execute_batch("CREATE TABLE timeline_1 (x)").unwrap();
    assert!(matches!(open(&path), Err(OpenError::Sqlite(_))));
    let version: i64 = database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
    database.execute_batch("DROP TABLE timeline_1").unwrap();
    assert_eq!(open(&path).unwrap().check().unwrap().outcomes, 3);
}
