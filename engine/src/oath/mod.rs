//! OATH codes: HOTP (RFC 4226) and TOTP (RFC 6238), with look-ahead, drift, replay and resynchronisation.
//! Refuses to keep keys: they come in as an argument and stay sealed outside.

mod base32;
mod hotp;
mod token;

pub use base32::{SecretFault, parse_secret};
pub use hotp::code;
pub use token::{ResyncFault, TokenState, TokenVerdict, Windows, check, resync};

use serde::{Deserialize, Serialize};

/// The hash under the HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// SHA-1, which most hardware tokens use. HMAC-SHA-1 is not touched by SHA-1's collisions.
    #[default]
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// What moves the code on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A counter, one more with each code (RFC 4226).
    Hotp,
    /// Time, in steps of this many seconds (RFC 6238).
    Totp {
        /// Seconds of a step, at least 1.
        period: u32,
    },
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSettings {
    /// Counter or time.
    pub kind: Kind,
    /// The hash.
    pub algorithm: Algorithm,
    /// Digits of a code, 6 to 8.
    pub digits: u8,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self { kind: Kind::Totp { period: 30 }, algorithm: Algorithm::Sha1, digits: 6 }
    }
}
