//! Calls that try the backup phone or a language: started, looked at, ended.
//! Refuses to count them for a sign-in, and to call where policy or the number plan does not allow it.

use super::change::is_spoken;
use super::logins::Found;
use super::verify::request;
use super::{InProcess, away};
use crate::link::{Away, Progress, Reply, Try, Trying};
use actors::{Idempotency, Refused, StartError};
use engine::id::{ApiKeyId, VerificationId};
use engine::login::{Trial, Tried};
use engine::method::{Method, Mode};
use engine::request::{Request, Wish};
use engine::setup::{calls, takes_calls, trial_mode};
use engine::verification::Purpose;
use std::time::Duration;

impl Trying for InProcess {
    fn try_call<'a>(&'a self, handle: &'a str, once: &'a str, what: Try) -> Reply<'a, Option<Duration>> {
        Box::pin(self.begin_trial(handle, once, what))
    }

    fn trial<'a>(
        &'a self,
        handle: &'a str,
        seen: Option<Progress>,
        wait: Duration,
    ) -> Reply<'a, Option<(Tried, Progress)>> {
        Box::pin(self.see_trial(handle, seen, wait))
    }

    fn end_trial<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(async move {
            match self.find(handle).await?.and_then(|found| found.login.value.trial) {
                Some(trial) => self.cancel_verification(trial.call).await,
                None => Ok(()),
            }
        })
    }
}

impl InProcess {
    async fn begin_trial(&self, handle: &str, once: &str, what: Try) -> Result<Option<Duration>, Away> {
        let found = self.find(handle).await?.filter(|found| found.user.set_up && found.strength().is_some());
        let Some(found) = found else { return Ok(None) };
        let wait = found.login.value.asked.free_at().since(self.engine.now());
        if !wait.is_zero() {
            return Ok(Some(wait));
        }
        let Some((of, wish, language)) = self.wished(&found, what) else { return Ok(None) };
        let key = format!("{}:trial:{once}", found.origin());
        let idempotency = Idempotency::new(ApiKeyId::PORTAL, &key, String::new());
        let request = Request { plan: vec![wish], can_input: false, language, ..request(&found, Purpose::Test, key) };
        let started = self.engine.start_verification(request, Some(idempotency), false).await;
        let started = started.map_err(|why: StartError| {
            tracing::warn!(cause = %why, "a call to try something could not be started");
            Away(why.to_string())
        })?;
        self.note_trial(handle, Trial { call: started.verification.id, of }).await
    }

    /// What is tried, whom to call for it, and in which language.
    fn wished(&self, found: &Found, what: Try) -> Option<(Tried, Wish, Option<String>)> {
        let (policy, user) = (self.engine.policy(), &found.user);
        let mode = trial_mode(user, &policy).filter(|_| calls(&policy, self.engine.doors().reach()))?;
        let wish = Wish::new(Method::Voice, mode);
        match what {
            Try::Backup => {
                user.backup_phone.as_ref().filter(|_| policy.voice.allow_backup)?;
                Some((Tried::Backup, Wish { backup: true, ..wish }, None))
            }
            Try::Sample(language) => {
                user.phone.as_ref().filter(|phone| takes_calls(phone, &policy) && is_spoken(&language))?;
                Some((Tried::Sample, wish, Some(language)))
            }
        }
    }

    /// The one before is ended: a person is called once at a time.
    async fn note_trial(&self, handle: &str, trial: Trial) -> Result<Option<Duration>, Away> {
        let before = self.find(handle).await?.and_then(|found| found.login.value.trial);
        if before == Some(trial) {
            return Ok(None);
        }
        let now = self.engine.now();
        self.change_login(handle, |found| {
            found.login.value.asked.note(now);
            found.login.value.trial = Some(trial);
            true
        })
        .await?;
        match before {
            Some(before) => self.cancel_verification(before.call).await.map(|()| None),
            None => Ok(None),
        }
    }

    async fn see_trial(
        &self,
        handle: &str,
        seen: Option<Progress>,
        wait: Duration,
    ) -> Result<Option<(Tried, Progress)>, Away> {
        let found = self.find(handle).await?.filter(|found| found.strength().is_some());
        let Some(trial) = found.and_then(|found| found.login.value.trial) else { return Ok(None) };
        let progress = self.until_moved(trial.call, seen.as_ref(), wait, || self.trial_seen(trial.call)).await?;
        Ok(progress.map(|progress| (trial.of, progress)))
    }

    async fn trial_seen(&self, id: VerificationId) -> Result<Option<Progress>, Away> {
        match self.engine.look(id, None).await {
            Ok(verification) => {
                let progress = self.shown(&verification, (Method::Voice, Mode::Standard)).await?;
                Ok(Some(Progress { steers: true, ..progress }))
            }
            // Its outcome was removed at the end of its retention.
            Err(Refused::NotFound) => Ok(None),
            Err(why) => Err(away(why)),
        }
    }
}
