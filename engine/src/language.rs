//! Tags of languages (BCP 47, RFC 5646 §2.1), as far as their form goes.
//! Refuses to know languages: an unknown one gets the standard texts.

/// The longest tag (RFC 5646 §4.4.1 asks for room for 35 characters).
const LONGEST: usize = 35;

/// Whether it has the form of a tag: parts of 1 to 8 letters and digits between dashes, of which the first has letters only.
pub fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let sized = |part: &str| (1..=8).contains(&part.len());
    text.len() <= LONGEST
        && first.len() >= 2
        && sized(first)
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| sized(part) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_their_form() {
        for tag in ["en", "en-GB", "zh-Hant-TW", "de-1996", "sl-rozaj-biske-1994"] {
            assert!(is_tag(tag), "{tag}");
        }
        for text in ["", "e", "-en", "en-", "en--GB", "en_GB", "1n", "abcdefghi", "en-abcdefghi", "en GB", "ü-de"] {
            assert!(!is_tag(text), "{text}");
        }
        assert!(!is_tag(&"en-abcdefgh".repeat(4)));
    }
}
