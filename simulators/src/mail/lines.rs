//! What a client sends, as command lines and letters.
//! It refuses a line that ends with LF or CR alone, and never holds more than it was told to.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::data::{Content, Unstuffing};

const CHUNK: usize = 8 * 1024;

/// A connection that is read by lines.
pub(crate) struct Lines<S> {
    stream: S,
    /// Read and not yet taken.
    ahead: Vec<u8>,
}

/// What was read as a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Without its CRLF.
    Whole(Vec<u8>),
    /// It was read to its end and is not kept.
    TooLong,
    /// A CR or a LF without the other: what follows cannot be told apart.
    Bare,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Lines<S> {
    pub(crate) const fn new(stream: S) -> Self {
        Self { stream, ahead: Vec::new() }
    }

    /// The connection itself. What was read ahead is gone.
    pub(crate) fn into_stream(self) -> S {
        self.stream
    }

    /// The next line, of at most `longest` bytes.
    pub(crate) async fn line(&mut self, longest: usize) -> io::Result<Line> {
        let mut too_long = false;
        loop {
            match self.ahead.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
                Some(at) if self.ahead[at] == b'\n' => return Ok(Line::Bare),
                Some(at) if at + 1 < self.ahead.len() => {
                    if self.ahead[at + 1] != b'\n' {
                        return Ok(Line::Bare);
                    }
                    let line: Vec<u8> = self.ahead.drain(..at + 2).take(at).collect();
                    return Ok(if too_long || at > longest { Line::TooLong } else { Line::Whole(line) });
                }
                Some(_) => {}
                None if self.ahead.len() > longest => {
                    too_long = true;
                    self.ahead.clear();
                }
                None => {}
            }
            self.read().await?;
        }
    }

    /// The letter behind DATA.
    pub(crate) async fn letter(&mut self) -> io::Result<Content> {
        let mut unstuffing = Unstuffing::new();
        loop {
            if let Some(end) = unstuffing.feed(&self.ahead) {
                self.ahead.drain(..end);
                return Ok(unstuffing.finish());
            }
            self.ahead.clear();
            self.read().await?;
        }
    }

    pub(crate) async fn say(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(text.as_bytes()).await?;
        self.stream.flush().await
    }

    /// Ends our side, under TLS with its own sign.
    pub(crate) async fn end(&mut self) {
        // Who has gone already needs no end.
        let _ = self.stream.shutdown().await;
    }

    async fn read(&mut self) -> io::Result<()> {
        let mut chunk = [0; CHUNK];
        let read = self.stream.read(&mut chunk).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.ahead.extend_from_slice(&chunk[..read]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(sent: &[u8], longest: usize) -> Vec<Line> {
        let (mut client, server) = tokio::io::duplex(64);
        let sent = sent.to_vec();
        tokio::spawn(async move { client.write_all(&sent).await });
        let mut lines = Lines::new(server);
        let mut read = Vec::new();
        while let Ok(line) = lines.line(longest).await {
            let bare = line == Line::Bare;
            read.push(line);
            if bare {
                break;
            }
        }
        read
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn lines_end_with_crlf() {
        assert_eq!(lines(b"a\r\n\r\nbc\r\nrest", 9).await, [whole("a"), whole(""), whole("bc")]);
        for bare in [&b"a\nb\r\n"[..], b"a\rb\r\n", b"\n", b"a\r\r\n"] {
            assert_eq!(lines(bare, 9).await, [Line::Bare], "{bare:?}");
        }
    }

    #[tokio::test]
    async fn a_long_line_is_skipped_whole() {
        let sent = format!("{}\r\n{}\r\nok\r\n", "x".repeat(9), "y".repeat(5_000));
        assert_eq!(lines(sent.as_bytes(), 9).await, [whole("xxxxxxxxx"), Line::TooLong, whole("ok")]);
        assert_eq!(lines(b"0123456789\r\nok\r\n", 9).await, [Line::TooLong, whole("ok")]);
    }
}
