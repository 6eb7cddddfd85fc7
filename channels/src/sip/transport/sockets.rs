//! The sockets themselves, owned by the trunk's task.
//! Refuses to wait: what cannot be sent at once over UDP is lost, as on the network, and its transaction sends it again.

use super::super::message::{Datagram, Message, datagram};
use super::stream::{self, Dialled};
use super::{Carrier, Counts, Hop, Sources};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel, unbounded_channel};
use tokio::task::JoinSet;

/// Messages that wait for the trunk at most.
const MOST_WAITING: usize = 4096;
/// The longest datagram that there is.
const DATAGRAM: usize = 65_535;

/// What comes.
#[derive(Debug)]
pub(crate) enum Arrival {
    Message(Message, Hop),
    /// A request that cannot be read, and what is answered to it.
    Unreadable(Message, Hop),
    /// A connection was opened by the other side.
    Opened(Hop, u64, UnboundedSender<Vec<u8>>),
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

/// The sockets of a trunk. They close when this goes.
pub(crate) struct Sockets {
    udp: Option<Arc<UdpSocket>>,
    tls: Option<Dialled>,
    streams: HashMap<Hop, (u64, UnboundedSender<Vec<u8>>)>,
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

    /// Sends bytes; over a stream that is opened if there is none.
    pub(crate) fn send(&mut self, bytes: Vec<u8>, hop: Hop) {
        match hop.carrier {
            Carrier::Udp => self.send_datagram(&bytes, hop.peer),
            Carrier::Tcp | Carrier::Tls => self.send_on_stream(bytes, hop),
        }
    }

    fn send_datagram(&self, bytes: &[u8], peer: SocketAddr) {
        let sent = self.udp.as_ref().map(|socket| socket.try_send_to(bytes, peer));
        if let Some(Err(cause)) = sent {
            tracing::debug!(%cause, "a SIP datagram was not sent");
        }
    }

    fn send_on_stream(&mut self, bytes: Vec<u8>, hop: Hop) {
        let bytes = match self.streams.get(&hop) {
            Some((_, stream)) => match stream.send(bytes) {
                Ok(()) => return,
                Err(unsent) => unsent.0,
            },
            None => bytes,
        };
        let (sender, outgoing) = unbounded_channel();
        sender.send(bytes).expect("its receiver is here");
        let connection = self.next.fetch_add(1, Ordering::Relaxed);
        self.streams.insert(hop, (connection, sender));
        let tls = self.tls.clone();
        self.tasks.spawn(stream::dial(hop, connection, tls, outgoing, self.inlet.clone()));
    }

    /// Remembers a connection that the other side opened.
    pub(crate) fn opened(&mut self, hop: Hop, connection: u64, stream: UnboundedSender<Vec<u8>>) {
        self.streams.insert(hop, (connection, stream));
        while self.tasks.try_join_next().is_some() {}
    }

    /// Forgets a connection; whether it was the one in use.
    pub(crate) fn closed(&mut self, hop: Hop, connection: u64) -> bool {
        let current = self.streams.get(&hop).is_some_and(|(known, _)| *known == connection);
        if current {
            self.streams.remove(&hop);
        }
        while self.tasks.try_join_next().is_some() {}
        current
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

async fn accept(listener: TcpListener, inlet: Inlet, next: Arc<AtomicU64>) {
    let mut tasks = JoinSet::new();
    loop {
        let Ok((socket, peer)) = listener.accept().await else {
            // No file descriptor is free: others close meanwhile.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        };
        while tasks.try_join_next().is_some() {}
        if !inlet.sources.has(peer.ip()) {
            Counts::add(&inlet.counts.foreign);
            continue;
        }
        let (hop, connection) = (Hop { peer, carrier: Carrier::Tcp }, next.fetch_add(1, Ordering::Relaxed));
        tasks.spawn(stream::taken(socket, hop, connection, inlet.clone()));
    }
}
