//! The sound of the calls: RTP in both directions, what the phones hear and say, and one thread that paces all of it.
//! It knows no SIP; what it is told comes from an answered call.

mod ear;
mod line;
mod mouth;
mod network;
mod order;
mod rtp;
mod studio;

pub(crate) use line::{Far, Heard, Line};
pub(crate) use studio::{Place, Studio};

/// Samples, and bytes of G.711, in a packet: 20 ms.
const FRAME: usize = 160;
/// What a packet lasts, in milliseconds.
const FRAME_MS: u64 = 20;

/// Packets in so many milliseconds, at least one.
fn ticks(milliseconds: u64) -> u64 {
    milliseconds.div_ceil(FRAME_MS).max(1)
}
