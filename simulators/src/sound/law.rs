//! The two laws of G.711: a sample of 16 bits as a byte, and back.
//! It refuses nothing: every byte and every sample has its counterpart.

/// A law of G.711.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Law {
    /// µ-law, RTP payload type 0 (RFC 3551 §6).
    Mu,
    /// A-law, RTP payload type 8.
    A,
}

/// What is added before the logarithm of the µ-law (G.711 table 2).
const BIAS: i32 = 0x84;
const LOUDEST: i32 = 32_635;

impl Law {
    /// The byte of silence.
    pub(crate) fn silence(self) -> u8 {
        match self {
            Self::Mu => 0xFF,
            Self::A => 0xD5,
        }
    }

    pub(crate) fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Mu => encode_mu(sample),
            Self::A => encode_a(sample),
        }
    }

    pub(crate) fn decode(self, byte: u8) -> i16 {
        match self {
            Self::Mu => decode_mu(byte),
            Self::A => decode_a(byte),
        }
    }
}

fn encode_mu(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(LOUDEST) + BIAS;
    let segment = (magnitude >> 7).ilog2();
    let step = (magnitude >> (segment + 3)) & 0x0F;
    !(sign | low_byte(segment) << 4 | low_byte(step.unsigned_abs()))
}

fn decode_mu(byte: u8) -> i16 {
    let byte = !byte;
    let segment = (byte >> 4) & 7;
    let magnitude = (((i32::from(byte & 0x0F) << 3) + BIAS) << segment) - BIAS;
    signed(magnitude, byte & 0x80 != 0)
}

fn encode_a(sample: i16) -> u8 {
    // One's complement keeps -1 and 0 apart, as the sign bit does.
    let (magnitude, sign) = if sample < 0 { (!i32::from(sample), 0) } else { (i32::from(sample), 0x80) };
    let segment = (magnitude >> 8).checked_ilog2().map_or(0, |log| log + 1);
    let step = magnitude >> (segment.max(1) + 3) & 0x0F;
    (sign | low_byte(segment) << 4 | low_byte(step.unsigned_abs())) ^ 0x55
}

fn decode_a(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let segment = (byte >> 4) & 7;
    let step = (i32::from(byte & 0x0F) << 4) + 8;
    let magnitude = if segment == 0 { step } else { (step + 0x100) << (segment - 1) };
    signed(magnitude, byte & 0x80 == 0)
}

fn signed(magnitude: i32, negative: bool) -> i16 {
    let value = if negative { -magnitude } else { magnitude };
    i16::try_from(value).expect("both laws stay within 32,256 of zero")
}

fn low_byte(value: u32) -> u8 {
    u8::try_from(value & 0xFF).expect("masked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_bytes_of_both_laws() {
        // G.711 tables 1 and 2: the ends, the middle, and silence.
        let mu = [(0x00, -32_124), (0x80, 32_124), (0xFF, 0), (0x7F, 0), (0xF0, 120), (0x8F, 16_764)];
        for (byte, sample) in mu {
            assert_eq!(Law::Mu.decode(byte), sample, "{byte:#x}");
        }
        for (byte, sample) in [(0x2A, -32_256), (0xAA, 32_256), (0xD5, 8), (0x55, -8), (0x80, 5_504)] {
            assert_eq!(Law::A.decode(byte), sample, "{byte:#x}");
        }
    }

    #[test]
    fn every_byte_survives() {
        for law in [Law::Mu, Law::A] {
            for byte in 0..=255 {
                let again = law.encode(law.decode(byte));
                // µ-law has two zeros.
                assert!(
                    again == byte || (law == Law::Mu && byte == 0x7F && again == 0xFF),
                    "{law:?} {byte:#x} {again:#x}"
                );
            }
            assert_eq!(law.decode(law.encode(law.decode(law.silence()))), law.decode(law.silence()));
        }
    }

    #[test]
    fn a_sample_stays_close() {
        for law in [Law::Mu, Law::A] {
            for sample in (i16::MIN..=i16::MAX).step_by(7) {
                let off = (i32::from(law.decode(law.encode(sample))) - i32::from(sample)).abs();
                assert!(off <= 16 + i32::from(sample).abs() / 28, "{law:?} {sample}: off by {off}");
            }
        }
    }
}
