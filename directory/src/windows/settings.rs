//! How the controllers of a Windows domain are reached.
//! Refuses to be written out with the password of the service account.

use crate::settings::{SettingsFault, filled};
use engine::secret::Secret;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of [`Windows`](super::Windows).
#[derive(Debug, Clone)]
pub struct WindowsSettings {
    /// The domain's DNS name, like `example.com`.
    pub domain: String,
    /// Its controllers in order of failover, `ldaps://` or `ldap://` with `start_tls`. In clear only to a loopback address.
    pub servers: Vec<String>,
    /// Go on in TLS on `ldap://`.
    pub start_tls: bool,
    /// Certificate authorities beside the system's, PEM.
    pub ca_file: Option<PathBuf>,
    /// The service account, like `countersign@example.com`: it searches and changes passwords. Empty: everybody searches for
    /// themselves, and passwords cannot be changed.
    pub bind_name: String,
    /// Its password.
    pub bind_password: Secret<String>,
    /// Only members of this group, or of a group in it, are authenticated, a distinguished name; empty: all are. A primary
    /// group like `Domain Users` has no members in this sense.
    pub required_group: String,
    /// Whether people may change a password, which needs the service account.
    pub allow_password_change: bool,
    /// How long signing in at one controller may take, all together; changing a password may take it twice.
    pub timeout: Duration,
}

impl Default for WindowsSettings {
    fn default() -> Self {
        Self {
            domain: String::new(),
            servers: Vec::new(),
            start_tls: false,
            ca_file: None,
            bind_name: String::new(),
            bind_password: Secret::default(),
            required_group: String::new(),
            allow_password_change: false,
            timeout: Duration::from_secs(5),
        }
    }
}

impl WindowsSettings {
    /// Refuses what no domain can be asked with.
    pub(super) fn check(&self) -> Result<(), SettingsFault> {
        let right = "the domain's DNS name, like example.com";
        filled("domain", &self.domain, right)?;
        let is_label = |label: &str| {
            !label.is_empty() && label.chars().all(|character| character.is_alphanumeric() || "-_".contains(character))
        };
        if !self.domain.split('.').all(is_label) {
            return Err(SettingsFault::Wrong { key: "domain", value: self.domain.clone(), right });
        }
        if self.bind_name.is_empty() {
            return Ok(());
        }
        filled("bind_password", self.bind_password.expose(), "the password of bind_name")
    }

    /// `DC=example,DC=com`.
    pub(super) fn base_dn(&self) -> String {
        self.domain.split('.').map(|label| format!("DC={label}")).collect::<Vec<_>>().join(",")
    }

    /// Whether there is somebody who can change a password.
    pub(super) const fn may_change(&self) -> bool {
        self.allow_password_change && !self.bind_name.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_follows_from_the_domain() {
        let settings = WindowsSettings { domain: "corp.example.com".into(), ..WindowsSettings::default() };
        assert_eq!((settings.check(), settings.base_dn().as_str()), (Ok(()), "DC=corp,DC=example,DC=com"));
        for domain in ["", ".", "example..com", "example.com.", "DC=example,DC=com", "a b"] {
            let told = WindowsSettings { domain: domain.into(), ..WindowsSettings::default() }.check();
            assert!(told.is_err_and(|fault| fault.to_string().starts_with("domain")), "{domain}");
        }
    }

    #[test]
    fn a_service_account_has_a_password_that_is_not_written_out() {
        let named = |password: &str| WindowsSettings {
            domain: "example.com".into(),
            bind_name: "countersign@example.com".into(),
            bind_password: Secret::new(password.into()),
            ..WindowsSettings::default()
        };
        assert!(matches!(named("").check(), Err(SettingsFault::Empty { key: "bind_password", .. })));
        assert_eq!(named("hidden").check(), Ok(()));
        assert!(!format!("{:?}", named("hidden")).contains("hidden"));
    }
}
