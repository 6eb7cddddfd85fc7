//! The letter behind DATA, byte by byte, up to the line that is a dot alone (RFC 5321 §4.5.2).
//! Only CRLF ends a line: a bare LF or CR neither hides nor makes an end, so that no second letter can be smuggled in the first
//! (RFC 5321 §2.3.8).

/// RFC 5321 §4.5.3.1.6, without the CRLF.
const LONGEST_LINE: usize = 998;
/// A letter of words has a hundredth of it.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// Why a letter is refused, once it is read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    BareLineEnd,
    Nul,
    LongLine,
    TooLarge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    LineStart,
    Middle,
    Return,
    Dot,
    DotReturn,
}

/// Takes the dots away again that the client put in, and finds the end.
pub(crate) struct Unstuffing {
    at: At,
    line: usize,
    letter: Vec<u8>,
    flaw: Option<Flaw>,
}

/// A letter as it was before it was sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    /// The first one found.
    pub(crate) flaw: Option<Flaw>,
}

impl Unstuffing {
    pub(crate) const fn new() -> Self {
        Self { at: At::LineStart, line: 0, letter: Vec::new(), flaw: None }
    }

    /// Takes what was read; says how much of it belongs to the letter once its end is among it.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().position(|byte| self.push(*byte)).map(|end| end + 1)
    }

    /// What was read, after the end.
    pub(crate) fn finish(self) -> Content {
        Content { bytes: self.letter, flaw: self.flaw }
    }

    /// Whether this byte is the last one.
    fn push(&mut self, byte: u8) -> bool {
        match (self.at, byte) {
            (At::DotReturn, b'\n') => return true,
            (At::Dot, b'\r') => self.at = At::DotReturn,
            (At::LineStart, b'.') => self.at = At::Dot,
            (At::Return, b'\n') => self.end_line(),
            (At::LineStart | At::Middle, b'\r') => self.at = At::Return,
            (At::Return | At::DotReturn, _) => {
                self.find(Flaw::BareLineEnd);
                self.at = At::Middle;
                return self.push(byte);
            }
            (At::LineStart | At::Middle | At::Dot, b'\n') => {
                self.find(Flaw::BareLineEnd);
                self.at = At::Middle;
            }
            (At::LineStart | At::Middle | At::Dot, byte) => self.keep(byte),
        }
        false
    }

    fn keep(&mut self, byte: u8) {
        self.at = At::Middle;
        self.line += 1;
        if byte == 0 {
            self.find(Flaw::Nul);
        }
        if self.line > LONGEST_LINE {
            self.find(Flaw::LongLine);
        }
        self.store(&[byte]);
    }

    fn end_line(&mut self) {
        self.at = At::LineStart;
        self.line = 0;
        self.store(b"\r\n");
    }

    /// A letter that will be refused is read on and not kept.
    fn store(&mut self, bytes: &[u8]) {
        if self.letter.len() + bytes.len() > LARGEST {
            self.find(Flaw::TooLarge);
        }
        if self.flaw.is_none() {
            self.letter.extend_from_slice(bytes);
        }
    }

    fn find(&mut self, flaw: Flaw) {
        self.flaw.get_or_insert(flaw);
        self.letter = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letter, and what is left behind it.
    fn read(wire: &[u8]) -> Option<(Content, &[u8])> {
        let mut unstuffing = Unstuffing::new();
        let end = unstuffing.feed(wire)?;
        // The same in pieces of one byte.
        let mut slowly = Unstuffing::new();
        assert_eq!(wire.iter().position(|byte| slowly.feed(&[*byte]).is_some()), Some(end - 1));
        let content = unstuffing.finish();
        assert_eq!(slowly.finish(), content);
        Some((content, &wire[end..]))
    }

    fn whole(wire: &[u8]) -> Vec<u8> {
        let (content, rest) = read(wire).expect("it ends");
        assert_eq!((content.flaw, rest), (None, &b""[..]));
        content.bytes
    }

    #[test]
    fn dots_are_taken_away_again() {
        assert_eq!(whole(b".\r\n"), b"");
        assert_eq!(whole(b"a\r\n.\r\n"), b"a\r\n");
        assert_eq!(whole(b"..\r\n...\r\na.\r\n.b\r\n.\r\n"), b".\r\n..\r\na.\r\nb\r\n");
        let (content, rest) = read(b"a\r\n.\r\nQUIT\r\n").expect("it ends");
        assert_eq!((content.bytes.as_slice(), rest), (&b"a\r\n"[..], &b"QUIT\r\n"[..]));
    }

    #[test]
    fn only_crlf_dot_crlf_is_an_end() {
        let smuggled = [
            &b"a\n.\nMAIL FROM:<x@example.com>\r\n"[..],
            b"a\n.\r\nMAIL\r\n",
            b"a\r.\r\nMAIL\r\n",
            b"a\r\n.\nMAIL\r\n",
            b"a\r\n.\rMAIL\r\n",
            b"a\r\r\n.\rx\r\n",
            b".\nMAIL\r\n",
            b"\n.\r\nMAIL\r\n",
        ];
        for wire in smuggled {
            assert_eq!(read(wire), None, "{}", String::from_utf8_lossy(wire));
            let ended = [wire, b".\r\n"].concat();
            let (content, rest) = read(&ended).expect("it ends");
            assert_eq!((content.flaw, rest), (Some(Flaw::BareLineEnd), &b""[..]));
        }
    }

    #[test]
    fn what_is_too_much_is_read_and_refused() {
        let line = "x".repeat(LONGEST_LINE);
        assert_eq!(whole(format!(".{line}\r\n.\r\n").as_bytes()).len(), LONGEST_LINE + 2);
        assert_eq!(read(format!("x{line}\r\n.\r\n").as_bytes()).expect("it ends").0.flaw, Some(Flaw::LongLine));
        let fits = "x".repeat(62) + "\r\n";
        let full = fits.repeat(LARGEST / 64);
        assert_eq!(whole(format!("{full}.\r\n").as_bytes()).len(), LARGEST);
        let large = read(format!("{full}x\r\n.\r\n").as_bytes()).expect("it ends").0;
        assert_eq!(large, Content { bytes: Vec::new(), flaw: Some(Flaw::TooLarge) });
        assert_eq!(read(b"a\0b\r\n.\r\n").expect("it ends").0.flaw, Some(Flaw::Nul));
    }
}
