//! The master key's file, sealed secrets, and the rotation of data keys.
#![allow(clippy::unwrap_used, reason = "a test")]

use engine::moment::Moment;
use serde::{Deserialize, Serialize};
use std::path::Path;
use store::keys::{KeyFault, MasterKey, Reseal, SealFault, Sealer, rotate};
use store::sqlite::OpenOptions;
use store::{Document, Expect, Key, Kind, Operation, SqliteStore, Store};

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &OpenOptions::default()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
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

#[test]
fn a_key_file_is_whole_or_not_there_and_one_of_two_makers_wins() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(MasterKey::create(&dir.path().join("none/master.key")), Err(KeyFault::File { .. })));
    let path = dir.path().join("master.key");
    std::fs::create_dir(&path).unwrap();
    assert!(matches!(MasterKey::create(&path), Err(KeyFault::File { .. })));
    assert_eq!(names(dir.path()), ["master.key"]);
    std::fs::remove_dir(&path).unwrap();
    let made: Vec<_> = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..4).map(|_| scope.spawn(|| MasterKey::create(&path))).collect();
        makers.into_iter().filter_map(|maker| maker.join().unwrap().ok()).collect()
    });
    assert_eq!((made.len(), names(dir.path())), (1, vec!["master.key".to_owned()]));
    assert_eq!(MasterKey::read(&path).unwrap().derive("x").expose(), made[0].derive("x").expose());
}

#[derive(Serialize, Deserialize)]
struct Locker {
    sealed: String,
}

impl Document for Locker {
    const KIND: Kind = Kind::Token;
}

impl Reseal for Locker {
    fn sealed(&mut self) -> Vec<(String, &mut String)> {
        vec![("locker".into(), &mut self.sealed)]
    }
}

fn lockers(store: &dyn Store) -> Vec<Locker> {
    let records = store.list(Kind::Token, None, 100).unwrap();
    records.iter().map(|record| Locker::from_record(record).unwrap()).collect()
}

fn keep(store: &dyn Store, id: u32, sealed: String) {
    let put = Operation::put(format!("{id:03}"), &Locker { sealed }, Expect::Absent).under(Some("anna".into()));
    assert!(store.commit(&[vec![put].into()]).unwrap()[0].is_ok());
}

#[test]
fn a_new_data_key_seals_and_the_rest_moves_in_bounded_steps() {
    let dir = tempfile::tempdir().unwrap();
    let (store, master) = (open(&dir.path().join("s.db")), MasterKey::new([5; 32]));
    let old = Sealer::open(&store, &master).unwrap();
    for id in 0..7_u32 {
        keep(&store, id, old.seal("locker", &id.to_be_bytes()));
    }
    let new = rotate(&store, &master, Moment::from_millis(5)).unwrap();
    assert_eq!((old.current(), new.current(), store.audit(0, 9).unwrap().len()), (1, 2, 1));
    assert_eq!(old.unseal("locker", &new.seal("locker", b"x")).err(), Some(SealFault::NoKey(2)));
    let opens = |sealer: &Sealer| {
        let held = lockers(&store);
        let plain = held.iter().map(|locker| sealer.unseal("locker", &locker.sealed).unwrap().expose().clone());
        assert!(plain.eq((0..7_u32).map(|id| id.to_be_bytes().to_vec())));
        held.iter().filter(|locker| Sealer::key_of(&locker.sealed) == Ok(2)).count()
    };
    let (mut after, mut moved) = (None, vec![]);
    loop {
        let step = new.reseal::<Locker>(&store, after.as_deref(), 3).unwrap();
        moved.push((step.moved, opens(&new)));
        after = step.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(moved, [(3, 3), (3, 6), (1, 7)]);
    let records = store.children(Kind::Token, "anna").unwrap();
    assert!(records.len() == 7 && records.iter().all(|record| record.version == 2));
    assert_eq!(new.reseal::<Locker>(&store, None, 100).unwrap().moved, 0);
    assert_eq!(opens(&Sealer::open(&store, &master).unwrap()), 7);
}

#[test]
fn a_sealed_text_that_does_not_open_is_named_and_the_others_are_moved() {
    let dir = tempfile::tempdir().unwrap();
    let (store, master) = (open(&dir.path().join("s.db")), MasterKey::new([5; 32]));
    let old = Sealer::open(&store, &master).unwrap();
    keep(&store, 1, old.seal("locker", b"good"));
    keep(&store, 2, old.seal("another place", b"moved here"));
    let new = rotate(&store, &master, Moment::from_millis(5)).unwrap();
    let step = new.reseal::<Locker>(&store, None, 9).unwrap();
    assert!(matches!(&step.unopened[..], [one] if one.starts_with("token/002: ")), "{step:?}");
    let versions = ["001", "002"].map(|id| store.get(&Key::new(Kind::Token, id)).unwrap().unwrap().version);
    assert_eq!((step.moved, versions), (1, [2, 1]));
    assert!(matches!(rotate(&store, &MasterKey::new([6; 32]), Moment::from_millis(6)), Err(KeyFault::Other)));
}
