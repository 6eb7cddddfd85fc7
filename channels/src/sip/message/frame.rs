//! Where a message begins and ends: in a datagram, and on a stream (RFC 3261 §18.3).
//! Refuses to hold a body before its head fits the caps, and to find its place again on a stream that lost it.

use super::body_length::body_length;
use super::normal::normal;
use super::{LONGEST_HEAD, LONGEST_MESSAGE, Message, Unreadable, read};

/// What a datagram is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Datagram {
    /// Empty, line ends alone, or STUN: it keeps a way open and says nothing.
    KeepAlive,
    /// A message.
    Message(Message),
}

/// Reads a datagram: one message. What follows its body is ignored.
pub fn datagram(bytes: &[u8]) -> Result<Datagram, Unreadable> {
    let bytes = &bytes[bytes.iter().position(|&byte| byte != b'\r' && byte != b'\n').unwrap_or(bytes.len())..];
    // STUN begins with two bits of zero (RFC 8489 §5), which no method does.
    if bytes.first().is_none_or(|&first| first < 0x20) {
        return Ok(Datagram::KeepAlive);
    }
    let (head, body) = match end_of_head(bytes, 0) {
        Ok(end) => bytes.split_at(end),
        Err(_) => (bytes, &[][..]),
    };
    read(head, body).map(Datagram::Message)
}

/// Where the body begins: after the first empty line. Else where the last line begins, to look on from there.
fn end_of_head(bytes: &[u8], from: usize) -> Result<usize, usize> {
    let mut line = from;
    for (at, &byte) in bytes.iter().enumerate().skip(from) {
        if byte != b'\n' {
            continue;
        }
        if matches!(&bytes[line..at], [] | [b'\r']) {
            return Ok(at + 1);
        }
        line = at + 1;
    }
    Err(line)
}

/// The stream is of no use any more and is to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The head or the body is longer than any we take.
    #[error("a message is too long")]
    TooLong,
    /// No `Content-Length`, a broken one, or two that differ.
    #[error("a message does not say how long it is")]
    Length,
}

/// What came on a stream and is not a whole message yet.
#[derive(Debug, Default)]
pub struct Stream {
    buffer: Vec<u8>,
    /// Those that were not asked for yet.
    pings: usize,
    /// A CRLF came that may be half a ping, or a pong.
    half: bool,
    /// Where the line begins up to which no head has ended.
    searched: usize,
    /// Where the head and the message end that have begun.
    ends: Option<(usize, usize)>,
}

impl Stream {
    /// Takes bytes in; gives the messages that they complete. One that cannot be read, but says where it ends, is no reason
    /// to give up those of other calls after it.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<Result<Message, Unreadable>>, FrameError> {
        self.buffer.extend_from_slice(bytes);
        let mut messages = Vec::new();
        while let Some(message) = self.next()? {
            messages.push(message);
        }
        Ok(messages)
    }

    /// Pings (RFC 5626 §4.4.1) since this was asked last: each is answered with CRLF.
    pub const fn pings(&mut self) -> usize {
        std::mem::replace(&mut self.pings, 0)
    }

    /// Whether a message has begun.
    pub const fn is_within(&self) -> bool {
        !self.buffer.is_empty()
    }

    fn next(&mut self) -> Result<Option<Result<Message, Unreadable>>, FrameError> {
        let Some((end, whole)) = self.ends()? else { return Ok(None) };
        if self.buffer.len() < whole {
            return Ok(None);
        }
        (self.ends, self.searched) = (None, 0);
        let rest = self.buffer.split_off(whole);
        let message = std::mem::replace(&mut self.buffer, rest);
        Ok(Some(read(&message[..end], &message[end..])))
    }

    /// Where the head and the message end, once that is known. No byte is looked at twice, however few come at once.
    fn ends(&mut self) -> Result<Option<(usize, usize)>, FrameError> {
        if self.ends.is_some() {
            return Ok(self.ends);
        }
        self.skip_pings();
        let end = match end_of_head(&self.buffer, self.searched) {
            Ok(end) => end,
            Err(_) if self.buffer.len() > LONGEST_HEAD => return Err(FrameError::TooLong),
            Err(line) => {
                self.searched = line;
                return Ok(None);
            }
        };
        let head = normal(&self.buffer[..end]).map_err(|_| FrameError::TooLong)?;
        let length = body_length(&head).ok().flatten().ok_or(FrameError::Length)?;
        let whole = end.checked_add(length).filter(|&whole| whole <= LONGEST_MESSAGE).ok_or(FrameError::TooLong)?;
        self.ends = Some((end, whole));
        Ok(self.ends)
    }

    fn skip_pings(&mut self) {
        loop {
            match self.buffer[..] {
                [b'\r', b'\n', ..] => {
                    self.buffer.drain(..2);
                    self.pings += usize::from(self.half);
                    self.half = !self.half;
                }
                [b'\n', ..] => drop(self.buffer.drain(..1)),
                [] | [b'\r'] => return,
                [_, ..] => return self.half = false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n\
        Call-ID: c\r\nCSeq: 1 OPTIONS\r\n";

    #[test]
    fn a_stream_is_cut_where_messages_end_however_it_comes() {
        let wire = format!("\r\n\r\n{HEAD}Content-Length: 3\r\n\r\nabc\r\n{HEAD}l: 0\r\n\r\n");
        for size in [1, 2, 7, wire.len()] {
            let mut stream = Stream::default();
            let mut bodies = Vec::new();
            for piece in wire.as_bytes().chunks(size) {
                bodies.extend(stream.take(piece).unwrap().into_iter().map(|message| message.unwrap().body));
            }
            assert_eq!(bodies, [b"abc".to_vec(), Vec::new()], "{size}");
            assert!(!stream.is_within());
        }
    }

    #[test]
    fn a_ping_is_counted_once() {
        for size in 1..=8 {
            let mut stream = Stream::default();
            b"\r\n\r\n\r\n\r\n".chunks(size).for_each(|piece| assert!(stream.take(piece).unwrap().is_empty()));
            assert_eq!((stream.pings(), stream.pings()), (2, 0), "{size}");
        }
    }

    #[test]
    fn a_stream_that_does_not_say_its_lengths_is_closed() {
        let check = |headers: &str, error| assert_eq!(Stream::default().take(headers.as_bytes()), Err(error));
        check(&format!("{HEAD}\r\n"), FrameError::Length);
        check(&format!("{HEAD}Content-Length: 1\r\nl: 2\r\n\r\n"), FrameError::Length);
        check(&format!("{HEAD}Content-Length: -1\r\n\r\n"), FrameError::Length);
        check(&format!("{HEAD}Content-Length: 70000\r\n\r\n"), FrameError::TooLong);
        check(&"x".repeat(LONGEST_HEAD + 1), FrameError::TooLong);
    }

    #[test]
    fn what_cannot_be_read_is_passed_over_and_answered_where_it_asks() {
        let without_call_id = HEAD.replace("Call-ID: c\r\n", "");
        let wire = format!("nonsense\r\nl: 3\r\n\r\nabc{without_call_id}l: 0\r\n\r\n{HEAD}l: 0\r\n\r\n");
        for size in [1, 5, wire.len()] {
            let mut stream = Stream::default();
            let pieces = wire.as_bytes().chunks(size);
            let came: Vec<_> = pieces.flat_map(|piece| stream.take(piece).unwrap()).collect();
            let answers = came.iter().map(|one| one.as_ref().map_err(Unreadable::status).err());
            assert_eq!(answers.collect::<Vec<_>>(), [Some(None), Some(Some(400)), None], "{size}");
        }
    }

    #[test]
    fn datagrams_keep_alive_or_hold_one_message() {
        for bytes in [&b""[..], b"\r\n\r\n", &[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]] {
            assert_eq!(datagram(bytes), Ok(Datagram::KeepAlive));
        }
        let body = |wire: String| match datagram(wire.as_bytes()) {
            Ok(Datagram::Message(message)) => Ok(message.body),
            Ok(Datagram::KeepAlive) => panic!("{wire}"),
            Err(unreadable) => Err(unreadable.status()),
        };
        assert_eq!(body(format!("{HEAD}Content-Length: 2\r\n\r\nabc")), Ok(b"ab".to_vec()));
        assert_eq!(body(format!("{HEAD}\r\nabc")), Ok(b"abc".to_vec()));
        assert_eq!(body(format!("{HEAD}Content-Length: 4\r\n\r\nabc")), Err(Some(400)));
        assert_eq!(body(format!("{HEAD}Content-Length: 4")), Err(Some(400)));
    }
}
