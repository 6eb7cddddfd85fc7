//! A letter that is being handed over: what was said of it before it came.
//! It refuses a letter that is not what was announced (RFC 6152, RFC 6531 §3.2).

use super::data::{Content, Flaw};
use super::reply::Reply;
use crate::dice::Fate;

pub(crate) struct Envelope {
    /// Empty where nobody is to be answered.
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) eight_bit: bool,
    pub(crate) utf8: bool,
    pub(crate) fate: Fate,
}

impl Envelope {
    /// Why the letter is not taken.
    pub(crate) fn refuses(&self, content: &Content) -> Option<Reply> {
        content.flaw.map(flawed).or_else(|| self.unannounced(&content.bytes))
    }

    fn unannounced(&self, letter: &[u8]) -> Option<Reply> {
        let head = letter.windows(4).position(|end| end == b"\r\n\r\n").unwrap_or(letter.len());
        if !self.utf8 && !letter[..head].is_ascii() {
            return Some(Reply::new(554, "5.6.9 headers beyond ASCII need the parameter SMTPUTF8"));
        }
        let unannounced = !self.eight_bit && !letter.is_ascii();
        unannounced.then(|| Reply::new(554, "5.6.1 8-bit bytes need the parameter BODY=8BITMIME"))
    }
}

fn flawed(flaw: Flaw) -> Reply {
    match flaw {
        Flaw::BareLineEnd => Reply::new(554, "5.6.0 a line ends with CRLF; there is a CR or LF alone"),
        Flaw::Nul => Reply::new(554, "5.6.0 a letter has no NUL"),
        Flaw::LongLine => Reply::new(554, "5.6.0 a line has at most 998 bytes and CRLF"),
        Flaw::TooLarge => Reply::new(552, "5.3.4 a letter has at most 1 MiB"),
    }
}
