//! All transactions of a trunk, found by branch and method (RFC 3261 §17.1.3 and §17.2.3).
//! Refuses an answer to nothing, but for a 2xx to an INVITE: its session must be ended by somebody.

use super::super::message::{Message, Method};
use super::super::transport::Hop;
use super::Step;
use super::client::Client;
use super::server::{Merge, Server};
use std::collections::HashMap;
use std::time::Duration;

/// Transactions of the far side that are kept at most. Beyond them requests are not told.
const MOST_SERVERS: usize = 20_000;
/// Those of them that belong to no call: whoever asks such things must not keep a call from hanging up.
const MOST_STRANGERS: usize = 1000;

/// What comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// To be sent there.
    Send(Message, Hop),
    /// A response; to be told to who asked.
    Response(Message),
    /// A request of the far side, to be answered by [`Layer::respond`]; an ACK never is.
    Request(Message, Hop),
    /// Nobody answered this request in time; with the connection that it was sent on.
    TimedOut(Message, Option<u64>),
    /// The connection broke before this request was answered.
    Broken(Message),
}

type ClientKey = (String, Method);
/// Branch, sent-by and method; of an ACK that of its INVITE.
type ServerKey = (String, String, Method);

/// A request of ours.
struct Ours {
    client: Client,
    hop: Hop,
    /// The connection that it was sent on, if it was a stream.
    connection: Option<u64>,
}

/// The transactions.
#[derive(Default)]
pub struct Layer {
    clients: HashMap<ClientKey, Ours>,
    servers: HashMap<ServerKey, Theirs>,
    /// How many requests there are of each Call-ID, number and tag.
    merging: HashMap<Merge, usize>,
    strangers: usize,
}

/// A request of theirs.
struct Theirs {
    server: Server,
    hop: Hop,
    /// It belongs to no call.
    is_strange: bool,
}

impl Layer {
    /// Sends a request.
    pub fn request(&mut self, request: Message, hop: Hop, now: Duration) -> Vec<Outcome> {
        let method = request.method().cloned().expect("it is a request");
        let key = (request.branch().expect("we wrote it"), method);
        let (client, step) = Client::start(request, hop.is_reliable(), now);
        self.clients.insert(key, Ours { client, hop, connection: None });
        vec![outcome(step, hop)]
    }

    /// A message of ours was given to this connection.
    pub fn carried(&mut self, message: &Message, connection: u64) {
        let (Some(branch), Some(method)) = (message.branch(), message.method().cloned()) else { return };
        if let Some(ours) = self.clients.get_mut(&(branch, method)) {
            ours.connection = Some(connection);
        }
    }

    /// Answers a request that was told. Where its transaction is over, it goes to `hop` or nowhere.
    pub fn respond(&mut self, response: Message, hop: Option<Hop>, now: Duration) -> Vec<Outcome> {
        let Some(key) = response.cseq().and_then(|(_, method)| server_key(&response, method)) else {
            return Vec::new();
        };
        match self.servers.get_mut(&key) {
            Some(theirs) => told(theirs.server.answer(response, now), theirs.hop),
            None => hop.map(|hop| Outcome::Send(response, hop)).into_iter().collect(),
        }
    }

    /// A message came; `is_strange` if it belongs to no call.
    pub fn receive(&mut self, message: Message, hop: Hop, is_strange: bool, now: Duration) -> Vec<Outcome> {
        match message.method().cloned() {
            None => self.receive_response(message, now),
            Some(Method::Ack) => self.receive_ack(message, hop, now),
            Some(method) => self.receive_request(message, method, hop, is_strange),
        }
    }

    fn receive_response(&mut self, response: Message, now: Duration) -> Vec<Outcome> {
        let (Some(branch), Some((_, method))) = (response.branch(), response.cseq()) else { return Vec::new() };
        let success = response.status().is_some_and(|status| (200..300).contains(&status));
        let stray = method == Method::Invite && success;
        match self.clients.get_mut(&(branch, method)) {
            Some(ours) => told(ours.client.receive(response, now), ours.hop),
            None if stray => vec![Outcome::Response(response)],
            None => Vec::new(),
        }
    }

    fn receive_ack(&mut self, ack: Message, hop: Hop, now: Duration) -> Vec<Outcome> {
        let known = server_key(&ack, Method::Invite).and_then(|key| self.servers.get_mut(&key));
        if known.is_some_and(|theirs| theirs.server.acknowledged(now)) {
            return Vec::new();
        }
        // The ACK of a 2xx is a transaction of its own.
        vec![Outcome::Request(ack, hop)]
    }

    fn receive_request(&mut self, request: Message, method: Method, hop: Hop, is_strange: bool) -> Vec<Outcome> {
        let Some(key) = server_key(&request, method.clone()) else { return Vec::new() };
        if let Some(theirs) = self.servers.get(&key) {
            return told(theirs.server.again(), theirs.hop);
        }
        let tag = "transaction";
        if method == Method::Cancel {
            let invite = server_key(&request, Method::Invite).is_some_and(|key| self.servers.contains_key(&key));
            // Every INVITE of theirs has its final answer at once, so that there is nothing to take back (§9.2).
            return vec![Outcome::Send(Message::response(&request, if invite { 200 } else { 481 }, tag), hop)];
        }
        let is_full = self.servers.len() >= MOST_SERVERS || is_strange && self.strangers >= MOST_STRANGERS;
        if is_full {
            return vec![Outcome::Send(Message::response(&request, 503, tag).with("Retry-After", "10"), hop)];
        }
        let server = Server::start(&request, hop.is_reliable());
        if request.to_tag().is_none() && self.merging.contains_key(&server.merge) {
            return vec![Outcome::Send(Message::response(&request, 482, tag), hop)];
        }
        *self.merging.entry(server.merge.clone()).or_default() += 1;
        self.strangers += usize::from(is_strange);
        self.servers.insert(key, Theirs { server, hop, is_strange });
        vec![Outcome::Request(request, hop)]
    }

    /// A connection broke: what waits for an answer on it will not get one, whatever took its place since.
    pub fn broken(&mut self, connection: u64) -> Vec<Outcome> {
        let over = |ours: &&mut Ours| ours.connection == Some(connection) && ours.client.is_unanswered();
        let broken = self.clients.values_mut().filter(over).map(|ours| {
            ours.client.terminate();
            Outcome::Broken(ours.client.request().clone())
        });
        let broken = broken.collect();
        self.sweep();
        broken
    }

    /// Where the INVITE went that a CANCEL takes back: it goes the same way (§9.1).
    pub fn hop_of_invite(&self, cancel: &Message) -> Option<Hop> {
        self.clients.get(&(cancel.branch()?, Method::Invite)).map(|ours| ours.hop)
    }

    /// Forgets a request of ours that needs no answer any more, as an INVITE that was taken back and never answered.
    pub fn forget(&mut self, request: &Message) {
        if let (Some(branch), Some(method)) = (request.branch(), request.method().cloned()) {
            self.clients.remove(&(branch, method));
        }
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Duration) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for ours in self.clients.values_mut() {
            let (steps, timed_out) = ours.client.tick(now);
            outcomes.extend(told(steps, ours.hop));
            outcomes.extend(timed_out.then(|| Outcome::TimedOut(ours.client.request().clone(), ours.connection)));
        }
        for theirs in self.servers.values_mut() {
            outcomes.extend(told(theirs.server.tick(now), theirs.hop));
        }
        self.sweep();
        outcomes
    }

    fn sweep(&mut self) {
        self.clients.retain(|_, ours| !ours.client.is_over());
        let Self { servers, merging, strangers, .. } = self;
        servers.retain(|_, theirs| {
            let is_over = theirs.server.is_over();
            if is_over {
                *strangers -= usize::from(theirs.is_strange);
                unmerge(merging, &theirs.server.merge);
            }
            !is_over
        });
    }

    /// When something is due next.
    pub fn deadline(&self) -> Option<Duration> {
        let clients = self.clients.values().filter_map(|ours| ours.client.deadline());
        clients.chain(self.servers.values().filter_map(|theirs| theirs.server.deadline())).min()
    }
}

fn unmerge(merging: &mut HashMap<Merge, usize>, merge: &Merge) {
    if let Some(count) = merging.get_mut(merge) {
        *count -= 1;
        if *count == 0 {
            merging.remove(merge);
        }
    }
}

fn told(steps: Vec<Step>, hop: Hop) -> Vec<Outcome> {
    steps.into_iter().map(|step| outcome(step, hop)).collect()
}

fn outcome(step: Step, hop: Hop) -> Outcome {
    match step {
        Step::Send(message) => Outcome::Send(message, hop),
        Step::Tell(response) => Outcome::Response(response),
    }
}

fn server_key(message: &Message, method: Method) -> Option<ServerKey> {
    let via = message.get("Via")?;
    let sent_by = via.split_whitespace().nth(1)?.split(';').next()?.to_ascii_lowercase();
    Some((message.branch()?, sent_by, method))
}
