//! Makes 8,000 samples a second of more: a windowed sinc, computed once for each place that a sample can fall on.
//! Refuses nothing: what a telephone cannot carry is left out. (A library for this is made for streams and brings an FFT; a
//! recording is under 20 seconds and is read once.)

use super::wave::Wave;
use std::f64::consts::PI;

/// Samples a second on the telephone.
pub(super) const RATE: u32 = 8_000;
/// Where the filter is down to a half, in Hz: it is shut at 4,000, where an echo of higher tones would begin.
const EDGE: f64 = 3_600.0;
/// How far the filter reaches to each side, in seconds.
const REACH: f64 = 0.005;

/// The samples at 8,000 a second.
pub(super) fn fit(wave: Wave) -> Vec<f32> {
    if wave.rate == RATE {
        return wave.samples;
    }
    let common = common(wave.rate, RATE);
    let (step, places) = ((wave.rate / common) as usize, (RATE / common) as usize);
    let filters: Vec<_> = (0..places).map(|place| filter(wave.rate, place * step % places, places)).collect();
    let length = wave.samples.len() * places / step;
    (0..length).map(|n| at(&wave.samples, n * step / places, &filters[n % places])).collect()
}

const fn common(one: u32, other: u32) -> u32 {
    if other == 0 { one } else { common(other, one % other) }
}

/// The filter around a place `part / parts` after a sample, the gain of a steady signal being one.
fn filter(rate: u32, part: usize, parts: usize) -> Vec<f32> {
    let reach = (f64::from(rate) * REACH) as isize;
    let away = |tap: isize| (tap as f64 - part as f64 / parts as f64) / f64::from(rate);
    let taps: Vec<f64> = (-reach..=reach + 1).map(|tap| sinc(away(tap)) * window(away(tap))).collect();
    let sum: f64 = taps.iter().sum();
    taps.into_iter().map(|tap| (tap / sum) as f32).collect()
}

fn sinc(seconds: f64) -> f64 {
    let angle = 2.0 * PI * EDGE * seconds;
    if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle }
}

/// Blackman's: what it lets through beside is 70 dB down.
fn window(seconds: f64) -> f64 {
    let place = seconds / REACH;
    if place.abs() >= 1.0 { 0.0 } else { 0.42 + 0.5 * (PI * place).cos() + 0.08 * (2.0 * PI * place).cos() }
}

/// The filter laid around a sample; beyond both ends there is silence.
fn at(samples: &[f32], centre: usize, filter: &[f32]) -> f32 {
    let reach = (filter.len() - 2) / 2;
    let (skipped, start) = (reach.saturating_sub(centre), centre.saturating_sub(reach));
    samples[start..].iter().zip(&filter[skipped..]).map(|(sample, tap)| sample * tap).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::tests::tone;

    /// The amplitude of a tone after it was fitted, away from both ends: of its mean power, since a sample need not hit a peak.
    fn left(rate: u32, hz: f64) -> f32 {
        let fitted = fit(Wave { rate, samples: tone(rate, hz, 0.5, 0.5) });
        assert_eq!(fitted.len(), 4_000, "{rate}");
        let power: f32 = fitted[400..3_600].iter().map(|sample| sample * sample).sum();
        (power / 1_600.0).sqrt()
    }

    #[test]
    fn what_a_telephone_carries_stays_and_the_rest_is_gone() {
        for rate in [16_000, 44_100, 48_000] {
            for hz in [300.0, 1_000.0, 2_000.0, 3_200.0] {
                let left = left(rate, hz);
                assert!((0.48..0.51).contains(&left), "{hz} of {rate}: {left}");
            }
            for hz in [4_050.0, 5_000.0, 7_000.0, 7_900.0] {
                let left = left(rate, hz);
                assert!(left < 0.002, "{hz} of {rate}: {left}");
            }
        }
    }

    #[test]
    fn a_tone_keeps_its_place_in_time() {
        for rate in [16_000, 44_100, 48_000] {
            let fitted = fit(Wave { rate, samples: tone(rate, 440.0, 0.5, 0.3) });
            let plain = tone(RATE, 440.0, 0.5, 0.3);
            for (place, (one, other)) in fitted.iter().zip(&plain).enumerate().skip(100).take(2_000) {
                assert!((one - other).abs() < 0.005, "{rate} at {place}: {one} and {other}");
            }
        }
    }

    #[test]
    fn the_shortest_are_fitted_too() {
        for length in 0..20 {
            let fitted = fit(Wave { rate: 44_100, samples: vec![0.1; length] });
            assert_eq!(fitted.len(), length * 80 / 441);
        }
    }
}
