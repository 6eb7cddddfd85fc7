//! `[gateway.sip]`: a SIP trunk, beside what every gateway has.
//! Refuses what cannot work; `mistakes` says so key by key.

use channels::sip::{CallerId, Carrier, SipSettings};
use engine::secret::Secret;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use utoipa::ToSchema;

/// A trunk, in a gateway of the kind `sip`. Its account is `username` and `password_file` of the gateway, its caller id the first
/// of `from`; `max_in_flight` is the most calls at once, `per_second` the calls that may begin in a second.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Trunk {
    /// `host:port`, in the order in which they are tried.
    pub addresses: Vec<String>,
    /// `udp`, `tcp` or `tls`.
    pub transport: String,
    /// Whether requests of more than 1,300 bytes may go by TCP where `transport` is `udp` (RFC 3261 §18.1.1).
    pub tcp_for_large: bool,
    /// The carrier's domain; with TLS its certificate must name it.
    pub domain: String,
    /// How our number is shown: `from`, `asserted` (P-Asserted-Identity, RFC 3325) or `both`.
    pub caller_id: String,
    /// Seconds of a registration, 60 to 86400; 0 where the carrier wants none.
    pub register_seconds: u32,
    /// Seconds between two OPTIONS that ask whether the trunk is there, 5 to 3600; 0 asks never.
    pub keep_alive_seconds: u32,
    /// Where we listen for signalling; its address carries the sound too. Port 0 takes a free one.
    #[schema(value_type = String)]
    pub local_address: SocketAddr,
    /// Our address as the carrier sees it, where it is another one.
    #[schema(value_type = Option<String>)]
    pub advertised_address: Option<IpAddr>,
    /// Further addresses that may send us requests.
    #[schema(value_type = Vec<String>)]
    pub sources: Vec<IpAddr>,
    /// First of the ports for sound; each call takes two.
    pub rtp_first_port: u16,
    /// Last of them.
    pub rtp_last_port: u16,
    /// Whether sound is encrypted (SRTP, RFC 3711 and 4568); it needs `tls`.
    pub encrypted_sound: bool,
    /// Whether sound is taken from the address alone that was agreed on.
    pub strict_source: bool,
}

impl Default for Trunk {
    fn default() -> Self {
        Self {
            addresses: vec![],
            transport: "udp".into(),
            tcp_for_large: true,
            domain: String::new(),
            caller_id: "from".into(),
            register_seconds: 0,
            keep_alive_seconds: 30,
            local_address: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 5060),
            advertised_address: None,
            sources: vec![],
            rtp_first_port: 16_384,
            rtp_last_port: 32_767,
            encrypted_sound: false,
            strict_source: true,
        }
    }
}

impl Trunk {
    /// What its client needs, with the gateway's account.
    pub fn settings(&self, gateway: &super::Gateway, password: Secret<String>) -> SipSettings {
        let seconds = |seconds: u32| (seconds > 0).then(|| Duration::from_secs(seconds.into()));
        SipSettings {
            name: gateway.name.clone(),
            addresses: self.addresses.clone(),
            transport: self.carrier().unwrap_or(Carrier::Udp),
            tcp_for_large: self.tcp_for_large,
            domain: self.domain.clone(),
            user: gateway.username.clone(),
            password,
            caller: gateway.from.first().cloned().unwrap_or_default(),
            caller_id: self.shown().unwrap_or(CallerId::From),
            register: seconds(self.register_seconds),
            keep_alive: seconds(self.keep_alive_seconds),
            local_address: self.local_address,
            advertised: self.advertised_address,
            sources: self.sources.clone(),
            rtp_ports: self.rtp_first_port..=self.rtp_last_port,
            srtp: self.encrypted_sound,
            strict_source: self.strict_source,
            ca_file: gateway.ca_file.clone(),
        }
    }

    fn carrier(&self) -> Option<Carrier> {
        match self.transport.as_str() {
            "udp" => Some(Carrier::Udp),
            "tcp" => Some(Carrier::Tcp),
            "tls" => Some(Carrier::Tls),
            _ => None,
        }
    }

    fn shown(&self) -> Option<CallerId> {
        match self.caller_id.as_str() {
            "from" => Some(CallerId::From),
            "asserted" => Some(CallerId::Asserted),
            "both" => Some(CallerId::Both),
            _ => None,
        }
    }

    /// Every mistake: whether it is none, its key, and what would be right.
    pub fn mistakes(&self, want: &mut dyn FnMut(bool, &str, &str)) {
        let addresses = !self.addresses.is_empty() && self.addresses.iter().all(|address| has_port(address));
        want(addresses, "sip.addresses", "must have an address at least, each as host:port");
        want(self.carrier().is_some(), "sip.transport", "must be udp, tcp or tls");
        want(self.shown().is_some(), "sip.caller_id", "must be from, asserted or both");
        want(!self.domain.is_empty(), "sip.domain", "must be set");
        let ranged = |value: u32, range: std::ops::RangeInclusive<u32>| value == 0 || range.contains(&value);
        want(ranged(self.register_seconds, 60..=86_400), "sip.register_seconds", "must be 0 or 60 to 86400");
        want(ranged(self.keep_alive_seconds, 5..=3600), "sip.keep_alive_seconds", "must be 0 or 5 to 3600");
        let ports = self.rtp_first_port >= 1024 && self.rtp_last_port > self.rtp_first_port;
        want(ports, "sip.rtp_last_port", "must be above rtp_first_port, which is at least 1024");
        let known = !self.local_address.ip().is_unspecified() || self.advertised_address.is_some();
        want(known, "sip.advertised_address", "must be set where local_address is that of every interface");
        let secret = !self.encrypted_sound || self.carrier() == Some(Carrier::Tls);
        want(secret, "sip.encrypted_sound", "needs transport tls: its keys travel in the signalling");
    }
}

fn has_port(address: &str) -> bool {
    address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|p| p > 0))
}
