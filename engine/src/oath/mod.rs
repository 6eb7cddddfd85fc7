//! OATH tokens: HOTP (RFC 4226) and TOTP (RFC 6238) with replay protection, drift and resynchronisation.
//! Refuses to keep a token's key: it arrives for each check and is wiped after it.

pub mod base32;
mod check;
pub mod hotp;
pub mod otpauth;
mod token;
pub mod totp;

pub use check::{ResyncFault, Verdict, check, resync};
pub use token::{Kind, TokenSettings, TokenState, Windows};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The hash of the HMAC that makes the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// The one that every token and app knows.
    #[default]
    Sha1,
    /// RFC 6238.
    Sha256,
    /// RFC 6238.
    Sha512,
}

impl Algorithm {
    /// The word of the otpauth address and of PSKC: `SHA1`, `SHA256`, `SHA512`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }
}
