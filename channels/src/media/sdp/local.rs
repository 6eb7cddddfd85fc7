//! Our side of the agreement as text: the offer, and answers to offers.
//! Refuses every stream but one of sound.

use super::{EVENTS, Law, MasterKey, Offered, crypto};
use engine::secret::Secret;
use std::fmt::Write;
use std::net::IpAddr;

/// The number of our key in an offer; an answer has that of the offer.
pub(super) const TAG: u32 = 1;

/// What we say about us.
#[derive(Debug)]
pub(in crate::media) struct Local {
    address: IpAddr,
    port: u16,
    id: u64,
    version: u64,
    /// What was said last, without the line that counts: it may hold a key.
    said: Secret<String>,
    key: Option<MasterKey>,
}

/// The protocol of an `m=` line.
pub(super) const fn protocol(secure: bool) -> &'static str {
    if secure { "RTP/SAVP" } else { "RTP/AVP" }
}

impl Local {
    /// Sound is to come to this address and port. The `id` is of this call alone (RFC 8866 §5.2).
    pub fn new(address: IpAddr, port: u16, id: u64, key: Option<MasterKey>) -> Self {
        Self { address, port, id: id >> 1, version: 0, said: Secret::default(), key }
    }

    pub const fn key(&self) -> Option<&MasterKey> {
        self.key.as_ref()
    }

    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// Everything that we speak (sip.md §5.1).
    pub fn offer(&mut self) -> Vec<u8> {
        let mut text = self.head();
        let _ = write!(text, "m=audio {} {} 0 8 {EVENTS}\r\n", self.port, protocol(self.key.is_some()));
        codec(&mut text, 0, Law::Mu);
        codec(&mut text, 8, Law::A);
        self.tail(&mut text, Some(EVENTS), 20, TAG, "sendrecv");
        self.numbered(text)
    }

    /// Takes the stream that was found in the offer, with its numbers, and refuses the others (RFC 3264 §6).
    pub fn answer(&mut self, offered: &Offered) -> Vec<u8> {
        let mut text = self.head();
        for (at, [media, protocol, formats]) in offered.lines.iter().enumerate() {
            if at == offered.taken {
                self.taken(&mut text, offered);
            } else {
                let _ = write!(text, "m={media} 0 {protocol} {formats}\r\n");
            }
        }
        self.numbered(text)
    }

    fn taken(&self, text: &mut String, offered: &Offered) {
        let remote = &offered.remote;
        let (number, law) = remote.codecs[0];
        let _ = write!(text, "m=audio {} {} {number}", self.port, protocol(self.key.is_some()));
        if let Some(events) = remote.events {
            let _ = write!(text, " {events}");
        }
        text.push_str("\r\n");
        codec(text, number, law);
        let tag = remote.crypto.as_ref().map_or(TAG, |crypto| crypto.tag);
        self.tail(text, remote.events, remote.packet / 8, tag, remote.flow.answered());
    }

    fn head(&self) -> String {
        format!("s=-\r\nc=IN {} {}\r\nt=0 0\r\n", self.family(), self.address)
    }

    const fn family(&self) -> &'static str {
        if self.address.is_ipv4() { "IP4" } else { "IP6" }
    }

    fn tail(&self, text: &mut String, events: Option<u8>, milliseconds: usize, tag: u32, flow: &str) {
        if let Some(events) = events {
            let _ = write!(text, "a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-15\r\n");
        }
        if let Some(key) = &self.key {
            text.push_str(&crypto::attribute(tag, key));
        }
        let _ = write!(text, "a=ptime:{milliseconds}\r\na={flow}\r\n");
    }

    /// A new version only for new content, so that a refresh is known as one (RFC 3264 §8).
    fn numbered(&mut self, text: String) -> Vec<u8> {
        if *self.said.expose() != text {
            self.version += 1;
            self.said = Secret::new(text);
        }
        let (id, version, family, address) = (self.id, self.version, self.family(), self.address);
        format!("v=0\r\no=- {id} {version} IN {family} {address}\r\n{}", self.said.expose()).into_bytes()
    }
}

fn codec(text: &mut String, number: u8, law: Law) {
    let _ = write!(text, "a=rtpmap:{number} {}/8000\r\n", law.name());
}
