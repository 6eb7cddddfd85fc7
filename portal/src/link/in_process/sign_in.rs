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
use directory::{Entry, NotAuthenticated};
use engine::login::Login;
use engine::moment::Moment;
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
        let plan = &policy.numbers;
        let site = Site {
            portal: policy.portal.clone(),
            countries: countries(&plan.sms_countries, &plan.sms_monitored),
            call_countries: countries(&plan.voice_countries, &plan.voice_monitored),
            extensions: policy.voice.allow_extensions,
        };
        Box::pin(std::future::ready(Ok(site)))
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
            let Some(mut found) = self.find(handle).await? else { return Ok(()) };
            found.login.value.language = language.to_owned();
            if !found.user.set_up {
                self.note_setting_up(&found.user, language.to_owned(), self.engine.now()).await?;
            } else if found.strength().is_some() {
                self.note_place(&found).await?;
            }
            // A verification may be under way: the language counts once it has signed in.
            self.change_login(handle, |found| {
                found.login.value.language = language.to_owned();
                true
            })
            .await?;
            Ok(())
        })
    }

    fn sign_out<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(self.end_login(handle))
    }
}

fn countries(allowed: &[String], watched: &[String]) -> Vec<Country> {
    let named = |code: &String| Country { code: code.clone(), region: number::main_region(code).to_owned() };
    allowed.iter().chain(watched).map(named).collect()
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
        let mut login =
            Login { place, origin, language: attempt.language, ..Login::begin(user, attempt.address, agent, now) };
        if let Some(before) = self.engine.document::<Login>(&logins::key(&attempt.handle)).await.map_err(away)? {
            login.inherit(&before.value, now);
        }
        self.call_earlier_off(user, &login).await?;
        if !user.set_up {
            self.note_setting_up(user, login.language.clone(), now).await?;
        }
        let audit = Deed::of(self, &login, "").audit(policy, "portal.password", user.id, now);
        let operations = vec![forget(&attempt.handle), write_new(&key, &login), audit];
        self.engine.commit(operations).await.map_err(away)?;
        Ok(handle)
    }

    /// Remembers in which language somebody sets up, when, and that there is one to remind of it.
    async fn note_setting_up(&self, user: &User, language: String, now: Moment) -> Result<(), Away> {
        let mut seen = user.clone();
        if !seen.speaks(&language) && seen_setting_up(&mut seen, now).is_none() {
            return Ok(());
        }
        let key = user.name.clone();
        self.amended(&user.name, move |person, _, now| {
            let Some(user) = person.user.as_mut().filter(|user| !user.value.set_up) else { return Ok(((), vec![])) };
            user.value.speaks(&language);
            let reminder = seen_setting_up(&mut user.value, now);
            let write = user.write(&key);
            Ok(((), reminder.into_iter().flatten().chain([write]).collect()))
        })
        .await
    }
}

/// The name under which the directory knows somebody, so that one person has one record however the name was typed.
pub(super) fn known_as(entry: &Entry, typed: String, policy: &Policy) -> Result<String, Away> {
    let Some(name) = &entry.name else { return Ok(typed) };
    let canonical = user_name::canonical(name, &policy.domains);
    canonical.map_err(|fault| unavailable(format!("it calls somebody by a name that cannot be used: {fault}")))
}

pub(super) fn unavailable(cause: String) -> Away {
    tracing::error!(%cause, "the directory cannot be asked");
    Away(cause)
}
