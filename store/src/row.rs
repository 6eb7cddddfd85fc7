//! Rows that are only ever added: timelines, outcomes, audit.
//! Refuses edits; retention removes whole stretches of the oldest.

use engine::id::VerificationId;
use engine::moment::Moment;

/// One row of a verification's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    /// Its place in the timeline, from 0.
    pub sequence: u32,
    /// When.
    pub at: Moment,
    /// A JSON array of entries.
    pub body: Vec<u8>,
}

/// One row of the outcome feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRow {
    /// Its place in this writer's feed, from 1, without order gaps that could hide a later row.
    pub position: u64,
    /// Whose outcome.
    pub verification: VerificationId,
    /// When.
    pub at: Moment,
    /// The API key that started it.
    pub caller: String,
    /// The application.
    pub application: String,
    /// The settled verification, JSON.
    pub body: Vec<u8>,
}

/// A part of the outcome feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// In order of their positions.
    pub rows: Vec<OutcomeRow>,
    /// The position to read on after.
    pub next: u64,
}

/// One link of the audit chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place, from 1, without gaps.
    pub position: u64,
    /// When.
    pub at: Moment,
    /// What was done by whom, JSON.
    pub body: Vec<u8>,
    /// SHA-256 over the previous link's hash, position, time and body.
    pub hash: [u8; 32],
}
