//! An entry of a list of trusted addresses: four and sixteen bytes of addresses that ask, then the entry.
//! Refuses to ask the parser what its entry holds: the text that it writes is read a second way.

use crate::input;
use engine::trusted_ip::TrustedIp;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let Some((v4, rest)) = data.split_first_chunk::<4>() else { return false };
    let Some((v6, rest)) = rest.split_first_chunk::<16>() else { return false };
    let Ok(entry) = TrustedIp::parse(&input::text(rest)) else { return false };
    let written = entry.to_string();
    assert_eq!(written.parse(), Ok(entry));
    input::survives(&entry);
    let (first, last) = ends(&written);
    let (v4, v6) = (Ipv4Addr::from(*v4), Ipv6Addr::from(*v6));
    for asking in [IpAddr::V4(v4), IpAddr::V6(v6), IpAddr::V6(v4.to_ipv6_mapped()), first, last] {
        let plain = asking.to_canonical();
        let inside = plain.is_ipv4() == first.is_ipv4() && (bits(first)..=bits(last)).contains(&bits(plain));
        assert_eq!(entry.contains(asking), inside, "{written} {asking}");
    }
    let wide = bits(last) - bits(first) >= 1 << if first.is_ipv4() { 24 } else { 96 };
    assert_eq!(entry.is_wide(), wide, "{written}");
    true
}

/// First and last address of what was written: one, two with a dash, or one with a prefix length.
fn ends(written: &str) -> (IpAddr, IpAddr) {
    let address = |text: &str| text.parse::<IpAddr>().expect("an address");
    if let Some((first, last)) = written.split_once('-') {
        return (address(first), address(last));
    }
    let Some((base, prefix)) = written.split_once('/') else { return (address(written), address(written)) };
    let base = address(base);
    let prefix: u32 = prefix.parse().expect("a prefix length");
    let last: IpAddr = match base {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() | u32::MAX.checked_shr(prefix).unwrap_or(0)).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() | u128::MAX.checked_shr(prefix).unwrap_or(0)).into(),
    };
    (base, last)
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}
