//! One challenge, and the answer to it (RFC 7616 §3.3 and §3.4).
//! Refuses `auth-int` alone, and an algorithm that we do not have.

use super::super::message::list;
use super::hash::Algorithm;
use engine::secret::Secret;
use std::fmt::Write;

/// A challenge that we can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    pub realm: String,
    nonce: String,
    opaque: Option<String>,
    /// As it was written, to be told again; with whether it is a `-sess`.
    algorithm: (Option<String>, Algorithm, bool),
    /// Whether it knows `qop=auth`; without it the form of RFC 2069 counts.
    qop: bool,
    /// The answer was right but its nonce too old.
    pub stale: bool,
    /// How often the nonce was used.
    count: u32,
}

impl Challenge {
    pub(super) fn read(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(char::is_whitespace)?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let parts: Vec<_> = list(rest).into_iter().filter_map(|part| part.split_once('=')).collect();
        let find = |name: &str| {
            let found = parts.iter().find(|(known, _)| known.trim().eq_ignore_ascii_case(name));
            found.map(|(_, value)| super::super::message::unquoted(value.trim()))
        };
        let algorithm = find("algorithm");
        let (kind, session) = Algorithm::read(algorithm.as_deref())?;
        let offered = find("qop");
        let qop = offered.as_ref().is_some_and(|all| list(all).iter().any(|one| one.eq_ignore_ascii_case("auth")));
        if offered.is_some() && !qop {
            return None;
        }
        Some(Self {
            realm: find("realm")?,
            nonce: find("nonce")?,
            opaque: find("opaque"),
            algorithm: (algorithm, kind, session),
            qop,
            stale: find("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
            count: 0,
        })
    }

    /// The value of `Authorization` for a request of this method and Request-URI.
    pub(super) fn answer(
        &mut self,
        user: &str,
        password: &Secret<String>,
        (method, uri): (&str, &str),
        cnonce: &str,
    ) -> String {
        self.count += 1;
        let (named, algorithm, session) = &self.algorithm;
        let nonce = &self.nonce;
        let secret = Secret::new(format!("{user}:{}:{}", self.realm, password.expose()));
        let mut ha1 = Secret::new(algorithm.hex(secret.expose()));
        if *session {
            ha1 = Secret::new(algorithm.hex(&format!("{}:{nonce}:{cnonce}", ha1.expose())));
        }
        let ha2 = algorithm.hex(&format!("{method}:{uri}"));
        let middle = if self.qop { format!("{nonce}:{:08x}:{cnonce}:auth", self.count) } else { nonce.clone() };
        let response = algorithm.hex(&format!("{}:{middle}:{ha2}", ha1.expose()));
        let mut value = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\"",
            quoted(user),
            quoted(&self.realm),
            quoted(nonce),
            quoted(uri)
        );
        let mut add = |text: String| value.write_str(&text).expect("a string takes everything");
        if let Some(named) = named {
            add(format!(", algorithm={named}"));
        }
        if self.qop {
            add(format!(", qop=auth, nc={:08x}", self.count));
        }
        if self.qop || *session {
            add(format!(", cnonce=\"{cnonce}\""));
        }
        if let Some(opaque) = &self.opaque {
            add(format!(", opaque={}", quoted(opaque)));
        }
        value
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
