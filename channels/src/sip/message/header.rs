//! The headers of a message by name, and what the transaction and the dialog are known by.
//! Refuses line ends and control characters in what is put in.

use super::address::{Address, host_and_port, parameter};
use super::{Message, Method, Start};
use std::net::SocketAddr;

fn is_named(parameter: &str, name: &str) -> bool {
    parameter.split('=').next().is_some_and(|known| known.trim().eq_ignore_ascii_case(name))
}

impl Message {
    /// A request without headers.
    pub fn request(method: Method, uri: &str) -> Self {
        Self { start: Start::Request { method, uri: uri.to_owned() }, headers: Vec::new(), body: Vec::new() }
    }

    pub(super) const fn of(start: Start, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self { start, headers, body }
    }

    /// Name and value of each header but `Content-Length`.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Every value of a header, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The first value of a header.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether a header that lists words has this one.
    pub fn lists(&self, name: &str, word: &str) -> bool {
        self.all(name).any(|value| value.eq_ignore_ascii_case(word))
    }

    /// Adds a header at the end.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.push(name, value.as_ref());
        self
    }

    /// With a body of a type.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.push("Content-Type", content_type);
        self.body = body;
        self
    }

    /// Adds a header at the end.
    pub fn push(&mut self, name: &str, value: &str) {
        let clean: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.headers.push((name.to_owned(), clean.trim().to_owned()));
    }

    /// Puts a value in the place of all that a header had, or at the end.
    pub fn set(&mut self, name: &str, value: &str) {
        let at = self.headers.iter().position(|(known, _)| known.eq_ignore_ascii_case(name));
        self.remove(name);
        self.push(name, value);
        if let (Some(at), Some(last)) = (at, self.headers.pop()) {
            self.headers.insert(at, last);
        }
    }

    /// Writes down where a request came from, in its topmost `Via` (RFC 3261 §18.2.1, RFC 3581 §4). Gives the port that its
    /// answer goes to: the one it came from, if it asks for that; else the one that it names.
    pub fn came_from(&mut self, peer: SocketAddr) -> Option<u16> {
        let via = self.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("Via"))?;
        let asks = parameter(&via.1, "rport").is_some();
        let sent_by = via.1.split(';').next()?.split_whitespace().nth(1)?.to_owned();
        let (host, named) = host_and_port(&sent_by)?;
        if asks {
            let parts = via.1.split(';').filter(|part| !is_named(part, "rport") && !is_named(part, "received"));
            let rest = parts.collect::<Vec<_>>().join(";");
            via.1 = format!("{rest};received={};rport={}", peer.ip(), peer.port());
        } else if host.parse() != Ok(peer.ip()) {
            via.1 = format!("{};received={}", via.1, peer.ip());
        }
        Some(if asks { peer.port() } else { named.unwrap_or(5060) })
    }

    /// Takes a header out.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// What a request asks.
    pub const fn method(&self) -> Option<&Method> {
        match &self.start {
            Start::Request { method, .. } => Some(method),
            Start::Response { .. } => None,
        }
    }

    /// The Request-URI of a request.
    pub fn uri(&self) -> Option<&str> {
        match &self.start {
            Start::Request { uri, .. } => Some(uri),
            Start::Response { .. } => None,
        }
    }

    /// The status of a response.
    pub const fn status(&self) -> Option<u16> {
        match self.start {
            Start::Response { status, .. } => Some(status),
            Start::Request { .. } => None,
        }
    }

    /// The branch of the topmost `Via`.
    pub fn branch(&self) -> Option<String> {
        parameter(self.get("Via")?, "branch").filter(|branch| !branch.is_empty())
    }

    /// Number and method of the `CSeq`.
    pub fn cseq(&self) -> Option<(u32, Method)> {
        let (number, method) = self.get("CSeq")?.split_once(char::is_whitespace)?;
        Some((number.parse().ok()?, Method::of(method.trim())))
    }

    /// The `Call-ID`.
    pub fn call_id(&self) -> Option<&str> {
        self.get("Call-ID")
    }

    /// The tag of `From`.
    pub fn from_tag(&self) -> Option<String> {
        Some(Address::read(self.get("From")?)?.tag()?.to_owned())
    }

    /// The tag of `To`.
    pub fn to_tag(&self) -> Option<String> {
        Some(Address::read(self.get("To")?)?.tag()?.to_owned())
    }

    /// The URI of the first `Contact`.
    pub fn contact(&self) -> Option<String> {
        Some(Address::read(self.get("Contact")?)?.uri)
    }

    /// A whole number of seconds, as in `Retry-After: 5 (maintenance);duration=3600`.
    pub fn seconds(&self, name: &str) -> Option<u32> {
        let value = self.get(name)?.trim_start();
        value[..value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len())].parse().ok()
    }

    /// Whether the body is of this type; parameters of the type do not matter.
    pub fn is_of_type(&self, content_type: &str) -> bool {
        self.get("Content-Type")
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case(content_type))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_goes_back_to_where_its_request_came_from() {
        let check = |via: &str, expected: &str, port| {
            let mut request =
                Message::request(Method::Options, "sip:a").with("Via", via).with("Via", "SIP/2.0/UDP far");
            assert_eq!(request.came_from("192.0.2.9:1234".parse().unwrap()), Some(port), "{via}");
            assert_eq!(request.all("Via").collect::<Vec<_>>(), [expected, "SIP/2.0/UDP far"]);
        };
        let came = "received=192.0.2.9;rport=1234";
        check("SIP/2.0/UDP a:5070;rport;branch=1", &format!("SIP/2.0/UDP a:5070;branch=1;{came}"), 1234);
        check("SIP/2.0/UDP a:5070;branch=1", "SIP/2.0/UDP a:5070;branch=1;received=192.0.2.9", 5070);
        check("SIP/2.0/UDP 192.0.2.9;branch=1", "SIP/2.0/UDP 192.0.2.9;branch=1", 5060);
    }

    #[test]
    fn a_value_cannot_begin_another_header() {
        let message = Message::request(Method::Options, "sip:a").with("Subject", "x\r\nVia: y");
        assert_eq!(message.get("Via"), None);
    }
}
