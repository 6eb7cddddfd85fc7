//! Kills a process that commits, again and again over one file, and looks at what is left.
//! Refuses to lose an acknowledged batch, or to find half of one.
#![allow(clippy::unwrap_used, reason = "a test")]

use engine::id::VerificationId;
use engine::moment::Moment;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use store::sqlite::OpenOptions;
use store::{Change, Document, Expect, Key, Kind, Operation, Record, SqliteStore, Store};

const KILLS: u32 = 40;

/// Records of so many batches are kept; a batch removes that of the one so far back.
const KEPT: u64 = 20;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("child") => commit_until_killed(Path::new(&std::env::args().nth(2).unwrap())),
        // Arguments of the test harness, such as a filter, are not for us.
        Some(_) | None => acknowledged_batches_survive_kills(),
    }
}

fn acknowledged_batches_survive_kills() {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    let seed = u64::from_le_bytes(bytes);
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.db");
    let mut acknowledged = 0;
    for kill in 1..=KILLS {
        let (after, pause) = (random.random_range(0..30), random.random_range(0..4000));
        acknowledged = run_and_kill(&path, after, Duration::from_micros(pause)).unwrap_or(acknowledged);
        // Every other time the next child finds the log as the kill left it.
        if kill % 2 == 0 {
            look_at(&path, acknowledged);
        }
    }
    assert!(acknowledged > u64::from(KILLS), "only {acknowledged} batches were committed");
    println!("{KILLS} kills, {acknowledged} batches acknowledged: all whole");
}

/// The last batch that the child acknowledged before it was killed.
fn run_and_kill(path: &Path, after: usize, pause: Duration) -> Option<u64> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let mut child = command.arg("child").arg(path).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    for _ in 0..after {
        assert!(output.read_line(&mut said).unwrap() > 0, "the child ended by itself");
    }
    std::thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap();
    output.read_to_string(&mut said).unwrap();
    // A last line that was cut short acknowledges nothing.
    let whole = said.rfind('\n').map_or("", |end| &said[..end]);
    whole.lines().last().map(|line| line.parse().unwrap())
}

fn open(path: &Path) -> SqliteStore {
    // So small a journal that a part of it goes to the tables with most batches.
    let options = OpenOptions { journal_bytes: 20_000, settle_at_once: 3, ..OpenOptions::default() };
    SqliteStore::open(path, &options).unwrap()
}

fn commit_until_killed(path: &Path) {
    let store = open(path);
    let first = last_batch(&store) + 1;
    for number in first.. {
        let results = store.commit(&batch(number)).unwrap();
        assert!(results.iter().all(Result::is_ok), "batch {number}: {results:?}");
        let mut output = std::io::stdout();
        writeln!(output, "{number}").unwrap();
        output.flush().unwrap();
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Last(u64);

impl Document for Last {
    const KIND: Kind = Kind::Mark;
}

fn last_batch(store: &dyn Store) -> u64 {
    let mark: Option<Record> = store.get(&Key::new(Kind::Mark, "last")).unwrap();
    mark.map_or(0, |mark| Last::from_record(&mark).unwrap().0)
}

/// Several changes that touch every table, of a size that differs from batch to batch.
fn batch(number: u64) -> Vec<Change> {
    let (verification, at) = (id(number), Moment::from_millis(number));
    let before = if number == 1 { Expect::Absent } else { Expect::Version(number - 1) };
    let append = |body| Operation::Append { verification, at, body };
    let settle = Operation::Settle {
        verification,
        at,
        caller: "key".into(),
        application: "vpn".into(),
        body: number.to_string().into_bytes(),
    };
    let mut removed = vec![Operation::put(name(number), &Last(number), Expect::Absent)];
    if number > KEPT {
        removed.push(Operation::delete(Kind::Mark, name(number - KEPT), Expect::Version(1)));
    }
    vec![
        vec![Operation::put("last", &Last(number), before), append(filler(number))].into(),
        vec![append(b"end".to_vec()), settle].into(),
        removed.into(),
        vec![Operation::Audit { at, body: number.to_string().into_bytes() }].into(),
    ]
}

fn id(number: u64) -> VerificationId {
    // An odd factor scatters them over the whole space without two alike.
    VerificationId::from_bits(u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
}

fn name(number: u64) -> String {
    format!("batch {number}")
}

fn filler(number: u64) -> Vec<u8> {
    vec![number as u8; (number * 7919 % 30_000) as usize]
}

fn look_at(path: &Path, acknowledged: u64) {
    let store = open(path);
    let last = last_batch(&store);
    // The batch that was under way may be there, as a whole, without having been acknowledged.
    assert!((acknowledged..=acknowledged + 2).contains(&last), "{last} are there, {acknowledged} were acknowledged");
    for number in 1..=last {
        let timeline: Vec<_> = store.timeline(id(number)).unwrap().into_iter().map(|row| row.body).collect();
        assert_eq!(timeline, [filler(number), b"end".to_vec()], "timeline of batch {number}");
    }
    let outcomes = store.outcomes(None, usize::MAX).unwrap().rows;
    let found: Vec<_> = outcomes.iter().map(|row| (row.position, row.verification)).collect();
    assert_eq!(found, (1..=last).map(|number| (number, id(number))).collect::<Vec<_>>());
    let mut names: Vec<_> =
        store.list(Kind::Mark, None, usize::MAX).unwrap().into_iter().map(|record| record.key.id).collect();
    let mut expected: Vec<_> = (last.saturating_sub(KEPT - 1).max(1)..=last).map(name).collect();
    expected.push("last".into());
    names.sort();
    expected.sort();
    assert_eq!(names, expected);
    assert_eq!(store::audit::verify(&store, None).unwrap().links, last);
}
