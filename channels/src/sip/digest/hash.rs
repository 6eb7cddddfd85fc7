//! The hashes of Digest (RFC 7616 §3.2).
//! Refuses an algorithm that RFC 8760 does not name.

use md5::Digest;

/// An algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha256,
    Sha512Over256,
}

impl Algorithm {
    /// From the value of `algorithm`, and whether it is a `-sess`. Absent means MD5.
    pub(super) fn read(value: Option<&str>) -> Option<(Self, bool)> {
        let value = value.unwrap_or("MD5").to_ascii_uppercase();
        let (name, session) = value.strip_suffix("-SESS").map_or((value.as_str(), false), |name| (name, true));
        let algorithm = match name {
            "MD5" => Self::Md5,
            "SHA-256" => Self::Sha256,
            "SHA-512-256" => Self::Sha512Over256,
            _ => return None,
        };
        Some((algorithm, session))
    }

    /// Its hash in hexadecimal digits.
    pub(super) fn hex(self, text: &str) -> String {
        let hash = match self {
            Self::Md5 => md5::Md5::digest(text).to_vec(),
            Self::Sha256 => sha2::Sha256::digest(text).to_vec(),
            Self::Sha512Over256 => sha2::Sha512_256::digest(text).to_vec(),
        };
        data_encoding::HEXLOWER.encode(&hash)
    }
}
