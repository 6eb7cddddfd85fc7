//! A dialog from the side that was called (RFC 3261 §12.1.1): tags, numbers, targets and routes.
//! It gives no number twice.

use super::super::carrier::{ALLOW, Carrier};
use super::super::envelope::{Envelope, answer};
use super::super::path::Path;
use super::super::text::field::{address, host};
use super::super::text::message::Message;
use super::super::transactions::Key;
use super::Begin;
use super::resend::What;

pub(super) struct Dialog {
    pub(super) invite: Message,
    pub(super) envelope: Envelope,
    pub(super) tag: String,
    /// Where answers to the INVITE go.
    pub(super) path: Path,
    /// Where our requests go.
    target: Option<Path>,
    contact: String,
    routes: Vec<String>,
    /// The caller's last number, and ours.
    pub(super) theirs: u32,
    ours: u32,
}

impl Dialog {
    pub(super) fn new(begin: Begin) -> Self {
        let Begin { envelope, invite, path, tag } = begin;
        let routes = invite.list("Record-Route").into_iter().map(str::to_owned).collect();
        let theirs = envelope.number;
        let mut dialog =
            Self { invite, envelope, tag, path, target: None, contact: String::new(), routes, theirs, ours: 0 };
        let invite = dialog.invite.clone();
        dialog.refresh(&invite);
        dialog
    }

    pub(super) fn key(&self) -> Key {
        self.envelope.key("INVITE")
    }

    /// Takes the target from a request that may change it (RFC 3261 §12.2.2).
    pub(super) fn refresh(&mut self, request: &Message) {
        if let Some(contact) = request.list("Contact").first() {
            self.contact = address(contact).to_owned();
        }
        let hop = self.routes.first().map_or(self.contact.as_str(), |route| address(route));
        self.target = Some(self.path.toward(host(hop)));
    }

    pub(super) fn has_contact(&self) -> bool {
        !self.contact.is_empty()
    }

    /// Where our requests go; the answers to the INVITE go another way.
    pub(super) fn path_of(&self, what: What) -> &Path {
        match what {
            What::Ok | What::Refusal | What::Provisional => &self.path,
            What::Bye | What::Invite | What::Info => self.target.as_ref().unwrap_or(&self.path),
        }
    }

    /// Where the caller's requests go.
    pub(super) fn our_contact(&self) -> String {
        let transport = match self.path.transport() {
            "UDP" => "",
            "TCP" => ";transport=tcp",
            _ => ";transport=tls",
        };
        format!("sip:phone@{}{transport}", self.path.local())
    }

    /// An answer to a request of the dialog; those to an INVITE say what else there is to know.
    pub(super) fn answer(&self, request: &Message, code: u16, path: &Path) -> Message {
        let mut answer = answer(request, code, &self.tag, path);
        let makes_dialog = request.method() == "INVITE" && (101..300).contains(&code);
        if makes_dialog {
            for route in request.all("Record-Route") {
                answer.add("Record-Route", route);
            }
        }
        if makes_dialog || matches!(request.method(), "UPDATE") {
            answer.add("Contact", format!("<{}>", self.our_contact()));
            answer.add("Allow", ALLOW);
            answer.add("Supported", "100rel, timer");
        }
        answer
    }

    /// A request with the next number; gives the number and the branch too.
    pub(super) fn request(&mut self, method: &str, carrier: &Carrier) -> (Message, u32, String) {
        self.ours += 1;
        let branch = format!("{}{}", super::super::text::field::COOKIE, carrier.token());
        (self.numbered(method, self.ours, &branch), self.ours, branch)
    }

    /// A request with this number and branch: an ACK belongs to an INVITE.
    pub(super) fn numbered(&self, method: &str, number: u32, branch: &str) -> Message {
        let (transport, local) = (self.path.transport(), self.path.local());
        let to = self.invite.first("To").unwrap_or_default();
        let mut request = Message::request(method, &self.contact)
            .with("Via", format!("SIP/2.0/{transport} {local};branch={branch};rport"))
            .with("Max-Forwards", "70");
        for route in &self.routes {
            request.add("Route", route.clone());
        }
        request
            .with("From", format!("{to};tag={}", self.tag))
            .with("To", self.invite.first("From").unwrap_or_default())
            .with("Call-ID", self.envelope.call_id.clone())
            .with("CSeq", format!("{number} {method}"))
            .with("Contact", format!("<{}>", self.our_contact()))
    }
}
