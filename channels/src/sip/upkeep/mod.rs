//! What keeps a trunk in use between calls: OPTIONS as a sign of life, the registration, and which addresses are avoided.
//! Refuses calls of its own; it says which addresses a call may try, and what an administrator must know.

mod health;
mod registration;

pub use health::{Health, NoPeer};
use registration::Registration;

use super::digest::{Attempts, Wallet};
use super::message::{Message, Method};
use super::tokens::Tokens;
use std::time::Duration;

/// How long an address is avoided that did not say for how long, and the longest for the word of one call.
const AVOID: Duration = Duration::from_secs(30);
/// The longest that an address may ask to be avoided in answer to OPTIONS: a slip of the carrier must not end all calls for a day.
const LONGEST_AVOID: Duration = Duration::from_secs(600);

/// How long the refusal of one call speaks for the trunk: without calls nobody would learn that it is over.
const REFUSED: Duration = Duration::from_secs(60);

/// What the requests are made of.
#[derive(Debug, Clone)]
pub struct Identity {
    /// `UDP 192.0.2.1:5060`, for `Via`.
    pub via: String,
    /// Our URI.
    pub contact: String,
    /// The user of the account.
    pub user: String,
    /// Of the trunk.
    pub domain: String,
}

/// A request that waits for its answer.
struct Asked {
    branch: String,
    what: What,
    attempts: Attempts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// OPTIONS to this address.
    Alive(usize),
    Register(usize),
}

/// The state of a trunk.
pub struct Upkeep {
    identity: Identity,
    tokens: Tokens,
    wallet: Wallet,
    /// Of each address that the trunk ever had.
    health: Vec<Health>,
    /// Those that it has, in the order in which they are tried; or why it has none.
    order: Result<Vec<usize>, String>,
    keep_alive: Option<Duration>,
    /// When the next OPTIONS go out.
    next_alive: Option<Duration>,
    registration: Option<Registration>,
    asked: Vec<Asked>,
    call_id: String,
    tag: String,
    number: u32,
    /// What a call told: the trunk refused us; and until when that counts.
    refused: Option<(String, Duration)>,
}

/// A request to an address of the trunk.
pub type Sending = (Message, usize);

impl Upkeep {
    /// Of a trunk whose addresses are not known yet.
    pub fn new(
        identity: Identity,
        wallet: Wallet,
        mut tokens: Tokens,
        (keep_alive, register): (Option<Duration>, Option<Duration>),
    ) -> Self {
        let (call_id, tag) = (tokens.word(), tokens.word());
        Self {
            identity,
            tokens,
            wallet,
            health: Vec::new(),
            order: Err("its addresses are not known yet".into()),
            keep_alive,
            next_alive: None,
            registration: register.map(Registration::new),
            asked: Vec::new(),
            call_id,
            tag,
            number: 0,
            refused: None,
        }
    }

    /// The Call-ID of its requests.
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// The addresses of the trunk are these now. New ones are asked at once whether they are there; what was found before
    /// counts on if nothing is found any more.
    pub fn found(&mut self, order: Result<Vec<usize>, String>) {
        let unknown = |order: &Vec<usize>| order.iter().any(|peer| *peer >= self.health.len());
        if order.as_ref().is_ok_and(unknown) {
            self.next_alive = self.keep_alive.map(|_| Duration::ZERO);
        }
        match order {
            Ok(order) => {
                let most = order.iter().max().map_or(0, |most| most + 1).max(self.health.len());
                self.health.resize(most, Health::Unknown);
                self.order = Ok(order);
            }
            Err(cause) if self.order.is_err() => self.order = Err(cause),
            Err(_) => {}
        }
    }

    fn states(&self) -> impl Iterator<Item = (usize, Health)> {
        let order = self.order.as_deref().unwrap_or_default();
        order.iter().filter_map(|peer| Some((*peer, *self.health.get(*peer)?)))
    }

    /// The addresses that a call may try, in order.
    pub fn peers(&self, now: Duration) -> Result<Vec<usize>, NoPeer> {
        health::peers(self.states(), now)
    }

    /// A call found that an address takes none for a while.
    pub fn avoid(&mut self, peer: usize, retry_after: Option<Duration>, now: Duration) {
        if let Some(health) = self.health.get_mut(peer) {
            *health = Health::Avoided { until: now + retry_after.unwrap_or(AVOID).min(AVOID) };
        }
    }

    /// A call was refused for this reason, or taken.
    pub fn heard(&mut self, refused: Option<String>, now: Duration) {
        self.refused = refused.map(|cause| (cause, now + REFUSED));
    }

    /// What answers the challenges of a call.
    pub fn wallet(&self) -> Wallet {
        self.wallet.fresh()
    }

    /// What an administrator must know, in words.
    pub fn trouble(&self) -> Option<String> {
        let registration = self.registration.as_ref().and_then(Registration::trouble);
        let unresolved = self.order.as_ref().err().cloned();
        let unwell = || health::trouble(self.states().map(|(_, health)| health));
        self.refused.as_ref().map(|(cause, _)| cause.clone()).or(unresolved).or(registration).or_else(unwell)
    }

    /// Requests that are due.
    pub fn tick(&mut self, now: Duration) -> Vec<Sending> {
        let mut out = Vec::new();
        self.refused.take_if(|(_, until)| now >= *until);
        if self.next_alive.is_some_and(|next| now >= next) {
            self.next_alive = self.keep_alive.map(|every| now + every);
            let peers: Vec<usize> = self.states().map(|(peer, _)| peer).collect();
            out.extend(peers.into_iter().map(|peer| self.options(peer)));
        }
        if self.order.is_ok() && self.registration.as_mut().is_some_and(|registration| registration.is_due(now)) {
            let peer = self.peers(now).ok().and_then(|peers| peers.first().copied()).unwrap_or_default();
            out.push(self.register(peer, Attempts::default()));
        }
        out
    }

    /// When [`Self::tick`] is due.
    pub fn deadline(&self) -> Option<Duration> {
        let registration = self.registration.as_ref().filter(|_| self.order.is_ok()).and_then(Registration::due);
        let refused = self.refused.as_ref().map(|(_, until)| *until);
        self.next_alive.into_iter().chain(registration).chain(refused).min()
    }

    /// The answer to one of these requests, or none.
    pub fn answered(&mut self, branch: Option<&str>, response: Option<&Message>, now: Duration) -> Option<Sending> {
        let provisional = response.and_then(Message::status).is_some_and(|status| status < 200);
        let at = self.asked.iter().position(|asked| Some(asked.branch.as_str()) == branch)?;
        if provisional {
            return None;
        }
        let asked = self.asked.swap_remove(at);
        match asked.what {
            What::Alive(peer) => {
                self.health[peer] = self.health[peer].after(response, now);
                None
            }
            What::Register(peer) => self.registered(peer, response, asked.attempts, now),
        }
    }

    fn registered(
        &mut self,
        peer: usize,
        response: Option<&Message>,
        mut attempts: Attempts,
        now: Duration,
    ) -> Option<Sending> {
        let contact = self.identity.contact.clone();
        let registration = self.registration.as_mut()?;
        match response {
            Some(challenge) if matches!(challenge.status(), Some(401 | 407)) => {
                match self.wallet.take(challenge, &mut attempts) {
                    Ok(()) => Some(self.register(peer, attempts)),
                    Err(fault) => {
                        registration.refused(&fault.to_string(), None, now);
                        None
                    }
                }
            }
            Some(response) => {
                registration.answered(response, &contact, now).then(|| self.register(peer, Attempts::default()))
            }
            None => {
                registration.refused("no answer", None, now);
                self.avoid(peer, None, now);
                None
            }
        }
    }

    /// The request that ends the registration.
    pub fn farewell(&mut self) -> Option<Sending> {
        self.registration.as_mut().filter(|registration| registration.stands())?.leave();
        Some(self.register(0, Attempts::default()))
    }

    fn options(&mut self, peer: usize) -> Sending {
        let uri = format!("sip:{}", self.identity.domain);
        let request = self.request(Method::Options, &uri, What::Alive(peer), Attempts::default());
        (request.with("Accept", "application/sdp"), peer)
    }

    fn register(&mut self, peer: usize, attempts: Attempts) -> Sending {
        let expires = self.registration.as_ref().map_or(0, Registration::asks);
        let uri = format!("sip:{}", self.identity.domain);
        let mut request = self
            .request(Method::Register, &uri, What::Register(peer), attempts)
            .with("Contact", format!("<{}>", self.identity.contact))
            .with("Expires", expires.to_string());
        self.wallet.sign(&mut request, &mut self.tokens);
        (request, peer)
    }

    fn request(&mut self, method: Method, uri: &str, what: What, attempts: Attempts) -> Message {
        self.number += 1;
        let branch = self.tokens.branch();
        let us = match self.identity.user.as_str() {
            "" => format!("<{}>", self.identity.contact),
            user => format!("<sip:{user}@{}>", self.identity.domain),
        };
        let to = if method == Method::Register { us.clone() } else { format!("<{uri}>") };
        let cseq = format!("{} {method}", self.number);
        self.asked.push(Asked { branch: branch.clone(), what, attempts });
        Message::request(method, uri)
            .with("Via", format!("SIP/2.0/{};rport;branch={branch}", self.identity.via))
            .with("Max-Forwards", "70")
            .with("From", format!("{us};tag={}", self.tag))
            .with("To", to)
            .with("Call-ID", &self.call_id)
            .with("CSeq", cseq)
    }
}

#[cfg(test)]
mod tests;
