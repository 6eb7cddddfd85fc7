//! What somebody had typed when their login had ended by itself: kept for the next one of the same person in the same browser.
//! Refuses to keep it in clear, and for anybody else.

use super::logins::{TRIES, key};
use super::{InProcess, away};
use crate::link::{Away, Fields};
use actors::{NotWritten, Refused};
use engine::login::{LONGEST, Login, Typed};

/// What it is sealed for.
const CONTEXT: &str = "typed";

impl InProcess {
    /// Writes it to the login that has ended, whose record stays until its longest time is over.
    pub(super) async fn hold(&self, handle: &str, path: &str, fields: &Fields) -> Result<(), Away> {
        let key = key(handle);
        let plain = serde_json::to_vec(fields).map_err(|cause| Away(cause.to_string()))?;
        let sealed = self.engine.vault().seal(CONTEXT, &plain);
        for _ in 0..TRIES {
            let Some(mut login) = self.engine.document::<Login>(&key).await.map_err(away)? else { return Ok(()) };
            let (user, until) = (login.value.user.clone(), login.value.created_at + LONGEST);
            login.value.typed = Some(Typed { path: path.into(), sealed: sealed.clone(), at: self.engine.now() });
            let write = login.write(&key).under(Some(user)).until(until);
            match self.engine.commit(vec![write]).await {
                Err(Refused::NotWritten(NotWritten::Conflict(_))) => {}
                done => return done.map_err(away),
            }
        }
        Ok(())
    }

    /// Gives it out, once.
    pub(super) async fn take_back(&self, handle: &str) -> Result<Fields, Away> {
        let Some(found) = self.find(handle).await? else { return Ok(vec![]) };
        let Some(typed) = found.login.value.typed_at(self.engine.now()).cloned() else { return Ok(vec![]) };
        self.change_login(handle, |found| found.login.value.typed.take().is_some()).await?;
        let plain = self.engine.vault().open(CONTEXT, &typed.sealed).map_err(Away)?;
        serde_json::from_slice(plain.expose()).map_err(|cause| Away(cause.to_string()))
    }
}
