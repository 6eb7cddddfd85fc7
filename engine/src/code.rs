//! One-time codes, derived from a key and from what they are for, so that a retry after a crash has the same code.
//! Refuses to store a code or to draw one from chance.

use crate::id::VerificationId;
use crate::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::ops::RangeInclusive;
use subtle::ConstantTimeEq;

/// How many digits a code may have (mfa-server.md §7.2).
pub const DIGITS: RangeInclusive<u8> = 6..=8;

const LABEL: &[u8; 20] = b"countersign code v1\0";

/// The key that codes are derived from; 32 bytes that serve nothing else.
#[derive(Debug, Clone)]
pub struct CodeKey(Secret<[u8; 32]>);

impl CodeKey {
    /// Takes the key in.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(Secret::new(key))
    }
}

/// A one-time code: six to eight ASCII digits, leading zeros included.
#[derive(Debug, Clone)]
pub struct Code(Secret<String>);

impl Code {
    /// The digits, for the text that carries them.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether `typed` (ASCII digits, see [`crate::reply::digits`]) is this code, compared in constant time. The length of a
    /// code is public.
    pub fn matches(&self, typed: &str) -> bool {
        self.expose().as_bytes().ct_eq(typed.as_bytes()).into()
    }
}

/// The code number `number` of one rung of a verification, uniform over all codes of `digits` digits (outside 6 to 8: the
/// nearest of them). The same arguments give the same code; any other argument gives an unrelated one.
pub fn derive(key: &CodeKey, verification: VerificationId, rung: u8, number: u16, digits: u8) -> Code {
    let digits = digits.clamp(*DIGITS.start(), *DIGITS.end());
    let codes = 10_u32.pow(u32::from(digits));
    let value = (0..=u32::MAX)
        .flat_map(|round| draws(key, verification, rung, number, digits, round))
        .find_map(|draw| uniform(draw, codes))
        .expect("32 billion draws in a row are not all among the few percent that are thrown away");
    Code(Secret::new(format!("{value:0width$}", width = usize::from(digits))))
}

/// Whether a reply could be meant for either of two codes: they are equal or one is the beginning of the other. Codes open
/// at one number at one time must not clash (mfa-server.md §7.2); the later one takes the next `number`.
pub fn clash(a: &Code, b: &Code) -> bool {
    let (a, b) = (a.expose(), b.expose());
    a.starts_with(b) || b.starts_with(a)
}

/// Eight draws of 32 bits. Every part of the message has a fixed length, so no two messages are alike.
fn draws(key: &CodeKey, verification: VerificationId, rung: u8, number: u16, digits: u8, round: u32) -> [u32; 8] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.0.expose()).expect("HMAC takes a key of any length");
    mac.update(LABEL);
    mac.update(&verification.bits().to_be_bytes());
    mac.update(&[rung]);
    mac.update(&number.to_be_bytes());
    mac.update(&[digits]);
    mac.update(&round.to_be_bytes());
    let bytes: [u8; 32] = mac.finalize().into_bytes().into();
    std::array::from_fn(|i| u32::from_be_bytes([bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2], bytes[4 * i + 3]]))
}

/// `draw` reduced to `0..bound`, or nothing where reducing it would favour the small values.
const fn uniform(draw: u32, bound: u32) -> Option<u32> {
    let fair = u32::MAX - u32::MAX % bound;
    if draw < fair { Some(draw % bound) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const KEY: CodeKey = CodeKey::new([7; 32]);

    fn code(verification: u128, rung: u8, number: u16, digits: u8) -> String {
        derive(&KEY, VerificationId::from_bits(verification), rung, number, digits).expose().to_owned()
    }

    #[test]
    fn the_same_arguments_give_the_same_code_and_others_another() {
        let base = code(1, 0, 0, 8);
        assert_eq!(base, code(1, 0, 0, 8));
        let others: HashSet<_> = [code(2, 0, 0, 8), code(1, 1, 0, 8), code(1, 0, 1, 8), code(1, 0, 256, 8)].into();
        assert_eq!(others.len(), 4);
        assert!(!others.contains(&base));
        let other_key = derive(&CodeKey::new([8; 32]), VerificationId::from_bits(1), 0, 0, 8);
        assert_ne!(other_key.expose(), base);
        assert!(!base.starts_with(&code(1, 0, 0, 6)), "the number of digits is part of the message");
    }

    #[test]
    fn a_code_has_the_digits_asked_for() {
        for (asked, got) in [(6, 6), (7, 7), (8, 8), (0, 6), (255, 8)] {
            let code = code(3, 0, 0, asked);
            assert_eq!(code.len(), got);
            assert!(code.bytes().all(|b| b.is_ascii_digit()));
        }
    }

    /// Chi-squared over the first two digits: 99 degrees of freedom, above 180 less than once in a million keys.
    #[test]
    fn codes_are_uniform() {
        for digits in DIGITS {
            let mut seen = [0_u32; 100];
            for i in 0..20_000 {
                seen[code(i, 0, 0, digits)[..2].parse::<usize>().unwrap()] += 1;
            }
            let chi: f64 = seen.iter().map(|&n| (f64::from(n) - 200.0).powi(2) / 200.0).sum();
            assert!(chi < 180.0, "chi-squared {chi} for {digits} digits");
        }
    }

    #[test]
    fn draws_that_would_favour_small_codes_are_thrown_away() {
        assert_eq!(uniform(0, 10), Some(0));
        assert_eq!(uniform(4_294_967_289, 10), Some(9));
        assert_eq!(uniform(4_294_967_290, 10), None);
        assert_eq!(uniform(u32::MAX, 100_000_000), None);
        assert_eq!(uniform(4_199_999_999, 100_000_000), Some(99_999_999));
        assert_eq!(uniform(4_200_000_000, 100_000_000), None);
    }

    #[test]
    fn only_the_whole_code_matches() {
        let code = derive(&KEY, VerificationId::from_bits(5), 0, 0, 6);
        let digits = code.expose().to_owned();
        assert!(code.matches(&digits));
        for wrong in ["", &digits[..5], &format!("{digits}0"), "٠٠٠٠٠٠"] {
            assert!(!code.matches(wrong));
        }
        assert!(!format!("{code:?}").contains(&digits));
    }

    #[test]
    fn codes_clash_when_one_begins_the_other() {
        let code = |digits: &str| Code(Secret::new(digits.to_owned()));
        assert!(clash(&code("123456"), &code("123456")));
        assert!(clash(&code("123456"), &code("12345678")));
        assert!(clash(&code("12345678"), &code("123456")));
        assert!(!clash(&code("123456"), &code("123457")));
        assert!(!clash(&code("123456"), &code("01234567")));
    }
}
