//! Backups: made while serving, whole, and harmless to whatever lies beside them.
#![allow(clippy::unwrap_used, reason = "a test")]

use engine::moment::Moment;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use store::sqlite::{OpenError, OpenOptions};
use store::{Operation, SqliteStore, Store};

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &OpenOptions::default()).unwrap()
}

fn audit(store: &dyn Store, text: &str) {
    let link = Operation::Audit { at: Moment::from_millis(1), body: text.into() };
    assert!(store.commit(&[vec![link].into()]).unwrap()[0].is_ok());
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_made_while_serving_and_never_overwrites() {
    let (dir, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(&dir.path().join("s.db"));
    audit(&store, "kept");
    let copy = target.path().join("copy.db");
    std::fs::write(target.path().join("copy.part"), "another's").unwrap();
    SqliteStore::open_read_only(store.path(), "n1").unwrap().backup(&copy).unwrap();
    audit(&store, "later");
    assert!(matches!(store.backup(&copy), Err(OpenError::Exists(_))));
    assert_eq!(names(target.path()), ["copy.db", "copy.part"]);
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(open(&copy).audit(0, 10).unwrap().len(), 1);
}

#[test]
fn a_backup_beside_a_busy_writer_is_a_whole_prefix() {
    let dir = tempfile::tempdir().unwrap();
    let (store, done) = (open(&dir.path().join("s.db")), AtomicBool::new(false));
    audit(&store, "first");
    let copies: Vec<_> = (0..4).map(|number| dir.path().join(format!("copy{number}.db"))).collect();
    let floors: Vec<u64> = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                audit(&store, &"x".repeat(2000));
            }
        });
        let make = |copy: &std::path::PathBuf| {
            let floor = store.audit_head().unwrap().unwrap().position;
            store.backup(copy).map(|()| floor)
        };
        let made: Result<Vec<_>, _> = copies.iter().map(make).collect();
        done.store(true, Ordering::Relaxed);
        made.unwrap()
    });
    for (copy, floor) in copies.iter().zip(floors) {
        let report = store::audit::verify(&open(copy), None).unwrap();
        assert!(report.links >= floor, "{} links, {floor} before it was made", report.links);
    }
}

#[test]
fn a_backup_that_cannot_be_made_leaves_nothing() {
    let (dir, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = dir.path().join("s.db");
    let store = open(&path);
    audit(&store, "a");
    // The file loses its first page, so that the copy fails after its part was made.
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&[0; 4096], &bytes[4096..]].concat()).unwrap();
    assert!(store.backup(&target.path().join("copy.db")).is_err());
    assert_eq!(names(target.path()), [""; 0]);
    assert!(matches!(store.backup(&dir.path().join("none/copy.db")), Err(OpenError::Files { .. })));
}
