//! One connection over TCP or TLS: bytes out, messages in, pings answered (RFC 5626 §4.4.1).
//! Refuses to hold half a message for long, and to read on where the frame was lost.

use super::super::message::{Message, Stream, Unreadable};
use super::sockets::{Arrival, Inlet, MOST_OUTGOING};
use super::{Carrier, Counts, Hop};
use rustls::pki_types::ServerName;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc::{Receiver, channel, unbounded_channel};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

/// A connection that takes longer does not come.
const CONNECT: Duration = Duration::from_secs(5);

/// How long a connection waits for what.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// The other side takes nothing for so long: it is gone.
    write: Duration,
    /// For the rest of a message that has begun, however slowly it comes.
    half: Duration,
    /// Nothing comes for so long: it is not needed. A call refreshes its session more often.
    idle: Duration,
}

const LIMITS: Limits =
    Limits { write: Duration::from_secs(10), half: Duration::from_secs(30), idle: Duration::from_secs(1800) };

/// How TLS is opened: with whom we trust, and the name that the certificate must have (RFC 5922). It comes from the address
/// that our `Contact` names, so that the other side finds it when it asks something: nobody can open TLS to us.
#[derive(Clone)]
pub(crate) struct Dialled {
    pub(crate) local: SocketAddr,
    pub(crate) connector: TlsConnector,
    pub(crate) name: ServerName<'static>,
}

/// Opens a connection and carries it to its end.
pub(super) async fn dial(hop: Hop, connection: u64, tls: Option<Dialled>, outgoing: Receiver<Vec<u8>>, inlet: Inlet) {
    let opened = tokio::time::timeout(CONNECT, async {
        let socket = connected(hop.peer, tls.as_ref().map(|tls| tls.local)).await?;
        socket.set_nodelay(true)?;
        match (hop.carrier, tls) {
            (Carrier::Tls, Some(tls)) => Ok(Either::Tls(Box::new(tls.connector.connect(tls.name, socket).await?))),
            (Carrier::Tls, None) => Err(io::Error::other("the trunk has no TLS")),
            (Carrier::Tcp | Carrier::Udp, _) => Ok(Either::Clear(socket)),
        }
    });
    let (sent, cause) = match opened.await {
        Ok(Ok(Either::Clear(socket))) => (true, carry(socket, outgoing, hop, &inlet, LIMITS).await),
        Ok(Ok(Either::Tls(socket))) => (true, carry(*socket, outgoing, hop, &inlet, LIMITS).await),
        Ok(Err(cause)) => (false, cause.to_string()),
        Err(_) => (false, "it took too long to connect".to_owned()),
    };
    let broken = Arrival::Broken { hop, connection, sent, cause };
    // The trunk is gone if it is not taken.
    let _ = inlet.arrivals.send(broken).await;
}

/// From this address, unless the connection before lingers there.
async fn connected(peer: SocketAddr, local: Option<SocketAddr>) -> io::Result<TcpStream> {
    let Some(local) = local else { return TcpStream::connect(peer).await };
    let from = async {
        let socket = if peer.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(local)?;
        socket.connect(peer).await
    };
    match from.await {
        Err(cause) if matches!(cause.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::AddrNotAvailable) => {
            TcpStream::connect(peer).await
        }
        done => done,
    }
}

enum Either {
    Clear(TcpStream),
    Tls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

/// Carries a connection that the other side opened.
pub(super) async fn taken(socket: TcpStream, hop: Hop, connection: u64, inlet: Inlet) {
    let (sender, outgoing) = channel(MOST_OUTGOING);
    if inlet.arrivals.send(Arrival::Opened(hop, connection, sender)).await.is_err() {
        return;
    }
    let cause = carry(socket, outgoing, hop, &inlet, LIMITS).await;
    let _ = inlet.arrivals.send(Arrival::Broken { hop, connection, sent: true, cause }).await;
}

/// Until it ends; says why.
async fn carry(
    socket: impl AsyncRead + AsyncWrite,
    mut outgoing: Receiver<Vec<u8>>,
    hop: Hop,
    inlet: &Inlet,
    limits: Limits,
) -> String {
    let (mut reader, mut writer) = tokio::io::split(socket);
    let (pongs, mut pings) = unbounded_channel::<usize>();
    let write = async {
        loop {
            let bytes = tokio::select! {
                bytes = outgoing.recv() => bytes,
                count = pings.recv() => count.map(|count| b"\r\n".repeat(count)),
            };
            let Some(bytes) = bytes else { return "it is not needed any more".to_owned() };
            let written = async {
                writer.write_all(&bytes).await?;
                writer.flush().await
            };
            match tokio::time::timeout(limits.write, written).await {
                Ok(Ok(())) => {}
                Ok(Err(cause)) => return cause.to_string(),
                Err(_) => return "the other side takes nothing".to_owned(),
            }
        }
    };
    let read = async {
        let mut stream = Stream::default();
        // When the message that has begun must be here.
        let mut half = None;
        let mut buffer = vec![0; 8192];
        loop {
            let until = half.unwrap_or_else(|| Instant::now() + limits.idle);
            let bytes = match tokio::time::timeout_at(until, reader.read(&mut buffer)).await {
                Ok(Ok(0)) => return "the other side closed it".to_owned(),
                Ok(Ok(length)) => &buffer[..length],
                Ok(Err(cause)) => return cause.to_string(),
                Err(_) if half.is_some() => return "half a message came".to_owned(),
                Err(_) => return "it was idle".to_owned(),
            };
            let messages = match stream.take(bytes) {
                Ok(messages) => messages,
                Err(cause) => {
                    Counts::add(&inlet.counts.unreadable);
                    return cause.to_string();
                }
            };
            half = match (stream.is_within(), half) {
                (true, Some(until)) if messages.is_empty() => Some(until),
                (true, _) => Some(Instant::now() + limits.half),
                (false, _) => None,
            };
            let count = stream.pings();
            if count > 0 && pongs.send(count).is_err() {
                return "it was closed".to_owned();
            }
            if !deliver(messages, hop, inlet).await {
                return "the trunk is gone".to_owned();
            }
        }
    };
    tokio::select! {
        cause = write => cause,
        cause = read => cause,
    }
}

async fn deliver(messages: Vec<Result<Message, Unreadable>>, hop: Hop, inlet: &Inlet) -> bool {
    for message in messages {
        let arrival = match message {
            Ok(message) => Some(Arrival::Message(message, hop)),
            Err(unreadable) => {
                Counts::add(&inlet.counts.unreadable);
                unreadable.answer.map(|answer| Arrival::Unreadable(*answer, hop))
            }
        };
        if let Some(arrival) = arrival
            && inlet.arrivals.send(arrival).await.is_err()
        {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests;
