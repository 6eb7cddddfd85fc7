//! A head in the form that `rsip` reads: one line a header, full names, one value a line, UTF-8, CRLF.
//! Refuses heads, lines and numbers of headers that no honest peer sends.

use super::address::list;
use super::{LONGEST_HEAD, LONGEST_LINE, MOST_HEADERS};

/// Headers whose values may be joined with commas, and which we read one by one.
const LISTS: [&str; 7] = ["Via", "Route", "Record-Route", "Contact", "Supported", "Require", "Allow"];

/// RFC 3261 §7.3.3 and the registry of compact forms.
const COMPACT: [(&str, &str); 20] = [
    ("a", "Accept-Contact"),
    ("b", "Referred-By"),
    ("c", "Content-Type"),
    ("d", "Request-Disposition"),
    ("e", "Content-Encoding"),
    ("f", "From"),
    ("i", "Call-ID"),
    ("j", "Reject-Contact"),
    ("k", "Supported"),
    ("l", "Content-Length"),
    ("m", "Contact"),
    ("n", "Identity-Info"),
    ("o", "Event"),
    ("r", "Refer-To"),
    ("s", "Subject"),
    ("t", "To"),
    ("u", "Allow-Events"),
    ("v", "Via"),
    ("x", "Session-Expires"),
    ("y", "Identity"),
];

/// A head that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch;

/// The head in normal form, without the empty line at its end.
pub(super) fn normal(head: &[u8]) -> Result<String, TooMuch> {
    if head.len() > LONGEST_HEAD {
        return Err(TooMuch);
    }
    let lines = unfolded(&String::from_utf8_lossy(head));
    let (start, headers) = lines.split_first().map_or(("", &[][..]), |(start, rest)| (start.as_str(), rest));
    let headers: Vec<String> = headers.iter().flat_map(|line| one_by_one(line)).collect();
    let too_long = |line: &str| line.len() > LONGEST_LINE;
    if headers.len() > MOST_HEADERS || too_long(start) || lines.iter().any(|line| too_long(line)) {
        return Err(TooMuch);
    }
    let mut text = format!("{start}\r\n");
    for header in headers {
        text.push_str(&header);
        text.push_str("\r\n");
    }
    Ok(text)
}

/// The lines; one that begins with a space or a tab belongs to the line before (RFC 3261 §7.3.1).
fn unfolded(head: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in head.split('\n') {
        let clean = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        match (line.starts_with([' ', '\t']), lines.last_mut()) {
            (true, Some(last)) => {
                last.push(' ');
                last.push_str(clean(line).trim());
            }
            (true, None) | (false, _) => lines.push(clean(line).trim_end().to_owned()),
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// A line for each value, with the full name.
fn one_by_one(line: &str) -> Vec<String> {
    // Without a colon it is no header: rsip says so.
    let Some((name, value)) = line.split_once(':') else { return vec![line.to_owned()] };
    let (name, value) = (full(name.trim()), value.trim());
    if LISTS.iter().any(|list| list.eq_ignore_ascii_case(name)) {
        return list(value).into_iter().map(|value| format!("{name}: {value}")).collect();
    }
    vec![format!("{name}: {value}")]
}

fn full(name: &str) -> &str {
    COMPACT.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)).map_or(name, |(_, full)| full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_unfolded_expanded_and_split() {
        let head = b"OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP a;branch=1,\r\n SIP/2.0/UDP b\nF : <sip:x,y@z>\r\nk: timer , 100rel\r\n\
            WWW-Authenticate: Digest a=1, b=2\r\nSubject: \xff\x01\r\n";
        let expected = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=1\r\nVia: SIP/2.0/UDP b\r\nFrom: <sip:x,y@z>\r\n\
            Supported: timer\r\nSupported: 100rel\r\nWWW-Authenticate: Digest a=1, b=2\r\nSubject: \u{fffd}\r\n";
        assert_eq!(normal(head).unwrap(), expected);
    }

    #[test]
    fn heads_lines_and_numbers_have_caps() {
        let head = |headers: &str| format!("OPTIONS sip:a SIP/2.0\r\n{headers}");
        assert!(normal(head(&"A: b\r\n".repeat(MOST_HEADERS)).as_bytes()).is_ok());
        assert_eq!(normal(head(&"A: b\r\n".repeat(MOST_HEADERS + 1)).as_bytes()), Err(TooMuch));
        assert_eq!(normal(head(&format!("Via: {}", "a,".repeat(MOST_HEADERS + 1))).as_bytes()), Err(TooMuch));
        assert_eq!(normal(head(&format!("A: {}", "x".repeat(LONGEST_LINE))).as_bytes()), Err(TooMuch));
        assert_eq!(normal(&vec![b'x'; LONGEST_HEAD + 1]), Err(TooMuch));
    }
}
