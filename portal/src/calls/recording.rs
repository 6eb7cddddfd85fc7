//! An administrator's own recording of a prompt: a WAV file becomes the sound of the telephone.
//! Refuses what cannot be played as it is meant, and says what to do about it.

use super::fit::{RATE, fit};
use super::wave::read;
use audio_codec_algorithms::encode_ulaw;
use std::sync::Arc;
use std::time::Duration;

/// Most bytes of a file (mfa-server.md §16: 1 MB).
pub const LARGEST: usize = 1_048_576;

/// A recording is shorter than this (mfa-server.md §16).
pub const LONGEST: Duration = Duration::from_secs(20);

/// A 50th of a second, over which loudness is taken.
const BLOCK: usize = RATE as usize / 50;
/// The mean square of what is taken as silence: 45 dB below the loudest there is.
const QUIET: f32 = 0.000_031_6;

/// Why a recording cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordingRefused {
    /// The file is too big.
    #[error("the file has {0} bytes, at most 1,048,576 are taken; save it with one channel and 8,000 samples a second")]
    TooLarge(usize),
    /// It is another kind of file; says which.
    #[error("this is {0} and no WAV file; save the recording as WAV, PCM with 16 bits")]
    NotWav(&'static str),
    /// It is a WAV file that cannot be read; says why.
    #[error("the WAV file is damaged: {0}; export the recording anew")]
    Damaged(&'static str),
    /// The samples are coded otherwise.
    #[error(
        "the sound is coded in a way that is not read (format {code}, {bits} bits); save it as PCM with 8 or 16 bits, \
         µ-law or A-law"
    )]
    Coding {
        /// As in the file; 3 is floating point.
        code: u16,
        /// Bits of a sample.
        bits: u16,
    },
    /// Another number of channels.
    #[error("the recording has {0} channels; save it with one or two")]
    Channels(u16),
    /// Another number of samples a second.
    #[error("the recording has {0} samples a second; save it with 8,000, 16,000, 44,100 or 48,000")]
    Rate(u32),
    /// It lasts too long.
    #[error("the recording lasts {} seconds; it must be under {}: say it in fewer words", .0.as_secs_f32(), LONGEST.as_secs())]
    TooLong(Duration),
    /// There is nothing to hear.
    #[error("nothing is to be heard in the recording; look at the microphone and record it again, louder")]
    Silent,
}

/// The sound of a WAV file: G.711 µ-law, 8,000 a second, one channel, as loud as it was recorded.
pub fn recording(wav: &[u8]) -> Result<Arc<[u8]>, RecordingRefused> {
    if wav.len() > LARGEST {
        return Err(RecordingRefused::TooLarge(wav.len()));
    }
    let wave = read(wav)?;
    let lasts = Duration::from_secs(wave.samples.len() as u64) / wave.rate;
    if lasts >= LONGEST {
        return Err(RecordingRefused::TooLong(lasts));
    }
    let samples = fit(wave);
    if !samples.chunks(BLOCK).any(|block| power(block) > QUIET) {
        return Err(RecordingRefused::Silent);
    }
    Ok(samples.into_iter().map(coded).collect())
}

fn power(block: &[f32]) -> f32 {
    block.iter().map(|sample| sample * sample).sum::<f32>() / block.len() as f32
}

fn coded(sample: f32) -> u8 {
    encode_ulaw((sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16)
}
