//! One text as the provider keeps it, in either direction.
//! It only moves forward: a text that was delivered is never undelivered again.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, Ordering};

use crate::number::Number;
use crate::twilio::segments::count_segments;

/// Where a text stands (gateways.md §1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Status {
    Queued,
    Sent,
    Delivered,
    Undelivered,
    Received,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Received => "received",
        }
    }

    fn from_byte(byte: u8) -> Self {
        match byte {
            0 => Self::Queued,
            1 => Self::Sent,
            2 => Self::Delivered,
            3 => Self::Undelivered,
            _ => Self::Received,
        }
    }

    fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Undelivered | Self::Received)
    }
}

/// Who began it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Sent through the API.
    OutboundApi,
    /// The answer to a text: from a webhook's TwiML, or a word about opting out.
    OutboundReply,
    /// Sent by a phone.
    Inbound,
}

impl Direction {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::OutboundApi => "outbound-api",
            Self::OutboundReply => "outbound-reply",
            Self::Inbound => "inbound",
        }
    }
}

/// The identifier of a message: `SM` and 32 hexadecimal digits. The lower half holds the place in the log, masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sid {
    high: u64,
    low: u64,
}

impl Sid {
    /// The identifier of place `sequence` under `salt`; two salts have no identifier in common but by chance.
    pub(crate) fn new(salt: u64, sequence: u64) -> Self {
        Self { high: mix(salt ^ mix(sequence)), low: sequence ^ mix(salt) }
    }

    /// The place that `text` names under `salt`, if it was made there.
    pub(crate) fn sequence(text: &str, salt: u64) -> Option<u64> {
        let hex = text.strip_prefix("SM").filter(|hex| hex.len() == 32 && hex.is_ascii())?;
        let sequence = u64::from_str_radix(&hex[16..], 16).ok()? ^ mix(salt);
        (Self::new(salt, sequence).text() == text).then_some(sequence)
    }

    pub(crate) fn text(self) -> String {
        let mut text = String::with_capacity(34);
        // Writing to a String has no way to fail.
        let _ = write!(text, "SM{:016x}{:016x}", self.high, self.low);
        text
    }
}

/// splitmix64, to make neighbouring places look unlike.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// What a message is made from.
pub(crate) struct Draft {
    pub(crate) direction: Direction,
    pub(crate) to: Number,
    pub(crate) from: Number,
    pub(crate) body: String,
    pub(crate) status_callback: Option<String>,
    pub(crate) service: Option<String>,
    /// Seconds until an undelivered text is given up.
    pub(crate) validity: u16,
}

/// A text in the log.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) sid: Sid,
    pub(crate) sequence: u64,
    pub(crate) direction: Direction,
    pub(crate) to: Number,
    pub(crate) from: Number,
    pub(crate) body: Box<str>,
    pub(crate) status_callback: Option<Box<str>>,
    pub(crate) service: Option<Box<str>>,
    pub(crate) validity: u16,
    pub(crate) segments: u16,
    pub(crate) created_ms: i64,
    sent_ms: AtomicI64,
    updated_ms: AtomicI64,
    status: AtomicU8,
    error: AtomicU32,
}

impl Message {
    pub(crate) fn new(draft: Draft, salt: u64, sequence: u64, now: i64) -> Self {
        let outbound = draft.direction != Direction::Inbound;
        let status = if outbound { Status::Queued } else { Status::Received };
        Self {
            sid: Sid::new(salt, sequence),
            sequence,
            direction: draft.direction,
            to: draft.to,
            from: draft.from,
            segments: count_segments(&draft.body),
            body: draft.body.into(),
            status_callback: draft.status_callback.map(Into::into),
            service: draft.service.map(Into::into),
            validity: draft.validity,
            created_ms: now,
            sent_ms: AtomicI64::new(if outbound { 0 } else { now }),
            updated_ms: AtomicI64::new(now),
            status: AtomicU8::new(status as u8),
            error: AtomicU32::new(0),
        }
    }

    pub(crate) fn status(&self) -> Status {
        Status::from_byte(self.status.load(Ordering::Acquire))
    }

    /// The delivery error of an undelivered text.
    pub(crate) fn error(&self) -> Option<u32> {
        Some(self.error.load(Ordering::Acquire)).filter(|code| *code != 0)
    }

    pub(crate) fn sent_ms(&self) -> Option<i64> {
        Some(self.sent_ms.load(Ordering::Acquire)).filter(|ms| *ms != 0)
    }

    pub(crate) fn updated_ms(&self) -> i64 {
        self.updated_ms.load(Ordering::Acquire)
    }

    /// Moves on to `next`; `false` where the text was already there, beyond it, or at its end.
    pub(crate) fn advance(&self, next: Status, error: Option<u32>, now: i64) -> bool {
        let step = self.status.fetch_update(Ordering::AcqRel, Ordering::Acquire, |byte| {
            let at = Status::from_byte(byte);
            (!at.is_final() && at < next).then_some(next as u8)
        });
        if step.is_err() {
            return false;
        }
        self.error.store(error.unwrap_or_default(), Ordering::Release);
        self.updated_ms.store(now, Ordering::Release);
        if next == Status::Sent {
            self.sent_ms.store(now, Ordering::Release);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        let number = Number::parse("+12025550123").expect("valid");
        let draft = Draft {
            direction: Direction::OutboundApi,
            to: number,
            from: number,
            body: "hello".to_owned(),
            status_callback: None,
            service: None,
            validity: 60,
        };
        Message::new(draft, 7, 3, 1_000)
    }

    #[test]
    fn a_sid_names_its_place_and_only_under_its_salt() {
        let sid = Sid::new(7, 123).text();
        assert_eq!(sid.len(), 34);
        assert_eq!(Sid::sequence(&sid, 7), Some(123));
        assert_eq!(Sid::sequence(&sid, 8), None);
        assert_eq!(Sid::sequence("SM00", 7), None);
        assert_eq!(Sid::sequence(&sid.to_uppercase(), 7), None);
    }

    #[test]
    fn status_only_moves_forward() {
        let text = message();
        assert!(text.advance(Status::Sent, None, 1_001));
        assert!(!text.advance(Status::Sent, None, 1_002));
        assert!(text.advance(Status::Delivered, None, 1_003));
        assert!(!text.advance(Status::Undelivered, Some(30003), 1_004));
        assert_eq!((text.status(), text.error(), text.sent_ms()), (Status::Delivered, None, Some(1_001)));
    }
}
