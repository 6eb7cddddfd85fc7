//! Reads `application/x-www-form-urlencoded`, strictly: what cannot be decoded is an error, not a replacement character.
//! Refuses forms without end: at most 64 KiB and 256 parameters.

use crate::callback::CallbackError;

/// The longest text has 1600 characters of at most 12 bytes each; the rest leaves room for media and new parameters.
const LONGEST: usize = 64 * 1024;
const MOST: usize = 256;

/// Names and values, un-encoded, in the order they came; names may repeat.
pub fn parse_form(body: &[u8]) -> Result<Vec<(String, String)>, CallbackError> {
    if body.len() > LONGEST {
        return Err(CallbackError::NotAForm("it is longer than 64 KiB"));
    }
    let parts = || body.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
    if parts().nth(MOST).is_some() {
        return Err(CallbackError::NotAForm("it has more than 256 parameters"));
    }
    parts().map(pair).collect()
}

fn pair(part: &[u8]) -> Result<(String, String), CallbackError> {
    let middle = part.iter().position(|byte| *byte == b'=');
    let (name, value) = middle.map_or((part, &[][..]), |at| (&part[..at], &part[at + 1..]));
    Ok((decoded(name)?, decoded(value)?))
}

fn decoded(encoded: &[u8]) -> Result<String, CallbackError> {
    let mut plain = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.iter().copied();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => escaped(bytes.next(), bytes.next())
                .ok_or(CallbackError::NotAForm("a % is not followed by two hexadecimal digits"))?,
            other => other,
        });
    }
    String::from_utf8(plain).map_err(|_| CallbackError::NotAForm("it is not UTF-8"))
}

fn escaped(high: Option<u8>, low: Option<u8>) -> Option<u8> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(body: &str, expected: &[(&str, &str)]) {
        let parsed = parse_form(body.as_bytes()).unwrap();
        let parsed: Vec<_> = parsed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(parsed, expected, "{body}");
    }

    fn refuse(body: &[u8], why: &'static str) {
        assert_eq!(parse_form(body), Err(CallbackError::NotAForm(why)));
    }

    #[test]
    fn forms_are_read_as_they_are() {
        check("", &[]);
        check("&&", &[]);
        check("a", &[("a", "")]);
        check("a=", &[("a", "")]);
        check("=a", &[("", "a")]);
        check("a=b=c", &[("a", "b=c")]);
        check("a=1&a=2&a=1", &[("a", "1"), ("a", "2"), ("a", "1")]);
        check("Body=1+2%202%2b%2B&To=%2B12025550123", &[("Body", "1 2 2++"), ("To", "+12025550123")]);
        check("B%6Fdy=Gr%C3%BC%c3%9Fe", &[("Body", "Grüße")]);
        check("a=ü", &[("a", "ü")]);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let escape = "a % is not followed by two hexadecimal digits";
        for broken in ["a=%", "a=%4", "a=%4&b=1", "a=%zz", "%+1=a", "a=%-1"] {
            refuse(broken.as_bytes(), escape);
        }
        refuse(b"a=%FF", "it is not UTF-8");
        refuse(b"a=\xff", "it is not UTF-8");
        // Half a character in each of two parameters does not make one.
        refuse(b"a=%C3&b=%BC", "it is not UTF-8");
    }

    #[test]
    fn bounds_hold_at_their_edge() {
        let parameters = |count| "a=1&".repeat(count).into_bytes();
        assert_eq!(parse_form(&parameters(MOST)).unwrap().len(), MOST);
        refuse(&parameters(MOST + 1), "it has more than 256 parameters");
        let long = |bytes| [b"a=".to_vec(), vec![b'x'; bytes]].concat();
        assert!(parse_form(&long(LONGEST - 2)).is_ok());
        refuse(&long(LONGEST - 1), "it is longer than 64 KiB");
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(body in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse_form(&body);
        }

        #[test]
        fn what_another_encoder_wrote_is_read(form in prop::collection::vec((".{1,10}", ".{0,40}"), 0..10)) {
            let body = serde_urlencoded::to_string(&form).unwrap();
            prop_assert_eq!(parse_form(body.as_bytes()), Ok(form));
        }
    }
}
