//! The one-time bypass: the next verification of a person passes without contact (mfa-server.md §10).
//! Refuses to be used twice: whoever uses it removes it in the same record.

use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Seconds where none are given.
pub const DEFAULT_SECONDS: u32 = 300;
/// Fewest seconds.
pub const SHORTEST: u32 = 30;
/// Most seconds.
pub const LONGEST: u32 = 3600;

const LONGEST_TEXT: usize = 500;

/// A bypass that was started; a new one replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bypass {
    /// When it began.
    pub started_at: Moment,
    /// How long it can be used, 30 to 3600 seconds.
    pub seconds: u32,
    /// Who started it: an administrator, or the person.
    #[serde(default)]
    pub by: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// How it ended before its time; `None` also where it was never used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<BypassEnd>,
}

/// The end of a bypass before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BypassEnd {
    /// When.
    pub at: Moment,
    /// How.
    pub how: BypassUse,
}

/// How a bypass ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BypassUse {
    /// A verification for this application passed by it.
    Used {
        /// The application.
        application: String,
    },
    /// Somebody ended it.
    Ended {
        /// Who.
        by: String,
    },
    /// A new one took its place.
    Replaced,
    /// The person was blocked or locked.
    Lost,
}

/// A bypass that whoever asked for it must ask for differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BypassFault {
    /// The time is out of range.
    #[error("a bypass lasts {SHORTEST} to {LONGEST} seconds")]
    Seconds,
    /// There is no reason.
    #[error("a bypass needs a reason")]
    NoReason,
    /// `by` or `reason` is longer than a record should be.
    #[error("the reason of a bypass has at most {LONGEST_TEXT} characters")]
    TextTooLong,
}

impl Bypass {
    /// Starts one now.
    pub fn start(seconds: u32, now: Moment, by: &str, reason: &str) -> Result<Self, BypassFault> {
        if !(SHORTEST..=LONGEST).contains(&seconds) {
            return Err(BypassFault::Seconds);
        }
        if reason.trim().is_empty() {
            return Err(BypassFault::NoReason);
        }
        if [by, reason].iter().any(|text| text.chars().count() > LONGEST_TEXT) {
            return Err(BypassFault::TextTooLong);
        }
        Ok(Self { started_at: now, seconds, by: by.to_owned(), reason: reason.to_owned(), end: None })
    }

    /// Whether it lets the next verification pass.
    pub fn usable(&self, now: Moment) -> bool {
        self.started_at <= now && now < self.ends_at()
    }

    /// The first moment at which it is worth nothing.
    pub fn ends_at(&self) -> Moment {
        self.started_at + Duration::from_secs(u64::from(self.seconds.min(LONGEST)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::from_millis(seconds * 1000)
    }

    #[test]
    fn it_lasts_its_seconds() {
        let bypass = Bypass::start(DEFAULT_SECONDS, at(1000), "admin", "phone lost").unwrap();
        assert!(bypass.usable(at(1000)) && bypass.usable(at(1299)));
        assert!(!bypass.usable(at(1300)) && !bypass.usable(at(999)));
    }

    #[test]
    fn the_range_holds() {
        for (seconds, allowed) in [(0, false), (29, false), (30, true), (3600, true), (3601, false), (u32::MAX, false)]
        {
            assert_eq!(Bypass::start(seconds, at(0), "", "phone lost").is_ok(), allowed, "{seconds}");
        }
        assert_eq!(Bypass::start(30, at(0), "", &"x".repeat(501)), Err(BypassFault::TextTooLong));
        assert_eq!(Bypass::start(30, at(0), "", " "), Err(BypassFault::NoReason));
    }
}
