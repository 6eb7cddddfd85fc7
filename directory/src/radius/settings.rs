//! How the servers of RADIUS are reached.
//! Refuses to be written out with the secret.

use super::packet::LONGEST_VALUE;
use crate::settings::{SettingsFault, filled, some_time};
use engine::secret::Secret;
use std::time::Duration;

/// The settings of [`Radius`](super::Radius).
#[derive(Debug, Clone)]
pub struct RadiusSettings {
    /// `host:port` in order of failover.
    pub servers: Vec<String>,
    /// What the servers share with us. It alone keeps passwords secret on the way: long and random.
    pub secret: Secret<String>,
    /// How we are called in the servers' records.
    pub nas_identifier: String,
    /// How long an answer is waited for at each try.
    pub timeout: Duration,
    /// How often each server is asked.
    pub tries: u32,
}

impl Default for RadiusSettings {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            secret: Secret::default(),
            nas_identifier: "countersign".into(),
            timeout: Duration::from_secs(3),
            tries: 2,
        }
    }
}

impl RadiusSettings {
    /// Refuses what no server can be asked with.
    pub(super) fn check(&self) -> Result<(), SettingsFault> {
        some_time(self.timeout)?;
        let right = "host:port, like radius.example.com:1812, in the order in which they are asked";
        let is_server = |server: &str| {
            let parts = server.rsplit_once(':');
            parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0))
        };
        filled("servers", self.servers.first().map_or("", String::as_str), right)?;
        if let Some(wrong) = self.servers.iter().find(|server| !is_server(server)) {
            return Err(SettingsFault::Wrong { key: "servers", value: wrong.clone(), right });
        }
        filled("secret", self.secret.expose(), "what the servers know us by")?;
        let named = 1..=LONGEST_VALUE;
        let wrong = |key, value: String, right| Err(SettingsFault::Wrong { key, value, right });
        if !named.contains(&self.nas_identifier.len()) {
            return wrong("nas_identifier", self.nas_identifier.clone(), "a name of 1 to 253 bytes");
        }
        if self.tries == 0 {
            return wrong("tries", "0".into(), "at least 1");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usable() -> RadiusSettings {
        let servers = vec!["radius.example.com:1812".into(), "[2001:db8::1]:1812".into()];
        RadiusSettings { servers, secret: Secret::new("hidden".into()), ..RadiusSettings::default() }
    }

    #[test]
    fn settings_that_nobody_can_be_asked_with_are_refused() {
        assert_eq!(usable().check(), Ok(()));
        for (key, settings) in [
            ("servers", RadiusSettings { servers: Vec::new(), ..usable() }),
            ("servers", RadiusSettings { servers: vec!["radius.example.com".into()], ..usable() }),
            ("servers", RadiusSettings { servers: vec![":1812".into()], ..usable() }),
            ("servers", RadiusSettings { servers: vec!["a:1812".into(), "b:x".into()], ..usable() }),
            ("secret", RadiusSettings { secret: Secret::default(), ..usable() }),
            ("nas_identifier", RadiusSettings { nas_identifier: String::new(), ..usable() }),
            ("nas_identifier", RadiusSettings { nas_identifier: "x".repeat(254), ..usable() }),
            ("timeout", RadiusSettings { timeout: Duration::ZERO, ..usable() }),
            ("tries", RadiusSettings { tries: 0, ..usable() }),
        ] {
            let told = settings.check().expect_err(key).to_string();
            assert!(told.starts_with(key), "{told}");
        }
    }

    #[test]
    fn the_secret_is_not_written_out() {
        assert!(!format!("{:?}", usable()).contains("hidden"));
    }
}
