//! Ports for programs that must know their address before they listen, such as an engine that its gateways call back.
//! Refuses ports that the system hands out by itself: between the choice and the listening it would give them to others.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

/// The lowest that is chosen; below it live services that people know by number.
const LOWEST: u16 = 12_000;

/// A port of this machine that nobody has now, for TCP and for UDP; a process gets none twice until all were had.
///
/// # Errors
/// Where every port below those that the system hands out is taken.
pub fn free_port() -> std::io::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let ports = handed_out_from() - LOWEST;
    // Processes beside each other begin far from each other.
    let begin = std::process::id().wrapping_mul(40_503) % u32::from(ports);
    for _ in 0..ports {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = LOWEST + u16::try_from((begin + step) % u32::from(ports)).unwrap_or_default();
        if is_free(port) {
            return Ok(port);
        }
    }
    Err(Error::new(ErrorKind::AddrInUse, "every port below those that the system hands out is taken"))
}

fn is_free(port: u16) -> bool {
    let at = (Ipv4Addr::LOCALHOST, port);
    TcpListener::bind(at).is_ok() && UdpSocket::bind(at).is_ok()
}

/// The first port that the system hands out by itself.
fn handed_out_from() -> u16 {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let first = range.split_whitespace().next().and_then(|first| first.parse().ok());
    first.filter(|first| *first > LOWEST + 1_000).unwrap_or(32_768)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn ports_are_free_below_the_systems_own_and_not_given_twice() {
        let ports: std::collections::BTreeSet<u16> = (0..50).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.len(), 50);
        for port in ports {
            assert!((LOWEST..handed_out_from()).contains(&port) && is_free(port));
        }
    }

    #[test]
    fn a_taken_port_is_passed_over() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, free_port().unwrap())).unwrap();
        assert!(!is_free(taken.local_addr().unwrap().port()));
    }
}
