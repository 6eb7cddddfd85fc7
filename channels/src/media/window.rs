//! Brings packets into the order in which they were sent: a small window that waits for late ones (RFC 3550 A.1).
//! Refuses duplicates, what comes too late, and a jump that a second packet does not confirm.

use std::time::Duration;

/// How long a gap is waited for. Keys must come in order, and a person does not notice it.
const LONGEST_WAIT: Duration = Duration::from_millis(200);
/// How many packets wait behind a gap at most.
const MOST_HELD: usize = 12;
/// A packet so far ahead or behind is of another count, or of a stranger.
const FAR: u16 = 500;

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the next one: use it now, then ask for those that waited behind it.
    Next,
    /// It was kept until those before it have come, or were waited for long enough.
    Kept,
    /// It has come before.
    Duplicate,
    /// It comes too late, or out of nowhere.
    Dropped,
}

/// What comes out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// A packet whose turn it is.
    Packet(Vec<u8>),
    /// So many packets are waited for no longer.
    Lost(u16),
}

/// The window of one source.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// The number that is next; `None` before the first packet.
    next: Option<u16>,
    /// A bit for each of the 64 numbers before `next`: whether it came. The lowest is that right before.
    seen: u64,
    held: Vec<Held>,
    /// What would confirm a jump.
    jumped: Option<u16>,
}

#[derive(Debug)]
struct Held {
    sequence: u16,
    since: Duration,
    bytes: Vec<u8>,
}

impl Window {
    /// Finds the place of a packet; the bytes are copied only if it has to wait.
    pub fn place(&mut self, sequence: u16, bytes: &[u8], now: Duration) -> Place {
        let ahead = sequence.wrapping_sub(*self.next.get_or_insert(sequence));
        match ahead {
            0 => self.pass(),
            1..FAR => self.keep(sequence, bytes, now),
            FAR..=LAST_FAR => self.jump(sequence),
            BEHIND.. => self.late(ahead.wrapping_neg()),
        }
    }

    /// Whatever waits and whose turn it is, now that no packet is being placed. Ask until there is none.
    pub fn ready(&mut self, now: Duration) -> Option<Ready> {
        let next = self.next?;
        let first = (0..self.held.len()).min_by_key(|at| self.held[*at].sequence.wrapping_sub(next))?;
        let gap = self.held[first].sequence.wrapping_sub(next);
        if gap == 0 {
            self.pass();
            return Some(Ready::Packet(self.held.swap_remove(first).bytes));
        }
        self.is_over(now).then(|| {
            self.skip(gap);
            Ready::Lost(gap)
        })
    }

    fn is_over(&self, now: Duration) -> bool {
        self.held.len() >= MOST_HELD || self.held.iter().any(|held| held.since + LONGEST_WAIT <= now)
    }

    fn pass(&mut self) -> Place {
        self.skip(1);
        self.seen |= 1;
        self.jumped = None;
        Place::Next
    }

    fn skip(&mut self, count: u16) {
        self.next = self.next.map(|next| next.wrapping_add(count));
        self.seen = self.seen.checked_shl(count.into()).unwrap_or(0);
    }

    fn keep(&mut self, sequence: u16, bytes: &[u8], since: Duration) -> Place {
        if self.held.iter().any(|held| held.sequence == sequence) {
            return Place::Duplicate;
        }
        if self.held.len() >= MOST_HELD {
            return Place::Dropped;
        }
        self.held.push(Held { sequence, since, bytes: bytes.to_vec() });
        Place::Kept
    }

    const fn late(&self, behind: u16) -> Place {
        if behind <= 64 && self.seen & (1 << (behind - 1)) != 0 { Place::Duplicate } else { Place::Dropped }
    }

    /// A peer that starts its count anew goes on from there; a single packet changes nothing.
    fn jump(&mut self, sequence: u16) -> Place {
        if self.jumped != Some(sequence) {
            self.jumped = Some(sequence.wrapping_add(1));
            return Place::Dropped;
        }
        *self = Self { next: Some(sequence), ..Self::default() };
        self.pass()
    }
}

/// The last that is neither a little ahead nor a little behind.
const LAST_FAR: u16 = BEHIND - 1;
const BEHIND: u16 = u16::MAX - FAR + 1;

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends these numbers, each a millisecond after the other, then waits; what came out, with gaps as negative numbers.
    fn heard(sequences: &[u16]) -> Vec<i32> {
        let (mut window, mut heard) = (Window::default(), Vec::new());
        let drain = |window: &mut Window, heard: &mut Vec<i32>, now| {
            while let Some(ready) = window.ready(now) {
                heard.push(match ready {
                    Ready::Packet(bytes) => i32::from(u16::from_be_bytes([bytes[0], bytes[1]])),
                    Ready::Lost(count) => -i32::from(count),
                });
            }
        };
        for (at, sequence) in sequences.iter().enumerate() {
            let now = Duration::from_millis(at as u64);
            if window.place(*sequence, &sequence.to_be_bytes(), now) == Place::Next {
                heard.push(i32::from(*sequence));
            }
            drain(&mut window, &mut heard, now);
        }
        drain(&mut window, &mut heard, Duration::from_secs(9));
        heard
    }

    #[test]
    fn packets_come_out_in_order() {
        let cases: [(&str, &[u16], &[i32]); 11] = [
            ("in order", &[5, 6, 7], &[5, 6, 7]),
            ("over the end of the count", &[65534, 65535, 0, 1], &[65534, 65535, 0, 1]),
            ("two swapped", &[5, 7, 6, 8], &[5, 6, 7, 8]),
            ("swapped over the end", &[65535, 1, 0, 2], &[65535, 0, 1, 2]),
            ("far late", &[5, 7, 8, 9, 10, 6], &[5, 6, 7, 8, 9, 10]),
            ("twice", &[5, 5, 6, 6, 6, 7], &[5, 6, 7]),
            ("twice while it waits", &[5, 7, 7, 6], &[5, 6, 7]),
            ("one lost", &[5, 7, 8], &[5, -1, 7, 8]),
            ("two gaps", &[5, 7, 10, 11], &[5, -1, 7, -2, 10, 11]),
            ("a single stranger far away", &[5, 6, 40_000, 7], &[5, 6, 7]),
            ("a new count", &[5, 6, 40_000, 40_001, 40_002], &[5, 6, 40_001, 40_002]),
        ];
        for (name, sent, expected) in cases {
            assert_eq!(heard(sent), expected, "{name}");
        }
    }

    #[test]
    fn a_gap_is_waited_for_so_long() {
        let mut window = Window::default();
        let at = Duration::from_millis;
        assert_eq!(window.place(1, b"1", at(0)), Place::Next);
        assert_eq!(window.place(3, b"3", at(40)), Place::Kept);
        assert_eq!(window.ready(at(239)), None);
        assert_eq!(window.ready(at(240)), Some(Ready::Lost(1)));
        assert_eq!(window.ready(at(240)), Some(Ready::Packet(b"3".to_vec())));
        assert_eq!(window.place(2, b"2", at(241)), Place::Dropped);
        assert_eq!(window.place(3, b"3", at(241)), Place::Duplicate);
    }

    #[test]
    fn a_full_window_waits_no_longer() {
        let mut window = Window::default();
        assert_eq!(window.place(0, b"", Duration::ZERO), Place::Next);
        for sequence in 2..14 {
            assert_eq!(window.ready(Duration::ZERO), None);
            assert_eq!(window.place(sequence, b"", Duration::ZERO), Place::Kept);
        }
        assert_eq!(window.place(14, b"", Duration::ZERO), Place::Dropped);
        assert_eq!(window.ready(Duration::ZERO), Some(Ready::Lost(1)));
    }
}
