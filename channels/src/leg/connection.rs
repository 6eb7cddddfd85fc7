//! One open connection: bytes are written, answers are read.
//! Refuses to be used after an error.

use super::answer::{Answer, parse};
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// TCP alone, or TLS on it.
pub enum Stream {
    Clear(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// An open connection.
pub struct Connection {
    stream: Stream,
    input: Vec<u8>,
    ended: bool,
}

impl Connection {
    /// On a stream that nothing was written to.
    pub const fn new(stream: Stream) -> Self {
        Self { stream, input: Vec::new(), ended: false }
    }

    /// Whether nothing has come that nobody asked for, the end of the connection above all.
    pub fn is_quiet(&mut self) -> bool {
        let socket = match &self.stream {
            Stream::Clear(socket) => socket,
            Stream::Tls(stream) => stream.get_ref().0,
        };
        // What is read here is lost, but then the connection is not used again.
        let nothing = matches!(socket.try_read(&mut [0]), Err(cause) if cause.kind() == ErrorKind::WouldBlock);
        nothing && self.input.is_empty() && !self.ended
    }

    /// Writes what is left of `unsent`, and reads meanwhile: a gateway may read no further before its answers are taken.
    /// Ends with an answer, or with `None` once all is written that was not before. Whoever gives up may go on later.
    pub async fn exchange(&mut self, unsent: &mut Vec<u8>, longest: usize) -> Result<Option<Answer>, String> {
        let wrote = !unsent.is_empty();
        loop {
            if let Some(answer) = self.take(longest)? {
                return Ok(Some(answer));
            }
            let (stream, input) = (&mut self.stream, &mut self.input);
            let moved = poll_fn(|context| match stream {
                Stream::Clear(socket) => go_on(Pin::new(socket), context, unsent, wrote, input),
                Stream::Tls(stream) => go_on(Pin::new(&mut **stream), context, unsent, wrote, input),
            });
            match moved.await.map_err(|cause| format!("the exchange broke off: {cause}"))? {
                Moved::Written => return Ok(None),
                Moved::Read(bytes) => self.ended = bytes == 0,
            }
        }
    }

    /// A complete answer that was read.
    fn take(&mut self, longest: usize) -> Result<Option<Answer>, String> {
        let Some((answer, length)) = parse(&self.input, longest, self.ended)? else { return Ok(None) };
        self.input.drain(..length);
        Ok(Some(answer))
    }
}

/// What came of going on.
enum Moved {
    /// All was written.
    Written,
    /// So many bytes were read.
    Read(usize),
}

fn go_on<S: AsyncRead + AsyncWrite>(
    mut stream: Pin<&mut S>,
    context: &mut Context<'_>,
    unsent: &mut Vec<u8>,
    writes: bool,
    input: &mut Vec<u8>,
) -> Poll<io::Result<Moved>> {
    while !unsent.is_empty() {
        let Poll::Ready(written) = stream.as_mut().poll_write(context, unsent)? else { break };
        if written == 0 {
            return Poll::Ready(Err(ErrorKind::WriteZero.into()));
        }
        unsent.drain(..written);
    }
    if unsent.is_empty() && stream.as_mut().poll_flush(context)?.is_ready() && writes {
        return Poll::Ready(Ok(Moved::Written));
    }
    let mut chunk = [MaybeUninit::uninit(); CHUNK];
    let mut chunk = ReadBuf::uninit(&mut chunk);
    ready!(stream.poll_read(context, &mut chunk))?;
    input.extend_from_slice(chunk.filled());
    Poll::Ready(Ok(Moved::Read(chunk.filled().len())))
}
