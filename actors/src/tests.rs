//! A whole engine in one test: a scripted gateway, people, and what somebody asks for.
//! Refuses the wire: the scenarios of the program speak it.

mod calls;
mod replies;
mod resilience;
mod supervision;

use crate::*;
use channels::call::Utterance;
use channels::text::{
    Accepted, CallbackError, InboundText, RawCallback, Receipt, SendError, SignatureRefused, Text, TextGateway,
};
use engine::id::{ApiKeyId, UserId, VerificationId};
use engine::moment::Moment;
use engine::number;
use engine::person::{Phone, User};
use engine::pin::PinKey;
use engine::policy::Policy;
use engine::request::Request;
use engine::secret::Secret;
use engine::verification::{Event, Purpose, Verification};
use futures_util::future::BoxFuture;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::sqlite::OpenOptions;
use store::{SqliteStore, Store};
use tokio::sync::Semaphore;

/// Takes every text, one for each permit; remembers what it was given.
struct Scripted {
    permits: Semaphore,
    given: Mutex<Vec<(String, String)>>,
}

impl Scripted {
    fn new(permits: usize) -> Arc<Self> {
        Arc::new(Self { permits: Semaphore::new(permits), given: Mutex::default() })
    }

    /// The bodies that were given for a number.
    fn given_to(&self, number: &str) -> Vec<String> {
        self.given.lock().unwrap().iter().filter(|(to, _)| to == number).map(|(_, body)| body.clone()).collect()
    }
}

impl TextGateway for Scripted {
    fn send<'a>(&'a self, text: &'a Text) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(async move {
            self.given.lock().unwrap().push((text.to.clone(), text.body.expose().clone()));
            assert!(!text.to.ends_with("99"), "the client of the gateway breaks");
            self.permits.acquire().await.unwrap().forget();
            Ok(Accepted { provider_id: text.attempt.to_string(), from: Some("+12025550100".into()) })
        })
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

/// An engine in a folder of its own.
struct Stage {
    engine: Engine,
    gateway: Arc<Scripted>,
    store: Arc<SqliteStore>,
    _dir: tempfile::TempDir,
}

impl Stage {
    /// `permits` texts are taken at once; more are held.
    async fn new(permits: usize) -> Self {
        let gateway = Scripted::new(permits);
        let texts = Gateway::Text(Arc::clone(&gateway) as Arc<dyn TextGateway>);
        Self { gateway, ..Self::with(vec![(line("sms"), texts)]).await }
    }

    /// Over these lines.
    async fn with(lines: Vec<(LineSettings, Gateway)>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&dir.path().join("s.db"), &OpenOptions::default()).unwrap());
        let gateway = Scripted::new(0);
        let engine = open(Arc::clone(&store), lines).await;
        Self { engine, gateway, store, _dir: dir }
    }

    async fn person(&self, name: &'static str, phone: &str) {
        let number = number::parse(phone, "1").unwrap().0;
        let amendment = move |person: &mut Person, _: &Policy, now: Moment| {
            let mut user = Versioned { version: 0, value: user(name, Phone { number, extension: None }, now) };
            let operations = vec![user.write(name)];
            person.user = Some(user);
            Ok(operations)
        };
        self.engine.amend(name, Box::new(amendment)).await.unwrap();
    }

    async fn start(&self, user: &str) -> Verification {
        self.engine.start_verification(request(user), None, false).await.unwrap().verification
    }
}

fn line(name: &str) -> LineSettings {
    LineSettings {
        name: name.into(),
        per_second: NonZeroU32::new(1000).unwrap(),
        per_number_per_minute: NonZeroU32::new(100).unwrap(),
        max_in_flight: 2,
        queue: 1000,
        prefixes: vec![],
        price: 0,
    }
}

/// What is said is the role of the prompt.
fn roles(_: &str, said: &Said<'_>, _: &Recordings) -> Utterance {
    Utterance { language: "en".into(), text: said.prompt.to_string(), audio: Arc::new([]) }
}

async fn open(store: Arc<SqliteStore>, lines: Vec<(LineSettings, Gateway)>) -> Engine {
    let breaks_for_one = |verification: &Verification, event: &Event| {
        assert!(!(&*verification.user == "broken" && matches!(event, Event::Accepted { .. })), "injected");
    };
    let settings = EngineSettings {
        store: store as Arc<dyn Store>,
        vault: Arc::new(NoVault),
        code_key: [1; 32],
        pin_keys: vec![PinKey::new(1, [2; 32])],
        shard_key: [3; 32],
        webhooks: Webhooks {
            client: channels::webhook::WebhookClient::new(Default::default()).unwrap(),
            key: Secret::new([4; 32]),
            body: |_| "{}".into(),
        },
        notices: Notices {
            mail: None,
            words: |_, _| Words { subject: String::new(), text: Secret::default(), html: Secret::default() },
        },
        lines,
        speech: Arc::new(roles),
        arbiters: 1,
        most_in_flight: 1000,
        watch: Some(Arc::new(breaks_for_one)),
    };
    Engine::start(settings).await.unwrap()
}

fn user(name: &str, phone: Phone, now: Moment) -> User {
    User { set_up: true, phone: Some(phone), ..User::begin(UserId::from_bits(name.len() as u128), name.into(), now) }
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
        message: vec![],
        metadata: "{}".into(),
        answered: false,
    }
}

/// Waits for something that comes by itself, at most ten seconds.
async fn until(mut holds: impl FnMut() -> bool, what: &str) {
    for _ in 0..2000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{what} did not come to be within ten seconds");
}
