//! Tones of a telephone network: keys, ringing, a beep, and a murmur that stands in for a greeting.
//! It says no words.

use std::f64::consts::TAU;

/// Samples a second.
const RATE: f64 = 8_000.0;
/// One of two tones, 8 dB below full scale together.
const AMPLITUDE: f64 = 6_000.0;

const LOW: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const HIGH: [f64; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
const KEYS: [[char; 4]; 4] = [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// So many milliseconds of tones at once.
pub(crate) fn tones(frequencies: &[f64], milliseconds: u32) -> Vec<i16> {
    (0..milliseconds * 8).map(|at| sample(frequencies, f64::from(at))).collect()
}

fn sample(frequencies: &[f64], at: f64) -> i16 {
    let sum: f64 = frequencies.iter().map(|frequency| AMPLITUDE * (TAU * frequency * at / RATE).sin()).sum();
    // Three tones at most are asked for, so the sum stays within.
    sum.clamp(-32_000.0, 32_000.0).round() as i16
}

/// The two tones of a key (ITU-T Q.23).
pub(crate) fn key(key: char, milliseconds: u32) -> Option<Vec<i16>> {
    let (row, column) = place(key)?;
    Some(tones(&[LOW[row], HIGH[column]], milliseconds))
}

fn place(key: char) -> Option<(usize, usize)> {
    KEYS.iter().enumerate().find_map(|(row, keys)| Some((row, keys.iter().position(|known| *known == key)?)))
}

/// A second of ringing.
pub(crate) fn ringback() -> Vec<i16> {
    let mut sound = tones(&[440.0, 480.0], 1_000);
    sound.extend([0; 16_000]);
    sound
}

/// What stands in for a spoken greeting: a murmur in syllables.
pub(crate) fn murmur(syllables: u32) -> Vec<i16> {
    let pitches = [180.0, 220.0, 160.0, 200.0];
    let mut sound = Vec::new();
    for (syllable, pitch) in (0..syllables).zip(pitches.into_iter().cycle()) {
        sound.extend(tones(&[pitch, pitch * 2.5], 140 + syllable % 3 * 20));
        sound.extend([0; 400]);
    }
    sound
}

/// A greeting and its beep.
pub(crate) fn voicemail() -> Vec<i16> {
    let mut sound = murmur(10);
    sound.extend([0; 2_400]);
    sound.extend(tones(&[1_000.0], 500));
    sound
}

/// Finds keys in sound, for as long as it is given blocks of it.
#[derive(Debug, Default)]
pub(crate) struct KeyFinder {
    samples: Vec<i16>,
    /// The last block's key, and how often it came in a row.
    last: Option<char>,
    blocks: u32,
}

/// 25.6 ms, in which every key's tones stand apart.
const BLOCK: usize = 205;

impl KeyFinder {
    /// The keys that begin in this piece; one that lasts is given once.
    pub(crate) fn hear(&mut self, samples: impl IntoIterator<Item = i16>) -> Vec<char> {
        self.samples.extend(samples);
        let mut keys = Vec::new();
        while self.samples.len() >= BLOCK {
            let block: Vec<i16> = self.samples.drain(..BLOCK).collect();
            let found = find(&block);
            self.blocks = if found == self.last { self.blocks.saturating_add(1) } else { 1 };
            self.last = found;
            // Two blocks in a row: a single one may be speech.
            if self.blocks == 2 {
                keys.extend(found);
            }
        }
        keys
    }
}

fn find(block: &[i16]) -> Option<char> {
    let energy: f64 = block.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    let (row, low) = loudest(block, &LOW);
    let (column, high) = loudest(block, &HIGH);
    let length = block.len() as f64;
    let share = 2.0 * (low + high) / (length * energy.max(1.0));
    let loud = energy / length > 100.0 * 100.0;
    (loud && share > 0.4 && low < high * 8.0 && high < low * 8.0).then(|| KEYS[row][column])
}

fn loudest(block: &[i16], tones: &[f64; 4]) -> (usize, f64) {
    let powers = tones.map(|tone| power(block, tone));
    (0..4).map(|at| (at, powers[at])).fold((0, 0.0), |best, next| if next.1 > best.1 { next } else { best })
}

/// Goertzel's algorithm.
fn power(block: &[i16], tone: f64) -> f64 {
    let coefficient = 2.0 * (TAU * tone / RATE).cos();
    let (mut one, mut two) = (0.0, 0.0);
    for sample in block {
        (one, two) = (coefficient * one - two + f64::from(*sample), one);
    }
    one * one + two * two - coefficient * one * two
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_once() {
        let mut finder = KeyFinder::default();
        let mut sound = Vec::new();
        for pressed in KEYS.iter().flatten() {
            sound.extend(key(*pressed, 100).expect("a key"));
            sound.extend([0; 640]);
        }
        let found: Vec<char> = sound.chunks(160).flat_map(|piece| finder.hear(piece.iter().copied())).collect();
        assert_eq!(found, KEYS.concat());
        assert_eq!(key('x', 100), None);
    }

    #[test]
    fn nothing_else_is_a_key() {
        for sound in [murmur(20), ringback(), voicemail(), vec![0; 8_000], tones(&[697.0], 500)] {
            assert!(KeyFinder::default().hear(sound).is_empty());
        }
    }
}
