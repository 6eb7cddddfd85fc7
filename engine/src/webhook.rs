//! Outcome webhooks: who may be called, when a call is tried again, and whose secret signs it.
//! Refuses to call: that is a channel's.

use crate::id::ApiKeyId;
use crate::moment::Moment;
use crate::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// How long an outcome is offered.
pub const LIFE: Duration = Duration::from_secs(86_400);
/// Seconds between tries; the last one repeats.
const PAUSES: [u64; 9] = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800];

/// When the next try is due after `tries` that failed, the last one now; `None` once the day is over. `fraction`, 0 to 1,
/// spreads those that failed together over a fifth of the pause.
pub fn next_try(created_at: Moment, tries: u32, now: Moment, fraction: f64) -> Option<Moment> {
    let index = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    let pause = Duration::from_secs(PAUSES[index]).mul_f64(0.9 + fraction.clamp(0.0, 1.0) / 5.0);
    let next = now + pause;
    (next < created_at + LIFE).then_some(next)
}

/// The secret that signs the webhooks of an API key, 32 bytes. The same key and id give the same secret.
pub fn secret(key: &Secret<[u8; 32]>, caller: ApiKeyId) -> Secret<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
    mac.update(b"webhook secret");
    mac.update(&caller.bits().to_be_bytes());
    Secret::new(mac.finalize().into_bytes().to_vec())
}

/// Whether an address is on the public internet: in none of the ranges of IANA's special-purpose registries (RFC 6890)
/// that stay inside a host, a site or an experiment, nor hides one of them inside an IPv6 address.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        (0 | 10 | 127, ..) | (224..=255, ..) => true,
        (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) | (198, 18..=19, _) => true,
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113) => true,
        (..) => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match (a, b) {
        // Mapped (RFC 4291 §2.5.5.2), NAT64 (RFC 6052) and 6to4 (RFC 3056) carry an IPv4 address.
        (0, 0) if [c, d, e] == [0, 0, 0] && f == 0xffff => embedded(g, h),
        (0x64, 0xff9b) if [c, d, e, f] == [0, 0, 0, 0] => embedded(g, h),
        (0x2002, _) => embedded(b, c),
        (0x2001, 0x0000..=0x01ff | 0x0db8) => false,
        // Global unicast is 2000::/3, all else is not routed (RFC 4291 §2.4).
        (0x2000..=0x3ffe, _) => true,
        (..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_spread_over_a_day_and_then_end() {
        let start = Moment::from_millis(0);
        let (mut now, mut tries, mut pauses) = (start, 0, Vec::new());
        loop {
            tries += 1;
            let Some(next) = next_try(start, tries, now, 0.5) else { break };
            pauses.push(next.since(now).as_secs());
            now = next;
        }
        assert_eq!(pauses, [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800]);
        assert_eq!(next_try(start, 1, start, 0.0), Some(start + Duration::from_millis(4500)));
        assert_eq!(next_try(start, 1, start, 1.0), Some(start + Duration::from_millis(5500)));
        assert_eq!(next_try(start, 1, start + LIFE, 0.0), None);
    }

    #[test]
    fn each_key_has_a_secret_of_its_own() {
        let key = Secret::new([7; 32]);
        let of = |id| secret(&key, ApiKeyId::from_bits(id)).expose().clone();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        assert_eq!(of(1).len(), 32);
    }

    #[test]
    fn only_public_addresses_are_public() {
        let public = ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"];
        let other = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "2001:db8::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "2001::1",
            "::127.0.0.1",
            "3fff::1",
        ];
        for text in public {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
        for text in other {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }
}
