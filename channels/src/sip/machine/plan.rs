//! What a call is to be: whom, as whom, over which addresses, and for how long it may ring.
//! Refuses anything that changes during the call.

use super::super::message::{Address, uri_host, uri_user};
use engine::number::PhoneNumber;
use std::time::Duration;

/// How our number is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerId {
    /// In `From`.
    From,
    /// In `P-Asserted-Identity` (RFC 3325); `From` has the user of the account.
    Asserted,
    /// In both.
    Both,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whom to call.
    pub to: PhoneNumber,
    /// Our number, E.164.
    pub caller: String,
    /// How it is shown.
    pub caller_id: CallerId,
    /// The user of the account.
    pub user: String,
    /// Of the trunk; it stands in the addresses.
    pub domain: String,
    /// Hosts that are the trunk, beside its domain: a redirection may lead to them.
    pub hosts: Vec<String>,
    /// Addresses of the trunk that may be tried, in this order.
    pub peers: Vec<usize>,
    /// `UDP 192.0.2.1:5060`, for `Via`.
    pub via: String,
    /// Our URI, for `Contact`.
    pub contact: String,
    /// How long it may ring.
    pub ring: Duration,
}

impl Plan {
    /// The Request-URI.
    pub(super) fn uri(&self) -> String {
        format!("sip:{}@{};user=phone", self.to, self.domain)
    }

    pub(super) fn from(&self, tag: &str) -> String {
        let user = match self.caller_id {
            CallerId::From | CallerId::Both => &self.caller,
            CallerId::Asserted if self.user.is_empty() => &self.caller,
            CallerId::Asserted => &self.user,
        };
        format!("<sip:{user}@{}>;tag={tag}", self.domain)
    }

    pub(super) fn asserted(&self) -> Option<String> {
        match self.caller_id {
            CallerId::From => None,
            CallerId::Asserted | CallerId::Both => Some(format!("<sip:{}@{}>", self.caller, self.domain)),
        }
    }

    /// Where a redirection leads, if it may: to the same number, on a host of the trunk. Another number is another person,
    /// or somebody who earns by the minute; so nothing but the host and its port is taken over, as a parameter may name
    /// another number to route by (RFC 4694).
    pub(super) fn may_follow<'a>(&self, contacts: impl Iterator<Item = &'a str>) -> Option<String> {
        contacts.filter_map(Address::read).find_map(|contact| {
            let same = uri_user(&contact.uri) == Some(self.to.to_string().as_str());
            let (host, port) = uri_host(&contact.uri)?;
            let is = |known: &str| known.eq_ignore_ascii_case(host);
            let ours = is(&self.domain) || self.hosts.iter().any(|known| is(known));
            (same && ours).then(|| self.uri_at(host, port))
        })
    }

    fn uri_at(&self, host: &str, port: Option<u16>) -> String {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("sip:{}@{host}{port};user=phone", self.to)
    }
}
