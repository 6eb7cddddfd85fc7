//! Addresses whose clients pass without contact: one, a range or a subnet (mfa-server.md §12).
//! Refuses netmasks with holes, reversed ranges and mixed families; which address is the true one is not its business.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// One entry of a list of trusted addresses. IPv4-mapped IPv6 addresses are their IPv4 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrustedIp {
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Single(IpAddr),
    Range(IpAddr, IpAddr),
    Subnet(IpAddr, u8),
}

/// An entry that its author must write differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustedIpFault {
    /// Not an address where one was expected.
    #[error("not an IPv4 or IPv6 address")]
    NotAnAddress,
    /// A prefix longer than the address, or not a number.
    #[error("the prefix must be 0 to 32 (IPv4) or 0 to 128 (IPv6)")]
    Prefix,
    /// A netmask whose ones do not stand together at its beginning.
    #[error("the netmask has holes")]
    Netmask,
    /// The range ends before it begins.
    #[error("the range ends before it begins")]
    Reversed,
    /// IPv4 and IPv6 in one entry.
    #[error("IPv4 and IPv6 are mixed")]
    MixedFamilies,
}

impl TrustedIp {
    /// Reads `192.0.2.7`, `192.0.2.10-192.0.2.40`, `192.0.2.0/24` or `192.0.2.0/255.255.255.0`, and the same in IPv6. Bits
    /// of a subnet beyond its prefix are cleared.
    pub fn parse(text: &str) -> Result<Self, TrustedIpFault> {
        let form = if let Some((base, size)) = text.split_once('/') {
            subnet(base, size)?
        } else if let Some((first, last)) = text.split_once('-') {
            range(address(first)?, address(last)?)?
        } else {
            Form::Single(address(text)?)
        };
        Ok(Self { form })
    }

    /// Whether the true client address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let (first, last) = self.ends();
        first.is_ipv4() == address.is_ipv4() && first <= address && address <= last
    }

    /// Whether it is wider than /8 (IPv4) or /32 (IPv6), so that it needs a confirming tick.
    pub fn is_wide(&self) -> bool {
        let (first, last) = self.ends();
        let most = if first.is_ipv4() { 1 << 24 } else { 1 << 96 };
        bits(last) - bits(first) >= most
    }

    fn ends(&self) -> (IpAddr, IpAddr) {
        match self.form {
            Form::Single(address) => (address, address),
            Form::Range(first, last) => (first, last),
            Form::Subnet(base, prefix) => (base, like(base, bits(base) | host_bits(base, prefix))),
        }
    }
}

fn address(text: &str) -> Result<IpAddr, TrustedIpFault> {
    let address: IpAddr = text.trim().parse().map_err(|_| TrustedIpFault::NotAnAddress)?;
    Ok(address.to_canonical())
}

fn range(first: IpAddr, last: IpAddr) -> Result<Form, TrustedIpFault> {
    if first.is_ipv4() != last.is_ipv4() {
        return Err(TrustedIpFault::MixedFamilies);
    }
    if last < first { Err(TrustedIpFault::Reversed) } else { Ok(Form::Range(first, last)) }
}

fn subnet(base: &str, size: &str) -> Result<Form, TrustedIpFault> {
    let written: IpAddr = base.trim().parse().map_err(|_| TrustedIpFault::NotAnAddress)?;
    let prefix = prefix(written, size.trim())?;
    // A subnet of mapped addresses is the IPv4 subnet that it stands for; one that reaches beyond them stays IPv6.
    let (base, prefix) = match (written.to_canonical(), prefix.checked_sub(96)) {
        (v4 @ IpAddr::V4(_), Some(short)) if written.is_ipv6() => (v4, short),
        (_, _) => (written, prefix),
    };
    Ok(Form::Subnet(like(base, bits(base) & !host_bits(base, prefix)), prefix))
}

fn prefix(base: IpAddr, size: &str) -> Result<u8, TrustedIpFault> {
    let Ok(mask) = size.parse::<IpAddr>() else {
        let digits = !size.is_empty() && size.bytes().all(|b| b.is_ascii_digit());
        let prefix = size.parse().ok().filter(|&prefix: &u8| digits && prefix <= width(base));
        return prefix.ok_or(TrustedIpFault::Prefix);
    };
    if mask.is_ipv4() != base.is_ipv4() {
        return Err(TrustedIpFault::MixedFamilies);
    }
    let ones = u8::try_from(bits(mask).count_ones()).expect("an address has at most 128 bits");
    let whole = bits(mask) == bits(all_ones(base)) & !host_bits(base, ones);
    whole.then_some(ones).ok_or(TrustedIpFault::Netmask)
}

const fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// An address of the same family with these bits.
fn like(family: IpAddr, bits: u128) -> IpAddr {
    match family {
        IpAddr::V4(_) => Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or(u32::MAX)).into(),
        IpAddr::V6(_) => Ipv6Addr::from_bits(bits).into(),
    }
}

fn all_ones(family: IpAddr) -> IpAddr {
    like(family, u128::MAX)
}

/// The bits after the prefix, all set.
fn host_bits(family: IpAddr, prefix: u8) -> u128 {
    bits(all_ones(family)).checked_shr(u32::from(prefix)).unwrap_or(0)
}

impl fmt::Display for TrustedIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            Form::Single(address) => write!(f, "{address}"),
            Form::Range(first, last) => write!(f, "{first}-{last}"),
            Form::Subnet(base, prefix) => write!(f, "{base}/{prefix}"),
        }
    }
}

impl FromStr for TrustedIp {
    type Err = TrustedIpFault;

    fn from_str(text: &str) -> Result<Self, TrustedIpFault> {
        Self::parse(text)
    }
}

impl TryFrom<String> for TrustedIp {
    type Error = TrustedIpFault;

    fn try_from(text: String) -> Result<Self, TrustedIpFault> {
        Self::parse(&text)
    }
}

impl From<TrustedIp> for String {
    fn from(entry: TrustedIp) -> Self {
        entry.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(entry: &str, inside: &[&str], outside: &[&str]) {
        let entry: TrustedIp = entry.parse().unwrap();
        let contains = |address: &&str| entry.contains(address.parse().unwrap());
        assert!(inside.iter().all(contains), "{entry}");
        assert!(!outside.iter().any(contains), "{entry}");
    }

    #[test]
    fn the_forms_of_the_specification() {
        check("192.0.2.7", &["192.0.2.7", "::ffff:192.0.2.7"], &["192.0.2.8", "::192.0.2.7"]);
        check("2001:db8::7", &["2001:db8::7"], &["2001:db8::8", "0.0.0.7"]);
        check("192.0.2.10-192.0.2.40", &["192.0.2.10", "192.0.2.40", "192.0.2.11"], &["192.0.2.9", "192.0.2.41"]);
        check("2001:db8::1 - 2001:db8::ff", &["2001:db8::1", "2001:db8::ff"], &["2001:db8::", "2001:db8::100"]);
        check("192.0.2.0/24", &["192.0.2.0", "192.0.2.255"], &["192.0.1.255", "192.0.3.0"]);
        check("192.0.2.0/255.255.255.0", &["192.0.2.0", "192.0.2.255"], &["192.0.1.255", "192.0.3.0"]);
        check("2001:db8::/48", &["2001:db8::", "2001:db8:0:ffff::1"], &["2001:db8:1::"]);
        check("2001:db8::/ffff:ffff:ffff::", &["2001:db8:0:ffff::1"], &["2001:db8:1::"]);
        check("192.0.2.77/24", &["192.0.2.1"], &["192.0.3.1"]);
        check("::ffff:192.0.2.0/120", &["192.0.2.9", "::ffff:192.0.2.9"], &["192.0.3.0"]);
        check("0.0.0.0/0", &["255.255.255.255", "::ffff:1.2.3.4"], &["::1"]);
        check("192.0.2.7/32", &["192.0.2.7"], &["192.0.2.6", "192.0.2.8"]);
    }

    #[test]
    fn refusals() {
        use TrustedIpFault::*;
        let table = [
            ("", NotAnAddress),
            ("example.com", NotAnAddress),
            ("192.0.2", NotAnAddress),
            ("192.0.2.256", NotAnAddress),
            ("192.0.2.07", NotAnAddress),
            ("fe80::1%eth0", NotAnAddress),
            ("192.0.2.0/33", Prefix),
            ("192.0.2.0/+8", Prefix),
            ("192.0.2.0/", Prefix),
            ("2001:db8::/129", Prefix),
            ("192.0.2.0/255.0.255.0", Netmask),
            ("192.0.2.0/0.0.0.255", Netmask),
            ("192.0.2.40-192.0.2.10", Reversed),
            ("192.0.2.1-2001:db8::", MixedFamilies),
            ("192.0.2.0/ffff::", MixedFamilies),
        ];
        for (entry, fault) in table {
            assert_eq!(TrustedIp::parse(entry), Err(fault), "{entry}");
        }
    }

    #[test]
    fn wide_entries_are_known() {
        let wide = |entry: &str| TrustedIp::parse(entry).unwrap().is_wide();
        for entry in ["10.0.0.0/7", "0.0.0.0/0", "2001::/31", "::/0", "10.0.0.0-11.0.0.0", "10.0.0.0/254.0.0.0"] {
            assert!(wide(entry), "{entry}");
        }
        for entry in ["10.0.0.0/8", "2001:db8::/32", "10.0.0.0-10.255.255.255", "192.0.2.1"] {
            assert!(!wide(entry), "{entry}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_what_is_read_survives(text in "[0-9a-f:./ -]{0,40}|\\PC*") {
            if let Ok(entry) = TrustedIp::parse(&text) {
                prop_assert_eq!(entry.to_string().parse(), Ok(entry));
            }
        }

        #[test]
        fn a_subnet_is_what_shares_its_prefix(base: u32, other: u32, prefix in 0_u32..=32) {
            let entry = TrustedIp::parse(&format!("{}/{prefix}", Ipv4Addr::from_bits(base))).unwrap();
            let same = prefix == 0 || base >> (32 - prefix) == other >> (32 - prefix);
            prop_assert_eq!(entry.contains(Ipv4Addr::from_bits(other).into()), same);
        }
    }
}
