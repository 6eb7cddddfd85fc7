//! What breaks inside: a panic in one verification, a disk that is full.
#![allow(clippy::unwrap_used, reason = "a test")]

use actors::{Engine, EngineSettings, LedgerState, LineSettings, NotWritten, Person, StartError, Vault, Versioned};
use channels::text::{
    Accepted, CallbackError, InboundText, RawCallback, Receipt, SendError, SignatureRefused, Text, TextGateway,
};
use engine::id::{ApiKeyId, UserId};
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::number;
use engine::person::{Phone, User};
use engine::pin::{PinKey, PinState};
use engine::reason::Reason;
use engine::request::Request;
use engine::secret::Secret;
use engine::verification::{Event, Purpose, Verification};
use futures_util::future::BoxFuture;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use store::sqlite::OpenOptions;
use store::{SqliteStore, Store};

/// Takes every text; the wire has its own tests.
struct Taker;

impl TextGateway for Taker {
    fn send<'a>(&'a self, text: &'a Text) -> BoxFuture<'a, Result<Accepted, SendError>> {
        let accepted = Accepted { provider_id: text.attempt.to_string(), from: None };
        Box::pin(std::future::ready(Ok(accepted)))
    }

    fn verify(&self, _: &RawCallback<'_>) -> Result<(), SignatureRefused> {
        Err(SignatureRefused)
    }

    fn inbound(&self, _: &RawCallback<'_>) -> Result<InboundText, CallbackError> {
        Err(CallbackError::Missing("everything"))
    }

    fn receipt(&self, _: &RawCallback<'_>) -> Result<Receipt, CallbackError> {
        Err(CallbackError::Missing("everything"))
    }

    fn missed(&self, _: Moment) -> BoxFuture<'_, Result<Vec<InboundText>, SendError>> {
        Box::pin(std::future::ready(Ok(vec![])))
    }
}

struct NoVault;

impl Vault for NoVault {
    fn seal(&self, _: &str, _: &[u8]) -> String {
        String::new()
    }

    fn open(&self, _: &str, _: &str) -> Result<Secret<Vec<u8>>, String> {
        Err("there is no vault in this test".into())
    }
}

async fn engine(store: Arc<SqliteStore>) -> Engine {
    let line = LineSettings {
        name: "sms".into(),
        per_second: NonZeroU32::new(1000).unwrap(),
        per_number_per_minute: NonZeroU32::new(100).unwrap(),
        max_in_flight: 16,
        queue: 1000,
        prefixes: vec![],
        price: 0,
    };
    let breaks_for_one = |verification: &Verification, event: &Event| {
        assert!(!(&*verification.user == "broken" && matches!(event, Event::Accepted { .. })), "injected");
    };
    let settings = EngineSettings {
        store: store as Arc<dyn Store>,
        vault: Arc::new(NoVault),
        code_key: [1; 32],
        pin_keys: vec![PinKey::new(1, [2; 32])],
        shard_key: [3; 32],
        lines: vec![(line, Arc::new(Taker) as Arc<dyn TextGateway>)],
        arbiters: 1,
        most_in_flight: 1000,
        watch: Some(Arc::new(breaks_for_one)),
    };
    Engine::start(settings).await.unwrap()
}

async fn person(engine: &Engine, name: &'static str, phone: &str) {
    let number = number::parse(phone, "1").unwrap().0;
    let amendment = move |person: &mut Person, _: &engine::policy::Policy, now: Moment| {
        let user = User {
            id: UserId::from_bits(number.to_string().len() as u128),
            name: name.into(),
            first_name: String::new(),
            last_name: String::new(),
            email: String::new(),
            group: String::new(),
            enabled: true,
            set_up: true,
            created_at: now,
            block: None,
            phone: Some(Phone { number, extension: None }),
            backup_phone: None,
            method: Method::Sms,
            mode: Mode::TwoWayOtp,
            pin: PinState::default(),
            pin_min_length: None,
            user_can_change_pin: None,
            language: "en".into(),
        };
        let mut user = Versioned { version: 0, value: user };
        let operations = vec![user.write(name)];
        person.user = Some(user);
        Ok(operations)
    };
    engine.amend(name, Box::new(amendment)).await.unwrap();
}

fn request(user: &str) -> Request {
    Request {
        user: user.into(),
        application: "vpn".into(),
        caller: ApiKeyId::from_bits(1),
        purpose: Purpose::SignIn,
        plan: vec![],
        can_input: true,
        client_ip: None,
        idempotency_key: None,
        ttl_seconds: Some(30),
        language: None,
        callback_url: None,
        metadata: "{}".into(),
    }
}

#[actix::test]
async fn a_panic_in_one_verification_ends_it_and_leaves_neighbours_and_desk_alive() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&dir.path().join("s.db"), &OpenOptions::default()).unwrap());
    let engine = engine(store).await;
    person(&engine, "neighbour", "+12025550171").await;
    person(&engine, "broken", "+12025550172").await;
    let neighbour = engine.start_verification(request("neighbour"), None).await.unwrap();
    let broken = engine.start_verification(request("broken"), None).await.unwrap();
    let ended = engine.look(broken.id, Some(Duration::from_secs(10))).await.unwrap();
    assert_eq!(ended.reason(), Some(Reason::InternalError));
    let alive = engine.look(neighbour.id, None).await.unwrap();
    assert_eq!(alive.reason(), None);
    assert_eq!(engine.cancel(neighbour.id).await.unwrap().reason(), Some(Reason::CancelledByCaller));
    person(&engine, "later", "+12025550173").await;
    assert_eq!(engine.start_verification(request("later"), None).await.unwrap().reason(), None);
}

#[actix::test]
async fn a_full_disk_refuses_starts_keeps_what_was_acknowledged_and_heals() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(SqliteStore::open(&dir.path().join("s.db"), &OpenOptions::default()).unwrap());
    let engine = engine(Arc::clone(&store)).await;
    person(&engine, "alice", "+12025550174").await;
    let before = engine.start_verification(request("alice"), None).await.unwrap();
    engine.cancel(before.id).await.unwrap();
    store.limit_pages(store.pages().unwrap()).unwrap();
    let mut refused = None;
    for n in 0..500 {
        match engine.start_verification(request(&format!("nobody{n}")), None).await {
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
    store.limit_pages(1_000_000).unwrap();
    assert_eq!(engine.start_verification(request("somebody"), None).await.unwrap().reason(), Some(Reason::UserUnknown));
    assert_eq!(engine.ledger_state(), LedgerState::Good);
}
