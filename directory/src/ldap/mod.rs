//! A directory that speaks LDAP (RFC 4511): OpenLDAP, 389 Directory Server and their like.
//! Refuses to follow referrals, to bind without a password, and to choose where a filter finds two people.

pub mod ber;
pub(crate) mod connection;
mod message;
mod policy;
pub(crate) mod server;
mod settings;
pub(crate) mod text;
mod trust;

use crate::contract::{Directory, Entry, NotAuthenticated, NotChanged};
use crate::settings::SettingsFault;
use connection::{Connection, Found, code};
use engine::secret::Secret;
use futures_util::future::BoxFuture;
use ldap3::{LdapResult, Scope};
use policy::Why;
use server::{Server, Servers};

pub use settings::LdapSettings;

/// The directory.
pub struct Ldap {
    settings: LdapSettings,
    servers: Servers,
}

/// Somebody who was found.
struct Person {
    dn: String,
    entry: Entry,
    /// They are in the required group, or none is required.
    belongs: bool,
}

/// What a bind as a person came to.
enum Bound {
    Right,
    MustChange,
    /// The password was right, and still the directory lets nobody in who could change it.
    Expired,
    Wrong,
}

impl Ldap {
    /// With these settings.
    pub fn new(settings: LdapSettings) -> Result<Self, SettingsFault> {
        settings.check()?;
        let ca_file = settings.ca_file.as_deref();
        let servers = Servers::new(&settings.servers, settings.start_tls, ca_file, settings.timeout)?;
        Ok(Self { settings, servers })
    }

    /// Finds somebody and binds as them, on one connection. Nobody is bound as nobody: without that bind an unknown name
    /// would be answered sooner than a wrong password, by a round trip and by what the server spends on it. What the server
    /// spends on the hash of a password that exists is beyond us.
    async fn bind_as(
        &self,
        server: &Server,
        name: &str,
        password: &Secret<String>,
    ) -> Result<(Connection, Bound, Option<Person>), String> {
        let mut connection = self.servers.open(server).await?;
        if !self.settings.bind_dn.is_empty() {
            connection.bind_as_service(&self.settings.bind_dn, &self.settings.bind_password).await?;
        }
        let found = self.find(&mut connection, name).await?;
        let nobody = || format!("cn=nobody has this name,{}", self.settings.base_dn);
        let dn = found.as_ref().map_or_else(nobody, |person| person.dn.clone());
        let answer = connection.bind(&dn, password, vec![policy::asked()]).await?;
        // Whoever does not belong is told nothing of their password.
        let bound = bound(&answer)?;
        Ok(match found.filter(|person| person.belongs) {
            Some(person) => (connection, bound, Some(person)),
            None => (connection, Bound::Wrong, None),
        })
    }

    async fn find(&self, connection: &mut Connection, name: &str) -> Result<Option<Person>, String> {
        let settings = &self.settings;
        let filter = text::filter(&settings.user_filter, name);
        // One more than there may be.
        let found = connection.search(&settings.base_dn, Scope::Subtree, &filter, &settings.attributes(), 2).await?;
        match found.as_slice() {
            [] => Ok(None),
            [one] if one.dn().is_empty() => Err("it answers with an entry that has no name".into()),
            [one] => Ok(Some(self.person(one))),
            [..] => Err("user_filter finds more than one entry for a name".into()),
        }
    }

    fn person(&self, found: &Found) -> Person {
        let settings = &self.settings;
        let groups = found.texts(&settings.group_attribute);
        let required = &settings.required_group;
        Person {
            dn: found.dn().to_owned(),
            belongs: required.is_empty() || groups.iter().any(|group| text::same_dn(group, required)),
            entry: Entry {
                name: Some(found.text(&settings.name_attribute)).filter(|name| !name.is_empty()),
                first_name: found.text(&settings.first_name_attribute),
                last_name: found.text(&settings.last_name_attribute),
                email: found.text(&settings.email_attribute),
                groups: found.groups(&settings.group_attribute),
            },
        }
    }

    async fn ask(
        &self,
        server: &Server,
        name: &str,
        password: &Secret<String>,
    ) -> Result<Result<Entry, NotAuthenticated>, String> {
        let (_, bound, person) = self.servers.within(self.bind_as(server, name, password)).await?;
        Ok(match (bound, person) {
            (Bound::Right, Some(person)) => Ok(person.entry),
            (Bound::MustChange, Some(_)) => Err(NotAuthenticated::PasswordExpired { may_change: true }),
            (Bound::Expired, Some(_)) => Err(NotAuthenticated::PasswordExpired { may_change: false }),
            (Bound::Wrong, _) | (_, None) => Err(NotAuthenticated::Wrong),
        })
    }

    async fn change(
        &self,
        server: &Server,
        name: &str,
        old: &Secret<String>,
        new: &Secret<String>,
    ) -> Result<Result<(), NotChanged>, String> {
        let (mut connection, bound, _) = self.servers.within(self.bind_as(server, name, old)).await?;
        match bound {
            Bound::Right | Bound::MustChange => {}
            Bound::Expired => return Ok(Err(NotChanged::NotAllowed)),
            Bound::Wrong => return Ok(Err(NotChanged::Wrong)),
        }
        // From here on it may have been done though no answer comes, and the next server would call the old one wrong.
        match self.servers.within(connection.modify_password(old, new, vec![policy::asked()])).await {
            Ok(answer) => changed(&answer),
            Err(cause) => Ok(Err(NotChanged::Unavailable(format!("{server}: {cause}")))),
        }
    }
}

fn bound(answer: &LdapResult) -> Result<Bound, String> {
    let said = policy::said(answer);
    match (answer.rc, said.error, said.grace) {
        (code::SUCCESS, Some(Why::MustChange), _) => Ok(Bound::MustChange),
        // It has expired, and some binds are left for changing it.
        (code::SUCCESS, _, Some(1..)) => Ok(Bound::MustChange),
        (code::SUCCESS, _, Some(0)) => Ok(Bound::Expired),
        (code::SUCCESS, _, None) => Ok(Bound::Right),
        (code::INVALID_CREDENTIALS, Some(Why::Expired), _) => Ok(Bound::Expired),
        // 389 Directory Server answers a constraint violation to an account that is locked.
        (
            code::INVALID_CREDENTIALS
            | code::NO_SUCH_OBJECT
            | code::INVALID_DN_SYNTAX
            | code::INAPPROPRIATE_AUTHENTICATION
            | code::CONSTRAINT_VIOLATION,
            ..,
        ) => Ok(Bound::Wrong),
        _ => Err(format!("it refuses the bind: {answer}")),
    }
}

fn changed(answer: &LdapResult) -> Result<Result<(), NotChanged>, String> {
    match (answer.rc, policy::said(answer).error) {
        (code::SUCCESS, _) => Ok(Ok(())),
        (_, Some(Why::ModificationNotAllowed)) => Ok(Err(NotChanged::NotAllowed)),
        (_, Some(Why::NewRefused)) | (code::CONSTRAINT_VIOLATION, _) => Ok(Err(NotChanged::Refused)),
        (code::INSUFFICIENT_ACCESS_RIGHTS | code::PROTOCOL_ERROR, _) => Ok(Err(NotChanged::NotAllowed)),
        // A copy that takes no writes says where the other one is; it is asked if it is in the settings.
        (code::REFERRAL | code::BUSY | code::UNAVAILABLE | code::UNWILLING_TO_PERFORM, _) => {
            Err(format!("it does not change the password: {answer}"))
        }
        _ => Ok(Err(NotChanged::Unavailable(format!("the password is not changed: {answer}")))),
    }
}

impl Directory for Ldap {
    fn authenticate<'a>(
        &'a self,
        name: &'a str,
        password: &'a Secret<String>,
    ) -> BoxFuture<'a, Result<Entry, NotAuthenticated>> {
        Box::pin(async move {
            if !text::could_be(name, password) {
                return Err(NotAuthenticated::Wrong);
            }
            let answered = self.servers.first(|server| self.ask(server, name, password)).await;
            answered.map_err(NotAuthenticated::Unavailable)?
        })
    }

    fn change_password<'a>(
        &'a self,
        name: &'a str,
        old: &'a Secret<String>,
        new: &'a Secret<String>,
    ) -> BoxFuture<'a, Result<(), NotChanged>> {
        Box::pin(async move {
            if !text::could_be(name, old) {
                return Err(NotChanged::Wrong);
            }
            // Without a new one the server would make one up (RFC 3062 §2).
            if !text::is_a_password(new) {
                return Err(NotChanged::Refused);
            }
            let answered = self.servers.first(|server| self.change(server, name, old, new)).await;
            answered.map_err(NotChanged::Unavailable)?
        })
    }
}
