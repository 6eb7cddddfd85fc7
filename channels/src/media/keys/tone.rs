//! Keys as two tones: heard by eight Goertzel filters (sip.md §6.4), and made where the peer takes no events.
//! Refuses speech, tones that are too short, and one tone that is held as two keys.

use crate::media::g711::{self, Law};
use crate::media::player::Tick;
use std::f32::consts::TAU;
use std::sync::LazyLock;

/// The low group, then the high one, in hertz (ITU-T Q.23).
const HERTZ: [f32; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];
/// Rows are low tones, columns high ones.
const LAYOUT: [&[u8; 4]; 4] = [b"123A", b"456B", b"789C", b"*0#D"];
const RATE: f32 = 8000.0;

/// Half a block. A block of 102 samples ends with each half, so that a short tone has blocks of its own wherever it begins.
const HALF: usize = 51;
/// The least share of a block's energy that its two tones have, which depends on the block's length: 0.72 where legal keys
/// are off and twisted, at most 0.55 where they are off too far.
const LEAST_SHARE: f32 = 0.72;
/// 8 dB: the best low tone above the other low ones.
const LOW_ABOVE: f32 = 6.31;
/// 5 dB for the high ones: a low tone that is 8 dB louder reaches into their filters.
const HIGH_ABOVE: f32 = 3.16;
/// The low tone may be 8 dB above the high one, and the high one 4 dB above the low one. In a short block the stronger one
/// reaches into the filter of the weaker one, and noise into both: 2.5 dB and 1.5 dB more are let pass.
const TWIST: f32 = 11.2;
const REVERSE_TWIST: f32 = 3.55;
/// The least amplitude of the weaker tone: −36 dBm0, which is a tone of −28 dBm0 beside the most twist.
const LEAST_AMPLITUDE: f32 = 353.0;
/// So many blocks in a row are a key: together they last 25.5 ms.
const KEY_BLOCKS: u8 = 3;
/// So many without it are a pause.
const PAUSE_BLOCKS: u8 = 4;
/// A gap of up to 40 ms ends no tone: the packets of it were lost.
const LONGEST_GAP: u32 = 320;

struct Filters {
    coefficient: [f32; 8],
    cosine: [f32; 8],
    sine: [f32; 8],
    /// What turns the first half of a block to where the second one begins.
    turn: [(f32, f32); 8],
}

static FILTERS: LazyLock<Filters> = LazyLock::new(|| {
    let angle = HERTZ.map(|hertz| TAU * hertz / RATE);
    Filters {
        coefficient: angle.map(|angle| 2.0 * angle.cos()),
        cosine: angle.map(f32::cos),
        sine: angle.map(f32::sin),
        turn: angle.map(|angle| ((angle * HALF as f32).cos(), (angle * HALF as f32).sin())),
    }
});

/// What is in half a block.
#[derive(Debug, Clone, Copy)]
struct Half {
    real: [f32; 8],
    imaginary: [f32; 8],
    energy: f32,
}

/// The detector of a call.
#[derive(Debug)]
pub(in crate::media) struct Tones {
    samples: [f32; HALF],
    filled: usize,
    before: Option<Half>,
    /// What the last blocks were, and how many of them.
    run: (Option<char>, u8),
    /// The key that is held down, and the blocks without it since.
    held: Option<(char, u8)>,
}

impl Default for Tones {
    fn default() -> Self {
        Self { samples: [0.0; HALF], filled: 0, before: None, run: (None, 0), held: None }
    }
}

impl Tones {
    /// Listens to samples; tells each key when it is sure of it.
    pub fn listen(&mut self, bytes: &[u8], law: Law, mut tell: impl FnMut(char)) {
        law.decode(bytes, |sample| {
            self.samples[self.filled] = f32::from(sample);
            self.filled += 1;
            if self.filled == HALF {
                self.filled = 0;
                if let Some(key) = self.half() {
                    tell(key);
                }
            }
        });
    }

    /// So many samples are missing; a huge number is an older packet.
    pub fn gap(&mut self, samples: u32) {
        match samples {
            0 => {}
            1..=LONGEST_GAP => (self.filled, self.before) = (0, None),
            LATER..=u32::MAX => {}
            _ => self.forget(),
        }
    }

    /// Forgets what it was listening to.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    fn half(&mut self) -> Option<char> {
        let now = half(&self.samples);
        let before = self.before.replace(now)?;
        let found = pair(&before, &now);
        self.block(found)
    }

    fn block(&mut self, found: Option<char>) -> Option<char> {
        self.run = (found, if self.run.0 == found { self.run.1.saturating_add(1) } else { 1 });
        if let Some((key, misses)) = &mut self.held {
            *misses = if found.is_none() { *misses + 1 } else { 0 };
            if *misses >= PAUSE_BLOCKS {
                self.held = None;
            } else if found.is_none() || found == Some(*key) {
                return None;
            }
        }
        let key = found.filter(|_| self.run.1 >= KEY_BLOCKS)?;
        self.held = Some((key, 0));
        Some(key)
    }
}

/// Above this a difference of timestamps is one into the past.
const LATER: u32 = 1 << 31;

/// Runs the filters over half a block: the sum of the samples, each turned to the last one, for every frequency.
fn half(samples: &[f32; HALF]) -> Half {
    let filters = &*FILTERS;
    let (mut one, mut two, mut energy) = ([0.0_f32; 8], [0.0_f32; 8], 0.0);
    for &sample in samples {
        energy += sample * sample;
        for at in 0..8 {
            let next = sample + filters.coefficient[at] * one[at] - two[at];
            two[at] = one[at];
            one[at] = next;
        }
    }
    let (mut real, mut imaginary) = ([0.0; 8], [0.0; 8]);
    for at in 0..8 {
        real[at] = one[at] - filters.cosine[at] * two[at];
        imaginary[at] = filters.sine[at] * two[at];
    }
    Half { real, imaginary, energy }
}

/// The key whose tones a block holds.
fn pair(before: &Half, now: &Half) -> Option<char> {
    let energy = before.energy + now.energy;
    let powers = powers(before, now);
    let (low, low_power) = best(&powers[..4], LOW_ABOVE)?;
    let (high, high_power) = best(&powers[4..], HIGH_ABOVE)?;
    let is_level = low_power <= TWIST * high_power && high_power <= REVERSE_TWIST * low_power;
    let length = 2.0 * HALF as f32;
    let is_loud = 2.0 * low_power.min(high_power).sqrt() >= LEAST_AMPLITUDE * length;
    let is_most = 2.0 * (low_power + high_power) >= LEAST_SHARE * length * energy;
    (is_level && is_loud && is_most).then(|| char::from(LAYOUT[low][high]))
}

fn powers(before: &Half, now: &Half) -> [f32; 8] {
    let turn = &FILTERS.turn;
    std::array::from_fn(|at| {
        let (cosine, sine) = turn[at];
        let real = before.real[at] * cosine - before.imaginary[at] * sine + now.real[at];
        let imaginary = before.real[at] * sine + before.imaginary[at] * cosine + now.imaginary[at];
        real * real + imaginary * imaginary
    })
}

/// The strongest of a group, if it stands out.
fn best(group: &[f32], above: f32) -> Option<(usize, f32)> {
    let (at, power) = group.iter().copied().enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let stands_out = group.iter().enumerate().all(|(other, weak)| other == at || *weak * above <= power);
    stands_out.then_some((at, power))
}

/// Amplitudes of −8 dBm0 and −6 dBm0; a full scale is +3.17 dBm0 (G.711 §4.3). The high tone is louder: lines weaken it more.
const LOW: f32 = 8880.0;
const HIGH: f32 = 11_180.0;
/// A key sounds for so many ticks, 100 ms; the rest of it is the gap.
const SOUNDING: u8 = 5;

/// Writes a tick of a key as µ-law; the later ones are the gap behind it.
pub(in crate::media) fn write(number: u8, tick: u8, into: &mut Tick) {
    let Some((low, high)) = super::key(number).and_then(tones).filter(|_| tick < SOUNDING) else { return };
    for (at, byte) in (usize::from(tick) * into.len()..).zip(into) {
        let wave = |hertz: f32| (TAU * hertz * at as f32 / RATE).sin();
        *byte = g711::mu((LOW * wave(low) + HIGH * wave(high)) as i16);
    }
}

/// The two tones of a key.
fn tones(key: char) -> Option<(f32, f32)> {
    let place = |row: usize| Some((row, LAYOUT[row].iter().position(|one| char::from(*one) == key)?));
    let (row, column) = (0..4).find_map(place)?;
    Some((HERTZ[row], HERTZ[4 + column]))
}

#[cfg(test)]
mod tests;
