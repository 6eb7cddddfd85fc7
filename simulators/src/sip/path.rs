//! The way back to whoever sent a message.
//! It waits for nobody: what cannot be sent at once is lost, as on any network.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use super::text::field::Via;

/// The port of SIP where none is said (RFC 3261 §19.1.2).
const USUAL_PORT: u16 = 5_060;

#[derive(Clone)]
pub(crate) enum Path {
    Datagram { socket: Arc<UdpSocket>, peer: SocketAddr, local: SocketAddr },
    Stream { out: mpsc::Sender<Vec<u8>>, peer: SocketAddr, local: SocketAddr, secure: bool },
}

impl Path {
    pub(crate) fn send(&self, bytes: Vec<u8>) {
        match self {
            Self::Datagram { socket, peer, .. } => drop(socket.try_send_to(&bytes, *peer)),
            Self::Stream { out, .. } => drop(out.try_send(bytes)),
        }
    }

    pub(crate) fn peer(&self) -> SocketAddr {
        match self {
            Self::Datagram { peer, .. } | Self::Stream { peer, .. } => *peer,
        }
    }

    /// Where it was received.
    pub(crate) fn local(&self) -> SocketAddr {
        match self {
            Self::Datagram { local, .. } | Self::Stream { local, .. } => *local,
        }
    }

    pub(crate) fn is_datagram(&self) -> bool {
        matches!(self, Self::Datagram { .. })
    }

    /// As a `Via` and a `transport` parameter name it.
    pub(crate) fn transport(&self) -> &'static str {
        match self {
            Self::Datagram { .. } => "UDP",
            Self::Stream { secure: false, .. } => "TCP",
            Self::Stream { secure: true, .. } => "TLS",
        }
    }

    /// Where an answer goes (RFC 3261 §18.2.2, RFC 3581 §4).
    pub(crate) fn answering(self, via: &Via) -> Self {
        match self {
            Self::Datagram { socket, peer, local } if !via.rport => {
                let peer = SocketAddr::new(peer.ip(), via.port.unwrap_or(USUAL_PORT));
                Self::Datagram { socket, peer, local }
            }
            same @ (Self::Datagram { .. } | Self::Stream { .. }) => same,
        }
    }

    /// Where a request of ours goes that is addressed to this host; a stream is used again (RFC 5923).
    pub(crate) fn toward(&self, host: Option<(&str, Option<u16>)>) -> Self {
        let ip = host.and_then(|(host, _)| host.parse::<IpAddr>().ok());
        match (self, ip, host) {
            (Self::Datagram { socket, local, .. }, Some(ip), Some((_, port))) => {
                let peer = SocketAddr::new(ip, port.unwrap_or(USUAL_PORT));
                Self::Datagram { socket: Arc::clone(socket), peer, local: *local }
            }
            (Self::Datagram { .. } | Self::Stream { .. }, _, _) => self.clone(),
        }
    }
}
