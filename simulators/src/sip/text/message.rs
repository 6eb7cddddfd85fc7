//! A request or a response, and how it is written.
//! It writes `Content-Length` itself and lets nobody else say it.

use std::fmt::Write as _;

use super::field::split_list;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Start {
    Request { method: String, uri: String },
    Status { code: u16, reason: String },
}

/// A message with its fields in order; names are written in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) start: Start,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    pub(crate) fn request(method: &str, uri: &str) -> Self {
        let start = Start::Request { method: method.to_owned(), uri: uri.to_owned() };
        Self { start, fields: Vec::new(), body: Vec::new() }
    }

    /// Empty for a response.
    pub(crate) fn method(&self) -> &str {
        match &self.start {
            Start::Request { method, .. } => method,
            Start::Status { .. } => "",
        }
    }

    /// Empty for a response.
    pub(crate) fn uri(&self) -> &str {
        match &self.start {
            Start::Request { uri, .. } => uri,
            Start::Status { .. } => "",
        }
    }

    /// The first field of this name, without regard to case.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(crate) fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        let same = self.fields.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        same.map(|(_, value)| value.as_str())
    }

    /// The entries of a field that may be a list or be repeated (RFC 3261 §7.3.1).
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        self.all(name).flat_map(|value| split_list(value, ',')).filter(|entry| !entry.is_empty()).collect()
    }

    /// Whether a list has this word, without regard to case.
    pub(crate) fn lists(&self, name: &str, word: &str) -> bool {
        self.list(name).iter().any(|entry| entry.eq_ignore_ascii_case(word))
    }

    /// The number a field begins with.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.first(name)?.split([';', ' ', '(']).next()?.trim().parse().ok()
    }

    pub(crate) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.fields.push((name.to_owned(), value.into()));
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.add(name, value);
        self
    }

    pub(crate) fn with_body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.add("Content-Type", kind);
        self.body = body.into();
        self
    }

    /// What its body is, without parameters, in lower case; empty where it has none.
    pub(crate) fn content_type(&self) -> String {
        let kind = self.first("Content-Type").unwrap_or_default();
        kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = match &self.start {
            Start::Request { method, uri } => format!("{method} {uri} SIP/2.0\r\n"),
            Start::Status { code, reason } => format!("SIP/2.0 {code} {reason}\r\n"),
        };
        for (name, value) in self.fields.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Content-Length")) {
            // Writing to a String has no way to fail.
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "Content-Length: {}\r\n\r\n", self.body.len());
        let mut bytes = head.into_bytes();
        bytes.extend(&self.body);
        bytes
    }
}
