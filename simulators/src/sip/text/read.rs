//! Bytes to messages, as strictly as a carrier does it: lines end with CRLF, folded lines and compact names are read.
//! It refuses more than its limits, and whatever it cannot read for certain.

use super::message::{Message, Start};

/// A head with its first line and fields, in bytes.
pub(crate) const LONGEST_HEAD: usize = 16 * 1024;
/// A body.
pub(crate) const LONGEST_BODY: usize = 48 * 1024;
const MOST_FIELDS: usize = 200;
const LONGEST_LINE: usize = 8 * 1024;

/// What is wrong with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("the head has no end, or more than 16 KiB, 200 fields or 8 KiB in a line")]
    TooLarge,
    #[error("a line ends with CR or LF alone")]
    BareLine,
    #[error("the first line is neither a request nor a status line of SIP/2.0")]
    FirstLine,
    #[error("a field has no name or no colon")]
    Field,
    #[error("Content-Length is no number, too large, or said twice in different ways")]
    Length,
    #[error("Content-Length is missing, which a stream cannot do without")]
    NoLength,
    #[error("the body is shorter than Content-Length says")]
    ShortBody,
}

/// One-letter names (RFC 3261 §7.3.3 and the registry of header fields).
const COMPACT: [(char, &str); 14] = [
    ('c', "Content-Type"),
    ('e', "Content-Encoding"),
    ('f', "From"),
    ('i', "Call-ID"),
    ('k', "Supported"),
    ('l', "Content-Length"),
    ('m', "Contact"),
    ('o', "Event"),
    ('r', "Refer-To"),
    ('s', "Subject"),
    ('t', "To"),
    ('u', "Allow-Events"),
    ('v', "Via"),
    ('x', "Session-Expires"),
];

/// Where the head ends, with its empty line; `None` while it has no end.
pub(crate) fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// One datagram, one message (RFC 3261 §18.3): what is beyond `Content-Length` is not looked at.
pub(crate) fn datagram(bytes: &[u8]) -> Result<Message, Malformed> {
    let length = head_length(bytes).ok_or(Malformed::TooLarge)?;
    let (head, rest) = bytes.split_at(length);
    let mut message = head_of(head)?;
    let body = match body_length(&message)? {
        Some(length) => rest.get(..length).ok_or(Malformed::ShortBody)?,
        None => rest,
    };
    message.body = body.to_vec();
    Ok(message)
}

/// A head as a message without its body.
pub(crate) fn head_of(head: &[u8]) -> Result<Message, Malformed> {
    if head.len() > LONGEST_HEAD {
        return Err(Malformed::TooLarge);
    }
    let text = String::from_utf8_lossy(head);
    let mut lines = unfolded(text.trim_end_matches("\r\n"))?.into_iter();
    let start = first_line(&lines.next().unwrap_or_default())?;
    let fields: Vec<_> = lines.map(|line| field(&line)).collect::<Result<_, _>>()?;
    if fields.len() > MOST_FIELDS {
        return Err(Malformed::TooLarge);
    }
    Ok(Message { start, fields, body: Vec::new() })
}

fn unfolded(text: &str) -> Result<Vec<String>, Malformed> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split("\r\n") {
        if line.contains(['\r', '\n']) {
            return Err(Malformed::BareLine);
        }
        match lines.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            Some(before) => {
                before.push(' ');
                before.push_str(line.trim());
            }
            None => lines.push(line.to_owned()),
        }
        if lines.last().is_some_and(|line| line.len() > LONGEST_LINE) {
            return Err(Malformed::TooLarge);
        }
    }
    Ok(lines)
}

fn first_line(line: &str) -> Result<Start, Malformed> {
    let parts: Vec<&str> = line.splitn(3, ' ').collect();
    match parts.as_slice() {
        ["SIP/2.0", code, reason] => {
            let code = code.parse().ok().filter(|code| (100..700).contains(code)).ok_or(Malformed::FirstLine)?;
            Ok(Start::Status { code, reason: (*reason).to_owned() })
        }
        [method, uri, "SIP/2.0"] if is_token(method) && !uri.is_empty() => {
            Ok(Start::Request { method: (*method).to_owned(), uri: (*uri).to_owned() })
        }
        _ => Err(Malformed::FirstLine),
    }
}

fn field(line: &str) -> Result<(String, String), Malformed> {
    let (name, value) = line.split_once(':').ok_or(Malformed::Field)?;
    let name = name.trim_end_matches([' ', '\t']);
    if !is_token(name) {
        return Err(Malformed::Field);
    }
    Ok((full_name(name).to_owned(), value.trim().to_owned()))
}

fn full_name(name: &str) -> &str {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => {
            let known = COMPACT.iter().find(|(compact, _)| compact.eq_ignore_ascii_case(&letter));
            known.map_or(name, |(_, full)| full)
        }
        (Some(_) | None, Some(_) | None) => name,
    }
}

/// A token (RFC 3261 §25.1).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b))
}

/// What the message says of its body; `None` where it says nothing.
pub(crate) fn body_length(message: &Message) -> Result<Option<usize>, Malformed> {
    let mut said = None;
    for value in message.all("Content-Length") {
        let plain = !value.is_empty() && value.len() <= 10 && value.bytes().all(|b| b.is_ascii_digit());
        let length = value.parse().ok().filter(|length| plain && *length <= LONGEST_BODY).ok_or(Malformed::Length)?;
        if said.is_some_and(|before| before != length) {
            return Err(Malformed::Length);
        }
        said = Some(length);
    }
    Ok(said)
}

#[cfg(test)]
mod tests;
