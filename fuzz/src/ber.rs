//! A message from somebody who says that they are a directory: BER, as it is looked at before the library reads it.
//! Refuses a message that is handed on and that the library cannot read to its end.

use directory::ldap::ber;
use ldap3::asn1::{PL, StructureTag, parse_tag};

/// Deeper than that nothing may be handed on.
const DEEPEST: usize = 12;

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    if let Some(element) = ber::element(data) {
        let head = data.len() - element.content.len() - element.rest.len();
        assert!((2..=6).contains(&head), "{head}");
    }
    if !ber::is_sound(data) {
        return false;
    }
    // The whole is known to be flat, so this reader may call itself.
    let mut rest = data;
    while !rest.is_empty() {
        let (after, tag) = parse_tag(rest).expect("what is handed on can be read");
        assert!(depth(&tag) <= DEEPEST);
        let element = ber::element(rest).expect("it is sound");
        assert_eq!(element.rest, after, "both see the same end");
        rest = after;
    }
    !data.is_empty()
}

fn depth(tag: &StructureTag) -> usize {
    match &tag.payload {
        PL::P(_) => 1,
        PL::C(inner) => 1 + inner.iter().map(depth).max().unwrap_or_default(),
    }
}
