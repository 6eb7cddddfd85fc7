//! The sockets of a SIP gateway: datagrams, streams, and streams under TLS.
//! It refuses to wait for ever for a message that has begun, and holds no more connections than its limit.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener, UdpSocket as StdSocket};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::carrier::Carrier;
use super::media::Studio;
use super::path::Path;
use super::settings::{SipGateway, Transport};
use super::text::frame::{Frame, Framer};
use super::text::read::datagram;
use super::trunk::{Addresses, Trunk};
use crate::certificate;
use crate::settings::StartError;
use crate::world::World;

/// Connections at once; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 1_024;
/// A stream that says nothing for so long is closed.
const LONGEST_WAIT: Duration = Duration::from_secs(600);
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(10);
const LARGEST_DATAGRAM: usize = 65_535;
/// Messages that wait to be written to one connection.
const OUTBOX: usize = 256;
const CHUNK: usize = 8 * 1024;
/// After an error of the system, most likely for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);
/// Tries for a port that is free for both datagrams and streams.
const TRIES: usize = 20;

/// A gateway's sockets, bound and not yet served.
pub(crate) struct Opened {
    udp: Option<StdSocket>,
    tcp: Option<StdListener>,
    tls: Option<(StdListener, TlsAcceptor)>,
}

/// Binds what the settings ask for.
///
/// # Errors
/// An address that is taken, or no certificate.
pub(crate) fn open(settings: &SipGateway, seed: u64) -> Result<(Trunk, Opened), StartError> {
    let (udp, tcp) = plain(settings).map_err(|cause| StartError::Bind { address: settings.listen, cause })?;
    let bind = |cause| StartError::Bind { address: settings.tls_listen, cause };
    let listener = settings.has(Transport::Tls).then(|| listen(settings.tls_listen)).transpose().map_err(bind)?;
    let made = match &listener {
        Some(_) => Some(certificate::make(settings.tls_listen.ip()).map_err(StartError::Server)?),
        None => None,
    };
    let addresses = Addresses {
        udp: udp.as_ref().and_then(|socket| socket.local_addr().ok()),
        tcp: tcp.as_ref().and_then(|listener| listener.local_addr().ok()),
        tls: listener.as_ref().and_then(|listener| listener.local_addr().ok()),
    };
    let (pem, acceptor) = made.map(|made| (made.pem, made.acceptor)).unzip();
    let trunk = Trunk::new(settings.clone(), addresses, pem, seed);
    Ok((trunk, Opened { udp, tcp, tls: listener.zip(acceptor) }))
}

/// Datagrams and streams at the same port.
fn plain(settings: &SipGateway) -> io::Result<(Option<StdSocket>, Option<StdListener>)> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let tcp = settings.has(Transport::Tcp).then(|| listen(settings.listen)).transpose()?;
        let port =
            tcp.as_ref().map_or(Ok(settings.listen.port()), |tcp| Ok::<_, io::Error>(tcp.local_addr()?.port()))?;
        let address = SocketAddr::new(settings.listen.ip(), port);
        match settings.has(Transport::Udp).then(|| StdSocket::bind(address)).transpose() {
            Ok(udp) => {
                udp.iter().try_for_each(|udp| udp.set_nonblocking(true))?;
                return Ok((udp, tcp));
            }
            Err(error) => last = error,
        }
        if settings.listen.port() != 0 {
            break;
        }
    }
    Err(last)
}

fn listen(address: SocketAddr) -> io::Result<StdListener> {
    let listener = StdListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until the simulators end.
pub(crate) fn serve(world: &Arc<World>, trunk: &Arc<Trunk>, studio: &Arc<Studio>, opened: Opened) {
    let carrier = Arc::new(Carrier::new(Arc::clone(world), Arc::clone(trunk), Arc::clone(studio)));
    if let Some(udp) = opened.udp {
        tokio::spawn(datagrams(Arc::clone(&carrier), udp));
    }
    if let Some(tcp) = opened.tcp {
        tokio::spawn(streams(Arc::clone(&carrier), tcp, None));
    }
    if let Some((tls, acceptor)) = opened.tls {
        tokio::spawn(streams(carrier, tls, Some(acceptor)));
    }
}

async fn datagrams(carrier: Arc<Carrier>, socket: StdSocket) {
    let bound = UdpSocket::from_std(socket).and_then(|socket| Ok((socket.local_addr()?, Arc::new(socket))));
    let (local, socket) = match bound {
        Ok(bound) => bound,
        Err(error) => return tracing::error!(%error, "SIP datagrams could not be served"),
    };
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    loop {
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let bytes = &buffer[..length];
        // Keep-alives: empty lines, and STUN, whose first byte no SIP has (RFC 5626 §8).
        if bytes.iter().all(u8::is_ascii_whitespace) || bytes[0] < 4 {
            continue;
        }
        match datagram(bytes) {
            Ok(message) => carrier.receive(message, Path::Datagram { socket: Arc::clone(&socket), peer, local }),
            Err(error) => carrier.refuse_bytes(error),
        }
    }
}

async fn streams(carrier: Arc<Carrier>, listener: StdListener, acceptor: Option<TlsAcceptor>) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "SIP streams could not be served"),
    };
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let (carrier, acceptor) = (Arc::clone(&carrier), acceptor.clone());
        tokio::spawn(async move {
            let _place = place;
            // How a connection ended is for its client to know.
            let _ = connection(&carrier, stream, acceptor).await;
        });
    }
}

async fn connection(carrier: &Arc<Carrier>, stream: TcpStream, acceptor: Option<TlsAcceptor>) -> io::Result<()> {
    // Small answers must not wait for more; where this fails they only come later.
    let _ = stream.set_nodelay(true);
    let ends = (stream.peer_addr()?, stream.local_addr()?);
    match acceptor {
        None => talk(carrier, stream, ends, false).await,
        Some(acceptor) => {
            let handshake = timeout(LONGEST_HANDSHAKE, acceptor.accept(stream));
            let stream = handshake.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            talk(carrier, stream, ends, true).await
        }
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    carrier: &Arc<Carrier>,
    stream: S,
    (peer, local): (SocketAddr, SocketAddr),
    secure: bool,
) -> io::Result<()> {
    let (reader, writer) = split(stream);
    let (out, outbox) = mpsc::channel(OUTBOX);
    let path = Path::Stream { out, peer, local, secure };
    tokio::select! {
        read = read(carrier, reader, &path) => read,
        written = write(writer, outbox) => written,
    }
}

async fn read(carrier: &Arc<Carrier>, mut reader: impl AsyncRead + Unpin, path: &Path) -> io::Result<()> {
    let mut framer = Framer::default();
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = timeout(LONGEST_WAIT, reader.read(&mut buffer)).await;
        let length = read.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        if length == 0 || carrier.trunk.faults().unreachable {
            return Ok(());
        }
        framer.push(&buffer[..length]);
        loop {
            match framer.next() {
                Ok(Some(Frame::Message(message))) => carrier.receive(*message, path.clone()),
                Ok(Some(Frame::Ping)) => path.send(b"\r\n".to_vec()),
                Ok(None) => break,
                Err(error) => {
                    carrier.refuse_bytes(error);
                    return Ok(());
                }
            }
        }
    }
}

async fn write(mut writer: impl AsyncWrite + Unpin, mut outbox: mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    while let Some(bytes) = outbox.recv().await {
        writer.write_all(&bytes).await?;
        writer.flush().await?;
    }
    Ok(())
}
