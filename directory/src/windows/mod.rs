//! A Windows domain: its controllers, asked in LDAP with the names and the codes of Active Directory.
//! Refuses to take one account for another: whose entry is read is decided by the security identifier of who was bound.

mod change;
mod code;
mod name;
mod settings;

use crate::contract::{Directory, Entry, NotAuthenticated, NotChanged};
use crate::ldap::connection::{Connection, Found, code as result};
use crate::ldap::server::{Server, Servers};
use crate::ldap::text;
use crate::settings::SettingsFault;
use change::{changed, quoted};
use code::Refusal;
use engine::secret::Secret;
use futures_util::future::BoxFuture;
use ldap3::Scope;
use name::Name;

pub use settings::WindowsSettings;

/// What is read of an entry.
const ATTRIBUTES: [&str; 7] =
    ["sAMAccountName", "userPrincipalName", "objectSid", "givenName", "sn", "mail", "memberOf"];
/// Membership through groups in groups: LDAP_MATCHING_RULE_IN_CHAIN (MS-ADTS §3.1.1.3.4.4.3).
const IN_CHAIN: &str = "memberOf:1.2.840.113556.1.4.1941:";
/// More entries than have one name: one by its account name and one by its principal name.
const MOST: i32 = 3;

/// The domain.
pub struct Windows {
    settings: WindowsSettings,
    servers: Servers,
    base_dn: String,
}

impl Windows {
    /// With these settings.
    pub fn new(settings: WindowsSettings) -> Result<Self, SettingsFault> {
        settings.check()?;
        let ca_file = settings.ca_file.as_deref();
        let servers = Servers::new(&settings.servers, settings.start_tls, ca_file, settings.timeout)?;
        Ok(Self { base_dn: settings.base_dn(), settings, servers })
    }

    /// A name that nobody has takes as many steps as a wrong password: one bind in both cases.
    async fn ask(
        &self,
        server: &Server,
        name: &Name,
        password: &Secret<String>,
    ) -> Result<Result<Entry, NotAuthenticated>, String> {
        let mut connection = self.servers.open(server).await?;
        let answer = connection.bind(&name.login, password, Vec::new()).await?;
        match answer.rc {
            result::SUCCESS => self.read(&mut connection, name).await,
            result::INVALID_CREDENTIALS => match code::refusal(&answer.text) {
                Refusal::MustChange => self.expired(&mut connection, name).await.map(Err),
                Refusal::Wrong => Ok(Err(NotAuthenticated::Wrong)),
            },
            result::NO_SUCH_OBJECT | result::INVALID_DN_SYNTAX => Ok(Err(NotAuthenticated::Wrong)),
            _ => Err(format!("it refuses the bind: {answer}")),
        }
    }

    /// Reads the entry of who is bound.
    async fn read(&self, connection: &mut Connection, name: &Name) -> Result<Result<Entry, NotAuthenticated>, String> {
        let token = connection.search("", Scope::Base, "(objectClass=*)", &["tokenGroups"], 1).await?;
        let is_own = |found: &&Found| {
            let own = found.values("objectSid");
            token.iter().flat_map(|root| root.values("tokenGroups")).any(|sid| own.contains(&sid))
        };
        self.bind_as_service(connection).await?;
        let found = self.find(connection, name).await?;
        let Some(own) = found.iter().find(is_own) else {
            return Err(format!("the password was right, and no entry below {} is of that account", self.base_dn));
        };
        let belongs = self.belongs(connection, own).await?;
        Ok(if belongs { Ok(entry(own)) } else { Err(NotAuthenticated::Wrong) })
    }

    /// The password was right and is too old. Whoever does not belong is not told, where there is an account that can look.
    async fn expired(&self, connection: &mut Connection, name: &Name) -> Result<NotAuthenticated, String> {
        if !self.settings.required_group.is_empty() && !self.settings.bind_name.is_empty() {
            self.bind_as_service(connection).await?;
            if self.member(connection, name).await?.is_none() {
                return Ok(NotAuthenticated::Wrong);
            }
        }
        Ok(NotAuthenticated::PasswordExpired { may_change: self.settings.may_change() })
    }

    async fn bind_as_service(&self, connection: &mut Connection) -> Result<(), String> {
        match self.settings.bind_name.as_str() {
            "" => Ok(()),
            name => connection.bind_as_service(name, &self.settings.bind_password).await,
        }
    }

    async fn find(&self, connection: &mut Connection, name: &Name) -> Result<Vec<Found>, String> {
        let account = format!("(sAMAccountName={})", text::escaped(&name.account));
        let principal = name.principal.as_deref().map(text::escaped);
        let principal = principal.map_or_else(String::new, |principal| format!("(userPrincipalName={principal})"));
        let filter = format!("(&(objectCategory=person)(objectClass=user)(|{account}{principal}))");
        connection.search(&self.base_dn, Scope::Subtree, &filter, &ATTRIBUTES, MOST).await
    }

    async fn belongs(&self, connection: &mut Connection, found: &Found) -> Result<bool, String> {
        if self.settings.required_group.is_empty() {
            return Ok(true);
        }
        let filter = format!("({IN_CHAIN}={})", text::escaped(&self.settings.required_group));
        Ok(!connection.search(found.dn(), Scope::Base, &filter, &["1.1"], 1).await?.is_empty())
    }

    /// Whose name this is, if they belong, as controllers resolve it: a principal name that was given goes before an account
    /// name. Only for what proves itself otherwise.
    async fn member(&self, connection: &mut Connection, name: &Name) -> Result<Option<String>, String> {
        let found = self.find(connection, name).await?;
        let lower = |text: &str| text.to_lowercase();
        let is_principal = |found: &&Found| {
            name.principal.as_ref().is_some_and(|name| lower(name) == lower(&found.text("userPrincipalName")))
        };
        let Some(chosen) = found.iter().find(is_principal).or_else(|| found.first()) else { return Ok(None) };
        Ok(self.belongs(connection, chosen).await?.then(|| chosen.dn().to_owned()))
    }

    async fn member_as_service(&self, server: &Server, name: &Name) -> Result<(Connection, Option<String>), String> {
        let mut connection = self.servers.open(server).await?;
        self.bind_as_service(&mut connection).await?;
        let member = self.member(&mut connection, name).await?;
        Ok((connection, member))
    }

    /// The service account asks, and the controller checks the old password: it is a change and not a reset.
    async fn change(
        &self,
        server: &Server,
        name: &Name,
        old: &Secret<String>,
        new: &Secret<String>,
    ) -> Result<Result<(), NotChanged>, String> {
        let (mut connection, member) = self.servers.within(self.member_as_service(server, name)).await?;
        // Asked for nobody too, so that it takes as many steps.
        let dn = member.unwrap_or_else(|| format!("CN=nobody has this name,{}", self.base_dn));
        let exchange = connection.exchange(&dn, "unicodePwd", quoted(old), quoted(new));
        // From here on it may have been done though no answer comes, and the next server would call the old one wrong.
        match self.servers.within(exchange).await {
            Ok(answer) => changed(&answer),
            Err(cause) => Ok(Err(NotChanged::Unavailable(format!("{server}: {cause}")))),
        }
    }
}

fn entry(found: &Found) -> Entry {
    Entry {
        name: Some(found.text("sAMAccountName")).filter(|name| !name.is_empty()),
        first_name: found.text("givenName"),
        last_name: found.text("sn"),
        email: found.text("mail"),
        groups: found.groups("memberOf"),
    }
}

impl Directory for Windows {
    fn authenticate<'a>(
        &'a self,
        name: &'a str,
        password: &'a Secret<String>,
    ) -> BoxFuture<'a, Result<Entry, NotAuthenticated>> {
        Box::pin(async move {
            if !text::could_be(name, password) {
                return Err(NotAuthenticated::Wrong);
            }
            let name = Name::of(name, &self.settings.domain);
            let ask = |server| self.servers.within(self.ask(server, &name, password));
            self.servers.first(ask).await.map_err(NotAuthenticated::Unavailable)?
        })
    }

    fn change_password<'a>(
        &'a self,
        name: &'a str,
        old: &'a Secret<String>,
        new: &'a Secret<String>,
    ) -> BoxFuture<'a, Result<(), NotChanged>> {
        Box::pin(async move {
            if !self.settings.may_change() {
                return Err(NotChanged::NotAllowed);
            }
            if !text::could_be(name, old) {
                return Err(NotChanged::Wrong);
            }
            if !text::is_a_password(new) {
                return Err(NotChanged::Refused);
            }
            let name = Name::of(name, &self.settings.domain);
            let answered = self.servers.first(|server| self.change(server, &name, old, new)).await;
            answered.map_err(NotChanged::Unavailable)?
        })
    }
}
