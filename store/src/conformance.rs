//! What every backend must do, written once.
//! Refuses to know a backend: it gets a new, empty store for each part.

pub mod model;
pub mod random;

use crate::{Change, Conflict, Expect, Feed, Key, Kind, Log, Operation, ReadError, Store};
use engine::id::VerificationId;
use engine::moment::Moment;
use std::time::Duration;

/// Runs every part on stores made by `make`.
pub fn run(make: &mut dyn FnMut() -> Box<dyn Store>) {
    versions_guard_writes(&*make());
    a_change_happens_whole_or_not_at_all(&*make());
    changes_of_a_batch_see_each_other(&*make());
    outcomes_are_once_and_in_order(&*make());
    timelines_keep_their_order(&*make());
    lists_go_by_key_and_children_by_parent(&*make());
    what_is_expired_is_pruned(&*make());
    retention_removes_old_days_in_steps_and_positions_go_on(&*make());
    the_audit_chain_links(&*make());
}

fn put(id: &str, body: &str, expect: Expect) -> Operation {
    let key = Key::new(Kind::Number, id);
    Operation::Put { key, expect, parent: None, format: 1, body: body.into(), expires: None }
}

fn one(store: &dyn Store, operation: Operation) -> Result<u64, Conflict> {
    let mut results = store.commit(&[vec![operation].into()]).expect("the store takes writes");
    results.remove(0).map(|receipt| receipt.numbers[0])
}

fn body(store: &dyn Store, id: &str) -> Option<String> {
    let found = store.get(&Key::new(Kind::Number, id)).expect("the store can be read");
    found.map(|record| String::from_utf8(record.body).expect("a text was stored"))
}

fn versions_guard_writes(store: &dyn Store) {
    assert_eq!(one(store, put("a", "1", Expect::Version(1))), Err(Conflict { operation: 0, found: None }));
    assert_eq!(one(store, put("a", "1", Expect::Absent)), Ok(1));
    assert_eq!(one(store, put("a", "2", Expect::Absent)), Err(Conflict { operation: 0, found: Some(1) }));
    assert_eq!(one(store, put("a", "2", Expect::Version(1))), Ok(2));
    assert_eq!(one(store, put("a", "3", Expect::Any)), Ok(3));
    assert_eq!(body(store, "a").as_deref(), Some("3"));
    let delete = |expect| Operation::delete(Kind::Number, "a", expect);
    assert_eq!(one(store, delete(Expect::Version(2))), Err(Conflict { operation: 0, found: Some(3) }));
    assert_eq!(one(store, delete(Expect::Version(3))), Ok(0));
    assert_eq!((body(store, "a"), one(store, delete(Expect::Any))), (None, Ok(0)));
}

fn a_change_happens_whole_or_not_at_all(store: &dyn Store) {
    let broken: Change = vec![put("a", "1", Expect::Absent), put("b", "1", Expect::Version(7))].into();
    let good: Change = vec![put("c", "1", Expect::Absent)].into();
    let results = store.commit(&[broken, good]).expect("the store takes writes");
    assert_eq!(results[0], Err(Conflict { operation: 1, found: None }));
    assert!(results[1].is_ok());
    assert_eq!((body(store, "a"), body(store, "c").as_deref()), (None, Some("1")));
}

fn changes_of_a_batch_see_each_other(store: &dyn Store) {
    let first: Change = vec![put("a", "1", Expect::Absent), put("a", "2", Expect::Version(1))].into();
    let second: Change = vec![put("a", "3", Expect::Version(2))].into();
    let third: Change = vec![put("a", "4", Expect::Version(2))].into();
    let results = store.commit(&[first, second, third]).expect("the store takes writes");
    assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(body(store, "a").as_deref(), Some("3"));
}

fn settle(id: u128) -> Operation {
    settle_at(id, Moment::from_millis(1))
}

fn settle_at(id: u128, at: Moment) -> Operation {
    Operation::Settle {
        verification: VerificationId::from_bits(id),
        at,
        caller: "key".into(),
        application: "vpn".into(),
        body: id.to_string().into_bytes(),
    }
}

fn outcomes_are_once_and_in_order(store: &dyn Store) {
    for id in [9, 3, 7] {
        one(store, settle(id)).expect("a first outcome");
    }
    assert!(one(store, settle(3)).is_err());
    let rows = store.outcomes(None, 10).expect("the store can be read").rows;
    let ids: Vec<_> = rows.iter().map(|row| row.verification.bits()).collect();
    assert_eq!(ids, [9, 3, 7]);
    assert!(rows.windows(2).all(|two| two[0].position < two[1].position));
    let after = store.outcomes(Some(rows[0].position), 1).expect("the store can be read");
    assert_eq!((after.next, after.rows.as_slice()), (rows[1].position, &rows[1..2]));
    let single = store.outcome(VerificationId::from_bits(7)).expect("the store can be read");
    assert_eq!(single.as_ref(), rows.last());
}

fn timelines_keep_their_order(store: &dyn Store) {
    let append = |id, text: &str| Operation::Append {
        verification: VerificationId::from_bits(id),
        at: Moment::from_millis(5),
        body: text.into(),
    };
    for (id, text) in [(1, "a"), (2, "x"), (1, "b"), (1, "c")] {
        one(store, append(id, text)).expect("a row");
    }
    let rows = store.timeline(VerificationId::from_bits(1)).expect("the store can be read");
    let seen: Vec<_> = rows.iter().map(|row| (row.sequence, row.body.as_slice())).collect();
    assert_eq!(seen, [(0, &b"a"[..]), (1, b"b"), (2, b"c")]);
}

fn lists_go_by_key_and_children_by_parent(store: &dyn Store) {
    for id in ["b", "a", "c"] {
        one(store, put(id, "1", Expect::Absent).under(Some(if id == "c" { "p" } else { "q" }.into()))).expect("new");
    }
    let ids = |records: Vec<crate::Record>| records.into_iter().map(|record| record.key.id).collect::<Vec<_>>();
    assert_eq!(ids(store.list(Kind::Number, None, 2).expect("a list")), ["a", "b"]);
    assert_eq!(ids(store.list(Kind::Number, Some("b"), 2).expect("a list")), ["c"]);
    assert_eq!(ids(store.children(Kind::Number, "q").expect("a list")), ["a", "b"]);
    assert_eq!(store.count(Kind::Number).expect("a count"), 3);
}

fn what_is_expired_is_pruned(store: &dyn Store) {
    let at = Moment::from_millis;
    one(store, put("old", "1", Expect::Absent).until(at(10))).expect("new");
    one(store, put("young", "1", Expect::Absent).until(at(30))).expect("new");
    one(store, put("lasting", "1", Expect::Absent)).expect("new");
    assert_eq!(one(store, Operation::Prune { now: at(20), limit: 10 }), Ok(1));
    assert_eq!(
        (body(store, "old"), body(store, "young").is_some(), body(store, "lasting").is_some()),
        (None, true, true)
    );
}

fn retention_removes_old_days_in_steps_and_positions_go_on(store: &dyn Store) {
    let day = |number: u64| Moment::from_millis(number * 86_400_000);
    let append = |id, at| Operation::Append { verification: VerificationId::from_bits(id), at, body: b"[]".to_vec() };
    for (id, number) in [(1, 10), (2, 10), (3, 10), (4, 11), (5, 12)] {
        one(store, settle_at(id, day(number))).expect("a first outcome");
        one(store, append(9, day(number))).expect("a row");
    }
    let retire = |log, before, limit| one(store, Operation::Retire { log, before, limit });
    assert_eq!(retire(Log::Outcomes, day(11) - Duration::from_millis(1), 9), Ok(0));
    assert_eq!(retire(Log::Outcomes, day(12), 2), Ok(2));
    assert_eq!(retire(Log::Outcomes, day(12), 9), Ok(2));
    let timeline = || store.timeline(VerificationId::from_bits(9)).expect("a timeline");
    assert_eq!(timeline().len(), 5, "each log has its own retention");
    let kept = store.outcomes(None, 9).expect("a feed");
    assert_eq!((kept.next, kept.rows.len(), kept.rows[0].position), (5, 1, 5));
    assert_eq!(store.outcomes(Some(4), 9).expect("a feed"), kept);
    assert!(matches!(store.outcomes(Some(3), 9), Err(ReadError::Removed { last: 4 })));
    assert_eq!(store.outcome(VerificationId::from_bits(4)).expect("none"), None);
    assert_eq!(retire(Log::Outcomes, day(99), 9), Ok(1));
    assert_eq!(store.outcomes(None, 9).expect("a feed"), Feed { rows: vec![], next: 5 });
    assert_eq!(one(store, settle_at(6, day(13))), Ok(6), "a position never comes again");
    assert_eq!(retire(Log::Timelines, day(12), 9), Ok(4));
    assert_eq!(timeline().iter().map(|row| (row.sequence, row.at)).collect::<Vec<_>>(), [(0, day(12))]);
}

fn the_audit_chain_links(store: &dyn Store) {
    for text in ["a", "b", "c"] {
        one(store, Operation::Audit { at: Moment::from_millis(1), body: text.into() }).expect("a link");
    }
    let rows = store.audit(0, 10).expect("the store can be read");
    let mut previous = [0; 32];
    for (row, position) in rows.iter().zip(1..) {
        assert_eq!((row.position, row.hash), (position, crate::audit::link(&previous, position, row.at, &row.body)));
        previous = row.hash;
    }
    assert_eq!(store.audit_head().expect("the store can be read").as_ref(), rows.last());
}
