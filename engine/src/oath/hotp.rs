//! The code of a counter: RFC 4226 §5.3, with the hashes of RFC 6238.
//! Refuses more or fewer digits than six to eight.

use super::Algorithm;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The code for `counter`: `digits` ASCII digits (outside 6 to 8: the nearest of them).
pub fn code(secret: &[u8], counter: u64, digits: u8, algorithm: Algorithm) -> String {
    let digits = digits.clamp(6, 8);
    let binary = match algorithm {
        Algorithm::Sha1 => truncated::<Hmac<Sha1>>(secret, counter),
        Algorithm::Sha256 => truncated::<Hmac<Sha256>>(secret, counter),
        Algorithm::Sha512 => truncated::<Hmac<Sha512>>(secret, counter),
    };
    format!("{:0width$}", binary % 10_u32.pow(u32::from(digits)), width = usize::from(digits))
}

/// Dynamic truncation (RFC 4226 §5.3): 31 bits from where the low four bits of the last byte point to.
fn truncated<M: Mac + KeyInit>(secret: &[u8], counter: u64) -> u32 {
    let mut mac = <M as KeyInit>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&counter.to_be_bytes());
    let bytes = mac.finalize().into_bytes();
    let offset = usize::from(bytes.last().expect("a hash is not empty") & 0xf);
    let four = bytes[offset..offset + 4].try_into().expect("offset is at most 15 and a hash has 20 bytes or more");
    u32::from_be_bytes(four) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4226 Appendix D.
    #[test]
    fn the_vectors_of_rfc_4226() {
        let codes =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (counter, expected) in (0..).zip(codes) {
            assert_eq!(code(b"12345678901234567890", counter, 6, Algorithm::Sha1), expected);
        }
    }

    #[test]
    fn digits_stay_within_six_and_eight() {
        let code = |digits| code(b"12345678901234567890", 0, digits, Algorithm::Sha1);
        assert_eq!([code(0), code(6), code(7), code(8), code(255)].map(|code| code.len()), [6, 6, 7, 8, 8]);
        assert_eq!(code(8), "84755224");
    }

    #[test]
    fn any_key_and_counter_has_a_code() {
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
            assert_eq!(code(b"", u64::MAX, 6, algorithm).len(), 6);
            assert_eq!(code(&[0xff; 300], 0, 8, algorithm).len(), 8);
        }
    }
}
