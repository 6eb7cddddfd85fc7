//! The clear part of a connection that is to become TLS.
//! Refuses to read ahead: what somebody on the way slips in behind the answer to STARTTLS would otherwise wait in a buffer and be
//! taken for the first answer under TLS (<https://nostarttls.secvuln.info>, response injection).

use lettre::transport::smtp::client::AsyncTokioStream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The type of a TLS record that holds a handshake (RFC 8446 §5.1). No command begins with it.
const HANDSHAKE: u8 = 22;

/// A socket that is read byte by byte until the first TLS record is written to it. Whatever follows the answer to STARTTLS then
/// stays in the socket, where it breaks the handshake.
#[derive(Debug)]
pub struct Unhurried {
    socket: TcpStream,
    clear: bool,
}

impl Unhurried {
    /// On a socket that nothing was read from.
    pub const fn new(socket: TcpStream) -> Self {
        Self { socket, clear: true }
    }
}

impl AsyncRead for Unhurried {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.clear {
            return Pin::new(&mut self.socket).poll_read(context, buffer);
        }
        let mut byte = [0];
        let mut byte = ReadBuf::new(&mut byte);
        ready!(Pin::new(&mut self.socket).poll_read(context, &mut byte))?;
        buffer.put_slice(byte.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Unhurried {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.clear &= bytes.first() != Some(&HANDSHAKE);
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Unhurried {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }
}
