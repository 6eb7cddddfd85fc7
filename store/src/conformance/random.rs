//! Random batches, run on a backend and on the reference: results, receipts and every read must be the same.
//! Refuses to fail without its seed and the batches that it came to.

use super::model::{Model, State};
use crate::{Change, Expect, Key, Kind, Log, Operation, Store};
use engine::id::VerificationId;
use engine::moment::Moment;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::fmt::Debug;

const KINDS: [Kind; 3] = [Kind::Seen, Kind::Number, Kind::Token];
const IDS: [&str; 4] = ["", "a", "b", "ü"];
const PARENTS: [&str; 2] = ["p", "q"];
const VERIFICATIONS: u128 = 4;

/// The variable with the seed to run again, 64 hexadecimal digits.
const SEED: &str = "COUNTERSIGN_SEED";

/// What a write expects of a record, made out only when what is there is known.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    Any,
    Absent,
    Right,
    Wrong,
}

#[derive(Debug, Clone)]
struct Step {
    operation: Operation,
    wanted: Wanted,
}

/// Changes of steps; after it the store is perhaps closed and opened again.
#[derive(Debug, Clone)]
struct Batch {
    changes: Vec<Vec<Step>>,
    reopen: bool,
}

/// Runs `cases` random histories. `open` opens the store of that number, anew if it was closed before.
pub fn run(cases: u32, open: &dyn Fn(u32) -> Box<dyn Store>) {
    let seed = seed();
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let number = std::cell::Cell::new(0);
    let ran = runner.run(&vec(batch(), 1..10), |history| {
        number.set(number.get() + 1);
        history_agrees(&history, &|| open(number.get()))
    });
    match ran {
        Ok(()) => {}
        Err(TestError::Fail(why, history)) => {
            panic!("{why}\n{SEED}={} gives it again; at its shortest:\n{history:#?}", hex(&seed))
        }
        Err(TestError::Abort(why)) => panic!("no history could be made: {why}"),
    }
}

fn seed() -> [u8; 32] {
    if let Ok(text) = std::env::var(SEED) {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).expect("the seed is hexadecimal");
        return bytes.try_into().expect("the seed has 64 digits");
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the system gives random bytes");
    seed
}

fn hex(seed: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(seed)
}

fn history_agrees(history: &[Batch], open: &dyn Fn() -> Box<dyn Store>) -> Result<(), TestCaseError> {
    let (model, mut store) = (Model::default(), open());
    for batch in history {
        let changes = made_out(&model.state(), &batch.changes);
        let expected = model.commit(&changes).expect("the reference takes every batch");
        let got = store.commit(&changes).map_err(|cause| TestCaseError::fail(cause.to_string()))?;
        prop_assert_eq!(got, expected, "of {:?}", changes);
        if batch.reopen {
            drop(store);
            store = open();
        }
        reads_agree(&*store, &model)?;
    }
    Ok(())
}

/// The changes with their expectations filled in, each against what the steps before it leave.
fn made_out(state: &State, changes: &[Vec<Step>]) -> Vec<Change> {
    let mut state = state.clone();
    let one = |steps: &Vec<Step>| {
        let mut within = state.clone();
        let operations = steps.iter().map(|step| {
            let operation = step.made_out(&within);
            // A conflict leaves `within` as it is: what comes after it in this change does not happen anyway.
            let _ = within.operation(&operation);
            operation
        });
        let change = Change { operations: operations.collect() };
        let _ = state.change(&change);
        change
    };
    changes.iter().map(one).collect()
}

impl Step {
    fn made_out(&self, state: &State) -> Operation {
        let mut operation = self.operation.clone();
        if let Operation::Put { key, expect, .. } | Operation::Delete { key, expect } = &mut operation {
            let found = state.version(key);
            *expect = match self.wanted {
                Wanted::Any => Expect::Any,
                Wanted::Absent => Expect::Absent,
                Wanted::Right => found.map_or(Expect::Absent, Expect::Version),
                Wanted::Wrong => Expect::Version(found.map_or(1, |version| version + 1)),
            };
        }
        operation
    }
}

fn reads_agree(store: &dyn Store, model: &dyn Store) -> Result<(), TestCaseError> {
    for kind in KINDS {
        same("count", store, model, |store| store.count(kind))?;
        for parent in PARENTS {
            same("children", store, model, |store| store.children(kind, parent))?;
        }
        for id in IDS {
            same("record", store, model, |store| store.get(&Key::new(kind, id)))?;
            same("list after", store, model, |store| store.list(kind, Some(id), 2))?;
        }
        same("list", store, model, |store| store.list(kind, None, usize::MAX))?;
    }
    for id in (0..VERIFICATIONS).map(VerificationId::from_bits) {
        same("timeline", store, model, |store| store.timeline(id))?;
        same("outcome", store, model, |store| store.outcome(id))?;
    }
    for after in [0, 1, 2, 3, 5, 9, 20, u64::MAX] {
        same("outcomes", store, model, |store| store.outcomes(Some(after), 3))?;
        same("audit", store, model, |store| store.audit(after, 3))?;
    }
    same("all outcomes", store, model, |store| store.outcomes(None, usize::MAX))?;
    same("whole audit", store, model, |store| store.audit(0, usize::MAX))?;
    same("audit head", store, model, |store| store.audit_head())
}

fn same<T: PartialEq + Debug, E: Debug>(
    what: &str,
    store: &dyn Store,
    model: &dyn Store,
    read: impl Fn(&dyn Store) -> Result<T, E>,
) -> Result<(), TestCaseError> {
    let expected = read(model).map_err(|error| format!("{error:?}"));
    let got = read(store).map_err(|error| format!("{error:?}"));
    prop_assert_eq!(got, expected, "{}", what);
    Ok(())
}

fn batch() -> impl Strategy<Value = Batch> {
    (vec(vec(step(), 0..5), 0..5), proptest::bool::weighted(0.2))
        .prop_map(|(changes, reopen)| Batch { changes, reopen })
}

fn step() -> impl Strategy<Value = Step> {
    let wanted = prop_oneof![
        3 => Just(Wanted::Right),
        2 => Just(Wanted::Any),
        1 => Just(Wanted::Absent),
        1 => Just(Wanted::Wrong),
    ];
    (operation(), wanted).prop_map(|(operation, wanted)| Step { operation, wanted })
}

fn operation() -> impl Strategy<Value = Operation> {
    let verification = || (0..VERIFICATIONS).prop_map(VerificationId::from_bits);
    let body = || vec(any::<u8>(), 0..4);
    let limit = || prop_oneof![0..3_u32, Just(u32::MAX)];
    prop_oneof![
        6 => (key(), proptest::option::of(select(&PARENTS[..])), 1..4_u16, body(), expires()).prop_map(
            |(key, parent, format, body, expires)| Operation::Put {
                key, expect: Expect::Any, parent: parent.map(str::to_owned), format, body, expires,
            }
        ),
        2 => key().prop_map(|key| Operation::Delete { key, expect: Expect::Any }),
        3 => (verification(), row_moment(), body())
            .prop_map(|(verification, at, body)| Operation::Append { verification, at, body }),
        4 => (verification(), row_moment(), body()).prop_map(|(verification, at, body)| Operation::Settle {
            verification, at, caller: "key".into(), application: "vpn".into(), body,
        }),
        1 => (moment(), body()).prop_map(|(at, body)| Operation::Audit { at, body }),
        1 => (moment(), limit()).prop_map(|(now, limit)| Operation::Prune { now, limit }),
        2 => (select(&[Log::Outcomes, Log::Timelines][..]), row_moment(), limit())
            .prop_map(|(log, before, limit)| Operation::Retire { log, before, limit }),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    (select(&KINDS[..]), select(&IDS[..])).prop_map(|(kind, id)| Key::new(kind, id))
}

fn moment() -> impl Strategy<Value = Moment> {
    (0..40_u64).prop_map(Moment::from_millis)
}

/// Within a few days, so that rows lie in several stretches.
fn row_moment() -> impl Strategy<Value = Moment> {
    (0..6_u64, 0..3_u64).prop_map(|(day, more)| Moment::from_millis(day * 86_400_000 + more))
}

fn expires() -> impl Strategy<Value = Option<Moment>> {
    prop_oneof![2 => Just(None), 3 => moment().prop_map(Some), 1 => Just(Some(Moment::from_millis(u64::MAX)))]
}
