//! SIP messages (RFC 3261 §7): read from bytes that strangers send, and written.
//! Refuses to guess: what cannot be read is dropped, or answered where the standard wants an answer.

pub(crate) mod address;
mod body_length;
mod frame;
mod header;
mod method;
mod normal;
mod read;
mod write;

pub(crate) use address::unquoted;
pub use address::{Address, list, parameter, uri_host, uri_user};
pub use frame::{Datagram, FrameError, Stream, datagram};
pub use method::{ALLOW, Method};
pub use read::{Unreadable, read};
pub use write::reason;

/// Most bytes of a message.
pub const LONGEST_MESSAGE: usize = 64 * 1024;
/// Most bytes of its start line and headers.
pub const LONGEST_HEAD: usize = 16 * 1024;
/// Most bytes of a line, after unfolding.
pub const LONGEST_LINE: usize = 8 * 1024;
/// Most headers, after lists are split.
pub const MOST_HEADERS: usize = 200;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// `INVITE sip:… SIP/2.0`
    Request {
        /// What is asked.
        method: Method,
        /// The Request-URI, as text: `rsip` cannot read each that is legal.
        uri: String,
    },
    /// `SIP/2.0 200 OK`
    Response {
        /// 100 to 699.
        status: u16,
        /// Its words, which mean nothing.
        reason: String,
    },
}

/// A message. Its `Content-Length` is that of `body`, and is not among the headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The first line.
    pub start: Start,
    /// Name and value, full names, lists split.
    headers: Vec<(String, String)>,
    /// As it came.
    pub body: Vec<u8>,
}
