//! A message as bytes, and the response to a request (RFC 3261 §8.2.6).
//! Refuses a response without what it must take over from its request.

use super::{Message, Start};
use std::fmt::Write;

/// The words of a status, where RFC 3261 §21 or an extension that we speak has some.
pub const fn reason(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        405 => "Method Not Allowed",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        420 => "Bad Extension",
        422 => "Session Interval Too Small",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        513 => "Message Too Large",
        _ => "Unknown",
    }
}

impl Message {
    /// The response to a request: with its `Via`, `From`, `To`, `Call-ID` and `CSeq`. The tag is ours; a `To` that has one
    /// keeps it.
    pub fn response(request: &Self, status: u16, tag: &str) -> Self {
        let start = Start::Response { status, reason: reason(status).to_owned() };
        let mut response = Self::of(start, Vec::new(), Vec::new());
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            request.all(name).for_each(|value| response.push(name, value));
        }
        if let (Some(to), None, true) = (request.get("To"), request.to_tag(), status > 100) {
            response.set("To", &format!("{to};tag={tag}"));
        }
        response
    }

    /// As it goes out, with `Content-Length`.
    pub fn bytes(&self) -> Vec<u8> {
        let mut head = match &self.start {
            Start::Request { method, uri } => format!("{method} {uri} SIP/2.0\r\n"),
            Start::Response { status, reason } => format!("SIP/2.0 {status:03} {reason}\r\n"),
        };
        for (name, value) in self.headers() {
            write!(head, "{name}: {value}\r\n").expect("a string takes everything");
        }
        write!(head, "Content-Length: {}\r\n\r\n", self.body.len()).expect("a string takes everything");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}
