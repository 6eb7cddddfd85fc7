//! Where names and passwords are known: LDAP servers, domain controllers, RADIUS servers.
//! Refuses passwords of service accounts in the file: they are in files of their own.

use super::gateway::secret_in;
use anyhow::Context;
use directory::{Directory as Asked, Ldap, LdapSettings, Radius, RadiusSettings, Windows, WindowsSettings};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// `[directory]`
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Directory {
    /// `[directory.ldap]`
    pub ldap: LdapSection,
    /// `[directory.windows]`
    pub windows: WindowsSection,
    /// `[directory.radius]`
    pub radius: RadiusSection,
}

/// LDAP servers, such as OpenLDAP or 389 Directory Server, where `portal.primary_authentication` is `ldap`.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LdapSection {
    /// `ldap://` or `ldaps://` addresses, in order of failover. In clear only to this machine.
    pub servers: Vec<String>,
    /// Whether an `ldap://` connection goes on in TLS before anything is said.
    pub start_tls: bool,
    /// A certificate authority beside the system's, PEM.
    #[schema(value_type = Option<String>)]
    pub ca_file: Option<PathBuf>,
    /// The account that searches, a distinguished name; not set: the search is anonymous.
    pub bind_dn: String,
    /// A file with its password.
    #[schema(value_type = Option<String>)]
    pub bind_password_file: Option<PathBuf>,
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
    /// Only members of this group may sign in, a distinguished name; not set: everybody may.
    pub required_group: String,
    /// Seconds that one server may take, 1 to 60.
    pub timeout_seconds: u64,
}

/// Controllers of a Windows domain, where `portal.primary_authentication` is `windows`.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WindowsSection {
    /// The domain's DNS name, such as `example.com`.
    pub domain: String,
    /// Its controllers in order of failover, `ldaps://`, or `ldap://` with `start_tls`.
    pub servers: Vec<String>,
    /// Whether an `ldap://` connection goes on in TLS before anything is said.
    pub start_tls: bool,
    /// A certificate authority beside the system's, PEM.
    #[schema(value_type = Option<String>)]
    pub ca_file: Option<PathBuf>,
    /// The service account that searches and changes passwords, such as `countersign@example.com`; not set: everybody searches
    /// for themselves, and passwords cannot be changed.
    pub bind_name: String,
    /// A file with its password.
    #[schema(value_type = Option<String>)]
    pub bind_password_file: Option<PathBuf>,
    /// Only members of this group, or of a group in it, may sign in, a distinguished name; not set: everybody may.
    pub required_group: String,
    /// Whether people may change a password that has expired; it needs the service account.
    pub allow_password_change: bool,
    /// Seconds that one controller may take, 1 to 60.
    pub timeout_seconds: u64,
}

/// RADIUS servers, where `portal.primary_authentication` is `radius`.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RadiusSection {
    /// `host:port`, in order of failover. Each must sign its answers with Message-Authenticator.
    pub servers: Vec<String>,
    /// A file with the secret that they share with us.
    #[schema(value_type = Option<String>)]
    pub secret_file: Option<PathBuf>,
    /// How we are called in the servers' records.
    pub nas_identifier: String,
    /// Seconds that an answer is waited for at each try, 1 to 60.
    pub timeout_seconds: u64,
    /// How often each server is asked, 1 to 10.
    pub tries: u32,
}

impl Default for LdapSection {
    fn default() -> Self {
        let usual = LdapSettings::default();
        Self {
            servers: vec![],
            start_tls: false,
            ca_file: None,
            bind_dn: String::new(),
            bind_password_file: None,
            base_dn: String::new(),
            user_filter: usual.user_filter,
            name_attribute: usual.name_attribute,
            first_name_attribute: usual.first_name_attribute,
            last_name_attribute: usual.last_name_attribute,
            email_attribute: usual.email_attribute,
            group_attribute: usual.group_attribute,
            required_group: String::new(),
            timeout_seconds: 5,
        }
    }
}

impl Default for WindowsSection {
    fn default() -> Self {
        Self {
            domain: String::new(),
            servers: vec![],
            start_tls: false,
            ca_file: None,
            bind_name: String::new(),
            bind_password_file: None,
            required_group: String::new(),
            allow_password_change: false,
            timeout_seconds: 5,
        }
    }
}

impl Default for RadiusSection {
    fn default() -> Self {
        Self { servers: vec![], secret_file: None, nas_identifier: "countersign".into(), timeout_seconds: 3, tries: 3 }
    }
}

impl Directory {
    /// Every file that it names.
    pub fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let files = [
            &mut self.ldap.ca_file,
            &mut self.ldap.bind_password_file,
            &mut self.windows.ca_file,
            &mut self.windows.bind_password_file,
            &mut self.radius.secret_file,
        ];
        files.into_iter().flatten()
    }

    /// The clients of those that have servers.
    pub fn clients(&self) -> anyhow::Result<portal::Directories> {
        let ldap = self.ldap.client().context("[directory.ldap]")?;
        let windows = self.windows.client().context("[directory.windows]")?;
        let radius = self.radius.client().context("[directory.radius]")?;
        Ok(portal::Directories { ldap, windows, radius })
    }
}

type Client = Option<Arc<dyn Asked>>;

impl LdapSection {
    fn client(&self) -> anyhow::Result<Client> {
        if self.servers.is_empty() {
            return Ok(None);
        }
        let settings = LdapSettings {
            servers: self.servers.clone(),
            start_tls: self.start_tls,
            ca_file: self.ca_file.clone(),
            bind_dn: self.bind_dn.clone(),
            bind_password: self.bind_password_file.as_deref().map(secret_in).transpose()?.unwrap_or_default(),
            base_dn: self.base_dn.clone(),
            user_filter: self.user_filter.clone(),
            name_attribute: self.name_attribute.clone(),
            first_name_attribute: self.first_name_attribute.clone(),
            last_name_attribute: self.last_name_attribute.clone(),
            email_attribute: self.email_attribute.clone(),
            group_attribute: self.group_attribute.clone(),
            required_group: self.required_group.clone(),
            timeout: Duration::from_secs(self.timeout_seconds),
        };
        Ok(Some(Arc::new(Ldap::new(settings)?)))
    }
}

impl WindowsSection {
    fn client(&self) -> anyhow::Result<Client> {
        if self.servers.is_empty() {
            return Ok(None);
        }
        let settings = WindowsSettings {
            domain: self.domain.clone(),
            servers: self.servers.clone(),
            start_tls: self.start_tls,
            ca_file: self.ca_file.clone(),
            bind_name: self.bind_name.clone(),
            bind_password: self.bind_password_file.as_deref().map(secret_in).transpose()?.unwrap_or_default(),
            required_group: self.required_group.clone(),
            allow_password_change: self.allow_password_change,
            timeout: Duration::from_secs(self.timeout_seconds),
        };
        Ok(Some(Arc::new(Windows::new(settings)?)))
    }
}

impl RadiusSection {
    fn client(&self) -> anyhow::Result<Client> {
        if self.servers.is_empty() {
            return Ok(None);
        }
        let settings = RadiusSettings {
            servers: self.servers.clone(),
            secret: self.secret_file.as_deref().map(secret_in).transpose()?.unwrap_or_default(),
            nas_identifier: self.nas_identifier.clone(),
            timeout: Duration::from_secs(self.timeout_seconds),
            tries: self.tries,
        };
        Ok(Some(Arc::new(Radius::new(settings)?)))
    }
}
