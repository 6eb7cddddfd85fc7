//! The elements of BER (X.690) as far as LDAP has them: one byte of tag, a definite length (RFC 4511 §5.1), the content.
//! Refuses tags of more bytes and lengths that are not said.

/// SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// ENUMERATED.
pub const ENUMERATED: u8 = 0x0a;

/// The bit of a tag whose content is elements again.
const CONSTRUCTED: u8 = 0x20;
/// The bits of a tag that say that more bytes follow.
const LONG_TAG: u8 = 0x1f;
/// More nesting than any LDAP answer has: a value in an attribute of an entry is the fifth.
const DEEPEST: usize = 12;

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// Class, form and number.
    pub tag: u8,
    /// What is in it.
    pub content: &'a [u8],
    /// What follows it.
    pub rest: &'a [u8],
}

/// The tag, and the length of head and content, of what begins with these bytes; none while they are too few to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Class, form and number.
    pub tag: u8,
    /// Bytes before the content.
    pub bytes: usize,
    /// Bytes of the content.
    pub content: usize,
}

/// No element begins like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnElement;

/// What is at the front of these bytes; none while they are too few to say.
pub fn head(bytes: &[u8]) -> Result<Option<Head>, NotAnElement> {
    let Some((&tag, after)) = bytes.split_first() else { return Ok(None) };
    if tag & LONG_TAG == LONG_TAG {
        return Err(NotAnElement);
    }
    let Some((&first, after)) = after.split_first() else { return Ok(None) };
    if first < 0x80 {
        return Ok(Some(Head { tag, bytes: 2, content: first.into() }));
    }
    let octets = usize::from(first & 0x7f);
    if !(1..=4).contains(&octets) {
        return Err(NotAnElement);
    }
    let Some(length) = after.get(..octets) else { return Ok(None) };
    let content = length.iter().fold(0_usize, |length, &octet| (length << 8) | usize::from(octet));
    Ok(Some(Head { tag, bytes: 2 + octets, content }))
}

/// The element at the front of these bytes, if it is all there.
pub fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let head = head(bytes).ok()??;
    let (content, rest) = bytes.get(head.bytes..)?.split_at_checked(head.content)?;
    Some(Element { tag: head.tag, content, rest })
}

/// Whether these bytes are whole elements in whole elements, none deeper than LDAP has them: parsers that call themselves
/// for each level end the program where there are too many.
pub fn is_sound(bytes: &[u8]) -> bool {
    let mut open = vec![bytes];
    while let Some(inner) = open.pop() {
        if inner.is_empty() {
            continue;
        }
        let Some(element) = element(inner) else { return false };
        open.push(element.rest);
        if element.tag & CONSTRUCTED != 0 {
            if open.len() >= DEEPEST {
                return false;
            }
            open.push(element.content);
        }
    }
    true
}

/// A number of up to four bytes that is not negative.
pub fn number(content: &[u8]) -> Option<u32> {
    let fits = (1..=4).contains(&content.len()) && content[0] < 0x80;
    fits.then(|| content.iter().fold(0, |number, &octet| (number << 8) | u32::from(octet)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_all_there() {
        for (bytes, expected) in [
            (&[][..], Ok(None)),
            (&[0x30], Ok(None)),
            (&[0x30, 0x05], Ok(Some(Head { tag: 0x30, bytes: 2, content: 5 }))),
            (&[0x30, 0x82, 0x01], Ok(None)),
            (&[0x30, 0x82, 0x01, 0x02], Ok(Some(Head { tag: 0x30, bytes: 4, content: 258 }))),
            (&[0x30, 0x80], Err(NotAnElement)),
            (&[0x30, 0x85, 0, 0, 0, 0, 1], Err(NotAnElement)),
            (&[0x3f, 0x81, 0x00], Err(NotAnElement)),
        ] {
            assert_eq!(head(bytes), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn only_whole_elements_are_sound_and_only_flat_ones() {
        assert!(is_sound(&[]));
        assert!(is_sound(&[0x30, 0x03, 0x02, 0x01, 0x01, 0x04, 0x00]));
        assert!(!is_sound(&[0x30, 0x03, 0x02, 0x02, 0x01]), "the inner one is cut");
        assert!(!is_sound(&[0x30, 0x03, 0x02, 0x01]), "the outer one is cut");
        let nested = |levels: usize| (0..levels).fold(Vec::new(), |inner, _| wrapped(&inner));
        assert!(is_sound(&nested(8)));
        assert!(!is_sound(&nested(13)));
        assert!(!is_sound(&nested(60)));
    }

    fn wrapped(inner: &[u8]) -> Vec<u8> {
        let length = u8::try_from(inner.len()).expect("short");
        [&[0x30, 0x81, length][..], inner].concat()
    }

    #[test]
    fn numbers_are_short_and_not_negative() {
        assert_eq!(number(&[0x00]), Some(0));
        assert_eq!(number(&[0x01, 0x00]), Some(256));
        assert_eq!(number(&[0xff]), None);
        assert_eq!(number(&[]), None);
        assert_eq!(number(&[0, 0, 0, 0, 1]), None);
    }
}
