//! A SIP gateway as the rest sees it: its account, addresses, faults and counts.
//! It never shows its password, and carries no call itself.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, RwLock};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

use super::digest::{Guard, Nonces};
use super::faults::{SipFaults, StatusFault};
use super::settings::{SipGateway, Transport};
use super::tally::{Counts, Tally};
use crate::clock;
use crate::lock::{copy_of, lock, replace};
use crate::message::mix;
use crate::number::Number;

pub(crate) struct Trunk {
    pub(crate) name: String,
    pub(crate) settings: SipGateway,
    pub(crate) tally: Tally,
    pub(crate) guard: Guard,
    pub(crate) caller_ids: Vec<Number>,
    pub(crate) addresses: Addresses,
    /// PEM, where TLS is open.
    pub(crate) certificate: Option<String>,
    faults: RwLock<Arc<SipFaults>>,
    dice: Mutex<StdRng>,
    seed: u64,
}

/// Where it listens.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Addresses {
    pub(crate) udp: Option<SocketAddr>,
    pub(crate) tcp: Option<SocketAddr>,
    pub(crate) tls: Option<SocketAddr>,
}

/// What chance has in store for a call.
pub(crate) struct Luck {
    pub(crate) status: Option<StatusFault>,
    pub(crate) silence: bool,
    pub(crate) twice: bool,
    pub(crate) cut: bool,
    /// Decides jitter of keys, and the losses on the network.
    pub(crate) whim: u64,
}

/// `GET /sim/v1/gateways/{name}`.
#[derive(Serialize)]
pub(crate) struct TrunkShape<'a> {
    name: &'a str,
    kind: &'static str,
    addresses: Addresses,
    username: &'a str,
    realm: &'a str,
    caller_ids: &'a [Number],
    #[serde(flatten)]
    counts: Counts,
    faults: Arc<SipFaults>,
}

impl Trunk {
    pub(crate) fn new(settings: SipGateway, addresses: Addresses, certificate: Option<String>, seed: u64) -> Self {
        let seed = settings.name.bytes().fold(seed, |sum, byte| mix(sum ^ u64::from(byte)));
        Self {
            name: settings.name.clone(),
            tally: Tally::default(),
            guard: Guard {
                challenge: settings.challenge,
                algorithm: settings.algorithm,
                qop: settings.qop,
                realm: settings.realm.clone(),
                username: settings.username.clone(),
                password: settings.password.clone(),
                nonce_uses: settings.nonce_uses,
                nonces: Mutex::new(Nonces::new(mix(clock::unrepeated()))),
            },
            caller_ids: settings.caller_ids.iter().filter_map(|number| Number::parse(number)).collect(),
            addresses,
            certificate,
            settings,
            faults: RwLock::default(),
            dice: Mutex::new(StdRng::seed_from_u64(seed)),
            seed,
        }
    }

    pub(crate) fn address(&self, transport: Transport) -> Option<SocketAddr> {
        match transport {
            Transport::Udp => self.addresses.udp,
            Transport::Tcp => self.addresses.tcp,
            Transport::Tls => self.addresses.tls,
        }
    }

    pub(crate) fn faults(&self) -> Arc<SipFaults> {
        copy_of(&self.faults)
    }

    pub(crate) fn set_faults(&self, faults: SipFaults) {
        replace(&self.faults, Arc::new(faults));
    }

    /// The same number of draws for every call, whatever the faults are.
    pub(crate) fn draw(&self) -> Luck {
        let faults = self.faults();
        let mut dice = lock(&self.dice);
        let draws: [f64; 4] = dice.random();
        let [status, silence, twice, cut] = draws;
        Luck {
            status: faults.pick(status).cloned(),
            silence: silence < faults.silence,
            twice: twice < faults.duplicate_answers,
            cut: cut < faults.cut,
            whim: dice.random(),
        }
    }

    pub(crate) fn shape(&self) -> TrunkShape<'_> {
        TrunkShape {
            name: &self.name,
            kind: "sip",
            addresses: self.addresses,
            username: &self.settings.username,
            realm: &self.settings.realm,
            caller_ids: &self.caller_ids,
            counts: self.tally.look(),
            faults: self.faults(),
        }
    }

    /// As at the start.
    pub(crate) fn reset(&self) {
        self.set_faults(SipFaults::default());
        *lock(&self.dice) = StdRng::seed_from_u64(self.seed);
        self.tally.clear();
    }
}
