//! What the machine of a call wants, done.
//! Refuses to send to a place that neither the trunk nor the dialog named.

use super::super::dialog::next_hop;
use super::super::machine::{Action, Event, Over, Signal};
use super::super::message::{Message, Method, uri_host};
use super::super::transport::{Carrier, Counts, Hop};
use super::{LARGE, Trunk};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

impl Trunk {
    pub(super) fn step(&mut self, call_id: &str, event: Event) {
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
            Action::Trouble(refused) => self.upkeep.heard(Some(refused), now),
            Action::Avoid { peer, retry_after } => self.upkeep.avoid(peer, retry_after, now),
        }
    }

    fn tell(&mut self, call_id: &str, signal: Signal) {
        if matches!(signal, Signal::Ringing | Signal::Answered) {
            let now = self.now();
            self.upkeep.heard(None, now);
        }
        if let Some(call) = self.calls.get_mut(call_id) {
            if matches!(signal, Signal::Ended(_)) {
                // Its ports and its sound end now; the call itself stays for what comes late.
                call.media = Arc::new(Over);
            }
            // Whoever placed it and went has hung up by that.
            let _ = call.tell.send(signal);
        }
    }

    pub(super) fn request(&mut self, request: Message, peer: usize) {
        let (request, hop) = self.way(request, peer);
        let now = self.now();
        let outcomes = self.layer.request(request, hop, now);
        self.come_to(outcomes, true);
    }

    /// Where a request goes. Within a dialog that is the next router or the target where it is an address of the trunk;
    /// a name, and whatever the far side writes there, is reached over the address that carried the call so far.
    pub(super) fn way(&self, request: Message, peer: usize) -> (Message, Hop) {
        let carrier = self.settings.transport;
        let port = if carrier == Carrier::Tls { 5061 } else { 5060 };
        if let Some(hop) = self.layer.hop_of_invite(&request).filter(|_| request.method() == Some(&Method::Cancel)) {
            return (through(request, hop.carrier), hop);
        }
        let named = named(&request, port).filter(|address| self.sources.has(address.ip()));
        let nowhere = SocketAddr::new(self.settings.local_address.ip(), 0);
        let address = named.or_else(|| self.peers.get(peer).copied()).unwrap_or(nowhere);
        let hop = Hop { peer: address, carrier };
        if carrier == Carrier::Udp && request.bytes().len() > LARGE { self.large(request, hop) } else { (request, hop) }
    }

    fn large(&self, request: Message, hop: Hop) -> (Message, Hop) {
        if !self.settings.tcp_for_large || self.without_tcp.contains(&hop.peer) {
            Counts::add(&self.shared.counts.oversize);
            return (request, hop);
        }
        (through(request, Carrier::Tcp), Hop { carrier: Carrier::Tcp, ..hop })
    }

    /// Whether a connection that never stood was one for a large request alone: then its requests go by UDP after all
    /// (RFC 3261 §18.1.1), and those after them too.
    pub(super) fn is_without_tcp(&mut self, hop: Hop, sent: bool) -> bool {
        let was_for_large = !sent && self.settings.transport == Carrier::Udp && hop.carrier == Carrier::Tcp;
        if was_for_large && !self.without_tcp.contains(&hop.peer) {
            self.without_tcp.push(hop.peer);
        }
        was_for_large
    }

    pub(super) fn by_datagram(&mut self, request: Message, peer: SocketAddr) {
        Counts::add(&self.shared.counts.oversize);
        let (now, hop) = (self.now(), Hop { peer, carrier: Carrier::Udp });
        let outcomes = self.layer.request(through(request, Carrier::Udp), hop, now);
        self.come_to(outcomes, true);
    }
}

/// A request that says by what it goes.
fn through(mut request: Message, carrier: Carrier) -> Message {
    let via = request.get("Via").unwrap_or_default();
    if let Some((_, rest)) = via.split_once(' ') {
        let via = format!("SIP/2.0/{} {rest}", carrier.via());
        request.set("Via", &via);
    }
    request
}

/// The address that a request within a dialog names.
fn named(request: &Message, port: u16) -> Option<SocketAddr> {
    let uri = next_hop(request).filter(|_| request.to_tag().is_some())?;
    let (host, named) = uri_host(&uri)?;
    Some(SocketAddr::new(host.parse::<IpAddr>().ok()?, named.unwrap_or(port)))
}
