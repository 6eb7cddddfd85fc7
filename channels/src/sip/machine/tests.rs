//! The signalling of a call without sockets: the far side is a script, the clock is turned by the test.
//! Refuses randomness: the same seed makes every run the same.

mod answers;
mod asked;
mod races;
mod refresh;

use super::super::digest::Wallet;
use super::super::message::{Message, Method};
use super::super::tokens::Tokens;
use super::*;
use engine::secret::Secret;
use std::cell::RefCell;

/// Media that write down what is done with them; a body of `bad` is refused.
#[derive(Default)]
pub struct Notes(RefCell<Vec<String>>);

impl Notes {
    fn note(&self, what: &str, body: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(body).into_owned();
        self.0.borrow_mut().push(format!("{what} {text}").trim().to_owned());
        if text == "bad" { Err("bad".into()) } else { Ok(()) }
    }

    pub fn take(&self) -> String {
        self.0.take().join(", ")
    }
}

impl Media for Notes {
    fn offer(&self) -> Vec<u8> {
        b"offer".to_vec()
    }

    fn take_answer(&self, sdp: &[u8]) -> Result<(), String> {
        self.note("answer", sdp)
    }

    fn take_offer(&self, sdp: &[u8]) -> Result<Vec<u8>, String> {
        self.note("offer", sdp).map(|()| b"our answer".to_vec())
    }

    fn connect(&self) {
        self.note("connect", b"").unwrap();
    }

    fn info(&self, content_type: &str, body: &[u8]) -> Result<(), InfoRefused> {
        let key = crate::media::read_info(content_type, body)?;
        self.note("key", key.to_string().as_bytes()).unwrap();
        Ok(())
    }
}

/// A call and its far side.
pub struct Rig {
    machine: Signalling,
    pub media: Notes,
    pub now: Duration,
    /// Every request that went out.
    pub sent: Vec<Message>,
    /// Where each went.
    pub peers: Vec<usize>,
    /// Every answer of ours.
    pub answers: Vec<Message>,
    number: u32,
}

impl Rig {
    pub fn new() -> Self {
        Self::with(&[0], "us")
    }

    pub fn with(peers: &[usize], user: &str) -> Self {
        let plan = Plan {
            to: "+12025550123".parse().unwrap(),
            caller: "+12025550100".into(),
            caller_id: CallerId::Both,
            user: user.into(),
            domain: "trunk".into(),
            hosts: vec!["192.0.2.7".into()],
            peers: peers.to_vec(),
            via: "UDP 192.0.2.1:5060".into(),
            contact: "sip:us@192.0.2.1:5060".into(),
            ring: Duration::from_secs(30),
        };
        let wallet = Wallet::new(user.into(), Secret::new("secret".into()));
        let machine = Signalling::new("call".into(), plan, wallet, Tokens::new([3; 32]));
        let (media, now) = (Notes::default(), Duration::ZERO);
        Self { machine, media, now, sent: Vec::new(), peers: Vec::new(), answers: Vec::new(), number: 0 }
    }

    /// A call that was placed.
    pub fn placed() -> Self {
        let mut rig = Self::new();
        assert_eq!(rig.step(Event::Place), "INVITE");
        rig
    }

    /// A call that was answered by the dialog `a`.
    pub fn up(headers: &[(&str, &str)]) -> Self {
        let mut rig = Self::placed();
        let answer = rig.for_invite(200, "a", headers, "sdp");
        assert_eq!(rig.step(Event::Response(answer)), "Placed ACK Answered");
        rig.media.take();
        rig
    }

    /// What an event does, in short words.
    pub fn step(&mut self, event: Event) -> String {
        let actions = self.machine.step(event, &self.media, self.now);
        let words: Vec<_> = actions.into_iter().map(|action| self.word(action)).collect();
        words.join(" ")
    }

    fn word(&mut self, action: Action) -> String {
        match action {
            Action::Request(message, peer) | Action::Ack(message, peer) => {
                self.peers.push(peer);
                let word = message.method().unwrap().to_string();
                self.sent.push(message);
                word
            }
            Action::Respond(message) => {
                let word = message.status().unwrap().to_string();
                self.answers.push(message);
                word
            }
            Action::Forget(_) => "forget".into(),
            Action::Tell(Signal::Placed(_)) => "Placed".into(),
            Action::Tell(Signal::Ended(end)) => format!("{end:?}").split(' ').next().unwrap().to_owned(),
            Action::Tell(signal) => format!("{signal:?}"),
            Action::Trouble(_) => "trouble".into(),
            Action::Avoid { peer, .. } => format!("avoid{peer}"),
        }
    }

    /// Turns the clock to the next deadline and does what is due.
    pub fn tick(&mut self) -> String {
        self.now = self.machine.deadline().expect("something is due");
        self.step(Event::Tick)
    }

    /// The last request of this method that went out.
    pub fn last(&self, method: &Method) -> &Message {
        self.sent.iter().rev().find(|message| message.method() == Some(method)).expect("it was sent")
    }

    /// An answer to the last INVITE.
    pub fn for_invite(&self, status: u16, tag: &str, headers: &[(&str, &str)], sdp: &str) -> Message {
        let response = answer(self.last(&Method::Invite), status, tag, headers);
        if sdp.is_empty() { response } else { response.with_body("application/sdp", sdp.into()) }
    }

    pub fn invite_answered(&mut self, status: u16, tag: &str, headers: &[(&str, &str)], sdp: &str) -> String {
        let response = self.for_invite(status, tag, headers, sdp);
        self.step(Event::Response(response))
    }

    /// An answer to the last request of this method.
    pub fn replied(&mut self, method: &Method, status: u16, headers: &[(&str, &str)]) -> String {
        let response = answer(self.last(method), status, "a", headers);
        self.step(Event::Response(response))
    }

    /// A request of the dialog `a`, numbered on.
    pub fn request(&mut self, method: &str, headers: &[(&str, &str)], body: (&str, &str)) -> Message {
        self.number += 1;
        let invite = self.last(&Method::Invite);
        let number = if method == "ACK" { self.number - 1 } else { self.number };
        let mut request = Message::request(Method::of(method), "sip:us@192.0.2.1:5060")
            .with("Via", format!("SIP/2.0/UDP far;branch=z9hG4bKt{}", self.number))
            .with("From", "<sip:+12025550123@trunk>;tag=a")
            .with("To", invite.get("From").unwrap())
            .with("Call-ID", "call")
            .with("CSeq", format!("{number} {method}"));
        if method == "ACK" {
            self.number -= 1;
        }
        headers.iter().for_each(|(name, value)| request.push(name, value));
        if body.0.is_empty() { request } else { request.with_body(body.0, body.1.into()) }
    }

    pub fn asked(&mut self, method: &str, headers: &[(&str, &str)], body: (&str, &str)) -> String {
        let request = self.request(method, headers, body);
        self.step(Event::Request(request))
    }

    pub fn is_over(&self) -> bool {
        self.machine.is_over()
    }
}

pub const SDP: (&str, &str) = ("application/sdp", "theirs");
pub const NO_BODY: (&str, &str) = ("", "");

fn answer(request: &Message, status: u16, tag: &str, headers: &[(&str, &str)]) -> Message {
    let mut response = Message::response(request, status, tag);
    if headers.iter().all(|(name, _)| *name != "Contact") {
        response.push("Contact", &format!("<sip:{tag}@192.0.2.9>"));
    }
    headers.iter().for_each(|(name, value)| response.push(name, value));
    response
}
