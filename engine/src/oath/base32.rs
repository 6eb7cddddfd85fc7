//! Token keys as people type them: Base32 of RFC 4648, case ignored, padding, spaces and dashes optional.
//! Refuses to guess: 0, 1, 8 and 9 are errors, not O, I, B and g.

use crate::secret::Secret;
use data_encoding::BASE32_NOPAD;

/// Why a text is not a token key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretFault {
    /// Nothing in it.
    #[error("the secret is empty")]
    Empty,
    /// More than 128 characters.
    #[error("the secret has more than 128 characters")]
    TooLong,
    /// A character that Base32 does not have.
    #[error("`{0}` is not a Base32 character: a secret has the letters A-Z and the digits 2-7 only")]
    Character(char),
    /// A length that no number of bytes has.
    #[error("the secret's length is impossible in Base32: a character is missing or too much")]
    Length,
    /// Fewer than 80 bits (RFC 4226 R6 asks for 128, older tokens have 80).
    #[error("the secret is shorter than 80 bits (16 characters); such a token is not safe")]
    TooShort,
}

/// Reads a token key.
pub fn parse_secret(text: &str) -> Result<Secret<Vec<u8>>, SecretFault> {
    let letters = text.trim().trim_end_matches('=').chars().filter(|c| !matches!(c, ' ' | '-'));
    let upper = Secret::new(letters.map(|c| c.to_ascii_uppercase()).collect::<String>());
    let upper = upper.expose();
    if upper.is_empty() {
        return Err(SecretFault::Empty);
    }
    if upper.chars().count() > 128 {
        return Err(SecretFault::TooLong);
    }
    if let Some(wrong) = upper.chars().find(|c| !matches!(c, 'A'..='Z' | '2'..='7')) {
        return Err(SecretFault::Character(wrong));
    }
    let bytes = BASE32_NOPAD.decode(upper.as_bytes()).map(Secret::new).map_err(|_| SecretFault::Length)?;
    if bytes.expose().len() < 10 { Err(SecretFault::TooShort) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_read_as_people_write_them() {
        for text in ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", "GEZDGNBVGY3TQOJQ-GEZDGNBVGY3TQOJQ=="] {
            assert_eq!(parse_secret(text).map(|s| s.expose().clone()), Ok(b"12345678901234567890".to_vec()), "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_is_refused_and_never_guessed() {
        let fault = |text: &str| parse_secret(text).err();
        assert_eq!(fault(""), Some(SecretFault::Empty));
        for wrong in ['0', '1', '8', '9'] {
            assert_eq!(fault(&format!("GEZDGNBVGY3TQOJ{wrong}")), Some(SecretFault::Character(wrong)));
        }
        assert_eq!(fault(&"A".repeat(129)), Some(SecretFault::TooLong));
        assert_eq!(fault("GEZDGNBVGY3TQOJQA"), Some(SecretFault::Length));
        assert_eq!(fault("GEZDGNBV"), Some(SecretFault::TooShort));
    }
}
