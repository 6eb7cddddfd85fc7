//! The sound that we receive: from whom it may come, in which order it is heard, and the keys in it.
//! Refuses strangers, other payload types than were agreed, and keys before the call was answered.

use super::Statistics;
use super::candidate::Candidate;
use super::g711::Law;
use super::keys::ears::{Ears, Source};
use super::keys::event::Events;
use super::keys::tone::Tones;
use super::rtp::{self, Packet};
use super::sdp::{EVENTS, Remote};
use super::srtp::Inbound;
use super::window::{Place, Ready, Window};
use std::net::SocketAddr;
use std::time::Duration;

/// A source that is silent for so long may have moved: an address translator has forgotten it.
const MOVED: Duration = Duration::from_secs(1);
/// The echo of keys that we send is over so long after them.
const ECHO: Duration = Duration::from_millis(200);

/// The longest payload: 120 ms. Listening to more would take the time of other calls.
const LONGEST: usize = 960;
/// What a payload type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    Sound(Law),
    Event,
}

/// The stream of a call from its peer.
#[derive(Debug)]
pub(super) struct Hearing {
    strict: bool,
    /// Where the peer said that it is.
    said: Option<SocketAddr>,
    /// Where it is, and when it was heard last.
    source: Option<(SocketAddr, Duration)>,
    candidate: Candidate,
    kinds: [Kind; 128],
    secure: Option<Inbound>,
    ssrc: Option<u32>,
    window: Window,
    events: Events,
    tones: Tones,
    pub ears: Ears,
    /// Whether keys count: the call was answered.
    pub counts_keys: bool,
    /// Timestamp and length of the last packet of sound.
    last: Option<(u32, usize)>,
    deaf_until: Duration,
    /// Keys that count and were not told yet.
    pub pressed: Vec<char>,
    /// Every sample that was heard, as µ-law.
    #[cfg(test)]
    pub tape: Vec<u8>,
}

impl Hearing {
    pub fn new(strict: bool) -> Self {
        Self {
            strict,
            said: None,
            source: None,
            candidate: Candidate::default(),
            kinds: [Kind::Unknown; 128],
            secure: None,
            ssrc: None,
            window: Window::default(),
            events: Events::default(),
            tones: Tones::default(),
            ears: Ears::default(),
            counts_keys: false,
            last: None,
            deaf_until: Duration::ZERO,
            pressed: Vec::new(),
            #[cfg(test)]
            tape: Vec::new(),
        }
    }

    /// Takes up what was agreed. A peer that has moved is looked for anew.
    pub fn agree(&mut self, remote: &Remote) {
        if remote.address.is_some() && remote.address != self.said {
            (self.said, self.source) = (remote.address, None);
        }
        self.kinds = kinds(remote);
        if let Some(crypto) = &remote.crypto {
            Inbound::agree(&mut self.secure, &crypto.key);
        }
    }

    /// The call was answered: keys count from now on. What waits was pressed before, and where the peer is is found anew, as
    /// until now nobody could be held to be it.
    pub fn connect(&mut self, now: Duration, counts: &mut Statistics) {
        self.begin_anew(now, counts);
        self.ssrc = None;
        (self.source, self.candidate) = (None, Candidate::default());
        self.counts_keys = true;
    }

    /// Where to send: to where it comes from, once it does (RFC 4961).
    pub fn address(&self) -> Option<SocketAddr> {
        self.source.map(|(source, _)| source).or(self.said)
    }

    /// Keys of ours are on the way: what comes back is not pressed by anybody.
    pub fn deafen(&mut self, now: Duration) {
        self.deaf_until = now + ECHO;
    }

    /// Takes a datagram; whether it was sound of the peer.
    pub fn take(&mut self, datagram: &mut [u8], from: SocketAddr, now: Duration, counts: &mut Statistics) -> bool {
        if !self.may_come_from(from, now) {
            counts.strangers += 1;
            return false;
        }
        let Some(length) = self.opened(datagram) else {
            counts.broken += 1;
            return false;
        };
        let Some(packet) = rtp::parse(&datagram[..length]) else {
            counts.broken += 1;
            return false;
        };
        if self.kind(&packet) == Kind::Unknown && !self.is_known(&packet, from) {
            counts.broken += 1;
            return false;
        }
        if packet.payload.len() > LONGEST {
            counts.broken += 1;
            return false;
        }
        if !self.is_proven(&packet, from) {
            counts.strangers += 1;
            return false;
        }
        counts.received += 1;
        self.source = Some((from, now));
        self.place(packet, &datagram[..length], now, counts);
        true
    }

    /// What waited for long enough. Call it in each tick.
    pub fn tick(&mut self, now: Duration, counts: &mut Statistics) {
        self.drain(now, counts);
        while let Some(key) = self.ears.waited(now) {
            self.pressed.push(key);
        }
    }

    fn may_come_from(&self, from: SocketAddr, now: Duration) -> bool {
        match (self.strict, self.source) {
            (true, _) => self.said == Some(from),
            (false, Some((source, at))) => {
                [Some(source), self.said].contains(&Some(from)) || now.saturating_sub(at) >= MOVED
            }
            (false, None) => self.said.is_some(),
        }
    }

    /// Whether a packet is the peer's. From where it is, or said that it is, all are, and so is what was made with its key;
    /// somebody else must be heard for a while, as one packet is easily guessed.
    fn is_proven(&mut self, packet: &Packet<'_>, from: SocketAddr) -> bool {
        let is_there = self.source.is_some_and(|(source, _)| source == from) || self.said == Some(from);
        if is_there || self.secure.is_some() {
            return true;
        }
        self.candidate.is_proven(&packet.head, from)
    }

    /// The length of the packet once it is plain, which it is without keys.
    fn opened(&mut self, datagram: &mut [u8]) -> Option<usize> {
        match &mut self.secure {
            Some(secure) => secure.open(datagram),
            None => Some(datagram.len()),
        }
    }

    /// What is in a packet that was not agreed says nothing about who sent it.
    fn is_known(&self, packet: &Packet<'_>, from: SocketAddr) -> bool {
        self.ssrc == Some(packet.head.ssrc) && self.source.is_some_and(|(source, _)| source == from)
    }

    const fn kind(&self, packet: &Packet<'_>) -> Kind {
        self.kinds[packet.head.payload_type as usize & 0x7f]
    }

    fn place(&mut self, packet: Packet<'_>, bytes: &[u8], now: Duration, counts: &mut Statistics) {
        if self.ssrc.replace(packet.head.ssrc) != Some(packet.head.ssrc) {
            self.begin_anew(now, counts);
        }
        match self.window.place(packet.head.sequence, bytes, now) {
            Place::Next => self.hear(packet, now),
            Place::Kept if self.kind(&packet) == Kind::Event => self.ears.expects_better(),
            Place::Kept => {}
            Place::Duplicate => counts.duplicates += 1,
            Place::Dropped => counts.late += 1,
        }
        self.drain(now, counts);
    }

    /// A new source of the peer: what waits of the old one is heard first.
    fn begin_anew(&mut self, now: Duration, counts: &mut Statistics) {
        let forever = now + Duration::from_secs(3600);
        while let Some(ready) = self.window.ready(forever) {
            self.come(ready, now, counts);
        }
        self.window = Window::default();
        self.last = None;
    }

    fn drain(&mut self, now: Duration, counts: &mut Statistics) {
        while let Some(ready) = self.window.ready(now) {
            self.come(ready, now, counts);
        }
    }

    fn come(&mut self, ready: Ready, now: Duration, counts: &mut Statistics) {
        match ready {
            Ready::Packet(bytes) => rtp::parse(&bytes).into_iter().for_each(|packet| self.hear(packet, now)),
            Ready::Lost(count) => counts.lost += u64::from(count),
        }
    }

    fn hear(&mut self, packet: Packet<'_>, now: Duration) {
        match self.kind(&packet) {
            Kind::Sound(law) => self.sound(packet, law, now),
            Kind::Event => self.event(packet, now),
            Kind::Unknown => {}
        }
    }

    fn event(&mut self, packet: Packet<'_>, now: Duration) {
        if let Some(key) = self.events.take(packet.head, packet.payload, now).filter(|_| self.counts_keys) {
            self.pressed.extend(self.ears.heard(Source::Event, key));
        }
    }

    fn sound(&mut self, packet: Packet<'_>, law: Law, now: Duration) {
        #[cfg(test)]
        self.tape.extend(packet.payload.iter().map(|byte| law.to_mu(*byte)));
        self.events.sound();
        let last = self.last.replace((packet.head.timestamp, packet.payload.len()));
        let gap = last
            .map_or(0, |(timestamp, length)| packet.head.timestamp.wrapping_sub(timestamp).wrapping_sub(length as u32));
        self.tones.gap(gap);
        if now < self.deaf_until {
            self.tones.forget();
            return;
        }
        let Self { tones, ears, counts_keys, .. } = self;
        tones.listen(packet.payload, law, |key| {
            if *counts_keys {
                ears.tone(key, now);
            }
        });
    }
}

fn kinds(remote: &Remote) -> [Kind; 128] {
    let mut kinds = [Kind::Unknown; 128];
    let laws = [Law::Mu, Law::A].map(|law| (law.payload_type(), Kind::Sound(law)));
    let events = [Some(EVENTS), remote.events].into_iter().flatten().map(|number| (number, Kind::Event));
    let codecs = remote.codecs.iter().map(|(number, law)| (*number, Kind::Sound(*law)));
    // The later ones go before those that we offered: numbers mean what the peer says.
    laws.into_iter().chain(events).chain(codecs).for_each(|(number, kind)| kinds[usize::from(number)] = kind);
    kinds
}

#[cfg(test)]
mod tests;
