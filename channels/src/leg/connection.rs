//! One open connection: bytes are written, answers are read.
//! Refuses to be used after an error.

use super::answer::{Answer, parse};
use std::io::ErrorKind;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

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

    /// Writes all of it.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        let written = match &mut self.stream {
            Stream::Clear(socket) => write(Pin::new(socket), bytes).await,
            Stream::Tls(stream) => write(Pin::new(&mut **stream), bytes).await,
        };
        written.map_err(|cause| cause.to_string())
    }

    /// Reads one answer. Whoever gives up waiting for it may go on later.
    pub async fn read(&mut self, longest: usize) -> Result<Answer, String> {
        loop {
            if let Some((answer, length)) = parse(&self.input, longest, self.ended)? {
                self.input.drain(..length);
                return Ok(answer);
            }
            let read = match &mut self.stream {
                Stream::Clear(socket) => read(Pin::new(socket), &mut self.input).await,
                Stream::Tls(stream) => read(Pin::new(&mut **stream), &mut self.input).await,
            };
            self.ended = read.map_err(|cause| format!("the answer broke off: {cause}"))? == 0;
        }
    }
}

async fn write(mut stream: Pin<&mut impl AsyncWrite>, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

async fn read(mut stream: Pin<&mut impl AsyncRead>, input: &mut Vec<u8>) -> std::io::Result<usize> {
    stream.read_buf(input).await
}
