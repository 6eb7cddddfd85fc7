//! One account at the simulated provider: who it is, what goes wrong, what it took.
//! It never shows its token, and never says that a text was accepted before it is in the ledger.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use data_encoding::BASE64;
use subtle::ConstantTimeEq;

use crate::clock;
use crate::counters::Counters;
use crate::dice::{Dice, Fate};
use crate::door::Door;
use crate::faults::Faults;
use crate::ledger::Ledger;
use crate::lock::{copy_of, lock, replace};
use crate::message::{Draft, Message, mix};
use crate::number::Number;
use crate::phone::TextRef;
use crate::settings::{Account, Settings};
use crate::throttle::Throttle;
use crate::twilio::voice::Book;

pub(crate) struct Gateway {
    pub(crate) index: u16,
    pub(crate) name: String,
    pub(crate) sid: String,
    pub(crate) numbers: Vec<Number>,
    pub(crate) webhook_retries: u32,
    pub(crate) advanced_opt_out: bool,
    pub(crate) counters: Counters,
    pub(crate) door: Door,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) calls: Mutex<Book>,
    token: String,
    credentials: String,
    sms_url: RwLock<Option<Arc<str>>>,
    faults: RwLock<Arc<Faults>>,
    dice: Mutex<Dice>,
    throttle: Mutex<Throttle>,
    in_flight: AtomicUsize,
    seed: u64,
    ledger_entries: usize,
    calls_kept: usize,
    most_in_flight: usize,
}

/// A place among the messages that are still under way; it is free again when this goes.
pub(crate) struct InFlight(Arc<Gateway>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gateway {
    pub(crate) fn new(index: u16, account: Account, door: Door, settings: &Settings) -> Self {
        let credentials = BASE64.encode(format!("{}:{}", account.sid, account.auth_token).as_bytes());
        Self {
            index,
            numbers: account.numbers.iter().filter_map(|number| Number::parse(number)).collect(),
            webhook_retries: account.webhook_retries,
            advanced_opt_out: account.advanced_opt_out,
            counters: Counters::default(),
            door,
            ledger: Mutex::new(Ledger::new(settings.ledger_entries, salt(index))),
            calls: Mutex::new(Book::new(settings.calls, salt(index))),
            token: account.auth_token,
            credentials,
            sms_url: RwLock::new(account.sms_url.map(Into::into)),
            faults: RwLock::default(),
            dice: Mutex::new(Dice::new(settings.seed, &account.name)),
            throttle: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            seed: settings.seed,
            ledger_entries: settings.ledger_entries,
            calls_kept: settings.calls,
            most_in_flight: settings.in_flight,
            name: account.name,
            sid: account.sid,
        }
    }

    /// Its own address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.door.address)
    }

    /// Whether an `Authorization` header is this account's, in constant time.
    pub(crate) fn is_authorized(&self, header: &str) -> bool {
        let Some((scheme, given)) = header.split_once(' ') else {
            return false;
        };
        let right = given.trim().as_bytes().ct_eq(self.credentials.as_bytes());
        scheme.eq_ignore_ascii_case("basic") && right.into()
    }

    /// The key of `X-Twilio-Signature`.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn sms_url(&self) -> Option<Arc<str>> {
        copy_of(&self.sms_url)
    }

    pub(crate) fn set_sms_url(&self, url: Option<&str>) {
        replace(&self.sms_url, url.map(Into::into));
    }

    pub(crate) fn faults(&self) -> Arc<Faults> {
        copy_of(&self.faults)
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        replace(&self.faults, Arc::new(faults));
    }

    pub(crate) fn draw(&self, faults: &Faults) -> Fate {
        lock(&self.dice).draw(faults)
    }

    /// Whether one more send is within the rate that the faults allow.
    pub(crate) fn admits(&self, faults: &Faults) -> bool {
        faults.throttle_per_second.is_none_or(|rate| lock(&self.throttle).admit(rate, clock::tick()))
    }

    /// A place in flight, where one is left.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<InFlight> {
        let place = self.enter_anyway();
        (self.in_flight() <= self.most_in_flight).then_some(place)
    }

    /// A place in flight for what follows from a text that already had one.
    pub(crate) fn enter_anyway(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn write(&self, draft: Draft) -> Arc<Message> {
        let now = clock::wall_ms();
        lock(&self.ledger).write(draft, now)
    }

    pub(crate) fn text_ref(&self, message: &Message) -> TextRef {
        TextRef { gateway: self.index, sequence: message.sequence }
    }

    /// As at the start, but for the webhook's address.
    pub(crate) fn reset(&self) {
        *lock(&self.ledger) = Ledger::new(self.ledger_entries, salt(self.index));
        *lock(&self.calls) = Book::new(self.calls_kept, salt(self.index));
        *lock(&self.dice) = Dice::new(self.seed, &self.name);
        *lock(&self.throttle) = Throttle::default();
        self.set_faults(Faults::default());
        self.counters.clear();
    }
}

/// What keeps the sids of this gateway apart from those of others and of earlier runs.
fn salt(index: u16) -> u64 {
    mix(clock::unrepeated() ^ (u64::from(index) << 48))
}
