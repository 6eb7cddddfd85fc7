//! What a SIP gateway is started with.
//! It refuses half an account, and numbers that nobody could call from.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;

use super::digest::{Algorithm, Challenge};
use crate::number::Number;

/// How SIP travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
    /// A stream under TLS.
    Tls,
}

/// What happens while the phone rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ringing {
    /// 180.
    #[default]
    Plain,
    /// 183 with SDP, and a ringing tone as early media.
    EarlyMedia,
}

/// One `[[sip]]` of the settings: a trunk to the simulated phones. Every field has a default, so an empty table works.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SipGateway {
    /// The gateway's name in the control API: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// Address for UDP and TCP, and the address of the sound. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Address for TLS. Port 0 takes a free one.
    pub tls_listen: SocketAddr,
    /// Which are open.
    pub transports: Vec<Transport>,
    /// `www` asks with 401, `proxy` with 407, `none` asks nobody.
    pub challenge: Challenge,
    /// `MD5` or `SHA-256`.
    pub algorithm: Algorithm,
    /// Whether `qop="auth"` is asked for; `false` is RFC 2617 as old peers speak it.
    pub qop: bool,
    /// The realm of the digest.
    pub realm: String,
    /// User name of the digest.
    pub username: String,
    /// Goes with `username`. Never shown.
    pub password: String,
    /// Requests that a nonce is good for, then the answer says `stale=true`; 0: any number.
    pub nonce_uses: u32,
    /// Whether requests in a call are asked for credentials too.
    pub challenge_in_dialog: bool,
    /// Numbers that calls may come from, E.164; empty: any. Others get 403.
    pub caller_ids: Vec<String>,
    /// `plain` or `early_media`.
    pub ringing: Ringing,
    /// Whether ringing is told reliably (RFC 3262) to callers who can.
    pub reliable: bool,
    /// Seconds that a phone may ring, then 480.
    pub ring_seconds: u64,
    /// Shortest session time that is taken (RFC 4028); shorter ones get 422.
    pub min_session_seconds: u32,
    /// Payload type of keys in the answer, instead of the one that was offered.
    pub event_payload: Option<u8>,
    /// Silence that ends a prompt, in milliseconds.
    pub pause_ms: u64,
}

impl Default for SipGateway {
    fn default() -> Self {
        Self {
            name: "sip".to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            transports: vec![Transport::Udp, Transport::Tcp, Transport::Tls],
            challenge: Challenge::Proxy,
            algorithm: Algorithm::Md5,
            qop: true,
            realm: "simulator.example.com".to_owned(),
            username: "countersign".to_owned(),
            password: "simulated".to_owned(),
            nonce_uses: 0,
            challenge_in_dialog: false,
            caller_ids: vec!["+12025550100".to_owned()],
            ringing: Ringing::Plain,
            reliable: false,
            ring_seconds: 180,
            min_session_seconds: 90,
            event_payload: None,
            pause_ms: 700,
        }
    }
}

impl fmt::Debug for SipGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SipGateway")
            .field("name", &self.name)
            .field("listen", &self.listen)
            .field("tls_listen", &self.tls_listen)
            .field("transports", &self.transports)
            .field("challenge", &self.challenge)
            .field("algorithm", &self.algorithm)
            .field("username", &self.username)
            .field("caller_ids", &self.caller_ids)
            .finish_non_exhaustive()
    }
}

impl SipGateway {
    pub(crate) fn has(&self, transport: Transport) -> bool {
        self.transports.contains(&transport)
    }

    /// What is wrong, and what would be right.
    pub(crate) fn problem(&self) -> Option<String> {
        let word = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.name.is_empty() || !self.name.chars().all(word) {
            return Some("name must be letters, digits, '-', '_' or '.'".to_owned());
        }
        if self.transports.is_empty() {
            return Some("transports is empty; there are udp, tcp and tls".to_owned());
        }
        let quoted = [&self.realm, &self.username, &self.password];
        if quoted.iter().any(|text| text.contains(['"', '\\', '\r', '\n'])) {
            return Some("realm, username and password hold no quotes, backslashes or line ends".to_owned());
        }
        if self.challenge != Challenge::None && quoted.iter().any(|text| text.is_empty()) {
            return Some("realm, username and password are set, or challenge is none".to_owned());
        }
        if self.event_payload.is_some_and(|number| !(96..=127).contains(&number)) {
            return Some("event_payload is 96 to 127".to_owned());
        }
        if !(1..=3_600).contains(&self.ring_seconds) || !(100..=10_000).contains(&self.pause_ms) {
            return Some("ring_seconds is 1 to 3600 and pause_ms 100 to 10000".to_owned());
        }
        let wrong = self.caller_ids.iter().find(|number| Number::parse(number).is_none())?;
        Some(format!("{wrong:?} is not an E.164 number like +12025550100"))
    }
}
