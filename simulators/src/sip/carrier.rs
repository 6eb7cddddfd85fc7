//! Who gets what comes in: the call it belongs to, a call that begins, or nobody.
//! It keeps one hand on what was answered, so that a request that comes again gets the same answer.

mod outside;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::envelope::{Envelope, answer};
use super::media::Studio;
use super::path::Path;
use super::tally::{Happening, Violation};
use super::text::field::{COOKIE, cseq, tag};
use super::text::message::{Message, Start};
use super::text::read::Malformed;
use super::transactions::{Key, Transactions};
use super::trunk::Trunk;
use crate::clock;
use crate::lock::lock;
use crate::message::mix;
use crate::world::World;

/// What this side does (RFC 3261 §20.5).
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, INFO, PRACK, UPDATE";
/// Extensions that a caller may demand.
const EXTENSIONS: [&str; 2] = ["100rel", "timer"];

pub(crate) struct Carrier {
    pub(crate) world: Arc<World>,
    pub(crate) trunk: Arc<Trunk>,
    pub(crate) studio: Arc<Studio>,
    transactions: Mutex<Transactions>,
    legs: Mutex<HashMap<DialogId, mpsc::Sender<Incoming>>>,
    salt: u64,
    made: AtomicU64,
}

/// A call as this side knows it (RFC 3261 §12): Call-ID and our tag.
pub(crate) type DialogId = (String, String);

/// A message for a call.
pub(crate) struct Incoming {
    pub(crate) message: Message,
    pub(crate) path: Path,
}

impl Carrier {
    pub(crate) fn new(world: Arc<World>, trunk: Arc<Trunk>, studio: Arc<Studio>) -> Self {
        Self {
            world,
            trunk,
            studio,
            transactions: Mutex::default(),
            legs: Mutex::default(),
            salt: mix(clock::unrepeated()),
            made: AtomicU64::new(0),
        }
    }

    /// A word that nobody here had before.
    pub(crate) fn token(&self) -> String {
        format!("{:016x}", mix(self.salt ^ self.made.fetch_add(1, Ordering::Relaxed)))
    }

    /// Bytes that are no message.
    pub(crate) fn refuse_bytes(&self, error: Malformed) {
        tracing::debug!(%error, "a SIP message could not be read");
        self.trunk.tally.blame(Violation::Malformed);
    }

    pub(crate) fn receive(self: &Arc<Self>, message: Message, path: Path) {
        if self.trunk.faults().unreachable {
            return;
        }
        if let Start::Status { .. } = message.start {
            return self.take_answer(message, path);
        }
        let Some(envelope) = Envelope::read(&message) else {
            return self.refuse_unreadable(&message, &path);
        };
        if !envelope.via.branch.starts_with(COOKIE) {
            self.trunk.tally.blame(Violation::OldBranch);
        }
        let path = path.answering(&envelope.via);
        match message.method() {
            "ACK" => self.take_ack(&envelope, message, path),
            "CANCEL" => self.take_cancel(&envelope, message, path),
            _ => self.take_request(envelope, message, path),
        }
    }

    fn refuse_unreadable(&self, message: &Message, path: &Path) {
        self.trunk.tally.blame(Violation::MissingField);
        // Without a hop there is nobody to tell, and an ACK is never answered.
        if message.first("Via").is_some() && message.method() != "ACK" {
            path.send(answer(message, 400, &self.token(), path).bytes());
        }
    }

    /// An answer to what a call asked.
    fn take_answer(&self, message: Message, path: Path) {
        let ours = message.first("From").and_then(tag).map(str::to_owned);
        let id = message.first("Call-ID").map(str::to_owned).zip(ours);
        let sent = id.is_some_and(|id| self.hand_over(&id, message, path));
        if !sent {
            self.trunk.tally.blame(Violation::StrayAnswer);
        }
    }

    fn hand_over(&self, id: &DialogId, message: Message, path: Path) -> bool {
        let leg = lock(&self.legs).get(id).cloned();
        // A call that is that far behind loses messages, as a busy server does.
        leg.is_some_and(|leg| leg.try_send(Incoming { message, path }).is_ok())
    }

    fn take_ack(&self, envelope: &Envelope, message: Message, path: Path) {
        let invite = envelope.key("INVITE");
        let by_branch = lock(&self.transactions).call_of(&invite);
        let tag = envelope.to_tag.clone().filter(|tag| self.has_leg(&envelope.call_id, tag)).or(by_branch);
        let handed = tag.is_some_and(|tag| self.hand_over(&(envelope.call_id.clone(), tag), message, path));
        let transactions = lock(&self.transactions);
        let over = envelope.to_tag.as_deref().map(|tag| ended(&envelope.call_id, tag));
        if !handed && !transactions.knows(&invite) && !over.is_some_and(|over| transactions.knows(&over)) {
            drop(transactions);
            self.trunk.tally.blame(Violation::StrayAck);
        }
    }

    fn has_leg(&self, call_id: &str, tag: &str) -> bool {
        lock(&self.legs).contains_key(&(call_id.to_owned(), tag.to_owned()))
    }

    fn take_cancel(&self, envelope: &Envelope, message: Message, path: Path) {
        let key = envelope.key("CANCEL");
        if !self.begins(&key) {
            return;
        }
        let invite = envelope.key("INVITE");
        let (known, tag) = {
            let transactions = lock(&self.transactions);
            (transactions.knows(&invite), transactions.call_of(&invite))
        };
        if !known {
            self.trunk.tally.blame(Violation::WrongCancel);
        }
        let code = if known { 200 } else { 481 };
        self.reply(&key, answer(&message, code, &self.token(), &path), &path);
        if let Some(tag) = tag {
            self.hand_over(&(envelope.call_id.clone(), tag), message, path);
        }
    }

    /// Whether a request is new; one that comes again gets its answer again.
    fn begins(&self, key: &Key) -> bool {
        let mut transactions = lock(&self.transactions);
        let new = transactions.begin(key, Instant::now());
        if !new {
            self.trunk.tally.count(Happening::Repeated);
            if let Some((bytes, path)) = transactions.answer_to(key) {
                path.send(bytes);
            }
        }
        new
    }

    fn take_request(self: &Arc<Self>, envelope: Envelope, message: Message, path: Path) {
        let key = envelope.key(message.method());
        if !self.begins(&key) {
            return;
        }
        let foreign: Vec<&str> = message
            .list("Require")
            .into_iter()
            .filter(|word| !EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(word)))
            .collect();
        if !foreign.is_empty() {
            let refusal = answer(&message, 420, &self.token(), &path).with("Unsupported", foreign.join(", "));
            return self.reply(&key, refusal, &path);
        }
        match (message.first("Max-Forwards"), message.number("Max-Forwards")) {
            (None, _) => self.trunk.tally.blame(Violation::MissingField),
            (Some(_), Some(0) | None) => return self.refuse(&key, &message, 483, &path),
            (Some(_), Some(_)) => {}
        }
        match envelope.to_tag.clone() {
            Some(tag) => self.take_in_dialog(&envelope, &tag, message, path),
            None => self.take_outside(envelope, message, path),
        }
    }

    fn take_in_dialog(&self, envelope: &Envelope, tag: &str, message: Message, path: Path) {
        let id = (envelope.call_id.clone(), tag.to_owned());
        let key = envelope.key(message.method());
        if self.has_leg(&id.0, &id.1) {
            self.hand_over(&id, message, path);
            return;
        }
        // Two who hang up at once are both right.
        if !lock(&self.transactions).knows(&ended(&id.0, &id.1)) {
            self.trunk.tally.blame(Violation::NoDialog);
        }
        self.refuse(&key, &message, 481, &path);
    }

    /// A call is over: what comes late still finds that it was there.
    pub(crate) fn leave(&self, id: &DialogId, invite: &Key) {
        lock(&self.legs).remove(id);
        let mut transactions = lock(&self.transactions);
        transactions.set_call(invite, None);
        transactions.begin(&ended(&id.0, &id.1), Instant::now());
    }

    fn refuse(&self, key: &Key, request: &Message, code: u16, path: &Path) {
        self.reply(key, answer(request, code, &self.token(), path), path);
    }

    /// Answers, and remembers it for when the request comes again.
    pub(crate) fn reply(&self, key: &Key, answer: Message, path: &Path) {
        let bytes = answer.bytes();
        self.remember(key, &bytes, path);
        path.send(bytes);
    }

    pub(crate) fn remember(&self, key: &Key, bytes: &[u8], path: &Path) {
        lock(&self.transactions).answered(key, bytes.to_vec(), path.clone());
    }

    /// Whether a request was answered yet.
    pub(crate) fn has_answered(&self, key: &Key) -> bool {
        lock(&self.transactions).answer_to(key).is_some()
    }
}

/// What remains of a call for a while.
fn ended(call_id: &str, tag: &str) -> Key {
    Key { branch: call_id.to_owned(), sent_by: tag.to_owned(), method: String::new() }
}

/// Number and method that an answer is for.
pub(crate) fn answered_request(message: &Message) -> Option<(u32, String)> {
    let (number, method) = cseq(message.first("CSeq")?)?;
    Some((number, method.to_owned()))
}
