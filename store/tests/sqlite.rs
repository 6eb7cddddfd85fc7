//! SQLite as a store: the conformance suite, damage, locks, backup, the audit chain and sealed secrets.
#![allow(clippy::unwrap_used, reason = "a test")]

use engine::moment::Moment;
use std::path::Path;
use store::audit::{AuditFault, Checkpoint, verify};
use store::keys::{KeyFault, MasterKey, SealFault, Sealer};
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

#[test]
fn damage_is_named_and_not_handed_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.db");
    let store = open(&path);
    let put = Operation::Put {
        key: Key::new(Kind::Number, "a"),
        expect: Expect::Absent,
        parent: None,
        format: 1,
        body: b"good".to_vec(),
        expires: None,
    };
    assert!(store.commit(&[vec![put].into()]).unwrap()[0].is_ok());
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute("UPDATE record SET body = X'62616421' WHERE id = 'a'", []).unwrap();
    let read = store.get(&Key::new(Kind::Number, "a"));
    assert!(matches!(read, Err(ReadError::Corrupt { ref what, .. }) if what == "number/a"), "{read:?}");
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
fn a_backup_is_made_while_serving_and_never_overwrites() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("s.db"));
    audit(&store, "kept");
    let copy = dir.path().join("copy.db");
    SqliteStore::open_read_only(store.path(), "n1").unwrap().backup(&copy).unwrap();
    audit(&store, "later");
    assert!(matches!(store.backup(&copy), Err(OpenError::Exists(_))));
    assert_eq!(open(&copy).audit(0, 10).unwrap().len(), 1);
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
        verify(&store, &master, Some(&checkpoint)).map(|report| report.links)
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
    assert!(matches!(verify(&store, &MasterKey::new([6; 32]), Some(&checkpoint)), Err(AuditFault::Signature)));
}

#[test]
fn sealed_secrets_open_only_in_their_place_and_under_their_key() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("s.db"));
    let master = MasterKey::new([5; 32]);
    let sealer = Sealer::open(&store, &master).unwrap();
    let sealed = sealer.seal("token 1", b"secret");
    let again = Sealer::open(&store, &master).unwrap();
    assert_eq!(again.unseal("token 1", &sealed).map(|plain| plain.expose().clone()), Ok(b"secret".to_vec()));
    assert_eq!(again.unseal("token 2", &sealed).err(), Some(SealFault::Changed));
    assert_eq!(again.unseal("token 1", "9:AAAA").err(), Some(SealFault::NoKey(9)));
    assert_eq!(again.unseal("token 1", "nonsense").err(), Some(SealFault::Form));
    assert!(matches!(Sealer::open(&store, &MasterKey::new([6; 32])), Err(KeyFault::Other)));
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("master.key");
    let made = MasterKey::create(&path).unwrap();
    assert_eq!(MasterKey::read(&path).unwrap().derive("x").expose(), made.derive("x").expose());
    assert!(matches!(MasterKey::create(&path), Err(KeyFault::File { .. })));
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(matches!(MasterKey::read(&path), Err(KeyFault::Open(_))));
}
