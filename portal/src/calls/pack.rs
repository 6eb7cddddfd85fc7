//! The packs of recorded words, as `script/prompts` writes them and as they are compiled in.
//!
//! All numbers are little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `calls`, the version of this form (1), two zeros |
//! | 4 | how many recordings |
//! | 40 for each, by name | the name (32), where the recording starts in the sound (4), how long it is (4) |
//! | the rest | the sound: G.711 µ-law, 8,000 a second |
//!
//! The name of a recording is the SHA-256 of the recipe's number, the voice, its pace and the words, a line each. So words that
//! were changed have no recording, and words that several prompts have in common have one.
//! Refuses a pack that is cut off, out of order, or points outside of itself.

use sha2::{Digest, Sha256};

const FORM: &[u8; 8] = b"calls\x01\0\0";
const ENTRY: usize = 40;
/// As in `script/speak.py`: raised there when the same words become another sound.
const RECIPE: &str = "1";

/// Which voice says it, how fast: words a minute, as the synthesiser counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Voice {
    pub name: String,
    pub pace: String,
}

impl Voice {
    /// The name of these words said by this voice.
    pub fn saying(&self, words: &str) -> [u8; 32] {
        Sha256::digest([RECIPE, &self.name, &self.pace, words].join("\n")).into()
    }
}

/// Recorded words.
#[derive(Debug)]
pub(super) struct Pack<'a> {
    entries: &'a [[u8; ENTRY]],
    sound: &'a [u8],
}

/// What is wrong with a pack.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PackFault {
    #[error("this is no pack of this version; make it anew with script/prompts")]
    Form,
    #[error("the pack ends in its index; make it anew with script/prompts")]
    CutOff,
    #[error("the index is not in order; make it anew with script/prompts")]
    Order,
    #[error("a recording points outside of the pack; make it anew with script/prompts")]
    Outside,
}

impl<'a> Pack<'a> {
    /// Reads a pack; nothing is copied.
    pub fn read(bytes: &'a [u8]) -> Result<Self, PackFault> {
        let (count, rest) =
            bytes.strip_prefix(FORM).and_then(|rest| rest.split_first_chunk::<4>()).ok_or(PackFault::Form)?;
        let index = (u32::from_le_bytes(*count) as usize).checked_mul(ENTRY).ok_or(PackFault::CutOff)?;
        let (index, sound) = rest.split_at_checked(index).ok_or(PackFault::CutOff)?;
        let (entries, _) = index.as_chunks::<ENTRY>();
        let pack = Self { entries, sound };
        if !entries.is_sorted_by(|one, other| one[..32] < other[..32]) {
            return Err(PackFault::Order);
        }
        if entries.iter().any(|entry| pack.sound_of(entry).is_none()) {
            return Err(PackFault::Outside);
        }
        Ok(pack)
    }

    /// The recording of this name.
    pub fn find(&self, name: &[u8; 32]) -> Option<&'a [u8]> {
        let at = self.entries.binary_search_by(|entry| entry[..32].cmp(name)).ok()?;
        self.sound_of(&self.entries[at])
    }

    fn sound_of(&self, entry: &[u8; ENTRY]) -> Option<&'a [u8]> {
        let number = |at: usize| u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]) as usize;
        let (start, length) = (number(32), number(36));
        self.sound.get(start..start.checked_add(length)?)
    }

    /// Every recording with its name.
    #[cfg(test)]
    pub fn all(&self) -> impl Iterator<Item = ([u8; 32], &'a [u8])> + '_ {
        self.entries.iter().map(|entry| {
            let (name, _) = entry.split_first_chunk::<32>().expect("an entry is longer");
            (*name, self.sound_of(entry).expect("read looked at each"))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn entry(name: u8, start: u32, length: u32) -> Vec<u8> {
        [&[name; 32][..], &start.to_le_bytes(), &length.to_le_bytes()].concat()
    }

    fn pack(entries: &[Vec<u8>], sound: &[u8]) -> Vec<u8> {
        let count = u32::try_from(entries.len()).unwrap().to_le_bytes();
        [&FORM[..], &count, &entries.concat(), sound].concat()
    }

    #[test]
    fn what_was_packed_is_found_by_its_name() {
        let bytes = pack(&[entry(1, 2, 3), entry(7, 0, 2), entry(9, 5, 0)], b"abcde");
        let pack = Pack::read(&bytes).unwrap();
        assert_eq!(pack.find(&[1; 32]), Some(&b"cde"[..]));
        assert_eq!(pack.find(&[7; 32]), Some(&b"ab"[..]));
        assert_eq!(pack.find(&[9; 32]), Some(&b""[..]));
        assert_eq!(pack.find(&[2; 32]), None);
    }

    #[test]
    fn a_pack_that_is_damaged_is_refused() {
        let whole = pack(&[entry(1, 0, 3), entry(2, 3, 2)], b"abcde");
        assert!(Pack::read(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(Pack::read(&whole[..length]).is_err(), "cut to {length}");
        }
        let fault = |bytes: &[u8]| Pack::read(bytes).unwrap_err();
        assert_eq!(fault(b"calls\x02\0\0\0\0\0\0"), PackFault::Form);
        assert_eq!(fault(&[&FORM[..], &[0xFF; 4]].concat()), PackFault::CutOff);
        assert_eq!(fault(&pack(&[entry(2, 0, 1), entry(1, 0, 1)], b"a")), PackFault::Order);
        assert_eq!(fault(&pack(&[entry(1, 0, 1), entry(1, 0, 1)], b"a")), PackFault::Order);
        assert_eq!(fault(&pack(&[entry(1, u32::MAX, u32::MAX)], b"a")), PackFault::Outside);
        assert_eq!(fault(&pack(&[entry(1, 1, 1)], b"a")), PackFault::Outside);
    }
}
