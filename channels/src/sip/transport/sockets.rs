//! The sockets themselves, owned by the trunk's task.
//! Refuses to wait: what cannot be sent at once over UDP is lost, as on the network, and its transaction sends it again.

use super::super::message::{Datagram, Message, datagram};
use super::accept::accept;
use super::stream::{self, Dialled};
use super::{Carrier, Counts, Hop, Sources};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Messages that wait for the trunk at most.
const MOST_WAITING: usize = 4096;
/// Messages that wait to go out on one connection at most.
pub(super) const MOST_OUTGOING: usize = 256;
/// A connection is doubted on which nothing came for so long while an answer was due.
const DOUBTED: Duration = Duration::from_secs(16);
/// The longest datagram that there is.
const DATAGRAM: usize = 65_535;

/// What comes.
#[derive(Debug)]
pub(crate) enum Arrival {
    Message(Message, Hop),
    /// A request that cannot be read, and what is answered to it.
    Unreadable(Message, Hop),
    /// A connection was opened by the other side.
    Opened(Hop, u64, Sender<Vec<u8>>),
    /// A connection is no more.
    Broken {
        hop: Hop,
        connection: u64,
        /// Whether it ever stood.
        sent: bool,
        cause: String,
    },
}

/// What the tasks of the sockets share.
#[derive(Clone)]
pub(super) struct Inlet {
    pub(super) arrivals: Sender<Arrival>,
    pub(super) sources: Arc<Sources>,
    pub(super) counts: Arc<Counts>,
}

/// A connection in use.
struct Standing {
    connection: u64,
    outgoing: Sender<Vec<u8>>,
    /// When something came last, or when it was opened.
    heard: Instant,
}

impl Standing {
    fn new(connection: u64, outgoing: Sender<Vec<u8>>) -> Self {
        Self { connection, outgoing, heard: Instant::now() }
    }
}

/// The sockets of a trunk. They close when this goes.
pub(crate) struct Sockets {
    udp: Option<Arc<UdpSocket>>,
    tls: Option<Dialled>,
    streams: HashMap<Hop, Standing>,
    inlet: Inlet,
    tasks: JoinSet<()>,
    next: Arc<AtomicU64>,
}

impl Sockets {
    /// Takes bound sockets in use.
    pub(crate) fn start(
        udp: Option<std::net::UdpSocket>,
        listener: Option<std::net::TcpListener>,
        tls: Option<Dialled>,
        (sources, counts): (Arc<Sources>, Arc<Counts>),
    ) -> io::Result<(Self, Receiver<Arrival>)> {
        let (arrivals, receiver) = channel(MOST_WAITING);
        let inlet = Inlet { arrivals, sources, counts };
        let mut tasks = JoinSet::new();
        let next = Arc::new(AtomicU64::new(0));
        let udp = udp.map(UdpSocket::from_std).transpose()?.map(Arc::new);
        if let Some(socket) = &udp {
            tasks.spawn(hear(Arc::clone(socket), inlet.clone()));
        }
        if let Some(listener) = listener {
            tasks.spawn(accept(TcpListener::from_std(listener)?, inlet.clone(), Arc::clone(&next)));
        }
        Ok((Self { udp, tls, streams: HashMap::new(), inlet, tasks, next }, receiver))
    }

    /// Sends bytes; over a stream that is opened if there is none. Gives the connection, where it is a stream.
    pub(crate) fn send(&mut self, bytes: Vec<u8>, hop: Hop) -> Option<u64> {
        match hop.carrier {
            Carrier::Udp => {
                self.send_datagram(&bytes, hop.peer);
                None
            }
            Carrier::Tcp | Carrier::Tls => Some(self.send_on_stream(bytes, hop)),
        }
    }

    fn send_datagram(&self, bytes: &[u8], peer: SocketAddr) {
        let sent = self.udp.as_ref().map(|socket| socket.try_send_to(bytes, peer));
        if let Some(Err(cause)) = sent {
            tracing::debug!(%cause, "a SIP datagram was not sent");
        }
    }

    fn send_on_stream(&mut self, bytes: Vec<u8>, hop: Hop) -> u64 {
        let bytes = match self.streams.get(&hop) {
            Some(standing) => match standing.outgoing.try_send(bytes) {
                Ok(()) => return standing.connection,
                // It broke, or nothing of what it was given goes out any more.
                Err(unsent) => unsent.into_inner(),
            },
            None => bytes,
        };
        let (sender, outgoing) = channel(MOST_OUTGOING);
        sender.try_send(bytes).expect("its receiver is here and it is empty");
        let connection = self.next.fetch_add(1, Ordering::Relaxed);
        self.streams.insert(hop, Standing::new(connection, sender));
        let tls = self.tls.clone();
        self.tasks.spawn(stream::dial(hop, connection, tls, outgoing, self.inlet.clone()));
        connection
    }

    /// Remembers a connection that the other side opened.
    pub(crate) fn opened(&mut self, hop: Hop, connection: u64, outgoing: Sender<Vec<u8>>) {
        self.streams.insert(hop, Standing::new(connection, outgoing));
        while self.tasks.try_join_next().is_some() {}
    }

    /// Something came.
    pub(crate) fn heard(&mut self, hop: Hop) {
        if let Some(standing) = self.streams.get_mut(&hop) {
            standing.heard = Instant::now();
        }
    }

    /// A request on this connection was not answered. Where nothing else came either, the other side may be gone without a
    /// word: it is closed, and the next request opens another.
    pub(crate) fn doubt(&mut self, connection: u64) {
        self.streams.retain(|_, standing| standing.connection != connection || standing.heard.elapsed() < DOUBTED);
    }

    /// Forgets a connection, unless another took its place.
    pub(crate) fn closed(&mut self, hop: Hop, connection: u64) {
        if self.streams.get(&hop).is_some_and(|standing| standing.connection == connection) {
            self.streams.remove(&hop);
        }
        while self.tasks.try_join_next().is_some() {}
    }
}

async fn hear(socket: Arc<UdpSocket>, inlet: Inlet) {
    let mut buffer = vec![0; DATAGRAM];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, peer)) => inlet.datagram(&buffer[..length], peer),
            // An ICMP error of an earlier sending is told here; the socket goes on.
            Err(cause) => {
                tracing::debug!(%cause, "a SIP socket told an error");
                tokio::task::yield_now().await;
            }
        }
    }
}

impl Inlet {
    fn datagram(&self, bytes: &[u8], peer: SocketAddr) {
        if !self.sources.has(peer.ip()) {
            return Counts::add(&self.counts.foreign);
        }
        let hop = Hop { peer, carrier: Carrier::Udp };
        let arrival = match datagram(bytes) {
            Ok(Datagram::KeepAlive) => return,
            Ok(Datagram::Message(message)) => Arrival::Message(message, hop),
            Err(unreadable) => {
                Counts::add(&self.counts.unreadable);
                tracing::debug!(cause = unreadable.why, "a SIP datagram cannot be read");
                let Some(answer) = unreadable.answer else { return };
                Arrival::Unreadable(*answer, hop)
            }
        };
        if self.arrivals.try_send(arrival).is_err() {
            Counts::add(&self.counts.overrun);
        }
    }
}

#[cfg(test)]
mod tests;
