//! Keys of tokens in base32 (RFC 4648 §6), as people and CSV files write them.
//! Refuses 0, 1, 8 and 9 rather than guess O, I, B or g: a wrong guess makes a token that never works.

use crate::secret::Secret;
use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;
use zeroize::Zeroizing;

/// Most characters of a key, without spaces, dashes and padding.
pub const LONGEST: usize = 128;
/// Fewest bytes of a key. RFC 4226 R6 asks for 16; many tokens and apps have 10.
pub const SHORTEST: usize = 10;

// Apps draw keys as random characters, so the bits after the last whole byte may be anything.
static LENIENT: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    specification.translate.from.push_str("abcdefghijklmnopqrstuvwxyz");
    specification.translate.to.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    specification.check_trailing_bits = false;
    specification.encoding().expect("the alphabet has 32 different symbols")
});

/// A text that is not a key. It names places and characters that cannot be in a key, never the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Base32Fault {
    /// Nothing in it.
    #[error("the key is empty")]
    Empty,
    /// More than 128 characters.
    #[error("the key has more than {LONGEST} characters")]
    TooLong,
    /// A digit that base32 leaves out because it looks like a letter.
    #[error(
        "the key has the digit {digit} at character {at}: base32 has no 0, 1, 8 and 9 (is it the letter {looks_like}?)"
    )]
    Digit {
        /// The digit.
        digit: char,
        /// The character, counted from 1 as it was written.
        at: usize,
        /// The letter that it may have been meant for.
        looks_like: char,
    },
    /// A character that is not in base32.
    #[error("character {at} of the key is none of A-Z and 2-7")]
    Character {
        /// The character, counted from 1 as it was written.
        at: usize,
    },
    /// A number of characters that no whole bytes give.
    #[error("the key is cut off: no key has this number of characters")]
    Length,
    /// Fewer than 80 bits.
    #[error("the key is shorter than 80 bits (16 characters): such a token is not safe")]
    TooShort,
}

/// Reads a key. Case, spaces and dashes are ignored, padding may be left out.
pub fn parse(text: &str) -> Result<Secret<Vec<u8>>, Base32Fault> {
    let unpadded = text.trim_end().trim_end_matches('=');
    // Never longer than this, so it does not move and leave a copy behind.
    let mut symbols = Zeroizing::new(Vec::with_capacity(LONGEST));
    for (at, c) in (1..).zip(unpadded.chars()).filter(|&(_, c)| !c.is_whitespace() && c != '-') {
        if symbols.len() == LONGEST {
            return Err(Base32Fault::TooLong);
        }
        symbols.push(symbol(c, at)?);
    }
    if symbols.is_empty() {
        return Err(Base32Fault::Empty);
    }
    let key = LENIENT.decode(&symbols).map(Secret::new).map_err(|_| Base32Fault::Length)?;
    if key.expose().len() < SHORTEST { Err(Base32Fault::TooShort) } else { Ok(key) }
}

fn symbol(c: char, at: usize) -> Result<u8, Base32Fault> {
    let looks_like = match c {
        '0' => 'O',
        '1' => 'I',
        '8' => 'B',
        '9' => 'G',
        'A'..='Z' | 'a'..='z' | '2'..='7' => return u8::try_from(c).map_err(|_| Base32Fault::Character { at }),
        _ => return Err(Base32Fault::Character { at }),
    };
    Err(Base32Fault::Digit { digit: c, at, looks_like })
}

/// The key in upper case without padding.
pub fn encode(key: &Secret<Vec<u8>>) -> Secret<String> {
    Secret::new(LENIENT.encode(key.expose()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(text: &str) -> Result<Vec<u8>, Base32Fault> {
        parse(text).map(|key| key.expose().clone())
    }

    #[test]
    fn keys_as_people_write_them() {
        let texts = [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq\r\n",
            "GEZDGNBV-GY3TQOJQ-GEZDGNBV-GY3TQOJQ",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ====",
        ];
        for text in texts {
            assert_eq!(key(text).as_deref(), Ok(&b"12345678901234567890"[..]), "{text}");
        }
        assert_eq!(key("AAAAAAAAAAAAAAAAAB"), key("AAAAAAAAAAAAAAAAAA"), "bits after the last byte mean nothing");
    }

    #[test]
    fn nothing_is_guessed() {
        use Base32Fault::*;
        for (digit, looks_like) in [('0', 'O'), ('1', 'I'), ('8', 'B'), ('9', 'G')] {
            assert_eq!(key(&format!("GEZD GNBV{digit}")), Err(Digit { digit, at: 10, looks_like }));
        }
        let table = [
            ("", Empty),
            ("  -- ", Empty),
            ("====", Empty),
            ("GEZDGNBV!", Character { at: 9 }),
            ("GEZ=GNBV", Character { at: 4 }),
            ("ＧEZDGNBV", Character { at: 1 }),
            ("GEZDGNBVGY3TQOJQG", Length),
            ("GEZDGNBV", TooShort),
        ];
        for (text, fault) in table {
            assert_eq!(key(text), Err(fault), "{text:?}");
        }
        assert_eq!(key(&"A".repeat(128)).map(|key| key.len()), Ok(80));
        assert_eq!(key(&"A".repeat(129)), Err(TooLong));
    }

    proptest! {
        #[test]
        fn a_key_survives_its_text(bytes in prop::collection::vec(any::<u8>(), 10..=80)) {
            let text = encode(&Secret::new(bytes.clone()));
            prop_assert!(!text.expose().contains('='));
            prop_assert_eq!(key(text.expose()), Ok(bytes));
        }

        #[test]
        fn any_text_is_read(text: String) {
            let _ = key(&text);
        }
    }
}
