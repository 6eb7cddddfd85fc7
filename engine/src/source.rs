//! Where requests come from, and how many texts a source may cause that nobody answers (abuse-and-limits.md §1.3).
//! Refuses to know a clock, and addresses that nobody vouches for: the caller of the API must be trusted with them.

use crate::moment::Moment;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use utoipa::ToSchema;

/// The most that a limit may say.
const MOST: u32 = 1_000_000;
/// Minutes that a tally looks back.
const WINDOW: u64 = 60;

/// Limits on unanswered texts of an hour, of whomever they went to; each 0 is no limit. Behind one address there may be a
/// whole company, and behind one application a campaign: so they are far above those of a number or person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SourceRules {
    /// From one address of the person, 0 to 1000000.
    pub address_per_hour: u32,
    /// From one network of addresses, /24 in IPv4 and /64 in IPv6, 0 to 1000000.
    pub network_per_hour: u32,
    /// Of one application, 0 to 1000000.
    pub application_per_hour: u32,
}

impl Default for SourceRules {
    fn default() -> Self {
        Self { address_per_hour: 500, network_per_hour: 2_000, application_per_hour: 0 }
    }
}

impl SourceRules {
    /// Every value out of its range: the field and a sentence.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("address_per_hour", self.address_per_hour),
            ("network_per_hour", self.network_per_hour),
            ("application_per_hour", self.application_per_hour),
        ];
        let outside = fields.into_iter().filter(|(_, value)| *value > MOST);
        outside.map(|(field, value)| (field, format!("must be 0 to {MOST}, not {value}"))).collect()
    }
}

/// Where a request comes from. Its text is its name in the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// The person's own address.
    Address(IpAddr),
    /// The network around it.
    Network(IpAddr),
    /// The application that asks.
    Application(Box<str>),
}

impl Source {
    /// The sources of a request that have a limit, with it.
    pub fn limited(address: Option<IpAddr>, application: &str, rules: &SourceRules) -> Vec<(Self, u32)> {
        let address = address.map(|address| address.to_canonical());
        let all = [
            address.map(|address| (Self::Address(address), rules.address_per_hour)),
            address.map(|address| (Self::Network(network(address)), rules.network_per_hour)),
            Some((Self::Application(application.into()), rules.application_per_hour)),
        ];
        all.into_iter().flatten().filter(|(_, limit)| *limit > 0).collect()
    }

    /// What kind of source it is, in a word.
    pub const fn scope(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Network(_) => "network",
            Self::Application(_) => "application",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "address {address}"),
            Self::Network(network @ IpAddr::V4(_)) => write!(f, "network {network}/24"),
            Self::Network(network @ IpAddr::V6(_)) => write!(f, "network {network}/64"),
            Self::Application(name) => write!(f, "application {name}"),
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & !0xff).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// The unanswered texts of a source within the last hour, by the minute; at most sixty pairs of minute and count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tally {
    minutes: Vec<(u64, u32)>,
}

impl Tally {
    /// Counts a text.
    pub fn sent(&mut self, now: Moment) {
        let now = minute(now);
        self.minutes.retain(|(minute, _)| minute + WINDOW > now);
        match self.minutes.iter_mut().find(|(minute, _)| *minute == now) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.minutes.push((now, 1)),
        }
    }

    /// A text that was counted at `sent` counts no more.
    pub fn answered(&mut self, sent: Moment) {
        if let Some((_, count)) = self.minutes.iter_mut().find(|(at, _)| *at == minute(sent)) {
            *count = count.saturating_sub(1);
        }
        self.minutes.retain(|(_, count)| *count > 0);
    }

    /// The unanswered texts of the last hour.
    pub fn unanswered(&self, now: Moment) -> u32 {
        let now = minute(now);
        let recent = self.minutes.iter().filter(|(minute, _)| minute + WINDOW > now);
        recent.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }
}

const fn minute(at: Moment) -> u64 {
    at.seconds() / 60
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: u64) -> Moment {
        Moment::from_millis(1_000_000_000 * 60 + minutes * 60_000)
    }

    #[test]
    fn a_tally_looks_back_one_hour_and_forgets_what_was_answered() {
        let mut tally = Tally::default();
        [0, 0, 30, 59].iter().for_each(|minute| tally.sent(at(*minute)));
        assert_eq!([59, 60, 89, 90, 119].map(|minute| tally.unanswered(at(minute))), [4, 2, 2, 1, 0]);
        tally.answered(at(0));
        tally.answered(at(30));
        tally.answered(at(31));
        assert_eq!(tally.unanswered(at(59)), 2);
        tally.sent(at(200));
        assert_eq!((tally.unanswered(at(200)), tally.minutes.len()), (1, 1));
    }

    #[test]
    fn a_source_has_its_network_and_only_what_is_limited_counts() {
        let named = |address: &str, rules: &SourceRules| {
            let sources = Source::limited(address.parse().ok(), "vpn", rules);
            sources.iter().map(|(source, limit)| format!("{source}: {limit}")).collect::<Vec<_>>()
        };
        let rules = SourceRules::default();
        assert_eq!(named("192.0.2.77", &rules), ["address 192.0.2.77: 500", "network 192.0.2.0/24: 2000"]);
        assert_eq!(named("::ffff:192.0.2.77", &rules), named("192.0.2.77", &rules));
        assert_eq!(named("2001:db8:1:2:3::4", &rules)[1], "network 2001:db8:1:2::/64: 2000");
        assert!(named("", &rules).is_empty());
        let rules = SourceRules { address_per_hour: 0, network_per_hour: 0, application_per_hour: 9 };
        assert_eq!(named("192.0.2.77", &rules), ["application vpn: 9"]);
        assert_eq!(SourceRules { network_per_hour: MOST + 1, ..rules }.problems().len(), 1);
    }
}
