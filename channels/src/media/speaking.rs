//! The sound that we send: what is played becomes packets, one for each 20 ms or as the peer wants them.
//! Refuses to leave a tick out: silence is sent where nothing is played, which keeps the way back open.

use super::g711::{SILENCE, TICK_SAMPLES};
use super::keys::event::{self, Sent};
use super::keys::tone;
use super::player::{Player, Slot, Tick};
use super::rtp::{HEADER, Head};
use super::sdp::Remote;
use super::srtp::Outbound;

/// The stream of a call to its peer.
#[derive(Debug)]
pub(super) struct Speaking {
    pub player: Player,
    /// Whether something was played in the last tick: a marker says where a talk spurt begins (RFC 3551 §4.1).
    was_playing: bool,
    head: Head,
    /// Samples that wait for a whole packet, µ-law. Fewer than a packet has.
    waiting: Vec<u8>,
    /// When the key began that is being sent.
    key_began: u32,
    packet: Vec<u8>,
    secure: Option<Outbound>,
}

/// Whether a key of ours was on the way in a tick: its echo is nobody's.
pub(super) type IsDialling = bool;

impl Speaking {
    /// Begins with these numbers, which must be random (RFC 3550 §5.1).
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32, secure: Option<Outbound>) -> Self {
        let head = Head { marker: true, payload_type: 0, sequence, timestamp, ssrc };
        let (waiting, packet) = (Vec::with_capacity(640), Vec::with_capacity(640));
        Self { player: Player::default(), was_playing: false, head, waiting, key_began: 0, packet, secure }
    }

    /// Sends what belongs to the next 20 ms.
    pub fn tick(&mut self, remote: &Remote, send: &mut impl FnMut(&[u8])) -> IsDialling {
        let mut tick = [SILENCE; TICK_SAMPLES];
        let slot = self.player.next(&mut tick);
        match (slot, remote.events) {
            (Slot::Key { number, tick: at }, Some(events)) if at < event::PACKETS => {
                self.flush(remote, send);
                self.event(event::sent(number, at), events, send);
            }
            (Slot::Key { number, tick: at }, None) => {
                tone::write(number, at, &mut tick);
                self.sound(&tick, remote, send);
            }
            (Slot::Key { .. }, Some(_)) => self.sound(&tick, remote, send),
            (Slot::Sound, _) => {
                self.head.marker |= !self.was_playing;
                self.sound(&tick, remote, send);
            }
            (Slot::Idle, _) => self.sound(&tick, remote, send),
        }
        self.was_playing = slot != Slot::Idle;
        matches!(slot, Slot::Key { .. })
    }

    /// On hold time goes on though nothing is sent; the next packet begins a talk spurt.
    pub fn rest(&mut self) {
        self.head.timestamp = self.head.timestamp.wrapping_add(TICK_SAMPLES as u32);
        self.waiting.clear();
        self.head.marker = true;
    }

    fn sound(&mut self, tick: &Tick, remote: &Remote, send: &mut impl FnMut(&[u8])) {
        self.waiting.extend_from_slice(tick);
        while self.waiting.len() >= remote.packet {
            self.part(remote.packet, remote, send);
        }
    }

    /// The samples before a key go out first, however few.
    fn flush(&mut self, remote: &Remote, send: &mut impl FnMut(&[u8])) {
        while !self.waiting.is_empty() {
            self.part(self.waiting.len().min(remote.packet), remote, send);
        }
    }

    fn part(&mut self, samples: usize, remote: &Remote, send: &mut impl FnMut(&[u8])) {
        let (number, law) = remote.codecs[0];
        self.begin(number);
        self.packet.extend(self.waiting.drain(..samples));
        law.write(&mut self.packet[HEADER..]);
        self.end(send);
        self.head.timestamp = self.head.timestamp.wrapping_add(samples as u32);
    }

    /// All packets of a key have the timestamp of its beginning, while the clock of the sound goes on (RFC 4733 §2.2).
    fn event(&mut self, sent: Sent, number: u8, send: &mut impl FnMut(&[u8])) {
        let clock = self.head.timestamp;
        if sent.is_first {
            self.key_began = clock;
        }
        self.head.timestamp = self.key_began;
        self.head.marker = sent.is_first;
        self.begin(number);
        self.packet.extend_from_slice(&sent.payload);
        self.end(send);
        self.head.timestamp = clock.wrapping_add(TICK_SAMPLES as u32);
    }

    fn begin(&mut self, payload_type: u8) {
        self.head.payload_type = payload_type;
        self.packet.clear();
        self.packet.resize(HEADER, 0);
        self.head.write(&mut self.packet);
    }

    fn end(&mut self, send: &mut impl FnMut(&[u8])) {
        if let Some(secure) = &mut self.secure {
            secure.protect(&mut self.packet);
        }
        send(&self.packet);
        self.head.sequence = self.head.sequence.wrapping_add(1);
        self.head.marker = false;
    }
}

#[cfg(test)]
mod tests;
