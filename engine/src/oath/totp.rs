//! The code of a time: HOTP over the number of the time step (RFC 6238 §4.2, T0 = 0).
//! Refuses to read a clock.

use super::{Algorithm, hotp};
use crate::moment::Moment;

/// The number of the step that `now` lies in. A period of 0 is one second.
pub const fn step(now: Moment, period_seconds: u32) -> u64 {
    let period = if period_seconds == 0 { 1 } else { period_seconds };
    now.seconds() / period as u64
}

/// The code at `now`.
pub fn code(secret: &[u8], now: Moment, period_seconds: u32, digits: u8, algorithm: Algorithm) -> String {
    hotp::code(secret, step(now, period_seconds), digits, algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 Appendix B. The seeds have 20, 32 and 64 bytes (errata 2866).
    #[test]
    fn the_vectors_of_rfc_6238() {
        let seed: Vec<u8> = b"1234567890".iter().copied().cycle().take(64).collect();
        let table = [
            (59, ["94287082", "46119246", "90693936"]),
            (1_111_111_109, ["07081804", "68084774", "25091201"]),
            (1_111_111_111, ["14050471", "67062674", "99943326"]),
            (1_234_567_890, ["89005924", "91819424", "93441116"]),
            (2_000_000_000, ["69279037", "90698825", "38618901"]),
            (20_000_000_000, ["65353130", "77737706", "47863826"]),
        ];
        let hashes = [(Algorithm::Sha1, 20), (Algorithm::Sha256, 32), (Algorithm::Sha512, 64)];
        for (seconds, codes) in table {
            for ((algorithm, length), expected) in hashes.into_iter().zip(codes) {
                let now = Moment::from_millis(seconds * 1000);
                assert_eq!(code(&seed[..length], now, 30, 8, algorithm), expected, "{seconds} {algorithm:?}");
            }
        }
    }

    #[test]
    fn a_step_lasts_its_period() {
        let step = |millis, period| step(Moment::from_millis(millis), period);
        assert_eq!([step(0, 30), step(29_999, 30), step(30_000, 30), step(119_999, 60)], [0, 0, 1, 1]);
        assert_eq!(step(5_000, 0), 5);
    }
}
