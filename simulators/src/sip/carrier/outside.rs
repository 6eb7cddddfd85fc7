//! Requests that belong to no call yet: calls that begin, registrations, questions; and who has to show credentials.
//! It lets nobody in who cannot.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{ALLOW, Carrier, EXTENSIONS};
use crate::lock::lock;
use crate::sip::digest::{Challenge, Verdict};
use crate::sip::envelope::{Envelope, answer};
use crate::sip::leg;
use crate::sip::path::Path;
use crate::sip::tally::{Happening, Violation};
use crate::sip::text::field::{address, parameter};
use crate::sip::text::message::Message;
use crate::sip::transactions::Key;

/// Messages that a call may be behind with.
const INBOX: usize = 64;
/// Seconds of a registration that does not say.
const EXPIRES: u32 = 3_600;

impl Carrier {
    pub(super) fn take_outside(self: &Arc<Self>, envelope: Envelope, message: Message, path: Path) {
        let key = envelope.key(message.method());
        match message.method() {
            "INVITE" => self.begin_call(envelope, message, path),
            "REGISTER" => self.register(&key, &message, &path),
            "OPTIONS" => {
                self.trunk.tally.count(Happening::Options);
                let answer = answer(&message, 200, &self.token(), &path).with("Accept", "application/sdp");
                self.reply(&key, answer.with("Allow", ALLOW).with("Supported", EXTENSIONS.join(", ")), &path);
            }
            "BYE" | "INFO" | "PRACK" | "UPDATE" => {
                self.trunk.tally.blame(Violation::NoDialog);
                self.refuse(&key, &message, 481, &path);
            }
            _ => {
                let refusal = answer(&message, 405, &self.token(), &path).with("Allow", ALLOW);
                self.reply(&key, refusal, &path);
            }
        }
    }

    fn begin_call(self: &Arc<Self>, envelope: Envelope, message: Message, path: Path) {
        let tag = self.token();
        let (inbox, messages) = mpsc::channel(INBOX);
        let id = (envelope.call_id.clone(), tag.clone());
        lock(&self.legs).insert(id, inbox);
        lock(&self.transactions).set_call(&envelope.key("INVITE"), Some(tag.clone()));
        self.trunk.tally.count(Happening::Invites);
        tokio::spawn(leg::carry(Arc::clone(self), leg::Begin { envelope, invite: message, path, tag }, messages));
    }

    /// Whether the caller may; otherwise the answer that asks for credentials.
    pub(crate) fn challenge(&self, request: &Message, our_tag: &str, path: &Path) -> Option<Message> {
        let guard = &self.trunk.guard;
        if guard.challenge == Challenge::None {
            return None;
        }
        let verdict = guard.judge(request);
        match verdict {
            Verdict::Right => return None,
            Verdict::Wrong => self.trunk.tally.blame(Violation::WrongCredentials),
            Verdict::Missing | Verdict::Stale => {}
        }
        self.trunk.tally.count(Happening::Challenged);
        let (name, value) = guard.ask(verdict == Verdict::Stale);
        Some(answer(request, guard.challenge.status(), our_tag, path).with(name, value))
    }

    fn register(&self, key: &Key, message: &Message, path: &Path) {
        let tag = self.token();
        if let Some(challenge) = self.challenge(message, &tag, path) {
            return self.reply(key, challenge, path);
        }
        self.trunk.tally.count(Happening::Registered);
        let mut answer = answer(message, 200, &tag, path);
        for contact in message.list("Contact") {
            let said = parameter(contact, "expires").and_then(|seconds| seconds.parse().ok());
            let expires = said.or(message.number("Expires")).unwrap_or(EXPIRES);
            if contact != "*" && expires > 0 {
                answer.add("Contact", format!("<{}>;expires={expires}", address(contact)));
            }
        }
        self.reply(key, answer, path);
    }
}
