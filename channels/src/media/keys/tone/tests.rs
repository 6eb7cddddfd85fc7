//! What the detector takes and what it refuses (the figures of sip.md §6.4), with tones made here by another way than its own.

use super::*;
use crate::media::g711::SILENCE;

/// Our own recording: `channels/testdata/README.md` says how it was made.
const SPEECH: &[u8] = include_bytes!("../../../../testdata/speech.ulaw");
const KEYS: &str = "123A456B789C*0#D";

/// How keys are pressed.
#[derive(Clone, Copy)]
struct Press {
    tone: usize,
    pause: usize,
    /// Per cent off, of the low and the high tone.
    off: (f32, f32),
    /// Of each tone, in dBm0.
    level: (f32, f32),
    /// Of white noise beside them, in dB under both tones together; none at 0.
    noise: f32,
    /// Samples before the first key.
    begin: usize,
}

const CLEAN: Press = Press { tone: 400, pause: 400, off: (0.0, 0.0), level: (-10.0, -10.0), noise: 0.0, begin: 320 };

fn amplitude(level: f32) -> f32 {
    32_124.0 * 10_f32.powf((level - 3.17) / 20.0)
}

/// A generator of even noise between −1 and 1.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / 8_388_608.0 - 1.0
    }
}

fn samples(keys: &str, press: Press) -> Vec<u8> {
    let mut bytes = vec![SILENCE; press.begin];
    let mut noise = Noise(7);
    let (low_level, high_level) = (amplitude(press.level.0), amplitude(press.level.1));
    let power = (low_level * low_level + high_level * high_level) / 2.0;
    // Even noise has a third of the power of its peak.
    let noise_level = if press.noise == 0.0 { 0.0 } else { (3.0 * power * 10_f32.powf(-press.noise / 10.0)).sqrt() };
    for key in keys.chars() {
        let (low, high) = tones(key).unwrap();
        let (low, high) = (low * (1.0 + press.off.0 / 100.0), high * (1.0 + press.off.1 / 100.0));
        for at in 0..press.tone + press.pause {
            let time = at as f32 / RATE;
            let loud = if at < press.tone { 1.0 } else { 0.0 };
            let tone = low_level * (TAU * low * time + 1.0).sin() + high_level * (TAU * high * time).sin();
            bytes.push(g711::mu((loud * tone + noise_level * noise.next()) as i16));
        }
    }
    bytes
}

/// What is heard of samples that come in packets of 20 ms.
fn heard(bytes: &[u8]) -> String {
    let (mut tones, mut keys) = (Tones::default(), String::new());
    bytes.chunks(160).for_each(|packet| tones.listen(packet, Law::Mu, |key| keys.push(key)));
    keys
}

/// Wherever the first block begins.
fn heard_from_anywhere(press: Press) -> Vec<String> {
    let begins = (0..102).step_by(17);
    let heard = begins.map(|begin| heard(&samples(KEYS, Press { begin: 320 + begin, ..press })));
    heard.collect()
}

#[test]
fn legal_keys_are_heard() {
    let cases = [
        ("clean", CLEAN),
        ("40 ms and 40 ms", Press { tone: 320, pause: 320, ..CLEAN }),
        ("two seconds", Press { tone: 16_000, ..CLEAN }),
        ("1.5 % high", Press { off: (1.5, 1.5), ..CLEAN }),
        ("1.5 % low", Press { off: (-1.5, -1.5), ..CLEAN }),
        ("1.5 % apart", Press { off: (-1.5, 1.5), ..CLEAN }),
        ("1.5 % together", Press { off: (1.5, -1.5), ..CLEAN }),
        ("short and 1.5 % high", Press { tone: 320, pause: 320, off: (1.5, 1.5), ..CLEAN }),
        ("twist", Press { level: (-6.0, -14.0), ..CLEAN }),
        ("reverse twist", Press { level: (-12.0, -8.0), ..CLEAN }),
        ("twist and 1.5 % low", Press { level: (-6.0, -14.0), off: (-1.5, -1.5), ..CLEAN }),
        ("reverse twist and 1.5 % together", Press { level: (-12.0, -8.0), off: (1.5, -1.5), ..CLEAN }),
        ("reverse twist and 1.5 % high", Press { level: (-12.0, -8.0), off: (1.5, 1.5), ..CLEAN }),
        ("noise", Press { noise: 15.0, ..CLEAN }),
        ("short with noise", Press { tone: 320, pause: 320, noise: 15.0, ..CLEAN }),
        ("noise and twist", Press { noise: 15.0, level: (-6.0, -14.0), ..CLEAN }),
        ("loud", Press { level: (-3.0, -3.0), ..CLEAN }),
        ("weak", Press { level: (-26.0, -26.0), ..CLEAN }),
        ("weak with twist", Press { level: (-26.0, -34.0), ..CLEAN }),
    ];
    for (name, press) in cases {
        for heard in heard_from_anywhere(press) {
            assert_eq!(heard, KEYS, "{name}");
        }
    }
}

#[test]
fn what_is_no_key_is_not_heard() {
    let cases = [
        ("3.5 % high", Press { off: (3.5, 3.5), ..CLEAN }),
        ("3.5 % low", Press { off: (-3.5, -3.5), ..CLEAN }),
        ("3.5 % apart", Press { off: (-3.5, 3.5), ..CLEAN }),
        ("18 ms", Press { tone: 144, ..CLEAN }),
        ("10 ms", Press { tone: 80, ..CLEAN }),
        ("too much twist", Press { level: (-4.0, -16.0), ..CLEAN }),
        ("too much reverse twist", Press { level: (-16.0, -8.0), ..CLEAN }),
        ("low tones alone", Press { level: (-6.0, -90.0), ..CLEAN }),
        ("high tones alone", Press { level: (-90.0, -6.0), ..CLEAN }),
        ("too weak", Press { level: (-45.0, -45.0), ..CLEAN }),
        ("lost in noise", Press { noise: 1.0, ..CLEAN }),
    ];
    for (name, press) in cases {
        for heard in heard_from_anywhere(press) {
            assert_eq!(heard, "", "{name}");
        }
    }
}

#[test]
fn speech_noise_and_silence_are_no_keys() {
    assert!(SPEECH.len() > 10 * 8000);
    assert_eq!(heard(SPEECH), "");
    let mut noise = Noise(3);
    let loud: Vec<u8> = (0..80_000).map(|_| g711::mu((20_000.0 * noise.next()) as i16)).collect();
    assert_eq!(heard(&loud), "");
    assert_eq!(heard(&[SILENCE; 8000]), "");
    assert_eq!(heard(&[0x00; 8000]), "");
}

#[test]
fn keys_are_heard_between_words() {
    let mut bytes = SPEECH[..16_000].to_vec();
    bytes.extend(samples("42#", CLEAN));
    bytes.extend(&SPEECH[16_000..]);
    assert_eq!(heard(&bytes), "42#");
}

#[test]
fn the_same_key_twice_is_two_and_a_short_break_is_none() {
    assert_eq!(heard(&samples("11", CLEAN)), "11");
    assert_eq!(heard(&samples("11", Press { pause: 80, ..CLEAN })), "1");
}

#[test]
fn a_lost_packet_ends_no_tone_and_a_long_gap_does() {
    for (missing, expected) in [(160, "1"), (320, "1"), (480, "11")] {
        let (mut tones, mut keys) = (Tones::default(), String::new());
        let bytes = samples("1", Press { tone: 1600, ..CLEAN });
        tones.listen(&bytes[..960], Law::Mu, |key| keys.push(key));
        tones.gap(missing);
        tones.listen(&bytes[960 + missing as usize..], Law::Mu, |key| keys.push(key));
        assert_eq!(keys, expected, "{missing}");
    }
}

#[test]
fn a_gap_into_the_past_is_none() {
    let mut tones = Tones::default();
    tones.listen(&samples("1", CLEAN)[..600], Law::Mu, |key| assert_eq!(key, '1'));
    tones.gap(u32::MAX);
    assert!(tones.held.is_some());
}

#[test]
fn what_is_written_is_heard_in_both_laws() {
    for law in [Law::Mu, Law::A] {
        let (mut tones, mut keys) = (Tones::default(), String::new());
        for number in 0..16 {
            for tick in 0..10 {
                let mut samples = [SILENCE; 160];
                write(number, tick, &mut samples);
                law.write(&mut samples);
                tones.listen(&samples, law, |key| keys.push(key));
            }
        }
        assert_eq!(keys, "0123456789*#ABCD");
    }
}
