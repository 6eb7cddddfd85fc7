//! One OATH token: what never changes of it, what moves with each code, and how far a code is looked for.
//! Refuses to hold the token's key.

use super::Algorithm;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = TokenKind)]
pub enum Kind {
    /// Presses of a button (RFC 4226).
    Hotp,
    /// Time (RFC 6238).
    Totp {
        /// Seconds of a step, 10 to 300; apps and most tokens have 30 or 60.
        period_seconds: u32,
    },
}

/// What never changes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Written")]
pub struct TokenSettings {
    /// What it counts.
    #[serde(flatten)]
    pub kind: Kind,
    /// The hash.
    #[schema(default = "sha1", required = false)]
    pub algorithm: Algorithm,
    /// Digits of a code, 6 to 8.
    #[schema(default = 6, required = false)]
    pub digits: u8,
}

/// The same as it is written, where a field too many is a mistake.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: Word,
    period_seconds: Option<u32>,
    #[serde(default)]
    algorithm: Algorithm,
    #[serde(default = "six")]
    digits: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Hotp,
    Totp,
}

impl TryFrom<Written> for TokenSettings {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { kind, period_seconds, algorithm, digits } = written;
        let kind = match (kind, period_seconds) {
            (Word::Hotp, None) => Kind::Hotp,
            (Word::Hotp, Some(_)) => return Err("`period_seconds` belongs to `totp`: a `hotp` token counts presses"),
            (Word::Totp, Some(period_seconds)) => Kind::Totp { period_seconds },
            (Word::Totp, None) => return Err("missing field `period_seconds`"),
        };
        Ok(Self { kind, algorithm, digits })
    }
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
            Kind::Hotp | Kind::Totp { period_seconds: 10..=300 } => {}
            Kind::Totp { period_seconds } => {
                problems.push(("period_seconds", format!("must be 10 to 300, not {period_seconds}")));
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
