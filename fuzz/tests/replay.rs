//! The corpus of every target and small changes of it, on a stable toolchain with the other tests.
//! Refuses a target without a corpus, and a corpus or a fuzz target that nothing here replays.
#![allow(clippy::unwrap_used, reason = "a test")]

use fuzz::{Check, TARGETS};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// Fewest seeds of a target.
const FEWEST: usize = 15;
/// Fewest of them that are taken: a parser that refuses all is not tested.
const FEWEST_TAKEN: usize = 3;
/// The most that one file of a corpus may hold.
const LONGEST: usize = 16 * 1024;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder("corpus").join(target)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn every_target_has_its_corpus_and_its_program() {
    let targets: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&folder("corpus")), targets);
    assert_eq!(names(&folder("fuzz_targets")), targets);
    let manifest = std::fs::read_to_string(folder("Cargo.toml")).unwrap();
    for target in targets {
        let program = std::fs::read_to_string(folder("fuzz_targets").join(format!("{target}.rs"))).unwrap();
        assert!(program.contains(&format!("fuzz::{target}::check(data)")), "{target}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target}");
        let seeds = corpus(&target);
        assert!(seeds.len() >= FEWEST, "{target} has {} seeds", seeds.len());
        assert!(seeds.iter().all(|(_, seed)| seed.len() <= LONGEST), "{target}");
    }
}

#[test]
fn every_seed_holds() {
    let mut failed = Vec::new();
    for (target, check) in TARGETS {
        let mut taken = 0;
        for (path, seed) in corpus(target) {
            match std::panic::catch_unwind(|| check(&seed)) {
                Ok(is_taken) => taken += usize::from(is_taken),
                Err(_) => failed.push(path),
            }
        }
        println!("{target}: {taken} taken");
        assert!(taken >= FEWEST_TAKEN, "{target}: {taken} seeds are taken");
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn small_changes_of_every_seed_hold() {
    for (target, check) in TARGETS {
        let seeds: Vec<_> = corpus(target).into_iter().map(|(_, seed)| seed).collect();
        let changed = (select(seeds.clone()), select(seeds), prop::collection::vec(change(), 1..4));
        run(
            target,
            check,
            changed.prop_map(|(seed, other, changes)| changes.iter().fold(seed, |s, c| c.made(s, &other))),
        );
    }
}

#[test]
fn any_bytes_hold() {
    for (target, check) in TARGETS {
        run(target, check, prop::collection::vec(any::<u8>(), 0..200));
        run(target, check, any::<String>().prop_map(String::into_bytes));
    }
}

/// A failure shows the target and the smallest bytes that were found.
fn run(target: &str, check: Check, bytes: impl Strategy<Value = Vec<u8>>) {
    let mut runner = TestRunner::new(Config { cases: 1000, failure_persistence: None, ..Config::default() });
    let result = runner.run(&bytes.prop_map(Escaped), |bytes| {
        check(&bytes.0);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{target}: {error}"));
}

/// Bytes that are shown as a literal.
#[derive(Clone)]
struct Escaped(Vec<u8>);

impl fmt::Debug for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// What a fuzzer would do to a seed.
#[derive(Debug, Clone)]
enum Change {
    Put(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, Index),
    Double(Index, Index),
    Graft(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let nasty = select(vec![
        "\0",
        "\n",
        "%",
        "+",
        "-",
        "&",
        "=",
        "'",
        "\"",
        "\\",
        "{",
        "]",
        "👍",
        "１",
        "é",
        "\u{202e}",
        "99999999999999999999",
    ]);
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Put(at, byte)),
        (at(), nasty).prop_map(|(at, text)| Change::Insert(at, text.into())),
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Insert(at, vec![byte])),
        (at(), at()).prop_map(|(from, to)| Change::Remove(from, to)),
        (at(), at()).prop_map(|(from, to)| Change::Double(from, to)),
        (at(), at()).prop_map(|(here, there)| Change::Graft(here, there)),
    ]
}

impl Change {
    fn made(&self, mut seed: Vec<u8>, other: &[u8]) -> Vec<u8> {
        let length = seed.len() + 1;
        let span = |from: &Index, to: &Index| {
            let (from, to) = (from.index(length), to.index(length));
            from.min(to)..from.max(to)
        };
        match self {
            Self::Put(at, byte) => seed.get_mut(at.index(length)).into_iter().for_each(|place| *place = *byte),
            Self::Insert(at, bytes) => drop(seed.splice(at.index(length)..at.index(length), bytes.iter().copied())),
            Self::Remove(from, to) => drop(seed.drain(span(from, to))),
            Self::Double(from, to) => {
                let part = seed[span(from, to)].to_vec();
                seed.extend(part);
            }
            Self::Graft(here, there) => {
                seed.truncate(here.index(length));
                seed.extend(&other[there.index(other.len() + 1)..]);
            }
        }
        seed
    }
}
