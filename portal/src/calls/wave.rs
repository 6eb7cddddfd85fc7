//! WAV files as people record them: RIFF with `fmt ` and `data`, PCM of 8 or 16 bits, µ-law or A-law, one or two channels.
//! Refuses everything else by name, so that who recorded it knows what to change. (The usual crate for WAV, hound, reads
//! neither µ-law nor A-law.)

use super::recording::RecordingRefused;
use audio_codec_algorithms::{decode_alaw, decode_ulaw};

/// Samples a second that are read.
pub(super) const RATES: [u32; 4] = [8_000, 16_000, 44_100, 48_000];

const PCM: u16 = 1;
const A_LAW: u16 = 6;
const MU_LAW: u16 = 7;
/// The code stands in the first two bytes of what follows.
const EXTENSIBLE: u16 = 0xFFFE;

/// What a file sounds like.
#[derive(Debug)]
pub(super) struct Wave {
    /// Samples a second, one of [`RATES`].
    pub rate: u32,
    /// Between -1 and 1; of two channels the mean.
    pub samples: Vec<f32>,
}

#[derive(Clone, Copy)]
enum Coding {
    Pcm8,
    Pcm16,
    ALaw,
    MuLaw,
}

struct Format {
    coding: Coding,
    channels: usize,
    rate: u32,
}

/// Reads a file.
pub(super) fn read(file: &[u8]) -> Result<Wave, RecordingRefused> {
    let mut rest = body(file)?;
    let mut format = None;
    while !rest.is_empty() {
        let (name, chunk, after) = chunk(rest)?;
        match (&name, &format) {
            (b"fmt ", _) => format = Some(read_format(chunk)?),
            (b"data", Some(format)) => return Ok(Wave { rate: format.rate, samples: samples(chunk, format) }),
            (b"data", None) => return Err(RecordingRefused::Damaged("the sound stands before its format")),
            (_, _) => {}
        }
        rest = after;
    }
    Err(RecordingRefused::Damaged(if format.is_some() { "there is no sound in it" } else { "it says no format" }))
}

fn body(file: &[u8]) -> Result<&[u8], RecordingRefused> {
    let starts = |magic: &[u8]| file.starts_with(magic);
    match file.split_first_chunk::<12>() {
        Some((head, rest)) if head.starts_with(b"RIFF") && head.ends_with(b"WAVE") => Ok(rest),
        Some(_) if starts(b"ID3") || (file[0] == 0xFF && file[1] & 0xE0 == 0xE0) => {
            Err(RecordingRefused::NotWav("an MP3 file"))
        }
        Some(_) if starts(b"OggS") => Err(RecordingRefused::NotWav("an Ogg file")),
        Some(_) if starts(b"fLaC") => Err(RecordingRefused::NotWav("a FLAC file")),
        Some(_) if file[4..8] == *b"ftyp" => Err(RecordingRefused::NotWav("an MP4 or M4A file")),
        Some(_) | None => Err(RecordingRefused::NotWav("something else")),
    }
}

type Chunk<'a> = ([u8; 4], &'a [u8], &'a [u8]);

/// The first chunk and what is after it; an odd one is followed by a byte that means nothing.
fn chunk(rest: &[u8]) -> Result<Chunk<'_>, RecordingRefused> {
    let damaged = RecordingRefused::Damaged("it ends too soon");
    let Some((name, rest)) = rest.split_first_chunk::<4>() else { return Err(damaged) };
    let Some((size, rest)) = rest.split_first_chunk::<4>() else { return Err(damaged) };
    let size = u32::from_le_bytes(*size) as usize;
    let Some((chunk, after)) = rest.split_at_checked(size) else { return Err(damaged) };
    Ok((*name, chunk, after.get(size % 2..).unwrap_or_default()))
}

fn read_format(chunk: &[u8]) -> Result<Format, RecordingRefused> {
    let short = |at: usize| chunk.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let damaged = RecordingRefused::Damaged("its format is cut off");
    let (Some(code), Some(channels), Some(low), Some(high), Some(bits)) =
        (short(0), short(2), short(4), short(6), short(14))
    else {
        return Err(damaged);
    };
    let code = if code == EXTENSIBLE { short(24).ok_or(damaged)? } else { code };
    let rate = u32::from(low) | u32::from(high) << 16;
    let coding = coding(code, bits)?;
    if !RATES.contains(&rate) {
        return Err(RecordingRefused::Rate(rate));
    }
    if !(1..=2).contains(&channels) {
        return Err(RecordingRefused::Channels(channels));
    }
    Ok(Format { coding, channels: usize::from(channels), rate })
}

const fn coding(code: u16, bits: u16) -> Result<Coding, RecordingRefused> {
    match (code, bits) {
        (PCM, 8) => Ok(Coding::Pcm8),
        (PCM, 16) => Ok(Coding::Pcm16),
        (A_LAW, 8) => Ok(Coding::ALaw),
        (MU_LAW, 8) => Ok(Coding::MuLaw),
        (code, bits) => Err(RecordingRefused::Coding { code, bits }),
    }
}

fn samples(data: &[u8], format: &Format) -> Vec<f32> {
    let width = match format.coding {
        Coding::Pcm16 => 2,
        Coding::Pcm8 | Coding::ALaw | Coding::MuLaw => 1,
    };
    let of_all = |frame: &[u8]| {
        frame.chunks_exact(width).map(|one| sample(one, format.coding)).sum::<f32>() / format.channels as f32
    };
    data.chunks_exact(width * format.channels).map(of_all).collect()
}

fn sample(bytes: &[u8], coding: Coding) -> f32 {
    let whole = match coding {
        // Eight bits have no sign: 128 is silence.
        Coding::Pcm8 => (i16::from(bytes[0]) - 128) << 8,
        Coding::Pcm16 => i16::from_le_bytes([bytes[0], bytes[1]]),
        Coding::ALaw => decode_alaw(bytes[0]),
        Coding::MuLaw => decode_ulaw(bytes[0]),
    };
    f32::from(whole) / 32_768.0
}

/// A WAV file of the sound of the telephone: format 7 (µ-law), one channel, 8,000 a second.
pub fn wav(sound: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    // Format 7, one channel, 8,000 samples and as many bytes a second, one byte each, 8 bits, nothing more.
    let format = [7, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x40, 0x1f, 0, 0, 1, 0, 8, 0, 0, 0];
    let body = [b"WAVEfmt ", &length(format.len())[..], &format, b"data", &length(sound.len()), sound].concat();
    [b"RIFF", &length(body.len())[..], &body].concat()
}
