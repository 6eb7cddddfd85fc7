//! From name and password to a login (portal.md §4.1, rows 1 to 5).
//! Refuses to say what of a name is wrong, and to look at a password while its name or address has to wait.

use super::attempts::Counters;
use super::logins::{self, forget, new_handle, write_new};
use super::places::{Deed, place_key};
use super::{APPLICATION, InProcess, away};
use crate::link::{
    Attempt, Away, Country, Fields, PasswordChange, PasswordChanged, Reply, SignIn, SigningIn, Site, Visit,
};
use actors::seen_setting_up;
use directory::{Entry, NotAuthenticated, NotChanged};
use engine::login::Login;
use engine::moment::Moment;
use engine::notice::Notice;
use engine::number;
use engine::person::User;
use engine::policy::Policy;
use engine::secret::Secret;
use engine::setup::window_is_open;
use engine::trusted_ip::TrustedIp;
use engine::user_name;
use std::net::IpAddr;

/// Characters of a browser's name that are kept.
const AGENT: usize = 200;

impl SigningIn for InProcess {
    fn site(&self) -> Reply<'_, Site> {
        let policy = self.engine.policy();
        let codes = policy.numbers.sms_countries.iter().chain(&policy.numbers.sms_monitored);
        let named = |code: &String| Country { code: code.clone(), region: number::main_region(code).to_owned() };
        let countries = codes.map(named).collect();
        Box::pin(std::future::ready(Ok(Site { portal: policy.portal.clone(), countries })))
    }

    fn sign_in(&self, attempt: Attempt) -> Reply<'_, SignIn> {
        Box::pin(self.try_sign_in(attempt))
    }

    fn change_password(&self, change: PasswordChange) -> Reply<'_, PasswordChanged> {
        Box::pin(self.try_change_password(change))
    }

    fn visit<'a>(&'a self, handle: &'a str) -> Reply<'a, Option<Visit>> {
        Box::pin(self.find_visit(handle))
    }

    fn is_blocked<'a>(&'a self, handle: &'a str) -> Reply<'a, bool> {
        Box::pin(self.blocked(handle))
    }

    fn keep_typed<'a>(&'a self, handle: &'a str, path: &'a str, fields: &'a Fields) -> Reply<'a, ()> {
        Box::pin(self.hold(handle, path, fields))
    }

    fn typed<'a>(&'a self, handle: &'a str) -> Reply<'a, Fields> {
        Box::pin(self.held(handle))
    }

    fn drop_typed<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(self.let_go_of_typed(handle))
    }

    fn is_first<'a>(&'a self, handle: &'a str, once: &'a str) -> Reply<'a, bool> {
        Box::pin(self.note_posted(handle, once))
    }

    fn speaks<'a>(&'a self, handle: &'a str, language: &'a str) -> Reply<'a, ()> {
        Box::pin(async move {
            match self.find(handle).await? {
                Some(found) => self.note_sign_in(&found.user, language.to_owned(), self.engine.now()).await,
                None => Ok(()),
            }
        })
    }

    fn sign_out<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(self.end_login(handle))
    }
}

/// Whether an address is one of the portal's trusted ones (portal.md §11).
fn is_trusted(address: Option<IpAddr>, policy: &Policy) -> bool {
    let rules = policy.applications.get(APPLICATION);
    let trusted = rules.into_iter().flat_map(|rules| &rules.trusted_ips);
    let mut trusted = trusted.filter_map(|text| TrustedIp::parse(text).ok());
    address.is_some_and(|address| trusted.any(|entry| entry.contains(address)))
}

impl InProcess {
    async fn try_sign_in(&self, attempt: Attempt) -> Result<SignIn, Away> {
        let policy = self.engine.policy();
        if !policy.portal.allow_log_in {
            return Ok(SignIn::Off);
        }
        let Ok(name) = user_name::canonical(&attempt.name, &policy.domains) else { return Ok(SignIn::Wrong) };
        let counters = Counters::of(&name, attempt.address);
        // Counted before it is looked at: who tries many at once is counted for each.
        if let Some(wait) = self.count(&counters).await? {
            return Ok(SignIn::Wait(wait));
        }
        let entry = match self.directory()?.authenticate(&name, &attempt.password).await {
            Ok(entry) => entry,
            Err(NotAuthenticated::Wrong) => return Ok(SignIn::Wrong),
            Err(NotAuthenticated::PasswordExpired { may_change }) => {
                self.forgive(&counters).await?;
                return Ok(SignIn::PasswordExpired { here: may_change });
            }
            Err(NotAuthenticated::Unavailable(cause)) => {
                self.forgive(&counters).await?;
                return Err(unavailable(cause));
            }
        };
        let name = known_as(&entry, name, &policy)?;
        let user = match self.engine.document::<User>(&name).await.map_err(away)? {
            Some(user) => user.value,
            // The directory may know people whom nobody has entered here.
            None if policy.portal.allow_enrollment => self.enrol(&name, entry).await?,
            None => {
                self.forgive(&counters).await?;
                return Ok(SignIn::NotSetUp);
            }
        };
        // It counts as a failure too: no answer tells that its password was right.
        if !user.enabled {
            return Ok(SignIn::Wrong);
        }
        self.forgive(&counters).await?;
        match self.refusal(&user, attempt.address, &policy) {
            Some(refusal) => Ok(refusal),
            None => self.accept(&user, attempt, &policy).await.map(SignIn::Accepted),
        }
    }

    /// Why somebody whose password was right gets no further.
    pub(super) fn refusal(&self, user: &User, address: Option<IpAddr>, policy: &Policy) -> Option<SignIn> {
        let now = self.engine.now();
        if user.blocked(now) {
            return Some(SignIn::Blocked);
        }
        if user.set_up {
            return None;
        }
        let rules = &policy.portal;
        if !rules.allow_enrollment {
            Some(SignIn::NotSetUp)
        } else if !window_is_open(user, policy, now) {
            Some(SignIn::SetUpClosed)
        } else if rules.enrollment_trusted_only && !is_trusted(address, policy) {
            Some(SignIn::SetUpElsewhere)
        } else {
            None
        }
    }

    async fn accept(&self, user: &User, attempt: Attempt, policy: &Policy) -> Result<Secret<String>, Away> {
        let (handle, key) = new_handle();
        let now = self.engine.now();
        let agent = attempt.agent.chars().filter(|c| !c.is_control()).take(AGENT).collect();
        let place = if attempt.place.is_empty() { String::new() } else { place_key(&attempt.place) };
        let origin = if attempt.handle.is_empty() { String::new() } else { place_key(&attempt.handle) };
        let mut login = Login { place, origin, ..Login::begin(user, attempt.address, agent, now) };
        if let Some(before) = self.engine.document::<Login>(&logins::key(&attempt.handle)).await.map_err(away)? {
            login.inherit(&before.value, now);
        }
        self.call_earlier_off(user, &login).await?;
        self.note_sign_in(user, attempt.language, now).await?;
        let audit = Deed::of(self, &login, "").audit(policy, "portal.password", user.id, now);
        let operations = vec![forget(&attempt.handle), write_new(&key, &login), audit];
        self.engine.commit(operations).await.map_err(away)?;
        Ok(handle)
    }

    /// Remembers in which language somebody signs in, and that there is one who sets up: when, and to be reminded of it.
    async fn note_sign_in(&self, user: &User, language: String, now: Moment) -> Result<(), Away> {
        let mut seen = user.clone();
        if !seen.speaks(&language) && (user.set_up || seen_setting_up(&mut seen, now).is_none()) {
            return Ok(());
        }
        let key = user.name.clone();
        self.amended(&user.name, move |person, _, now| {
            let Some(user) = person.user.as_mut() else { return Ok(((), vec![])) };
            user.value.speaks(&language);
            let reminder = if user.value.set_up { None } else { seen_setting_up(&mut user.value, now) };
            let write = user.write(&key);
            Ok(((), reminder.into_iter().flatten().chain([write]).collect()))
        })
        .await
    }

    async fn try_change_password(&self, change: PasswordChange) -> Result<PasswordChanged, Away> {
        let PasswordChange { attempt, new } = change;
        let policy = self.engine.policy();
        if !policy.portal.allow_log_in {
            return Ok(PasswordChanged::NotHere);
        }
        let Ok(name) = user_name::canonical(&attempt.name, &policy.domains) else { return Ok(PasswordChanged::Wrong) };
        let counters = Counters::of(&name, attempt.address);
        if let Some(wait) = self.count(&counters).await? {
            return Ok(PasswordChanged::Wait(wait));
        }
        // One that has not expired is changed where it belongs, by somebody who is verified there.
        match self.directory()?.authenticate(&name, &attempt.password).await {
            Err(NotAuthenticated::PasswordExpired { may_change: true }) => {}
            Err(NotAuthenticated::Wrong) => return Ok(PasswordChanged::Wrong),
            Ok(_) | Err(NotAuthenticated::PasswordExpired { may_change: false }) => {
                self.forgive(&counters).await?;
                return Ok(PasswordChanged::NotHere);
            }
            Err(NotAuthenticated::Unavailable(cause)) => {
                self.forgive(&counters).await?;
                return Err(unavailable(cause));
            }
        }
        let changed = self.directory()?.change_password(&name, &attempt.password, &new).await;
        if !matches!(changed, Err(NotChanged::Wrong)) {
            self.forgive(&counters).await?;
        }
        match changed {
            Ok(()) => {
                self.end_logins(&name).await?;
                self.note_password(&name, (attempt.address, &attempt.agent)).await?;
                Ok(PasswordChanged::Done)
            }
            Err(NotChanged::Wrong) => Ok(PasswordChanged::Wrong),
            Err(NotChanged::Refused) => Ok(PasswordChanged::Refused),
            Err(NotChanged::NotAllowed) => Ok(PasswordChanged::NotHere),
            Err(NotChanged::Unavailable(cause)) => Err(unavailable(cause)),
        }
    }
}

impl InProcess {
    /// A password that was changed here is written down, and told to its person.
    async fn note_password(&self, name: &str, (address, agent): (Option<IpAddr>, &str)) -> Result<(), Away> {
        let (policy, now) = (self.engine.policy(), self.engine.now());
        let Some(user) = self.engine.document::<User>(name).await.map_err(away)? else { return Ok(()) };
        let deed = Deed::of(self, &Login::begin(&user.value, address, agent.to_owned(), now), "");
        let act = ("portal.password_changed", Notice::PasswordChanged);
        let operations = deed.done(&user.value, &policy, act, now);
        self.engine.commit(operations).await.map_err(away)?;
        self.engine.tell();
        Ok(())
    }
}

/// The name under which the directory knows somebody, so that one person has one record however the name was typed.
fn known_as(entry: &Entry, typed: String, policy: &Policy) -> Result<String, Away> {
    let Some(name) = &entry.name else { return Ok(typed) };
    let canonical = user_name::canonical(name, &policy.domains);
    canonical.map_err(|fault| unavailable(format!("it calls somebody by a name that cannot be used: {fault}")))
}

fn unavailable(cause: String) -> Away {
    tracing::error!(%cause, "the directory cannot be asked");
    Away(cause)
}
