//! What a trunk stands on: settings that can work, sockets that are bound, trust, and the names that we go by.
//! Refuses settings that cannot work, before the first call.

use super::gateway::SipError;
use super::settings::SipSettings;
use super::transport::Carrier;
use super::transport::stream::Dialled;
use super::upkeep::Identity;
use rustls::pki_types::ServerName;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

/// The addresses that may send to us whatever the trunk's names lead to.
pub(super) fn sources(settings: &SipSettings) -> impl Iterator<Item = IpAddr> {
    let numeric = settings.addresses.iter().filter_map(|address| address.parse::<SocketAddr>().ok());
    numeric.map(|address| address.ip()).chain(settings.sources.iter().copied())
}

/// The address that is told to the trunk.
pub(super) fn check(settings: &SipSettings) -> Result<IpAddr, SipError> {
    let wrong = |setting, what| Err(SipError::Setting { setting, what });
    let token = |text: &str| !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"@;,".contains(c));
    if settings.addresses.is_empty() {
        return wrong("addresses", "has none");
    }
    if settings.domain.is_empty() || !token(&settings.domain) {
        return wrong("domain", "is not a host name or address");
    }
    if !token(&settings.user) {
        return wrong("user", "has a character that cannot stand in an address");
    }
    if settings.caller.parse::<engine::number::PhoneNumber>().is_err() {
        return wrong("caller", "is not a number in E.164, as +12025550123");
    }
    if settings.register.is_some() && settings.user.is_empty() {
        return wrong("user", "is needed to register");
    }
    let advertised = settings.advertised.unwrap_or(settings.local_address.ip());
    if advertised.is_unspecified() {
        return wrong("advertised", "must be set where local_address is that of every interface");
    }
    Ok(advertised)
}

pub(super) fn identity(settings: &SipSettings, at: SocketAddr) -> Identity {
    let parameter = match settings.transport {
        Carrier::Udp => "",
        Carrier::Tcp => ";transport=tcp",
        Carrier::Tls => ";transport=tls",
    };
    let user = if settings.user.is_empty() { &settings.caller } else { &settings.user };
    Identity {
        via: format!("{} {at}", settings.transport.via()),
        contact: format!("sip:{user}@{at}{parameter}"),
        user: settings.user.clone(),
        domain: settings.domain.clone(),
    }
}

pub(super) fn tls(settings: &SipSettings, local: SocketAddr) -> Result<Option<Dialled>, SipError> {
    match settings.transport {
        Carrier::Udp | Carrier::Tcp => Ok(None),
        Carrier::Tls => {
            let connector = crate::leg::connector(settings.ca_file.as_deref())?;
            let name = ServerName::try_from(settings.domain.clone());
            let name =
                name.map_err(|_| SipError::Setting { setting: "domain", what: "can stand in no certificate" })?;
            Ok(Some(Dialled { local, connector, name }))
        }
    }
}

/// Free ports that are tried where any will do.
const TRIES: usize = 20;

/// What was bound, and where.
type Bound = (Option<UdpSocket>, Option<TcpListener>, SocketAddr);

/// UDP, and TCP where the trunk may open connections to us; both on one port.
pub(super) fn bind(settings: &SipSettings) -> Result<Bound, SipError> {
    let address = settings.local_address;
    let bound = || -> io::Result<Bound> {
        match settings.transport {
            Carrier::Udp => {
                let socket = UdpSocket::bind(address)?;
                socket.set_nonblocking(true)?;
                let local = socket.local_addr()?;
                let listener = settings.tcp_for_large.then(|| listen(local)).transpose()?;
                Ok((Some(socket), listener, local))
            }
            Carrier::Tcp => {
                let listener = listen(address)?;
                let local = listener.local_addr()?;
                Ok((None, Some(listener), local))
            }
            // A trunk has no certificate of ours to open a connection to: it uses the one that we opened, from this port.
            Carrier::Tls => Ok((None, None, TcpListener::bind(address)?.local_addr()?)),
        }
    };
    // A free port may be free for one of the two alone: then another one is taken.
    let more = if address.port() == 0 { TRIES } else { 0 };
    let bound = (0..more).find_map(|_| bound().ok()).map_or_else(bound, Ok);
    bound.map_err(|cause| SipError::Listen { address, cause })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[cfg(test)]
mod tests;
