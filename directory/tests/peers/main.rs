//! The directories against servers as they are found: slapd, a Samba domain controller and FreeRADIUS, from Debian's
//! packages, and against what no server should do.
//! Refuses to leave a server out: where one cannot be started, its tests fail and say why.
#![allow(clippy::unwrap_used, reason = "tests")]

mod conformance;
mod failover;
mod ldap;
mod radius;
mod server;
mod windows;

use engine::secret::Secret;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}
