//! A recording as a WAV file that every browser plays: 16 bits, 8,000 a second, one channel.
//! It reads none.

use super::law::Law;

const RATE: u32 = 8_000;
const BYTES: u32 = 2;
const HEADER: u32 = 36;

/// The file of a sound in µ-law.
pub(crate) fn of_mu_law(law: &[u8]) -> Vec<u8> {
    let length = u32::try_from(law.len()).unwrap_or(u32::MAX / 4) * BYTES;
    let mut file = Vec::with_capacity(44 + law.len() * 2);
    file.extend(b"RIFF");
    file.extend((HEADER + length).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    // PCM, one channel.
    file.extend([1, 0, 1, 0]);
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * BYTES).to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(law.iter().flat_map(|byte| Law::Mu.decode(*byte).to_le_bytes()));
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_fit() {
        let file = of_mu_law(&[0xFF, 0x80, 0x00]);
        assert_eq!((&file[..4], &file[8..16], file.len()), (&b"RIFF"[..], &b"WAVEfmt "[..], 50));
        assert_eq!(u32::from_le_bytes(file[4..8].try_into().expect("four")), 42);
        assert_eq!(u32::from_le_bytes(file[40..44].try_into().expect("four")), 6);
        assert_eq!(file[44..], [0, 0, 0x7C, 0x7D, 0x84, 0x82]);
    }
}
