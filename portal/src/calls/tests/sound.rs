//! How the recordings of every pack sound, as far as that can be measured.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::{heard, tone};
use crate::calls::languages;
use crate::calls::pack::Pack;
use std::f32::consts::PI;

/// Blocks in which tones of keys are looked for, as a detector does: 12.75 ms at 8,000 a second.
const BLOCK: usize = 102;
const LOW: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const HIGH: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];

/// Goertzel's power of one tone.
fn power(block: &[f32], hz: f32) -> f32 {
    let turn = 2.0 * (2.0 * PI * hz / 8_000.0).cos();
    let (one, two) = block.iter().fold((0.0, 0.0), |(one, two), sample| (sample + turn * one - two, one));
    one * one + two * two - turn * one * two
}

/// The strongest of a group if it is 8 dB above the others.
fn strongest(block: &[f32], group: [f32; 4]) -> Option<(usize, f32)> {
    let powers = group.map(|hz| power(block, hz));
    let best = (0..4).max_by(|one, other| powers[*one].total_cmp(&powers[*other])).unwrap();
    let clear = (0..4).all(|other| other == best || powers[best] > powers[other] * 6.3);
    clear.then_some((best, powers[best]))
}

/// The key whose tones are most of the block.
fn key(block: &[f32]) -> Option<(usize, usize)> {
    let energy: f32 = block.iter().map(|sample| sample * sample).sum();
    let ((low, one), (high, other)) = (strongest(block, LOW)?, strongest(block, HIGH)?);
    let share = 2.0 * (one + other) / (block.len() as f32 * energy);
    (energy > 1e-4 && share > 0.75).then_some((low, high))
}

/// Whether a detector would take some of it for a key: the same in neighbouring blocks.
fn has_key(samples: &[f32]) -> bool {
    let keys: Vec<_> = samples.chunks_exact(BLOCK).map(key).collect();
    keys.windows(2).any(|two| two[0].is_some() && two[0] == two[1])
}

fn loudness(samples: &[f32]) -> f32 {
    10.0 * (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32).log10()
}

fn each(check: impl Fn(&str, &[f32])) {
    for language in languages() {
        let pack = Pack::read(language.pack).unwrap();
        assert!(pack.all().count() > 60);
        pack.all().for_each(|(_, recording)| check(language.tag, &heard(recording)));
    }
}

#[test]
fn recordings_are_loud_enough_and_never_clip() {
    each(|language, samples| {
        let seconds = samples.len() as f32 / 8_000.0;
        assert!((0.15..8.0).contains(&seconds), "{language}: {seconds} s");
        let most = samples.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
        assert!((0.3..0.86).contains(&most), "{language}: the peak is {most}");
        let loudness = loudness(samples);
        assert!((-26.0..-17.0).contains(&loudness), "{language}: {loudness} dB");
        assert!(
            samples[0].abs() < 0.01 && samples[samples.len() - 1].abs() < 0.01,
            "{language}: it begins with a click"
        );
    });
}

#[test]
fn recordings_have_no_silence_at_their_ends() {
    each(|language, samples| {
        let edge = samples.len().min(8 * 80);
        assert!(loudness(&samples[..edge]) > -55.0, "{language}: silence before");
        assert!(loudness(&samples[samples.len() - edge..]) > -55.0, "{language}: silence after");
    });
}

#[test]
fn no_recording_sounds_like_a_key() {
    let tones: Vec<f32> =
        tone(8_000, 770.0, 0.3, 0.1).iter().zip(tone(8_000, 1_336.0, 0.3, 0.1)).map(|(one, two)| one + two).collect();
    assert!(has_key(&tones), "the detector hears a five");
    each(|language, samples| assert!(!has_key(samples), "{language}: a detector would hear a key"));
}
