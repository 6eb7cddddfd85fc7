//! The settings of one trunk.
//! Refuses defaults: whoever reads the settings file has them.

use super::machine::CallerId;
use super::transport::Carrier;
use engine::secret::Secret;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// A trunk of a carrier.
#[derive(Debug, Clone)]
pub struct SipSettings {
    /// Its name in logs.
    pub name: String,
    /// `host:port`, in the order in which they are tried. Names are asked of the system's resolver.
    pub addresses: Vec<String>,
    /// What carries the signalling.
    pub transport: Carrier,
    /// Whether requests of more than 1,300 bytes may go by TCP where the signalling is UDP (RFC 3261 §18.1.1).
    pub tcp_for_large: bool,
    /// Stands in the addresses; with TLS the certificate must name it.
    pub domain: String,
    /// The user of the account; empty if the trunk knows us by our address.
    pub user: String,
    /// Its password.
    pub password: Secret<String>,
    /// Our number, E.164.
    pub caller: String,
    /// How it is shown.
    pub caller_id: CallerId,
    /// Whether we register, and for how long (RFC 3261 §10).
    pub register: Option<Duration>,
    /// How often each address is asked whether it is there, by OPTIONS; `None` for a carrier that does not answer that.
    pub keep_alive: Option<Duration>,
    /// Where we listen, for signalling and, with its own ports, for sound. Port 0 takes a free one.
    pub local_address: SocketAddr,
    /// Our address as the carrier sees it; must be set if `local_address` is that of every interface.
    pub advertised: Option<IpAddr>,
    /// Further addresses that may send us requests.
    pub sources: Vec<IpAddr>,
    /// Ports for sound.
    pub rtp_ports: RangeInclusive<u16>,
    /// Whether sound must be encrypted (SRTP with SDES, which makes sense over TLS only).
    pub srtp: bool,
    /// Whether sound is taken from nowhere but the address that was agreed on.
    pub strict_source: bool,
    /// A certificate authority beside the system's, PEM.
    pub ca_file: Option<PathBuf>,
}
