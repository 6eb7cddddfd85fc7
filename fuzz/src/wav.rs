//! A WAV file that an administrator uploads as the recording of a prompt.
//! Refuses a recording beyond its bounds, and one that is another sound when it is uploaded again.

use portal::calls::{LARGEST, LONGEST, RecordingRefused, recording};

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    match recording(data) {
        Ok(audio) => {
            assert!(!audio.is_empty() && audio.len() as u64 <= LONGEST.as_secs() * 8_000);
            assert!(data.len() <= LARGEST);
            again(&audio);
            true
        }
        Err(fault) => {
            let says = fault.to_string();
            assert!(says.contains("; ") || says.contains(": "), "it says what to do: {says}");
            false
        }
    }
}

/// The sound as a file of its own is the same sound; but what is on the edge of silence may fall beyond it.
fn again(audio: &[u8]) {
    match recording(&telephone(audio)) {
        Ok(same) => assert!(same.iter().eq(audio.iter().map(|coded| zero(*coded)).collect::<Vec<_>>().iter())),
        Err(fault) => assert_eq!(fault, RecordingRefused::Silent),
    }
}

/// Both signs of nothing are one when they are coded anew.
const fn zero(coded: u8) -> u8 {
    if coded == 0x7F { 0xFF } else { coded }
}

/// A WAV file of µ-law, 8,000 a second, one channel.
fn telephone(audio: &[u8]) -> Vec<u8> {
    let size = u32::try_from(audio.len()).expect("under 20 seconds");
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x07\0\x01\0\x40\x1F\0\0\x40\x1F\0\0\x01\0\x08\0data".to_vec();
    file.extend(size.to_le_bytes());
    file.extend(audio);
    file
}
