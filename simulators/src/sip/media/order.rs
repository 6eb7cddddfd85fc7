//! Packets of sound in the order they were sent, as far as patience goes.
//! It gives none twice, and fills what was lost with nothing for the listener to fill.

use std::collections::BTreeMap;

use super::rtp::Packet;

/// Packets that wait for an earlier one: 60 ms.
const PATIENCE: usize = 3;
/// The longest gap that is told; beyond it the sender began anew.
const LONGEST_GAP: u64 = 25;

#[derive(Debug, Default)]
pub(crate) struct Order {
    source: Option<u32>,
    /// The number that comes next.
    next: u64,
    waiting: BTreeMap<u64, Packet>,
}

/// What comes next in the sound.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Packet(Packet),
    Lost,
}

impl Order {
    /// Takes a packet; gives what can be heard now.
    pub(crate) fn take(&mut self, packet: Packet) -> Vec<Next> {
        if self.source != Some(packet.source) {
            *self =
                Self { source: Some(packet.source), next: u64::from(packet.sequence) + (1 << 16), ..Self::default() };
        }
        let number = self.number(packet.sequence);
        if number > self.next + LONGEST_GAP {
            self.next = number;
            self.waiting.clear();
        }
        if number >= self.next {
            self.waiting.entry(number).or_insert(packet);
        }
        self.ready(PATIENCE)
    }

    /// What waits, when nothing more seems to come.
    pub(crate) fn flush(&mut self) -> Vec<Next> {
        self.ready(0)
    }

    /// The number in full that is nearest to the next one.
    fn number(&self, sequence: u16) -> u64 {
        let ahead = sequence.wrapping_sub((self.next & 0xFFFF) as u16);
        match ahead {
            0..=0x7FFF => self.next + u64::from(ahead),
            0x8000..=0xFFFF => (self.next + u64::from(ahead)).saturating_sub(1 << 16),
        }
    }

    fn ready(&mut self, patience: usize) -> Vec<Next> {
        let mut ready = Vec::new();
        while let Some(first) = self.waiting.first_entry() {
            if *first.key() == self.next {
                ready.push(Next::Packet(first.remove()));
            } else if self.waiting.len() > patience {
                ready.push(Next::Lost);
            } else {
                break;
            }
            self.next += 1;
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u16) -> Packet {
        Packet { kind: 0, marker: false, sequence, timestamp: 0, source: 1, payload: Vec::new() }
    }

    /// Numbers heard; -1 is a loss.
    fn heard(order: &mut Order, sequences: &[u16]) -> Vec<i32> {
        let mut next: Vec<Next> = sequences.iter().flat_map(|sequence| order.take(packet(*sequence))).collect();
        next.extend(order.flush());
        let number = |next: &Next| match next {
            Next::Packet(packet) => i32::from(packet.sequence),
            Next::Lost => -1,
        };
        next.iter().map(number).collect()
    }

    #[test]
    fn orders_fills_and_drops_doubles() {
        assert_eq!(heard(&mut Order::default(), &[1, 3, 2, 2, 4]), [1, 2, 3, 4]);
        assert_eq!(heard(&mut Order::default(), &[65_534, 0, 65_535, 1]), [65_534, 65_535, 0, 1]);
        assert_eq!(heard(&mut Order::default(), &[1, 3, 4, 5, 6, 2]), [1, -1, 3, 4, 5, 6]);
        assert_eq!(heard(&mut Order::default(), &[1, 1_000, 1_001]), [1, 1_000, 1_001]);
    }

    #[test]
    fn a_new_source_begins_anew() {
        let mut order = Order::default();
        assert_eq!(heard(&mut order, &[10]), [10]);
        let next = order.take(Packet { source: 2, ..packet(5) });
        assert_eq!(next, [Next::Packet(Packet { source: 2, ..packet(5) })]);
    }
}
