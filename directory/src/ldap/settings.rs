//! How an LDAP directory is reached and read.
//! Refuses to be written out with the password of the account that searches.

use super::text::{self, NAME};
use crate::settings::{SettingsFault, filled};
use engine::secret::Secret;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of [`Ldap`](super::Ldap).
#[derive(Debug, Clone)]
pub struct LdapSettings {
    /// `ldap://` or `ldaps://` URLs in order of failover. In clear only to a loopback address.
    pub servers: Vec<String>,
    /// Go on in TLS on `ldap://`.
    pub start_tls: bool,
    /// Certificate authorities beside the system's, PEM.
    pub ca_file: Option<PathBuf>,
    /// The account that searches, a distinguished name; empty: the search is anonymous.
    pub bind_dn: String,
    /// Its password.
    pub bind_password: Secret<String>,
    /// Where people are, a distinguished name; everything below it is searched.
    pub base_dn: String,
    /// Finds one person; `{name}` stands for the user name.
    pub user_filter: String,
    /// The attribute with the user name.
    pub name_attribute: String,
    /// The attribute with the given name.
    pub first_name_attribute: String,
    /// The attribute with the family name.
    pub last_name_attribute: String,
    /// The attribute with the mail address.
    pub email_attribute: String,
    /// The attribute with the distinguished names of somebody's groups; empty: groups are not read.
    pub group_attribute: String,
    /// Only members of this group are authenticated, a distinguished name; empty: all are.
    pub required_group: String,
    /// How long signing in at one server may take, all together; changing a password may take it twice.
    pub timeout: Duration,
}

impl Default for LdapSettings {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            start_tls: false,
            ca_file: None,
            bind_dn: String::new(),
            bind_password: Secret::default(),
            base_dn: String::new(),
            user_filter: "(uid={name})".into(),
            name_attribute: "uid".into(),
            first_name_attribute: "givenName".into(),
            last_name_attribute: "sn".into(),
            email_attribute: "mail".into(),
            group_attribute: "memberOf".into(),
            required_group: String::new(),
            timeout: Duration::from_secs(5),
        }
    }
}

impl LdapSettings {
    /// Refuses what no directory can be asked with.
    pub(super) fn check(&self) -> Result<(), SettingsFault> {
        filled("base_dn", &self.base_dn, "where people are, like ou=people,dc=example,dc=com")?;
        self.check_filter()?;
        for (key, attribute) in [
            ("name_attribute", &self.name_attribute),
            ("first_name_attribute", &self.first_name_attribute),
            ("last_name_attribute", &self.last_name_attribute),
            ("email_attribute", &self.email_attribute),
        ] {
            filled(key, attribute, "the name of an attribute")?;
        }
        if !self.bind_dn.is_empty() {
            filled("bind_password", self.bind_password.expose(), "the password of bind_dn")?;
        }
        if !self.required_group.is_empty() {
            filled("group_attribute", &self.group_attribute, "the attribute in which required_group is looked for")?;
        }
        Ok(())
    }

    fn check_filter(&self) -> Result<(), SettingsFault> {
        let filter = &self.user_filter;
        let usable = filter.contains(NAME) && ldap3::parse_filter(text::filter(filter, "x")).is_ok();
        let right = "an LDAP filter with {name} in it, like (uid={name})";
        let wrong = || SettingsFault::Wrong { key: "user_filter", value: filter.clone(), right };
        if usable { Ok(()) } else { Err(wrong()) }
    }

    /// What is read of an entry.
    pub(super) fn attributes(&self) -> Vec<&str> {
        let all = [
            &self.name_attribute,
            &self.first_name_attribute,
            &self.last_name_attribute,
            &self.email_attribute,
            &self.group_attribute,
        ];
        all.into_iter().map(String::as_str).filter(|attribute| !attribute.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usable() -> LdapSettings {
        LdapSettings { base_dn: "dc=example,dc=com".into(), ..LdapSettings::default() }
    }

    #[test]
    fn a_filter_that_finds_nobody_in_particular_is_refused() {
        assert_eq!(usable().check(), Ok(()));
        for filter in ["", "(uid=*)", "uid={name}(", "(&(uid={name})"] {
            let told = LdapSettings { user_filter: filter.into(), ..usable() }.check();
            assert!(matches!(told, Err(SettingsFault::Wrong { key: "user_filter", .. })), "{filter}: {told:?}");
        }
    }

    #[test]
    fn what_belongs_together_is_asked_for_together() {
        let empty = |key: &str, settings: LdapSettings| {
            let told = settings.check();
            assert!(matches!(told, Err(SettingsFault::Empty { key: told, .. }) if told == key), "{key}: {told:?}");
        };
        empty("base_dn", LdapSettings::default());
        empty("bind_password", LdapSettings { bind_dn: "cn=search,dc=example,dc=com".into(), ..usable() });
        let group = "cn=staff,dc=example,dc=com".into();
        empty("group_attribute", LdapSettings { group_attribute: String::new(), required_group: group, ..usable() });
        empty("email_attribute", LdapSettings { email_attribute: String::new(), ..usable() });
    }

    #[test]
    fn passwords_are_not_written_out() {
        let settings = LdapSettings { bind_password: Secret::new("hidden".into()), ..usable() };
        assert!(!format!("{settings:?}").contains("hidden"));
    }
}
