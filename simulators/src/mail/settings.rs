//! What the mail server is started with.
//! It refuses half an account, and to be without room for a letter.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;

/// The `mail` section. Every field has a default, so an empty table works.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailServer {
    /// Whether there is a mail server.
    pub enabled: bool,
    /// Its address. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Who may send, by `AUTH`. Empty, with an empty password: everybody.
    pub username: String,
    /// Goes with `username`. Never shown.
    pub password: String,
    /// Letters kept; the oldest are forgotten first. Together they have at most 64 MiB.
    pub letters: usize,
}

impl Default for MailServer {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            username: "countersign".to_owned(),
            password: "simulated".to_owned(),
            letters: 1_000,
        }
    }
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailServer")
            .field("enabled", &self.enabled)
            .field("listen", &self.listen)
            .field("username", &self.username)
            .field("letters", &self.letters)
            .finish_non_exhaustive()
    }
}

impl MailServer {
    /// What is wrong, and what would be right.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        if self.username.is_empty() != self.password.is_empty() {
            return Some("username and password are both set, or both empty");
        }
        if self.username.contains('\0') || self.password.contains('\0') {
            return Some("username and password hold no NUL");
        }
        (self.letters == 0).then_some("letters must be at least 1")
    }
}
