//! The task of a trunk: it owns the sockets, finds the call of each message, and does what the machines want.
//! Refuses rules: those are in the machines that it drives.

mod act;
mod arrived;

use super::digest::Wallet;
use super::machine::{Event, Media, Plan, Signal, Signalling};
use super::resolve::Names;
use super::settings::SipSettings;
use super::tokens::Tokens;
use super::transaction::Layer;
use super::transport::{Arrival, Counts, Sockets, Sources};
use super::upkeep::{Identity, Upkeep};
use crate::call::CallEnd;
use engine::number::PhoneNumber;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

/// A request of more bytes is to go over a stream (RFC 3261 §18.1.1).
const LARGE: usize = 1300;

/// What is asked of the trunk.
pub(crate) enum Command {
    /// Place a call.
    Place(Placing),
    /// Hang up the call with this Call-ID; it ends so.
    HangUp(String, CallEnd),
}

/// A call to place.
pub(crate) struct Placing {
    pub(crate) call_id: String,
    pub(crate) seed: [u8; 32],
    pub(crate) to: PhoneNumber,
    pub(crate) ring: Duration,
    pub(crate) media: Arc<dyn Media + Send + Sync>,
    pub(crate) tell: UnboundedSender<Signal>,
}

/// What others see of the trunk.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) trouble: Mutex<Option<String>>,
    pub(crate) counts: Arc<Counts>,
}

struct Running {
    signalling: Signalling,
    media: Arc<dyn Media + Send + Sync>,
    tell: UnboundedSender<Signal>,
}

/// The state of the task.
pub(crate) struct Trunk {
    settings: SipSettings,
    identity: Identity,
    /// Every address that the trunk ever had; calls know them by their place here.
    peers: Vec<SocketAddr>,
    /// Those that took no connection for a large request.
    without_tcp: Vec<SocketAddr>,
    sources: Arc<Sources>,
    shared: Arc<Shared>,
    sockets: Sockets,
    layer: Layer,
    calls: HashMap<String, Running>,
    upkeep: Upkeep,
    tag: String,
    epoch: Instant,
}

impl Trunk {
    /// A trunk over these sockets, with randomness for its own requests.
    pub(crate) fn new(
        settings: SipSettings,
        identity: Identity,
        sockets: Sockets,
        (sources, shared): (Arc<Sources>, Arc<Shared>),
        seed: [u8; 32],
    ) -> Self {
        let mut tokens = Tokens::new(seed);
        let tag = tokens.word();
        let wallet = Wallet::new(settings.user.clone(), settings.password.clone());
        let due = (settings.keep_alive, settings.register);
        let upkeep = Upkeep::new(identity.clone(), wallet, tokens, due);
        Self {
            settings,
            identity,
            peers: Vec::new(),
            without_tcp: Vec::new(),
            sources,
            shared,
            sockets,
            layer: Layer::default(),
            calls: HashMap::new(),
            upkeep,
            tag,
            epoch: Instant::now(),
        }
    }

    /// Until nobody gives commands any more.
    pub(crate) async fn run(mut self, mut commands: UnboundedReceiver<Command>, mut arrivals: Receiver<Arrival>) {
        let mut names = Names::of(&self.settings.addresses, self.settings.local_address);
        // Before that no call could go anywhere.
        let found = names.next().await;
        self.found(found);
        loop {
            self.publish();
            let due = self.deadline().map_or(self.epoch + Duration::from_secs(3600) + self.now(), |at| self.epoch + at);
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.command(command),
                    None => return self.leave(),
                },
                Some(arrival) = arrivals.recv() => self.arrived(arrival),
                found = names.next() => self.found(found),
                () = tokio::time::sleep_until(due) => self.tick(),
            }
        }
    }

    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    fn deadline(&self) -> Option<Duration> {
        let calls = self.calls.values().filter_map(|call| call.signalling.deadline());
        calls.chain(self.layer.deadline()).chain(self.upkeep.deadline()).min()
    }

    fn publish(&self) {
        let trouble = self.upkeep.trouble();
        let mut shared = self.shared.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if *shared != trouble {
            match &trouble {
                Some(trouble) => tracing::warn!(trunk = self.settings.name, trouble, "calls cannot be placed"),
                None => tracing::info!(trunk = self.settings.name, "calls can be placed"),
            }
            *shared = trouble;
        }
    }

    /// The names of the trunk lead here now.
    fn found(&mut self, found: Result<Vec<SocketAddr>, String>) {
        let place = |peers: &mut Vec<SocketAddr>, address: SocketAddr| {
            peers.iter().position(|known| *known == address).unwrap_or_else(|| {
                peers.push(address);
                peers.len() - 1
            })
        };
        let order = found.map(|addresses| {
            // Whether it takes connections is found out again.
            self.without_tcp.clear();
            let running = self.calls.values().filter_map(|call| self.peers.get(call.signalling.peer()));
            let now = addresses.iter().chain(running).map(SocketAddr::ip);
            self.sources.are(now.chain(super::ground::sources(&self.settings)));
            addresses.into_iter().map(|address| place(&mut self.peers, address)).collect()
        });
        self.upkeep.found(order);
        self.tick();
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Place(placing) => self.place(placing),
            Command::HangUp(call_id, why) => self.step(&call_id, Event::HangUp(why)),
        }
    }

    fn place(&mut self, placing: Placing) {
        let peers = match self.upkeep.peers(self.now()) {
            Ok(peers) => peers,
            Err(none) => {
                let cause = self.upkeep.trouble().unwrap_or_else(|| "no address of the trunk takes calls now".into());
                let end = CallEnd::Unavailable { cause, retry_after: none.retry_after };
                // Whoever placed it has gone if nobody hears it.
                let _ = placing.tell.send(Signal::Ended(end));
                return;
            }
        };
        let plan = self.plan(&placing, peers);
        let signalling =
            Signalling::new(placing.call_id.clone(), plan, self.upkeep.wallet(), Tokens::new(placing.seed));
        let running = Running { signalling, media: placing.media, tell: placing.tell };
        self.calls.insert(placing.call_id.clone(), running);
        self.step(&placing.call_id, Event::Place);
    }

    fn plan(&self, placing: &Placing, peers: Vec<usize>) -> Plan {
        let named =
            self.settings.addresses.iter().filter_map(|address| super::message::address::host_and_port(address));
        let hosts = named.map(|(host, _)| host.to_owned()).chain(self.peers.iter().map(|peer| peer.ip().to_string()));
        Plan {
            to: placing.to,
            caller: self.settings.caller.clone(),
            caller_id: self.settings.caller_id,
            user: self.settings.user.clone(),
            domain: self.settings.domain.clone(),
            hosts: hosts.collect(),
            peers,
            via: self.identity.via.clone(),
            contact: self.identity.contact.clone(),
            ring: placing.ring,
        }
    }

    fn tick(&mut self) {
        let now = self.now();
        let outcomes = self.layer.tick(now);
        self.come_to(outcomes, true);
        for (request, peer) in self.upkeep.tick(now) {
            self.request(request, peer);
        }
        let due = |call: &Running| call.signalling.deadline().is_some_and(|at| at <= now);
        let due: Vec<String> = self.calls.iter().filter(|(_, call)| due(call)).map(|(id, _)| id.clone()).collect();
        due.iter().for_each(|call_id| self.step(call_id, Event::Tick));
    }

    fn leave(mut self) {
        if let Some((request, peer)) = self.upkeep.farewell() {
            let (request, hop) = self.way(request, peer);
            self.sockets.send(request.bytes(), hop);
        }
    }
}
