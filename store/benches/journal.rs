//! What a batch of changes costs to make durable: those of a text, four for each verification and two of its number.
#![allow(clippy::unwrap_used, reason = "a benchmark")]

use engine::id::{Shard, VerificationId};
use engine::moment::Moment;
use std::sync::atomic::{AtomicU64, Ordering};
use store::sqlite::OpenOptions;
use store::{Change, Expect, Key, Kind, Operation, SqliteStore, Store};

const AT: u64 = 1_700_000_000_000;

fn main() {
    divan::main();
}

fn put(kind: Kind, id: String, expect: Expect, bytes: usize) -> Operation {
    Operation::Put { key: Key::new(kind, id), expect, parent: None, format: 1, body: vec![b'x'; bytes], expires: None }
}

/// The changes of the verification of this number, in their order.
fn text(number: u64) -> [Change; 6] {
    let random = u128::from(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)) << 12;
    let at = Moment::from_millis(AT + number / 9);
    let id = VerificationId::on_shard(Shard::of_hash(number), at, random);
    let line = |bytes| Operation::Append { verification: id, at, body: vec![b'x'; bytes] };
    let open = |expect| put(Kind::Open, id.to_string(), expect, 650);
    let person = number.wrapping_mul(7919) % 100_000;
    let number_record = || put(Kind::Number, format!("+1202555{person:06}"), Expect::Any, 150);
    let standing = || put(Kind::Standing, format!("person{person}"), Expect::Any, 200);
    let taken = put(Kind::Seen, format!("+1202555{person:06}"), Expect::Any, 140);
    let body = vec![b'x'; 700];
    let settle = Operation::Settle { verification: id, at, caller: "key".into(), application: "vpn".into(), body };
    let gone = Operation::delete(Kind::Open, id.to_string(), Expect::Version(3));
    [
        vec![number_record()].into(),
        vec![standing(), open(Expect::Absent), line(120)].into(),
        vec![open(Expect::Version(1)), line(60)].into(),
        vec![open(Expect::Version(2)), line(110)].into(),
        vec![taken, standing(), settle, gone, line(90)].into(),
        vec![number_record()].into(),
    ]
}

/// Verifications of which each is one step behind the one before it, as they are in flight: a batch has one step of each.
#[divan::bench(args = [16, 64, 256, 682], sample_count = 20, sample_size = 10)]
fn batch_of_steps(bencher: divan::Bencher<'_, '_>, verifications: u64) {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&dir.path().join("s.db"), &OpenOptions::default()).unwrap();
    let next = AtomicU64::new(0);
    bencher.counter(divan::counter::ItemsCount::new(verifications)).bench_local(|| {
        let first = next.fetch_add(verifications, Ordering::Relaxed);
        let batch: Vec<_> = (0..6)
            .flat_map(|step| (first..first + verifications).map(move |number| text(number)[step].clone()))
            .collect();
        for answer in store.commit(&batch).unwrap() {
            answer.unwrap();
        }
    });
}
