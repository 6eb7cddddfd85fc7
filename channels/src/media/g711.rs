//! G.711: the two laws, what silence is in each, and from one to the other.
//! Refuses other codecs: nothing else is offered.

use audio_codec_algorithms::{convert_ulaw_to_alaw, decode_alaw, decode_ulaw, encode_ulaw};
use std::sync::LazyLock;

/// Samples of 20 ms.
pub(super) const TICK_SAMPLES: usize = 160;
/// µ-law for no sound at all, which is how sounds are kept.
pub(super) const SILENCE: u8 = 0xff;

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Law {
    /// µ-law, payload type 0.
    Mu,
    /// A-law, payload type 8.
    A,
}

struct Tables {
    mu: [i16; 256],
    a: [i16; 256],
    mu_to_a: [u8; 256],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    mu: table(decode_ulaw),
    a: table(decode_alaw),
    mu_to_a: table(|byte| if byte == SILENCE { 0xd5 } else { convert_ulaw_to_alaw(byte) }),
});

fn table<T: Copy + Default>(of: impl Fn(u8) -> T) -> [T; 256] {
    let mut table = [T::default(); 256];
    (0..=u8::MAX).for_each(|byte| table[usize::from(byte)] = of(byte));
    table
}

impl Law {
    /// Its payload type where the SDP need not say (RFC 3551 §6).
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Mu => 0,
            Self::A => 8,
        }
    }

    /// Its name in SDP.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mu => "PCMU",
            Self::A => "PCMA",
        }
    }

    /// The samples as numbers, 16 bits.
    pub fn decode(self, bytes: &[u8], mut each: impl FnMut(i16)) {
        let tables = &*TABLES;
        let table = match self {
            Self::Mu => &tables.mu,
            Self::A => &tables.a,
        };
        bytes.iter().for_each(|&byte| each(table[usize::from(byte)]));
    }

    /// µ-law samples in this law, in place.
    pub fn write(self, bytes: &mut [u8]) {
        match self {
            Self::Mu => {}
            Self::A => {
                let table = &TABLES.mu_to_a;
                bytes.iter_mut().for_each(|byte| *byte = table[usize::from(*byte)]);
            }
        }
    }

    /// A sample of this law in µ-law.
    #[cfg(test)]
    pub fn to_mu(self, byte: u8) -> u8 {
        match self {
            Self::Mu => byte,
            Self::A => audio_codec_algorithms::convert_alaw_to_ulaw(byte),
        }
    }
}

/// A number of 16 bits as µ-law.
pub(super) fn mu(sample: i16) -> u8 {
    encode_ulaw(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(law: Law, bytes: &[u8]) -> Vec<i16> {
        let mut samples = Vec::new();
        law.decode(bytes, |sample| samples.push(sample));
        samples
    }

    /// G.711 tables 1a and 2a: the ends of the scale, and the steps about zero, times 4 and 8 in 16 bits.
    #[test]
    fn both_laws_decode_as_the_tables_say() {
        assert_eq!(decoded(Law::Mu, &[0x00, 0x80, 0x7f, 0xff, 0xfe, 0x7e]), [-32124, 32124, 0, 0, 8, -8]);
        assert_eq!(decoded(Law::A, &[0x2a, 0xaa, 0x55, 0xd5, 0xd4, 0x54]), [-32256, 32256, -8, 8, 24, -24]);
    }

    #[test]
    fn silence_is_silence_in_both() {
        let mut bytes = [SILENCE; 3];
        Law::Mu.write(&mut bytes);
        assert_eq!(bytes, [0xff; 3]);
        Law::A.write(&mut bytes);
        assert_eq!(bytes, [0xd5; 3]);
    }

    /// A step of the scale is at most 1/16 of the sample beside the smallest ones.
    #[test]
    fn transcoding_keeps_every_sample_within_a_step() {
        for byte in 0..=u8::MAX {
            let mut other = [byte];
            Law::A.write(&mut other);
            let (mu, a) = (decoded(Law::Mu, &[byte])[0], decoded(Law::A, &other)[0]);
            assert!((i32::from(mu) - i32::from(a)).abs() <= 16 + i32::from(mu).abs() / 16, "{byte:#x}: {mu}, {a}");
        }
    }

    #[test]
    fn numbers_survive_mu_law() {
        for byte in (0..=u8::MAX).filter(|byte| *byte != 0x7f) {
            assert_eq!(mu(decoded(Law::Mu, &[byte])[0]), byte);
        }
    }
}
