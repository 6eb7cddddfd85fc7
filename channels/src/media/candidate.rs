//! Whether somebody who sends from elsewhere than the peer said is the peer, behind an address translator.
//! Refuses to believe it for a few packets, which are easily guessed.

use super::rtp::Head;
use std::net::SocketAddr;

/// Packets in a row that must come before it is believed.
const PROOF: u8 = 5;

/// Whoever was heard last from elsewhere.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Candidate(Option<Run>);

/// Packets in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    from: SocketAddr,
    ssrc: u32,
    /// Of the last one.
    sequence: u16,
    count: u8,
}

impl Candidate {
    /// Takes a packet in; whether it completes the proof.
    pub fn is_proven(&mut self, head: &Head, from: SocketAddr) -> bool {
        let before = Run { from, ssrc: head.ssrc, sequence: head.sequence.wrapping_sub(1), count: 0 };
        let count = self.0.filter(|run| Run { count: 0, ..*run } == before).map_or(0, |run| run.count) + 1;
        self.0 = (count < PROOF).then_some(Run { sequence: head.sequence, count, ..before });
        count == PROOF
    }
}
