//! Digits as people's keyboards write them, folded to ASCII.
//! Refuses numerals that are not decimal digits (Ⅳ, ½, 三).

/// The zero of every decimal script of Unicode 16 (general category Nd); its ten digits follow one another.
const ZEROS: [u32; 76] = [
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6,
    0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40,
    0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x10d40, 0x11066,
    0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0,
    0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0,
    0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];

/// The ASCII digit that `c` means, if it is a decimal digit of any script.
pub fn fold(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let point = u32::from(c);
    let block = ZEROS.partition_point(|&zero| zero <= point).checked_sub(1)?;
    char::from_digit(point - ZEROS[block], 10)
}

/// Whether `c` may stand inside one run of digits: any space, dash or dot, and marks that are not seen at all (right-to-left
/// keyboards wrap numbers in them).
pub fn is_separator(c: char) -> bool {
    c.is_whitespace() || is_dash(c) || is_dot(c) || is_unseen(c)
}

const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

const fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{b7}' | '\u{2024}' | '\u{ff0e}')
}

const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_all_scripts_fold() {
        assert!(ZEROS.is_sorted());
        for (written, meant) in
            [("0123456789", "0123456789"), ("０１２９", "0129"), ("٤٢", "42"), ("۴۲", "42"), ("४२", "42")]
        {
            assert_eq!(written.chars().map(fold).collect::<Option<String>>().as_deref(), Some(meant));
        }
    }

    #[test]
    fn other_numerals_do_not() {
        for c in ['a', ' ', '½', 'Ⅳ', '三', '²', '①', '/', ':', '\u{ff0f}', '\u{ff1a}', '\0', char::MAX] {
            assert_eq!(fold(c), None, "{c:?}");
        }
    }

    #[test]
    fn every_digit_folded_is_numeric_to_the_standard_library() {
        let folded = ('\0'..=char::MAX).filter(|&c| fold(c).is_some()).count();
        assert_eq!(folded, 760);
        let known = ('\0'..=char::MAX).filter(|&c| fold(c).is_some() && c.is_numeric()).count();
        assert!(known >= 660, "{known} of them are digits to the library's version of Unicode");
    }
}
