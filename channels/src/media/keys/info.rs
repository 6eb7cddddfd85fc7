//! Keys in SIP INFO: `application/dtmf-relay` and `application/dtmf` (sip.md §6.2).
//! Refuses other types, and bodies that name no single key.

/// Why a body was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InfoRefused {
    /// Answer 415 with `Accept: application/dtmf-relay, application/dtmf`.
    #[error("the content is of a type that holds no key")]
    Type,
    /// Answer 400.
    #[error("the content names no key")]
    Content,
}

/// The longest body that names a key.
const LONGEST: usize = 1024;

/// Reads the key: `0-9 * # A-D`. The type is compared without case, and its parameters do not matter.
pub fn read(content_type: &str, body: &[u8]) -> Result<char, InfoRefused> {
    let name = content_type.split(';').next().unwrap_or_default().trim();
    let is_relay = name.eq_ignore_ascii_case("application/dtmf-relay");
    if !is_relay && !name.eq_ignore_ascii_case("application/dtmf") {
        return Err(InfoRefused::Type);
    }
    let text =
        body.get(..body.len().min(LONGEST)).and_then(|body| str::from_utf8(body).ok()).ok_or(InfoRefused::Content)?;
    let signal = if is_relay { signal(text).ok_or(InfoRefused::Content)? } else { text };
    pressed(signal.trim()).ok_or(InfoRefused::Content)
}

/// The value of the line `Signal=`, with or without spaces about the sign.
fn signal(text: &str) -> Option<&str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim().eq_ignore_ascii_case("signal").then_some(value)
    })
}

/// The key itself, or its number where that has two digits.
fn pressed(word: &str) -> Option<char> {
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some(key), None) => super::number(key).and_then(super::key),
        (Some('1'), Some('0'..='5')) if word.len() == 2 => word.parse().ok().and_then(super::key),
        (Some(_), Some(_)) | (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_the_rest_is_refused() {
        const RELAY: &str = "application/dtmf-relay";
        const PLAIN: &str = "application/dtmf";
        let (content, wrong_type) = (Err(InfoRefused::Content), Err(InfoRefused::Type));
        let cases = [
            (RELAY, "Signal=5\r\nDuration=160\r\n", Ok('5')),
            (RELAY, "Signal= 5\r\nDuration= 160\r\n", Ok('5')),
            (RELAY, "Duration=160\nsignal =#", Ok('#')),
            (RELAY, "Signal=*", Ok('*')),
            (RELAY, "Signal=10", Ok('*')),
            (RELAY, "Signal=11", Ok('#')),
            (RELAY, "Signal=15", Ok('D')),
            (RELAY, "Signal=d", Ok('D')),
            ("Application/DTMF-Relay; charset=utf-8", "Signal=0", Ok('0')),
            (PLAIN, "7", Ok('7')),
            (PLAIN, " 7\r\n", Ok('7')),
            (PLAIN, "10", Ok('*')),
            (PLAIN, "Signal=7", content),
            (PLAIN, "", content),
            (PLAIN, "77", content),
            (PLAIN, "16", content),
            (PLAIN, "1０", content),
            (PLAIN, "７", content),
            (RELAY, "Duration=160", content),
            (RELAY, "Signal=", content),
            (RELAY, "Signal=E", content),
            (RELAY, "7", content),
            ("application/dtmf-relay2", "Signal=5", wrong_type),
            ("text/plain", "5", wrong_type),
            ("", "5", wrong_type),
        ];
        for (content_type, body, expected) in cases {
            assert_eq!(read(content_type, body.as_bytes()), expected, "{content_type} {body:?}");
        }
        assert_eq!(read(RELAY, b"Signal=\xff"), content);
    }
}
