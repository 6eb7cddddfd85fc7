//! Where a request comes from, also behind reverse proxies.
//! Refuses `X-Forwarded-For` from anybody who is no proxy of ours: everyone can write it.

use actix_web::HttpRequest;
use engine::trusted_ip::TrustedIp;
use std::net::IpAddr;

/// The address that the request comes from: the peer, or what a trusted proxy says of its own peer, and so on back to the
/// first who is not trusted. What stands before that in the header was written by a stranger.
pub fn of(request: &HttpRequest, trusted: &[TrustedIp]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let forwarded = request.headers().get_all("X-Forwarded-For").filter_map(|value| value.to_str().ok());
    let forwarded: Vec<_> = forwarded.flat_map(|value| value.split(',')).collect();
    Some(walk(peer, &forwarded, trusted))
}

fn walk(peer: IpAddr, forwarded: &[&str], trusted: &[TrustedIp]) -> IpAddr {
    let is_ours = |address: IpAddr| trusted.iter().any(|proxy| proxy.contains(address));
    let mut origin = peer;
    for hop in forwarded.iter().rev() {
        if !is_ours(origin) {
            break;
        }
        // What is no address was not written by a proxy of ours.
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        origin = address.to_canonical();
    }
    origin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, forwarded: &str, expected: &str) {
        let trusted = ["10.0.0.0/8", "2001:db8::1"].map(|entry| TrustedIp::parse(entry).unwrap());
        let forwarded: Vec<_> = forwarded.split(',').filter(|hop| !hop.is_empty()).collect();
        let found = walk(peer.parse().unwrap(), &forwarded, &trusted);
        assert_eq!(found.to_string(), expected, "{peer} {forwarded:?}");
    }

    #[test]
    fn only_our_proxies_are_believed_and_only_as_far_as_they_go() {
        check("192.0.2.1", "198.51.100.7", "192.0.2.1");
        check("10.0.0.1", "", "10.0.0.1");
        check("10.0.0.1", "198.51.100.7", "198.51.100.7");
        check("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7");
        check("10.0.0.1", "198.51.100.7, 10.1.1.1", "198.51.100.7");
        check("2001:db8::1", "::ffff:198.51.100.7", "198.51.100.7");
        check("10.0.0.1", "198.51.100.7, unknown", "10.0.0.1");
        check("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2");
    }
}
