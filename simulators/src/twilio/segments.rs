//! How many segments a text takes on the air (3GPP TS 23.038).
//! It only counts; nothing is split or encoded.

/// The GSM 7-bit default alphabet without the ASCII letters and digits.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Its extension table: each takes an escape and itself.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// Segments of `body`: 160 septets in one, 153 in each of several; outside the alphabet 70 and 67 UTF-16 units.
pub(crate) fn count_segments(body: &str) -> u16 {
    let (units, single, several) = match septets(body) {
        Some(septets) => (septets, 160, 153),
        None => (body.encode_utf16().count(), 70, 67),
    };
    let segments = if units <= single { 1 } else { units.div_ceil(several) };
    u16::try_from(segments).unwrap_or(u16::MAX)
}

fn septets(body: &str) -> Option<usize> {
    body.chars().map(septets_of).sum()
}

fn septets_of(c: char) -> Option<usize> {
    if c.is_ascii_alphanumeric() || BASIC.contains(c) {
        Some(1)
    } else if EXTENDED.contains(c) {
        Some(2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_alphabet() {
        let cases = [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("ä".repeat(160), 1),
            ("ж".repeat(70), 1),
            ("ж".repeat(71), 2),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
            ("`".repeat(71), 2),
        ];
        for (body, segments) in cases {
            assert_eq!(count_segments(&body), segments, "{body}");
        }
    }
}
