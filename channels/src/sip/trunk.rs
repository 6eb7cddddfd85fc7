//! The task of a trunk: it owns the sockets, finds the call of each message, and does what the machines want.
//! Refuses rules: those are in the machines that it drives.

use super::dialog::next_hop;
use super::digest::Wallet;
use super::machine::{Action, Event, Media, Plan, Signal, Signalling};
use super::message::{Message, uri_host};
use super::resolve::Names;
use super::settings::SipSettings;
use super::strangers;
use super::tokens::Tokens;
use super::transaction::{Layer, Outcome};
use super::transport::{Arrival, Carrier, Counts, Hop, Sockets, Sources};
use super::upkeep::{Identity, Upkeep};
use crate::call::CallEnd;
use engine::number::PhoneNumber;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
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
        let (layer, calls, peers) = (Layer::default(), HashMap::new(), Vec::new());
        Self { settings, identity, peers, sources, shared, sockets, layer, calls, upkeep, tag, epoch: Instant::now() }
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
            addresses.iter().for_each(|address| self.sources.allow(address.ip()));
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
        let wallet = Wallet::new(self.settings.user.clone(), self.settings.password.clone());
        let signalling = Signalling::new(placing.call_id.clone(), plan, wallet, Tokens::new(placing.seed));
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

    fn arrived(&mut self, arrival: Arrival) {
        let now = self.now();
        match arrival {
            Arrival::Message(message, hop) => {
                let outcomes = self.layer.receive(message, hop, now);
                self.come_to(outcomes, true);
            }
            Arrival::Unreadable(answer, hop) => self.sockets.send(answer.bytes(), hop),
            Arrival::Opened(hop, connection, stream) => self.sockets.opened(hop, connection, stream),
            Arrival::Broken { hop, connection, sent, cause } => {
                tracing::debug!(trunk = self.settings.name, cause, "a SIP connection ended");
                if self.sockets.closed(hop, connection) {
                    let outcomes = self.layer.broken(hop);
                    self.come_to(outcomes, sent);
                }
            }
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

    /// Does what the transactions want. `sent` is for requests whose connection broke.
    fn come_to(&mut self, outcomes: Vec<Outcome>, sent: bool) {
        for outcome in outcomes {
            match outcome {
                Outcome::Send(message, hop) => self.sockets.send(message.bytes(), hop),
                Outcome::Response(response) => self.response(response),
                Outcome::Request(request, hop) => self.asked(request, hop),
                Outcome::TimedOut(request) => self.unanswered(request.clone(), Event::TimedOut(request)),
                Outcome::Broken(request) => self.unanswered(request.clone(), Event::Broken { request, sent }),
            }
        }
    }

    fn response(&mut self, response: Message) {
        let call_id = response.call_id().unwrap_or_default().to_owned();
        if call_id != self.upkeep.call_id() {
            return self.step(&call_id, Event::Response(response));
        }
        let now = self.now();
        if let Some((request, peer)) = self.upkeep.answered(response.branch().as_deref(), Some(&response), now) {
            self.request(request, peer);
        }
    }

    fn unanswered(&mut self, request: Message, event: Event) {
        let call_id = request.call_id().unwrap_or_default().to_owned();
        if call_id != self.upkeep.call_id() {
            return self.step(&call_id, event);
        }
        let now = self.now();
        if let Some((request, peer)) = self.upkeep.answered(request.branch().as_deref(), None, now) {
            self.request(request, peer);
        }
    }

    fn asked(&mut self, request: Message, hop: Hop) {
        let call_id = request.call_id().unwrap_or_default().to_owned();
        if self.calls.contains_key(&call_id) {
            return self.step(&call_id, Event::Request(request));
        }
        if let Some(response) = strangers::answer(&request, &self.tag) {
            let now = self.now();
            let outcomes = self.layer.respond(response, Some(hop), now);
            self.come_to(outcomes, true);
        }
    }

    fn step(&mut self, call_id: &str, event: Event) {
        let now = self.now();
        let Some(call) = self.calls.get_mut(call_id) else { return };
        let actions = call.signalling.step(event, &*call.media, now);
        let over = call.signalling.is_over();
        actions.into_iter().for_each(|action| self.act(call_id, action));
        if over {
            self.calls.remove(call_id);
        }
    }

    fn act(&mut self, call_id: &str, action: Action) {
        let now = self.now();
        match action {
            Action::Request(request, peer) => self.request(request, peer),
            Action::Ack(ack, peer) => {
                let (ack, hop) = self.way(ack, peer);
                self.sockets.send(ack.bytes(), hop);
            }
            Action::Respond(response) => {
                // The transaction knows where its request came from; if it is over, nobody waits for the answer.
                let outcomes = self.layer.respond(response, None, now);
                self.come_to(outcomes, true);
            }
            Action::Forget(invite) => self.layer.forget(&invite),
            Action::Tell(signal) => self.tell(call_id, signal),
            Action::Trouble(refused) => self.upkeep.heard(Some(refused)),
            Action::Avoid { peer, retry_after } => self.upkeep.avoid(peer, retry_after, now),
        }
    }

    fn tell(&mut self, call_id: &str, signal: Signal) {
        if matches!(signal, Signal::Ringing | Signal::Answered) {
            self.upkeep.heard(None);
        }
        if let Some(call) = self.calls.get(call_id) {
            // Whoever placed it and went has hung up by that.
            let _ = call.tell.send(signal);
        }
    }

    fn request(&mut self, request: Message, peer: usize) {
        let (request, hop) = self.way(request, peer);
        let now = self.now();
        let outcomes = self.layer.request(request, hop, now);
        self.come_to(outcomes, true);
    }

    /// Where a request goes. Within a dialog that is the next router or the target where it is an address; a name is the
    /// trunk's, whose address carried the call so far.
    fn way(&self, request: Message, peer: usize) -> (Message, Hop) {
        let carrier = self.settings.transport;
        let port = if carrier == Carrier::Tls { 5061 } else { 5060 };
        let next = || {
            let uri = next_hop(&request).filter(|_| request.to_tag().is_some())?;
            let (host, named) = uri_host(&uri)?;
            Some(SocketAddr::new(host.parse::<IpAddr>().ok()?, named.unwrap_or(port)))
        };
        let nowhere = SocketAddr::new(self.settings.local_address.ip(), 0);
        let address = next().or_else(|| self.peers.get(peer).copied()).unwrap_or(nowhere);
        let hop = Hop { peer: address, carrier };
        if carrier == Carrier::Udp && request.bytes().len() > LARGE { self.large(request, hop) } else { (request, hop) }
    }

    fn large(&self, mut request: Message, hop: Hop) -> (Message, Hop) {
        if !self.settings.tcp_for_large {
            Counts::add(&self.shared.counts.oversize);
            return (request, hop);
        }
        let via = request.get("Via").unwrap_or_default().replacen("/UDP ", "/TCP ", 1);
        request.set("Via", &via);
        (request, Hop { carrier: Carrier::Tcp, ..hop })
    }

    fn leave(mut self) {
        if let Some((request, peer)) = self.upkeep.farewell() {
            let (request, hop) = self.way(request, peer);
            self.sockets.send(request.bytes(), hop);
        }
    }
}
