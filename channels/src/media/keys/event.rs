//! Keys as RFC 4733 events: those that come, whatever the network does to them, and those that we send.
//! Refuses to wait for the end of a key: it counts at the first packet of it that arrives.

use crate::media::rtp::Head;
use std::collections::VecDeque;
use std::time::Duration;

/// A key of 100 ms.
const KEY_SAMPLES: u16 = 800;
/// What one packet adds.
const STEP: u16 = 160;
/// Volume 10, which is −10 dBm0.
const VOLUME: u8 = 10;
/// A packet that is the last says so.
const END: u8 = 0x80;
/// The longest stretch that one timestamp can count (§2.5.1.3), after which the key goes on with another one.
const SEGMENT: u32 = 0xffff;
/// A key that was not heard of yet may come so late, in samples: 200 ms.
const LATEST: u32 = 1600;
/// How long after the last packet an older timestamp means a peer that counts anew.
const ANEW: Duration = Duration::from_secs(1);
/// So many keys are remembered; each is repeated for much less time than these take.
const REMEMBERED: usize = 16;
/// So many packets in a row may be lost of a key that has a new timestamp in each.
const MOST_MISSED: u16 = 10;
/// So many packets of sound after a key end it; one may be the tone of the key beside its events.
const SOUNDS_AFTER: u8 = 2;

/// What came of the keys of a call.
#[derive(Debug, Default)]
pub(in crate::media) struct Events {
    /// Source and timestamp of each key that was told.
    told: VecDeque<(u32, u32)>,
    last: Option<Last>,
    /// Packets of sound since.
    sounds: u8,
}

/// The packet of an event that came last.
#[derive(Debug, Clone, Copy)]
struct Last {
    head: Head,
    event: u8,
    at: Duration,
}

impl Events {
    /// Takes a packet; the key, if one begins with it.
    pub fn take(&mut self, head: Head, payload: &[u8], now: Duration) -> Option<char> {
        let &[event, _, _, _] = payload.first_chunk()?;
        let key = super::key(event)?;
        let is_new = self.is_new(head, event, now);
        if is_new || self.is_last(head) || self.continues(head, event) {
            self.last = Some(Last { head, event, at: now });
            self.sounds = 0;
            self.remember((head.ssrc, head.timestamp));
        }
        is_new.then_some(key)
    }

    /// A packet of sound came.
    pub const fn sound(&mut self) {
        self.sounds = self.sounds.saturating_add(1);
    }

    fn is_last(&self, head: Head) -> bool {
        self.last.is_some_and(|last| (last.head.ssrc, last.head.timestamp) == (head.ssrc, head.timestamp))
    }

    fn is_new(&self, head: Head, event: u8, now: Duration) -> bool {
        if self.told.contains(&(head.ssrc, head.timestamp)) || self.continues(head, event) {
            return false;
        }
        self.last.is_none_or(|last| last.head.ssrc != head.ssrc || last.is_before(head.timestamp, now))
    }

    /// Whether it is the key that came last, under another timestamp.
    fn continues(&self, head: Head, event: u8) -> bool {
        self.last.is_some_and(|last| {
            last.head.ssrc == head.ssrc
                && last.event == event
                && !head.marker
                && (last.is_next_segment(head) || (self.sounds < SOUNDS_AFTER && last.is_counted_on(head)))
        })
    }

    fn remember(&mut self, key: (u32, u32)) {
        if self.told.contains(&key) {
            return;
        }
        if self.told.len() == REMEMBERED {
            self.told.pop_front();
        }
        self.told.push_back(key);
    }
}

impl Last {
    /// A timestamp that is a little older belongs to a key that came late; one that is much older to none.
    fn is_before(&self, timestamp: u32, now: Duration) -> bool {
        let behind = self.head.timestamp.wrapping_sub(timestamp);
        behind > u32::MAX / 2 || behind <= LATEST || now.saturating_sub(self.at) >= ANEW
    }

    /// A key that is held for more than 8.19 s.
    const fn is_next_segment(&self, head: Head) -> bool {
        head.timestamp.wrapping_sub(self.head.timestamp) == SEGMENT
    }

    /// A sender that writes a new timestamp into each packet: it moves no further than the packets that were sent. Each of
    /// its packets follows another; two keys are never so close.
    fn is_counted_on(&self, head: Head) -> bool {
        let packets = head.sequence.wrapping_sub(self.head.sequence);
        let moved = head.timestamp.wrapping_sub(self.head.timestamp);
        (1..=MOST_MISSED).contains(&packets) && moved <= u32::from(packets) * u32::from(STEP)
    }
}

/// One packet of a key that we send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::media) struct Sent {
    /// It has the marker.
    pub is_first: bool,
    pub payload: [u8; 4],
}

/// Packets of a key: five, the last of them three times (sip.md §8).
pub(in crate::media) const PACKETS: u8 = 7;

/// The packet that is sent in this tick of a key, counted from 0.
pub(in crate::media) fn sent(number: u8, tick: u8) -> Sent {
    let duration = (u16::from(tick) + 1).saturating_mul(STEP).min(KEY_SAMPLES);
    let flags = if duration == KEY_SAMPLES { END | VOLUME } else { VOLUME };
    let [high, low] = duration.to_be_bytes();
    Sent { is_first: tick == 0, payload: [number, flags, high, low] }
}

#[cfg(test)]
mod tests;
