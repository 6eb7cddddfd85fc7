//! Tests of what calls say, and what they share: tones, and sound that was coded.

mod lint;
mod recordings;
mod sound;
mod utterances;

use std::f64::consts::PI;

/// A tone of this many seconds, between -1 and 1.
pub(super) fn tone(rate: u32, hz: f64, loud: f64, seconds: f64) -> Vec<f32> {
    let length = (f64::from(rate) * seconds) as u32;
    (0..length).map(|n| (loud * (2.0 * PI * hz * f64::from(n) / f64::from(rate)).sin()) as f32).collect()
}

/// Coded sound as samples between -1 and 1.
fn heard(audio: &[u8]) -> Vec<f32> {
    audio.iter().map(|coded| f32::from(audio_codec_algorithms::decode_ulaw(*coded)) / 32_768.0).collect()
}
