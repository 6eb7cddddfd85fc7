//! What comes to a trunk, given to the transactions, and what they say of it, given to whom it concerns.
//! Refuses what belongs to nobody, with the answer that says so.

use super::super::message::Message;
use super::super::transaction::Outcome;
use super::super::transport::{Arrival, Carrier, Hop};
use super::super::{machine::Event, strangers};
use super::Trunk;

impl Trunk {
    pub(super) fn arrived(&mut self, arrival: Arrival) {
        let now = self.now();
        match arrival {
            Arrival::Message(mut message, mut hop) => {
                self.sockets.heard(hop);
                if message.method().is_some() && hop.carrier == Carrier::Udp {
                    hop.peer.set_port(message.came_from(hop.peer).unwrap_or(hop.peer.port()));
                }
                let is_strange = !message.call_id().is_some_and(|call_id| self.calls.contains_key(call_id));
                let outcomes = self.layer.receive(message, hop, is_strange, now);
                self.come_to(outcomes, true);
            }
            Arrival::Unreadable(answer, hop) => {
                self.sockets.send(answer.bytes(), hop);
            }
            Arrival::Opened(hop, connection, stream) => self.sockets.opened(hop, connection, stream),
            Arrival::Broken { hop, connection, sent, cause } => {
                tracing::debug!(trunk = self.settings.name, cause, "a SIP connection ended");
                self.sockets.closed(hop, connection);
                let outcomes = self.layer.broken(connection);
                if self.is_without_tcp(hop, sent) {
                    return outcomes.into_iter().for_each(|outcome| self.turned_away(outcome, hop));
                }
                self.come_to(outcomes, sent);
            }
        }
    }

    /// Does what the transactions want. `sent` is for requests whose connection broke.
    pub(super) fn come_to(&mut self, outcomes: Vec<Outcome>, sent: bool) {
        for outcome in outcomes {
            match outcome {
                Outcome::Send(message, hop) => {
                    if let Some(connection) = self.sockets.send(message.bytes(), hop) {
                        self.layer.carried(&message, connection);
                    }
                }
                Outcome::Response(response) => self.response(response),
                Outcome::Request(request, hop) => self.asked(request, hop),
                Outcome::TimedOut(request, connection) => {
                    connection.into_iter().for_each(|connection| self.sockets.doubt(connection));
                    self.unanswered(request.clone(), Event::TimedOut(request));
                }
                Outcome::Broken(request) => self.unanswered(request.clone(), Event::Broken { request, sent }),
            }
        }
    }

    fn turned_away(&mut self, outcome: Outcome, hop: Hop) {
        match outcome {
            Outcome::Broken(request) => self.by_datagram(request, hop.peer),
            other @ (Outcome::Send(..) | Outcome::Response(_) | Outcome::Request(..) | Outcome::TimedOut(..)) => {
                self.come_to(vec![other], false);
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
}
