//! A message from its bytes: brought into normal form, then parsed by `rsip`.
//! Refuses what lacks a header that every message has (RFC 3261 §8.1.1), and a `CSeq` that names another method.

use super::address::Address;
use super::body_length::body_length;
use super::normal::normal;
use super::{LONGEST_MESSAGE, Message, Method, Start};

/// What `rsip` is given for a first line. It refuses methods that it does not know, to which an answer is due, and IPv6
/// addresses, so the first line is read here.
const STAND_IN: &str = "OPTIONS sip:a SIP/2.0\r\n";

/// A message that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unreadable {
    /// What is wrong.
    pub why: &'static str,
    /// The answer that is due, where it was a request of which so much could be read.
    pub answer: Option<Box<Message>>,
}

impl Unreadable {
    /// The status of the answer.
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref()?.status()
    }

    const fn silently(why: &'static str) -> Self {
        Self { why, answer: None }
    }

    fn answered(why: &'static str, status: u16, message: &Message) -> Self {
        let due = message.method().is_some_and(|method| *method != Method::Ack) && message.get("Via").is_some();
        // The tag tells nothing: such a request is answered without keeping anything of it.
        Self { why, answer: due.then(|| Box::new(Message::response(message, status, "unread"))) }
    }
}

/// Reads a head (to its empty line) and what follows it, which may be longer than the body.
pub fn read(head: &[u8], rest: &[u8]) -> Result<Message, Unreadable> {
    let head = normal(head).map_err(|_| Unreadable::silently("it is too long"))?;
    let (first, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
    let start = start(first).ok_or_else(|| Unreadable::silently("its first line is none"))?;
    let headers = parsed(headers).ok_or_else(|| Unreadable::silently("its headers cannot be read"))?;
    let mut message = Message::of(start, headers, Vec::new());
    match body_length(&head) {
        Err(_) => return Err(Unreadable::answered("its Content-Length is broken", 400, &message)),
        Ok(Some(length)) if length > LONGEST_MESSAGE => {
            return Err(Unreadable::answered("its body is too long", 413, &message));
        }
        Ok(Some(length)) if length > rest.len() => {
            return Err(Unreadable::answered("its body was cut", 400, &message));
        }
        Ok(length) => message.body = rest[..length.unwrap_or(rest.len())].to_vec(),
    }
    match missing(&message) {
        Some(why) => Err(Unreadable::answered(why, 400, &message)),
        None => Ok(message),
    }
}

fn start(line: &str) -> Option<Start> {
    if let Some(rest) = line.strip_prefix("SIP/2.0 ") {
        let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let digits = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
        let status = status.parse().ok().filter(|status| digits && (100..700).contains(status))?;
        return Some(Start::Response { status, reason: reason.trim().to_owned() });
    }
    let [method, uri, "SIP/2.0"] = line.split(' ').collect::<Vec<_>>()[..] else { return None };
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte);
    let sound = !method.is_empty() && method.bytes().all(token) && uri.contains(':') && uri.is_ascii();
    sound.then(|| Start::Request { method: Method::of(method), uri: uri.to_owned() })
}

/// Name and value of each header, without `Content-Length`.
fn parsed(headers: &str) -> Option<Vec<(String, String)>> {
    let message = rsip::SipMessage::try_from(format!("{STAND_IN}{headers}\r\n").as_bytes()).ok()?;
    let headers = match message {
        rsip::SipMessage::Request(request) => request.headers,
        rsip::SipMessage::Response(_) => return None,
    };
    let pair = |header: rsip::Header| {
        let text = header.to_string();
        let (name, value) = text.split_once(':')?;
        Some((name.to_owned(), value.trim().to_owned()))
    };
    let pairs = headers.into_iter().map(pair).collect::<Option<Vec<_>>>()?;
    Some(pairs.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Content-Length")).collect())
}

fn missing(message: &Message) -> Option<&'static str> {
    let once = |name| message.all(name).count() == 1;
    if message.branch().is_none() {
        return Some("it has no Via with a branch");
    }
    if !(once("From") && once("To") && once("Call-ID") && once("CSeq")) {
        return Some("From, To, Call-ID and CSeq must be there once");
    }
    if message.from_tag().is_none() || message.get("To").and_then(Address::read).is_none() {
        return Some("its From or To cannot be read");
    }
    match (message.cseq(), message.method()) {
        (None, _) => Some("its CSeq cannot be read"),
        (Some((_, named)), Some(method)) if named != *method => Some("its CSeq names another method"),
        (Some(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(first: &str, cseq: &str) -> Result<Message, Unreadable> {
        let head = format!(
            "{first}\r\nv: SIP/2.0/UDP [::1]:5070;branch=z9hG4bK1\r\nf: \"A\" <sip:a@[::1]>;tag=1\r\nt: <sip:b@c>\r\ni: x@y\r\nCSeq: {cseq}\r\n\r\n"
        );
        read(head.as_bytes(), b"")
    }

    #[test]
    fn compact_names_unknown_methods_and_ipv6_are_read() {
        let message = request("REFER sip:x@[::1]:5070;lr SIP/2.0", "7 REFER").unwrap();
        assert_eq!(message.method(), Some(&Method::Other("REFER".into())));
        assert_eq!(message.cseq(), Some((7, Method::Other("REFER".into()))));
        assert_eq!((message.call_id(), message.branch().as_deref()), (Some("x@y"), Some("z9hG4bK1")));
        let response = request("SIP/2.0 608", "7 INVITE").unwrap();
        assert_eq!(response.status(), Some(608));
    }

    #[test]
    fn what_is_read_survives_being_written() {
        let mut message = request("INFO sip:a SIP/2.0", "1 INFO").unwrap();
        message.body = vec![0, 255, b'\r', b'\n'];
        let bytes = message.bytes();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        assert_eq!(read(&bytes[..end], &bytes[end..]), Ok(message));
    }

    #[test]
    fn requests_that_lack_something_are_answered_and_acks_never() {
        let status = |read: Result<Message, Unreadable>| read.unwrap_err().status();
        assert_eq!(status(request("INFO sip:a SIP/2.0", "1 BYE")), Some(400));
        assert_eq!(status(request("INFO sip:a SIP/2.0", "x INFO")), Some(400));
        assert_eq!(status(request("ACK sip:a SIP/2.0", "x ACK")), None);
        assert_eq!(status(request("SIP/2.0 200 OK", "x INVITE")), None);
        for first in
            ["", "INFO", "INFO sip:a SIP/3.0", "INFO  SIP/2.0", "SIP/2.0 20 OK", "SIP/2.0 999 X", "I@ sip:a SIP/2.0"]
        {
            assert_eq!(status(request(first, "1 INFO")), None, "{first}");
        }
    }
}
