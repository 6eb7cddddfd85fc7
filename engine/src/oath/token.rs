//! One OATH token: what never changes of it, what moves with each code, and how far a code is looked for.
//! Refuses to hold the token's key.

use super::Algorithm;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = TokenKind)]
pub enum Kind {
    /// Presses of a button (RFC 4226).
    Hotp,
    /// Time (RFC 6238).
    Totp {
        /// Seconds of a step; 30 or 60.
        period_seconds: u32,
    },
}

/// What never changes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct TokenSettings {
    /// What it counts.
    #[serde(flatten)]
    pub kind: Kind,
    /// The hash.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// Digits of a code, 6 to 8.
    #[serde(default = "six")]
    pub digits: u8,
}

const fn six() -> u8 {
    6
}

/// TOTP, 30 seconds, SHA-1, six digits: what every app shows.
impl Default for TokenSettings {
    fn default() -> Self {
        Self { kind: Kind::Totp { period_seconds: 30 }, algorithm: Algorithm::Sha1, digits: six() }
    }
}

impl TokenSettings {
    /// Every value that no token may have: the field and a sentence.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !(6..=8).contains(&self.digits) {
            problems.push(("digits", format!("must be 6 to 8, not {}", self.digits)));
        }
        match self.kind {
            Kind::Hotp | Kind::Totp { period_seconds: 30 | 60 } => {}
            Kind::Totp { period_seconds } => {
                problems.push(("period_seconds", format!("must be 30 or 60, not {period_seconds}")));
            }
        }
        problems
    }
}

/// What moves with each accepted code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenState {
    /// The first counter (HOTP) or step (TOTP) that may still be accepted: one after the last accepted one.
    pub next: u64,
    /// How many steps the token's clock is ahead of ours (TOTP); negative: behind.
    pub drift_steps: i32,
}

/// How far from the expected place a code is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// TOTP steps before and after the expected one that are accepted; at most 2 (mfa-server.md §13).
    pub steps: u8,
    /// HOTP counters after the expected one that are accepted; at most 50 (abuse-and-limits.md §4.1).
    pub look_ahead: u8,
    /// TOTP steps before and after the expected one in which a runaway token is recognised; at most 1000.
    pub resync_steps: u16,
    /// HOTP counters from the expected one in which a runaway token is recognised; at most 10,000.
    pub resync_counters: u16,
}

impl Default for Windows {
    fn default() -> Self {
        Self { steps: 1, look_ahead: 10, resync_steps: 100, resync_counters: 1000 }
    }
}
