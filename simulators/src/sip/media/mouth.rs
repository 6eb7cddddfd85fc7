//! What a phone says: sound, silence, and keys as events or tones, one packet each 20 ms.
//! It never falls silent by itself: a firewall on the way would close.

use std::collections::VecDeque;

use super::FRAME;
use super::rtp::{Packet, event};
use crate::sound::law::Law;
use crate::sound::tone;

/// Packets of a key: 100 ms.
const KEY: u16 = 5;
const KEY_MS: u32 = 100;
/// Times that the end of a key is sent (RFC 4733 §2.5.1.4).
const ENDS: usize = 3;

pub(crate) struct Mouth {
    sequence: u16,
    timestamp: u32,
    source: u32,
    sound: VecDeque<i16>,
    /// Sound that begins anew when it is over.
    again: Option<Vec<i16>>,
    keys: VecDeque<char>,
    pressed: Option<Pressed>,
    /// The next packet is the first after a pause.
    begins: bool,
}

struct Pressed {
    key: char,
    start: u32,
    packets: u16,
}

impl Mouth {
    /// Everything that RFC 3550 §5.1 wants random comes out of `random`.
    pub(crate) fn new(random: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = random.to_be_bytes();
        Self {
            sequence: u16::from_be_bytes([a, b]),
            timestamp: u32::from_be_bytes([a, c, d, b]),
            source: u32::from_be_bytes([e, f, g, h]),
            sound: VecDeque::new(),
            again: None,
            keys: VecDeque::new(),
            pressed: None,
            begins: true,
        }
    }

    pub(crate) fn say(&mut self, sound: &[i16]) {
        self.again = None;
        self.sound.extend(sound);
    }

    /// Says it over and over, until something else is said.
    pub(crate) fn repeat(&mut self, sound: Vec<i16>) {
        self.again = Some(sound);
    }

    pub(crate) fn fall_silent(&mut self) {
        self.again = None;
        self.sound.clear();
    }

    pub(crate) fn press_event(&mut self, key: char) {
        self.keys.push_back(key);
    }

    pub(crate) fn press_tone(&mut self, key: char) {
        if let Some(sound) = tone::key(key, KEY_MS) {
            self.say(&sound);
            self.sound.extend([0; FRAME * 2]);
        }
    }

    /// The packets of the next 20 ms; `kinds` are the payload types of sound and keys.
    pub(crate) fn next(&mut self, law: Law, kinds: (u8, Option<u8>)) -> Vec<Packet> {
        let packets = match (self.next_key(), kinds.1) {
            (Some(pressed), Some(kind)) => self.key_packets(pressed, kind),
            (Some(_), None) | (None, _) => {
                let marker = std::mem::take(&mut self.begins);
                let payload = self.frame(law);
                vec![self.packet(kinds.0, marker, self.timestamp, payload)]
            }
        };
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        packets
    }

    fn next_key(&mut self) -> Option<Pressed> {
        if let Some(pressed) = self.pressed.take() {
            return Some(Pressed { packets: pressed.packets + 1, ..pressed });
        }
        let key = self.keys.pop_front()?;
        Some(Pressed { key, start: self.timestamp, packets: 1 })
    }

    fn key_packets(&mut self, pressed: Pressed, kind: u8) -> Vec<Packet> {
        let ends = pressed.packets == KEY;
        let payload = event(pressed.key, ends, pressed.packets * FRAME as u16).unwrap_or_default();
        let count = if ends { ENDS } else { 1 };
        let (first, start) = (pressed.packets == 1, pressed.start);
        if ends {
            self.begins = true;
        } else {
            self.pressed = Some(pressed);
        }
        (0..count).map(|_| self.packet(kind, first, start, payload.clone())).collect()
    }

    fn packet(&mut self, kind: u8, marker: bool, timestamp: u32, payload: Vec<u8>) -> Packet {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        Packet { kind, marker, sequence, timestamp, source: self.source, payload }
    }

    fn frame(&mut self, law: Law) -> Vec<u8> {
        if self.sound.is_empty()
            && let Some(again) = &self.again
        {
            self.sound.extend(again);
        }
        let length = self.sound.len().min(FRAME);
        let mut frame: Vec<u8> = self.sound.drain(..length).map(|sample| law.encode(sample)).collect();
        frame.resize(FRAME, law.silence());
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_start_and_three_ends() {
        let mut mouth = Mouth::new(0xFFFF_0000_FFFF_0001);
        mouth.press_event('#');
        mouth.press_event('5');
        let packets: Vec<Packet> = (0..12).flat_map(|_| mouth.next(Law::Mu, (0, Some(101)))).collect();
        let keys: Vec<&Packet> = packets.iter().filter(|packet| packet.kind == 101).collect();
        assert_eq!(keys.len(), 14);
        assert!(keys[..7].iter().all(|packet| packet.timestamp == keys[0].timestamp && packet.payload[0] == 11));
        assert_eq!(keys.iter().map(|packet| packet.marker).filter(|marker| *marker).count(), 2);
        let durations: Vec<_> =
            keys[..7].iter().map(|packet| (packet.payload[1] & 0x80 != 0, packet.payload[3])).collect();
        let expected = [(false, 160), (false, 64), (false, 224), (false, 128), (true, 32), (true, 32), (true, 32)];
        assert_eq!(durations, expected);
        // Numbers go up by one over all packets; the first sound after a key says so.
        assert!(packets.windows(2).all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1)));
        assert!(packets[14].marker && !packets[15].marker);
    }

    #[test]
    fn sound_is_followed_by_silence_or_itself() {
        let mut mouth = Mouth::new(1);
        mouth.say(&[30_000; 200]);
        let frames: Vec<Vec<u8>> =
            (0..3).flat_map(|_| mouth.next(Law::A, (8, None))).map(|packet| packet.payload).collect();
        assert!(frames[0].iter().all(|byte| *byte != 0xD5) && frames[2].iter().all(|byte| *byte == 0xD5));
        mouth.repeat(vec![30_000; 160]);
        assert!((0..5).all(|_| mouth.next(Law::A, (8, None))[0].payload[0] != 0xD5));
        mouth.fall_silent();
        assert_eq!(mouth.next(Law::A, (8, None))[0].payload[0], 0xD5);
    }
}
