//! A stream cut into messages (RFC 3261 §18.3) and keep-alives (RFC 5626 §3.5.1).
//! It refuses a message that does not say how long it is, and holds no more than one message's worth.

use super::message::Message;
use super::read::{LONGEST_HEAD, Malformed, body_length, head_length, head_of};

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Message(Box<Message>),
    /// Two empty lines: whoever sent them wants one back.
    Ping,
}

#[derive(Default)]
pub(crate) struct Framer {
    ahead: Vec<u8>,
}

impl Framer {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.ahead.extend_from_slice(bytes);
    }

    /// The next whole frame; after an error the stream is of no more use.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, Malformed> {
        if self.ahead.starts_with(b"\r\n\r\n") {
            self.ahead.drain(..4);
            return Ok(Some(Frame::Ping));
        }
        if self.ahead.starts_with(b"\r\n") {
            // It may be half of a ping, or an empty line before a message.
            if self.ahead.len() < 4 {
                return Ok(None);
            }
            self.ahead.drain(..2);
        }
        let Some(length) = head_length(&self.ahead) else {
            return if self.ahead.len() > LONGEST_HEAD { Err(Malformed::TooLarge) } else { Ok(None) };
        };
        let mut message = head_of(&self.ahead[..length])?;
        let body = body_length(&message)?.ok_or(Malformed::NoLength)?;
        if self.ahead.len() < length + body {
            return Ok(None);
        }
        message.body = self.ahead[length..length + body].to_vec();
        self.ahead.drain(..length + body);
        Ok(Some(Frame::Message(Box::new(message))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_pings_in_one_piece_and_byte_by_byte() {
        let bytes = b"\r\n\r\n\r\nBYE sip:a SIP/2.0\r\nl: 2\r\n\r\nab\r\n\r\nOPTIONS sip:b SIP/2.0\r\nl: 0\r\n\r\n";
        for size in [1, 7, bytes.len()] {
            let mut framer = Framer::default();
            let mut seen = Vec::new();
            for piece in bytes.chunks(size) {
                framer.push(piece);
                while let Some(frame) = framer.next().expect("valid") {
                    seen.push(match frame {
                        Frame::Ping => "ping".to_owned(),
                        Frame::Message(message) => format!("{} {}", message.method(), message.body.len()),
                    });
                }
            }
            assert_eq!(seen, ["ping", "BYE 2", "ping", "OPTIONS 0"], "{size}");
        }
    }

    #[test]
    fn a_stream_says_how_long_its_messages_are() {
        let mut framer = Framer::default();
        framer.push(b"BYE sip:a SIP/2.0\r\nTo: x\r\n\r\n");
        assert_eq!(framer.next(), Err(Malformed::NoLength));
        let mut framer = Framer::default();
        framer.push(&[b'x'; LONGEST_HEAD + 1]);
        assert_eq!(framer.next(), Err(Malformed::TooLarge));
    }
}
