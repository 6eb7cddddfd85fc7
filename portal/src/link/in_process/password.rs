//! A password that has expired, changed in the directory on the way in (portal.md §4.1, row 3).
//! Refuses one that has not: that is changed where it belongs, by somebody who is verified there.

use super::attempts::Counters;
use super::places::Deed;
use super::sign_in::{known_as, unavailable};
use super::{InProcess, away};
use crate::link::{Attempt, Away, PasswordChange, PasswordChanged};
use directory::{NotAuthenticated, NotChanged};
use engine::login::Login;
use engine::notice::Notice;
use engine::person::User;
use engine::secret::Secret;
use engine::user_name;

impl InProcess {
    pub(super) async fn try_change_password(&self, change: PasswordChange) -> Result<PasswordChanged, Away> {
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
                // It is another one from now on, whatever becomes of what follows.
                if let Err(Away(cause)) = self.password_is_another(&name, &new, &attempt).await {
                    tracing::error!(%cause, "a password was changed, and its person could not be told or signed out");
                }
                Ok(PasswordChanged::Done)
            }
            Err(NotChanged::Wrong) => Ok(PasswordChanged::Wrong),
            Err(NotChanged::Refused) => Ok(PasswordChanged::Refused),
            Err(NotChanged::NotAllowed) => Ok(PasswordChanged::NotHere),
            Err(NotChanged::Unavailable(cause)) => Err(unavailable(cause)),
        }
    }
    /// Whoever knew the old password has no login any more, and its person is told.
    async fn password_is_another(&self, typed: &str, new: &Secret<String>, attempt: &Attempt) -> Result<(), Away> {
        let (policy, now) = (self.engine.policy(), self.engine.now());
        // However the name was typed, the directory calls the person by one.
        let name = match self.directory()?.authenticate(typed, new).await {
            Ok(entry) => known_as(&entry, typed.to_owned(), &policy)?,
            Err(_) => typed.to_owned(),
        };
        self.end_logins(&name).await?;
        let Some(user) = self.engine.document::<User>(&name).await.map_err(away)? else { return Ok(()) };
        let login = Login::begin(&user.value, attempt.address, attempt.agent.clone(), now);
        let act = ("portal.password_changed", Notice::PasswordChanged);
        let operations = Deed::of(self, &login, "").done(&user.value, &policy, act, now);
        self.engine.commit(operations).await.map_err(away)?;
        self.engine.tell();
        Ok(())
    }
}
