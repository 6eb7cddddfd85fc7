//! Takes a free pair of ports for a call: an even one for sound and the odd one above it (RFC 3550 §11).
//! Refuses ports outside the range that was set, and a range that has no pair left.

use std::io;
use std::net::{IpAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The sockets of a call; neither blocks.
#[derive(Debug)]
pub(super) struct Pair {
    pub sound: UdpSocket,
    /// RTCP comes here and is read away: some peers take a closed port for a dead call.
    pub control: UdpSocket,
}

/// The range, and where the search goes on, so that a port rests a while before it is used again.
#[derive(Debug)]
pub(super) struct Ports {
    range: RangeInclusive<u16>,
    next: AtomicUsize,
}

impl Ports {
    /// The search begins anywhere: a stranger must guess where calls are.
    pub fn new(range: RangeInclusive<u16>) -> Self {
        Self { range, next: AtomicUsize::new(super::random() as usize) }
    }

    /// Binds a pair. [`io::ErrorKind::AddrInUse`] if the range has none left, and any error that is not about one port.
    pub fn take(&self, address: IpAddr) -> io::Result<Pair> {
        let first = usize::from(*self.range.start()).next_multiple_of(2);
        let pairs = (usize::from(*self.range.end()) + 1).saturating_sub(first) / 2;
        for _ in 0..pairs {
            let turn = self.next.fetch_add(1, Ordering::Relaxed) % pairs;
            match pair(address, first + 2 * turn) {
                Err(error) if is_about_the_port(&error) => {}
                found => return found,
            }
        }
        Err(io::Error::new(io::ErrorKind::AddrInUse, format!("no free pair of ports in {:?} for a call", self.range)))
    }
}

fn pair(address: IpAddr, even: usize) -> io::Result<Pair> {
    let port = |number: usize| u16::try_from(number).map_err(io::Error::other);
    Ok(Pair { sound: bind(address, port(even)?)?, control: bind(address, port(even + 1)?)? })
}

fn bind(address: IpAddr, port: u16) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((address, port))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn is_about_the_port(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn taken(range: RangeInclusive<u16>) -> Pair {
        Ports::new(range).take(HERE).unwrap()
    }

    fn port(socket: &UdpSocket) -> u16 {
        socket.local_addr().unwrap().port()
    }

    #[test]
    fn a_pair_is_even_and_odd_and_within_the_range() {
        let pair = taken(20_001..=60_000);
        let even = port(&pair.sound);
        assert!(even.is_multiple_of(2) && even >= 20_002, "{even}");
        assert_eq!(port(&pair.control), even + 1);
    }

    #[test]
    fn a_taken_pair_is_passed_over_and_a_full_range_is_an_error() {
        let held = taken(20_000..=60_000);
        let even = port(&held.sound);
        let ports = Ports::new(even..=even + 1);
        assert_eq!(ports.take(HERE).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(held);
        assert_eq!(port(&ports.take(HERE).unwrap().sound), even);
    }

    #[test]
    fn a_range_without_a_pair_is_an_error() {
        for range in [7000..=7000, 7001..=7002, RangeInclusive::new(9, 1)] {
            assert!(Ports::new(range).take(HERE).is_err());
        }
    }

    #[test]
    fn an_address_that_is_not_ours_is_told_at_once() {
        let error = Ports::new(20_000..=60_000).take("192.0.2.1".parse().unwrap()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
    }
}
