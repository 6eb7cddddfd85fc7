//! SQLite as a store: the conformance suite, damage, locks and the audit chain.
#![allow(clippy::unwrap_used, reason = "a test")]

use engine::moment::Moment;
use std::path::Path;
use store::audit::{AuditFault, Checkpoint, PublicKey, verify};
use store::keys::MasterKey;
use store::sqlite::{OpenError, OpenOptions};
use store::{CommitError, Expect, Key, Kind, Operation, ReadError, SqliteStore, Store};

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &OpenOptions::default()).unwrap()
}

fn audit(store: &dyn Store, text: &str) {
    let link = Operation::Audit { at: Moment::from_millis(1), body: text.into() };
    assert!(store.commit(&[vec![link].into()]).unwrap()[0].is_ok());
}

#[test]
fn sqlite_conforms() {
    let dir = tempfile::tempdir().unwrap();
    let mut number = 0;
    store::conformance::run(&mut || {
        number += 1;
        Box::new(open(&dir.path().join(format!("{number}.db"))))
    });
}

#[test]
fn the_reference_conforms() {
    store::conformance::run(&mut || Box::new(store::conformance::model::Model::default()));
}

#[test]
fn sqlite_does_what_the_reference_does() {
    let dir = tempfile::tempdir().unwrap();
    store::conformance::random::run(96, &|number| Box::new(open(&dir.path().join(format!("{number}.db")))));
}

/// Parts of the journal go to the tables with each batch, and what is left there stays when the store is closed.
#[test]
fn a_small_journal_that_outlives_its_process_does_what_the_reference_does() {
    let dir = tempfile::tempdir().unwrap();
    for journal_bytes in [0, 300, 3000] {
        let options =
            OpenOptions { journal_bytes, settle_at_once: 1, settle_at_close: false, ..OpenOptions::default() };
        let open = |name: String| Box::new(SqliteStore::open(&dir.path().join(name), &options).unwrap());
        store::conformance::random::run(96, &|number| open(format!("{journal_bytes}-{number}.db")));
        let mut number = 0;
        store::conformance::run(&mut || {
            number += 1;
            open(format!("{journal_bytes}+{number}.db"))
        });
    }
}

#[test]
fn a_damaged_journal_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.db");
    let options = OpenOptions { settle_at_close: false, ..OpenOptions::default() };
    one(&SqliteStore::open(&path, &options).unwrap(), put("a"));
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute("UPDATE journal SET crc = crc + 1", []).unwrap();
    let named = |opened: Result<SqliteStore, OpenError>| matches!(opened.err(), Some(OpenError::Damaged(ReadError::Corrupt { what, .. })) if what == "row 1 of the journal");
    assert!(named(SqliteStore::open(&path, &options)));
    assert!(named(SqliteStore::open_read_only(&path, "n1")));
}

#[test]
fn a_second_process_is_kept_out_and_a_later_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.db");
    let first = open(&path);
    assert!(matches!(SqliteStore::open(&path, &OpenOptions::default()), Err(OpenError::InUse(_))));
    drop(first);
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(SqliteStore::open(&path, &OpenOptions::default()), Err(OpenError::TooNew { found: 99, .. })));
    let missing = OpenOptions { create: false, ..OpenOptions::default() };
    assert!(matches!(SqliteStore::open(&dir.path().join("none.db"), &missing), Err(OpenError::Missing(_))));
}

fn put(id: &str) -> Operation {
    Operation::Put {
        key: Key::new(Kind::Seen, id),
        expect: Expect::Absent,
        parent: None,
        format: 1,
        body: b"good".to_vec(),
        expires: None,
    }
}

fn one(store: &dyn Store, operation: Operation) -> u64 {
    store.commit(&[vec![operation].into()]).unwrap().remove(0).unwrap().numbers[0]
}

#[test]
fn damage_is_named_and_not_handed_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.db");
    let store = open(&path);
    one(&store, put("a").until(Moment::from_millis(7)));
    store.settle_journal().unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    for (damage, repair) in [
        ("body = X'62616421'", "body = CAST('good' AS BLOB)"),
        ("body = 'good'", "body = CAST('good' AS BLOB)"),
        ("version = 2", "version = 1"),
        ("version = 'x'", "version = 1"),
        ("parent = ''", "parent = NULL"),
        ("parent = CAST(X'FF' AS TEXT)", "parent = NULL"),
        ("format = 70000", "format = 1"),
        ("expires = NULL", "expires = 7"),
        ("crc = -1", "crc = 0"),
    ] {
        let crc: i64 = other.query_row("SELECT crc FROM record", [], |row| row.get(0)).unwrap();
        other.execute(&format!("UPDATE record SET {damage}"), []).unwrap();
        let read = store.get(&Key::new(Kind::Seen, "a"));
        assert!(matches!(read, Err(ReadError::Corrupt { ref what, .. }) if what == "seen/a"), "{damage}: {read:?}");
        other.execute(&format!("UPDATE record SET {repair}"), []).unwrap();
        other.execute("UPDATE record SET crc = ?1", [crc]).unwrap();
        assert!(store.get(&Key::new(Kind::Seen, "a")).unwrap().is_some(), "{repair}");
    }
}

#[test]
fn numbers_beyond_63_bits_stand_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("s.db"));
    one(&store, put("for ever").until(Moment::from_millis(u64::MAX)));
    assert_eq!(one(&store, Operation::Prune { now: Moment::from_millis(1 << 62), limit: 9 }), 0);
    audit(&store, "a");
    assert_eq!(store.audit(u64::MAX, 9).unwrap().len(), 0);
    let settle = Operation::Settle {
        verification: engine::id::VerificationId::from_bits(1),
        at: Moment::from_millis(1),
        caller: "c".into(),
        application: "a".into(),
        body: vec![],
    };
    one(&store, settle);
    assert_eq!(store.outcomes(None, usize::MAX).unwrap().rows.len(), 1);
    assert!(matches!(store.outcomes(Some(u64::MAX), 9), Err(ReadError::Beyond { last: 1 })));
}

#[test]
fn a_reader_writes_nothing_and_an_empty_file_is_no_store() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.db");
    let writer = open(&path);
    let reader = SqliteStore::open_read_only(&path, "n1").unwrap();
    assert!(matches!(reader.commit(&[vec![put("a")].into()]), Err(CommitError::Unavailable { .. })));
    assert_eq!(writer.count(Kind::Seen).unwrap(), 0);
    let empty = dir.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    assert!(matches!(SqliteStore::open_read_only(&empty, "n1"), Err(OpenError::TooOld(_))));
}

#[test]
fn files_are_the_owners_alone_and_a_link_meets_the_same_lock() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new/s.db");
    let store = open(&path);
    audit(&store, "a");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    let link = dir.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(SqliteStore::open(&link, &OpenOptions::default()), Err(OpenError::InUse(_))));
    let spaced = OpenOptions { node: "n 1".into(), ..OpenOptions::default() };
    assert!(matches!(SqliteStore::open(&dir.path().join("x.db"), &spaced), Err(OpenError::Node(_))));
}

#[test]
fn a_full_disk_writes_nothing_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("s.db"));
    audit(&store, "before");
    store.limit_pages(store.pages().unwrap()).unwrap();
    let big = Operation::Audit { at: Moment::from_millis(2), body: vec![0; 100_000] };
    assert!(matches!(store.commit(&[vec![big].into()]), Err(CommitError::Full)));
    assert_eq!(store.audit(0, 10).unwrap().len(), 1);
}

#[test]
fn the_audit_chain_shows_edits_reordering_and_truncation() {
    let master = MasterKey::new([5; 32]);
    let tampered = |sql: &str| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.db");
        let store = open(&path);
        ["a", "b", "c"].iter().for_each(|text| audit(&store, text));
        let checkpoint = Checkpoint::take(&store, &master, Moment::from_millis(9)).unwrap().unwrap();
        let checkpoint = Checkpoint::from_line(&checkpoint.to_line()).unwrap();
        audit(&store, "d");
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        verify(&store, Some((&[checkpoint], &PublicKey::of(&master)))).map(|report| report.links)
    };
    assert_eq!(tampered("").unwrap(), 4);
    assert!(matches!(
        tampered("UPDATE audit SET body = X'7A' WHERE position = 2"),
        Err(AuditFault::Changed { position: 2 })
    ));
    assert!(matches!(
        tampered("DELETE FROM audit WHERE position = 2"),
        Err(AuditFault::Missing { expected: 2, found: 3 })
    ));
    let swap = "UPDATE audit SET position = 9 WHERE position = 2; UPDATE audit SET position = 2 WHERE position = 3;
                UPDATE audit SET position = 3 WHERE position = 9";
    assert!(matches!(tampered(swap), Err(AuditFault::Changed { .. })));
    let cut = "DELETE FROM audit WHERE position >= 3";
    assert!(matches!(tampered(cut), Err(AuditFault::CutOff { expected: 3, found: 2 })));
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("s.db"));
    audit(&store, "another chain");
    let checkpoint = Checkpoint::take(&store, &master, Moment::from_millis(9)).unwrap().unwrap();
    let other = PublicKey::of(&MasterKey::new([6; 32]));
    assert!(matches!(verify(&store, Some((std::slice::from_ref(&checkpoint), &other))), Err(AuditFault::Signature)));
    drop(store);
    let options = OpenOptions { node: "n2".into(), ..OpenOptions::default() };
    let second = SqliteStore::open(&dir.path().join("s.db"), &options).unwrap();
    let found = verify(&second, Some((&[checkpoint], &PublicKey::of(&master))));
    assert!(matches!(found, Err(AuditFault::OtherNode { ref signed, .. }) if signed == "n1"));
}
