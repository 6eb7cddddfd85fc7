//! Sockets of a trunk: UDP, TCP and TLS (RFC 3261 §18), as messages that come and bytes that go.
//! Refuses what comes from an address that is not the trunk's.

mod accept;
mod sockets;
mod sources;
pub(crate) mod stream;

pub(crate) use sockets::{Arrival, Sockets};
pub use sources::{Counts, Sources};

use std::net::SocketAddr;

/// What carries messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
    /// A stream within TLS.
    Tls,
}

impl Carrier {
    /// Its word in `Via`.
    pub const fn via(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }
}

/// Where a message goes, or came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hop {
    /// The other end.
    pub peer: SocketAddr,
    /// Over what.
    pub carrier: Carrier,
}

impl Hop {
    /// Whether what is sent arrives or the connection breaks.
    pub const fn is_reliable(self) -> bool {
        match self.carrier {
            Carrier::Udp => false,
            Carrier::Tcp | Carrier::Tls => true,
        }
    }
}
