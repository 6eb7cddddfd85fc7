//! The mail server as the rest sees it: its account, its faults, what it took and counted.
//! It never shows its password, and never says that a letter was taken before it is kept.

use std::sync::{Arc, Mutex, RwLock};

use serde::Serialize;
use tokio_rustls::TlsAcceptor;

use super::letter::Letter;
use super::letters::Letters;
use super::login::Account;
use super::settings::MailServer;
use crate::certificate::Certificate;
use crate::clock;
use crate::counters::Counters;
use crate::dice::{Dice, Fate};
use crate::door::Door;
use crate::faults::Faults;
use crate::lock::{copy_of, lock, replace};
use crate::throttle::Throttle;

/// What the mail server is called among the gateways.
pub(crate) const NAME: &str = "mail";

pub(crate) struct PostOffice {
    pub(crate) door: Door,
    pub(crate) counters: Counters,
    pub(crate) account: Option<Account>,
    pub(crate) certificate: String,
    pub(crate) acceptor: TlsAcceptor,
    username: String,
    letters: Mutex<Letters>,
    faults: RwLock<Arc<Faults>>,
    dice: Mutex<Dice>,
    throttle: Mutex<Throttle>,
    seed: u64,
}

/// `GET /sim/v1/gateways/mail`.
#[derive(Debug, Serialize)]
pub(crate) struct OfficeShape {
    name: &'static str,
    kind: &'static str,
    /// Host and port, which `refuse_connections` closes.
    address: String,
    username: String,
    /// Letters kept.
    letters: usize,
    /// Letters taken.
    accepted: u64,
    /// Commands and letters refused, by reply code.
    refused: std::collections::BTreeMap<u32, u64>,
    /// Letters that were never answered.
    silenced: u64,
    faults: Arc<Faults>,
}

impl PostOffice {
    pub(crate) fn new(settings: &MailServer, seed: u64, door: Door, certificate: Certificate) -> Self {
        Self {
            door,
            counters: Counters::default(),
            account: Account::new(settings.username.clone(), settings.password.clone()),
            certificate: certificate.pem,
            acceptor: certificate.acceptor,
            username: settings.username.clone(),
            letters: Mutex::new(Letters::new(settings.letters)),
            faults: RwLock::default(),
            dice: Mutex::new(Dice::new(seed, NAME)),
            throttle: Mutex::default(),
            seed,
        }
    }

    pub(crate) fn faults(&self) -> Arc<Faults> {
        copy_of(&self.faults)
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        replace(&self.faults, Arc::new(faults));
    }

    /// What happens to the next letter, or `None` where it comes too soon.
    pub(crate) fn draw(&self) -> Option<Fate> {
        let faults = self.faults();
        let fate = lock(&self.dice).draw(&faults);
        let rate = faults.throttle_per_second;
        let admitted = rate.is_none_or(|rate| lock(&self.throttle).admit(rate, clock::tick()));
        admitted.then_some(fate)
    }

    /// Takes a letter; gives its number.
    pub(crate) fn take(&self, from: String, to: Vec<String>, bytes: &[u8]) -> u64 {
        let letter = Letter::read(from, to, clock::wall_ms(), bytes);
        let number = lock(&self.letters).keep(letter);
        self.counters.accepted.add();
        number
    }

    /// The last letters, newest last; how many there are; and a number that grows with every change.
    pub(crate) fn last(&self, to: Option<&str>, limit: usize) -> (Vec<Arc<Letter>>, usize, u64) {
        let letters = lock(&self.letters);
        let (last, total) = letters.last(to, limit);
        (last, total, letters.changes())
    }

    pub(crate) fn forget(&self) {
        lock(&self.letters).clear();
    }

    /// As at the start.
    pub(crate) fn reset(&self) {
        self.forget();
        *lock(&self.dice) = Dice::new(self.seed, NAME);
        *lock(&self.throttle) = Throttle::default();
        self.set_faults(Faults::default());
        self.counters.clear();
    }

    pub(crate) fn shape(&self) -> OfficeShape {
        OfficeShape {
            name: NAME,
            kind: "smtp",
            address: self.door.address.to_string(),
            username: self.username.clone(),
            letters: lock(&self.letters).len(),
            accepted: self.counters.accepted.get(),
            refused: self.counters.refused(),
            silenced: self.counters.silenced.get(),
            faults: self.faults(),
        }
    }
}
