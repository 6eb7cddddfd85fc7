//! What is taken as a recording, what becomes of it, and what is said of everything else.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::{heard, tone};
use crate::calls::{LARGEST, RecordingRefused, recording};
use audio_codec_algorithms::{encode_alaw, encode_ulaw};
use std::time::Duration;

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let size = u32::try_from(data.len()).unwrap().to_le_bytes();
    [&name[..], &size, data, &[0][..data.len() % 2]].concat()
}

fn format(code: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let frame = channels * bits.div_ceil(8);
    let (code, channels, bytes) = (code.to_le_bytes(), channels.to_le_bytes(), (rate * u32::from(frame)).to_le_bytes());
    [&code[..], &channels, &rate.to_le_bytes(), &bytes, &frame.to_le_bytes(), &bits.to_le_bytes()].concat()
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = chunks.concat();
    let size = u32::try_from(body.len() + 4).unwrap().to_le_bytes();
    [b"RIFF", &size[..], b"WAVE", &body].concat()
}

fn wav(code: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    riff(&[chunk(b"fmt ", &format(code, channels, rate, bits)), chunk(b"data", data)])
}

fn whole(sample: f32) -> i16 {
    (sample * 32_767.0) as i16
}

fn coded(code: u16, bits: u16, sample: f32) -> Vec<u8> {
    match (code, bits) {
        (1, 16) => whole(sample).to_le_bytes().to_vec(),
        (1, 8) => vec![u8::try_from((whole(sample) >> 8) + 128).unwrap()],
        (6, 8) => vec![encode_alaw(whole(sample))],
        (7, 8) => vec![encode_ulaw(whole(sample))],
        (code, bits) => panic!("{code} with {bits} bits is not written here"),
    }
}

#[test]
fn each_kind_of_wav_is_heard_as_it_was_recorded() {
    let plain = tone(8_000, 440.0, 0.4, 0.4);
    for (code, bits, close) in [(1, 16, 0.02), (1, 8, 0.03), (6, 8, 0.03), (7, 8, 0.02)] {
        for channels in [1_u16, 2] {
            for rate in [8_000, 16_000, 44_100, 48_000] {
                let all = |sample: &f32| coded(code, bits, *sample).repeat(usize::from(channels));
                let data: Vec<u8> = tone(rate, 440.0, 0.4, 0.4).iter().flat_map(all).collect();
                let heard = heard(&recording(&wav(code, channels, rate, bits, &data)).unwrap());
                assert_eq!(heard.len(), plain.len());
                for (at, (one, other)) in heard.iter().zip(&plain).enumerate().skip(50).take(3_100) {
                    let near = (one - other).abs() < close;
                    assert!(near, "{code}/{bits}, {channels} channels, {rate}: {one} for {other} at {at}");
                }
            }
        }
    }
}

#[test]
fn what_is_of_the_telephone_already_stays_as_it_is() {
    let data: Vec<u8> = tone(8_000, 440.0, 0.9, 0.5).iter().map(|sample| encode_ulaw(whole(*sample))).collect();
    assert_eq!(*recording(&wav(7, 1, 8_000, 8, &data)).unwrap(), data[..]);
}

#[test]
fn two_channels_are_mixed() {
    let sound = tone(8_000, 440.0, 0.8, 0.5);
    let data: Vec<u8> = sound.iter().flat_map(|sample| [whole(*sample).to_le_bytes(), [0, 0]].concat()).collect();
    let heard = heard(&recording(&wav(1, 2, 8_000, 16, &data)).unwrap());
    let most = heard.iter().fold(0.0_f32, |most, sample| most.max(*sample));
    assert!((0.38..0.42).contains(&most), "half of it is left: {most}");
}

fn loud() -> Vec<u8> {
    tone(8_000, 440.0, 0.5, 0.5).iter().flat_map(|sample| whole(*sample).to_le_bytes()).collect()
}

#[test]
fn other_chunks_and_the_long_form_of_the_format_are_read() {
    let plain = recording(&wav(1, 1, 8_000, 16, &loud())).unwrap();
    let long = [format(0xFFFE, 1, 8_000, 16), vec![22, 0, 16, 0, 4, 0, 0, 0, 1, 0], vec![0; 14]].concat();
    let odd = chunk(b"LIST", b"odd");
    let file = riff(&[odd.clone(), chunk(b"fmt ", &long), odd.clone(), chunk(b"data", &loud()), odd]);
    assert_eq!(recording(&file).unwrap(), plain);
}

#[test]
fn everything_else_is_refused_with_what_to_do() {
    let refused = |file: &[u8]| {
        let fault = recording(file).unwrap_err();
        let says = fault.to_string();
        assert!(says.contains(": ") || says.contains("; "), "what to do is missing: {says}");
        fault
    };
    let plain = wav(1, 1, 8_000, 16, &loud());
    for length in 0..plain.len() {
        let fault = refused(&plain[..length]);
        assert!(matches!(fault, RecordingRefused::NotWav(_) | RecordingRefused::Damaged(_)), "{length}: {fault}");
    }
    assert_eq!(refused(&vec![0; LARGEST + 1]), RecordingRefused::TooLarge(LARGEST + 1));
    for (file, kind) in [
        (&b"ID3\x04\0\0\0\0\0\0\0\0"[..], "an MP3 file"),
        (b"\xFF\xFB\x90\x64\0\0\0\0\0\0\0\0", "an MP3 file"),
        (b"OggS\0\x02\0\0\0\0\0\0", "an Ogg file"),
        (b"fLaC\0\0\0\x22\0\0\0\0", "a FLAC file"),
        (b"\0\0\0\x20ftypM4A ", "an MP4 or M4A file"),
        (b"RIFF\x04\0\0\0AVI ", "something else"),
        (b"", "something else"),
    ] {
        assert_eq!(refused(file), RecordingRefused::NotWav(kind));
    }
    assert_eq!(refused(&wav(3, 1, 8_000, 32, &loud())), RecordingRefused::Coding { code: 3, bits: 32 });
    assert_eq!(refused(&wav(1, 1, 8_000, 24, &loud())), RecordingRefused::Coding { code: 1, bits: 24 });
    assert_eq!(refused(&wav(7, 1, 8_000, 16, &loud())), RecordingRefused::Coding { code: 7, bits: 16 });
    assert_eq!(refused(&wav(1, 6, 8_000, 16, &loud())), RecordingRefused::Channels(6));
    assert_eq!(refused(&wav(1, 0, 8_000, 16, &loud())), RecordingRefused::Channels(0));
    assert_eq!(refused(&wav(1, 1, 11_025, 16, &loud())), RecordingRefused::Rate(11_025));
    assert_eq!(refused(&wav(1, 1, 0, 16, &loud())), RecordingRefused::Rate(0));
    let data = chunk(b"data", &loud());
    assert!(matches!(refused(&riff(&[data.clone(), data.clone()])), RecordingRefused::Damaged(_)));
    assert!(matches!(refused(&riff(&[chunk(b"fmt ", &[1, 0]), data])), RecordingRefused::Damaged(_)));
    assert!(matches!(refused(&riff(&[chunk(b"fmt ", &format(1, 1, 8_000, 16))])), RecordingRefused::Damaged(_)));
}

#[test]
fn a_recording_is_under_twenty_seconds_and_is_heard() {
    let long = |samples: usize| recording(&wav(7, 1, 8_000, 8, &vec![0x20; samples]));
    assert_eq!(long(20 * 8_000), Err(RecordingRefused::TooLong(Duration::from_secs(20))));
    assert_eq!(long(20 * 8_000 - 1).unwrap().len(), 20 * 8_000 - 1);
    assert_eq!(long(0), Err(RecordingRefused::Silent));
    assert_eq!(recording(&wav(7, 1, 8_000, 8, &vec![0xFF; 8_000])), Err(RecordingRefused::Silent));
    let hiss: Vec<u8> = (0..8_000).map(|n| if n % 2 == 0 { 0x7D } else { 0xFD }).collect();
    assert_eq!(recording(&wav(7, 1, 8_000, 8, &hiss)), Err(RecordingRefused::Silent));
}
