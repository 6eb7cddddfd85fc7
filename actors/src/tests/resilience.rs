//! What breaks inside: a panic in one verification, a disk that is full.

use super::*;
use engine::reason::Reason;

#[actix::test]
async fn a_panic_in_one_verification_ends_it_and_leaves_neighbours_and_desk_alive() {
    let stage = Stage::new(10).await;
    let engine = &stage.engine;
    stage.person("neighbour", "+12025550171").await;
    stage.person("broken", "+12025550172").await;
    let neighbour = stage.start("neighbour").await;
    let broken = stage.start("broken").await;
    let ended = engine.look(broken.id, Some(Duration::from_secs(10))).await.unwrap();
    assert_eq!(ended.reason(), Some(Reason::InternalError));
    let alive = engine.look(neighbour.id, None).await.unwrap();
    assert_eq!(alive.reason(), None);
    assert_eq!(engine.cancel(neighbour.id).await.unwrap().reason(), Some(Reason::CancelledByCaller));
    stage.person("later", "+12025550173").await;
    assert_eq!(stage.start("later").await.reason(), None);
    assert!(engine.actors().iter().all(|actor| actor.alive && actor.restarts == 0));
}

#[actix::test]
async fn a_full_disk_refuses_starts_keeps_what_was_acknowledged_and_heals() {
    let stage = Stage::new(10).await;
    let (engine, store) = (&stage.engine, &stage.store);
    stage.person("alice", "+12025550174").await;
    let before = stage.start("alice").await;
    engine.cancel(before.id).await.unwrap();
    store.limit_pages(store.pages().unwrap()).unwrap();
    let mut refused = None;
    for n in 0..500 {
        match engine.start_verification(request(&format!("nobody{n}")), None, false).await {
            Ok(_) => {}
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    assert!(matches!(refused, Some(StartError::NotWritten(NotWritten::Full))), "{refused:?}");
    assert_eq!(engine.ledger_state(), LedgerState::Full);
    assert_eq!(engine.look(before.id, None).await.unwrap().reason(), Some(Reason::CancelledByCaller));
    engine.prune().await.unwrap();
    assert_eq!(engine.ledger_state(), LedgerState::Full, "a removal says nothing of the room");
    assert!(engine.probe_store().await.is_err());
    store.limit_pages(1_000_000).unwrap();
    engine.probe_store().await.unwrap();
    assert_eq!(engine.ledger_state(), LedgerState::Good, "readiness comes back by itself");
    assert_eq!(
        engine.start_verification(request("somebody"), None, false).await.unwrap().verification.reason(),
        Some(Reason::UserUnknown)
    );
    assert_eq!(engine.ledger_state(), LedgerState::Good);
}
