//! PostgreSQL as a store: the conformance suite, a server that goes away, fencing, damage.
#![allow(clippy::unwrap_used, reason = "a test")]

mod server;

use engine::id::VerificationId;
use engine::moment::Moment;
use server::Server;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::postgres::OpenError;
use store::{Change, CommitError, Expect, Key, Kind, Operation, PostgresStore, ReadError, Store};

fn open(url: &str) -> PostgresStore {
    PostgresStore::open(url, None, "n1").unwrap()
}

fn put(id: impl Into<String>) -> Operation {
    Operation::Put {
        key: Key::new(Kind::Seen, id),
        expect: Expect::Absent,
        parent: None,
        format: 1,
        body: b"good".to_vec(),
        expires: None,
    }
}

#[test]
fn postgres_conforms() {
    let server = Server::start();
    let mut number = 0;
    store::conformance::run(&mut || {
        number += 1;
        Box::new(open(&server.database(&format!("c{number}"))))
    });
}

#[test]
fn postgres_does_what_the_reference_does() {
    let server = Server::start();
    let made = std::sync::Mutex::new(std::collections::HashSet::new());
    store::conformance::random::run(24, &|number| {
        let name = format!("r{number}");
        let new = made.lock().unwrap().insert(number);
        Box::new(open(&if new { server.database(&name) } else { server.url(&name) }))
    });
}

#[test]
fn one_writer_for_each_node_and_what_is_damaged_is_named() {
    let server = Server::start();
    let url = server.database("one");
    let store = open(&url);
    assert!(matches!(PostgresStore::open(&url, None, "n1"), Err(OpenError::InUse(node)) if node == "n1"));
    let other = PostgresStore::open(&url, None, "n2").unwrap();
    for (store, text) in [(&store, "a"), (&other, "b")] {
        let link = Operation::Audit { at: Moment::from_millis(1), body: text.into() };
        assert!(store.commit(&[vec![put(text), link].into()]).unwrap()[0].is_ok());
        assert_eq!(store.audit(0, 9).unwrap().len(), 1, "a chain for each");
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.execute("UPDATE record SET body = 'bad' WHERE id = 'a'", &[]).await.unwrap();
        client.execute("UPDATE countersign_schema SET version = 99", &[]).await.unwrap();
    });
    let read = store.get(&Key::new(Kind::Seen, "a"));
    assert!(matches!(read, Err(ReadError::Corrupt { ref what, .. }) if what == "seen/a"), "{read:?}");
    drop((store, other));
    assert!(matches!(PostgresStore::open(&url, None, "n1"), Err(OpenError::TooNew { found: 99, .. })));
}

#[test]
fn a_url_that_cannot_be_used_is_told() {
    let refused = |url: &str| PostgresStore::open(url, None, "n1").err().unwrap();
    let unread = refused("postgres://a:secret@h:x/y");
    assert!(matches!(unread, OpenError::Url) && !unread.to_string().contains("secret"), "{unread}");
    for url in ["postgres://db.example.com/x", "postgres://db.example.com/x?sslmode=prefer"] {
        assert!(matches!(refused(url), OpenError::Clear), "{url}");
    }
    assert!(matches!(refused("postgres://u@127.0.0.1:1/x"), OpenError::Postgres(_)));
}

/// Commits one record after another until it is told to stop; those that were acknowledged.
fn write_on(store: &PostgresStore, stop: &AtomicBool) -> Vec<u64> {
    let mut kept = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let verification = VerificationId::from_bits(u128::from(number) << 64 | 1);
        let (at, body) = (Moment::from_millis(number), number.to_string().into_bytes());
        let change = Change {
            operations: vec![
                put(format!("{number:09}")),
                Operation::Append { verification, at, body: body.clone() },
                Operation::Settle { verification, at, caller: "key".into(), application: "vpn".into(), body },
            ],
        };
        match store.commit(std::slice::from_ref(&change)) {
            Ok(answers) if answers[0].is_ok() => kept.push(number),
            Ok(answers) => panic!("{number}: {answers:?}"),
            Err(CommitError::Unavailable { .. }) => std::thread::sleep(Duration::from_millis(20)),
            Err(other) => panic!("{number}: {other}"),
        }
    }
    kept
}

#[test]
fn nothing_acknowledged_is_lost_when_connections_break_and_the_server_crashes() {
    let mut server = Server::start();
    let store = Arc::new(open(&server.database("lost")));
    let stop = Arc::<AtomicBool>::default();
    let (writing, stopping) = (Arc::clone(&store), Arc::clone(&stop));
    let writer = std::thread::spawn(move || write_on(&writing, &stopping));
    for round in 0..8 {
        std::thread::sleep(Duration::from_millis(300));
        if round % 4 == 3 {
            server.crash();
            std::thread::sleep(Duration::from_millis(300));
            server.resume();
        } else {
            let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'countersign'";
            assert!(server.psql(all));
        }
    }
    std::thread::sleep(Duration::from_secs(1));
    stop.store(true, Ordering::Relaxed);
    let kept = writer.join().unwrap();
    println!("{} acknowledged", kept.len());
    assert!(kept.len() > 100, "{} were written", kept.len());
    for number in &kept {
        assert!(store.get(&Key::new(Kind::Seen, format!("{number:09}"))).unwrap().is_some(), "{number}");
    }
    let feed = store.outcomes(None, usize::MAX).unwrap().rows;
    let told: Vec<u64> = feed.iter().map(|row| row.at.millis()).collect();
    assert_eq!(told, kept, "acknowledged and in the feed are the same, each once, in order");
}
