//! Where a verification stands.
//! Refuses identity: a stage is a small `Copy` value, everything fixed is in the verification.

use super::Talk;
use crate::moment::Moment;
use crate::reason::Reason;
use serde::{Deserialize, Serialize};

/// Progress of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Another prompt of the same person is open; nobody is contacted yet.
    Waiting,
    /// The owner of the number is asked for leave and for a code that no other open verification has there.
    Reserving(Leg),
    /// A line has it in its queue; nothing has been given to the gateway.
    Queued(Leg),
    /// A line gives it to the gateway, or has given it and waits for the answer. After a crash this is ambiguous.
    Sending(Leg),
    /// The person's answer is awaited.
    Awaiting(Leg),
    /// A call is out.
    Calling(Leg, Talk),
    /// Ended.
    Settled {
        /// Why.
        reason: Reason,
        /// When.
        at: Moment,
        /// The rung that was in progress, from 0.
        rung: u8,
    },
}

/// Progress on one rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// The rung, from 0.
    pub rung: u8,
    /// The send within the rung, from 0.
    pub send: u8,
    /// The number of the derived code that is valid.
    pub code: u16,
    /// Wrong codes against this code.
    pub wrong: u8,
    /// Wrong answers in PIN modes, in the whole verification.
    pub wrong_in_all: u8,
    /// Resends that the person asked for.
    pub resends: u8,
    /// Lines that refused this rung, a bit each.
    pub tried: u32,
    /// When the last send was given to the gateway, or the rung began.
    pub sent_at: Moment,
    /// When the rung ends.
    pub until: Moment,
}

impl Leg {
    /// The beginning of a rung.
    pub const fn new(rung: u8, wrong_in_all: u8, now: Moment, until: Moment) -> Self {
        Self { rung, send: 0, code: 0, wrong: 0, wrong_in_all, resends: 0, tried: 0, sent_at: now, until }
    }
}

impl Stage {
    /// The leg in progress.
    pub const fn leg(self) -> Option<Leg> {
        match self {
            Self::Reserving(leg)
            | Self::Queued(leg)
            | Self::Sending(leg)
            | Self::Awaiting(leg)
            | Self::Calling(leg, _) => Some(leg),
            Self::Waiting | Self::Settled { .. } => None,
        }
    }

    /// Whether it has ended.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Settled { .. })
    }
}
