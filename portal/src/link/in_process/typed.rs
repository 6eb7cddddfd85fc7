//! What somebody had typed when their login had ended by itself: kept for the next one of the same person in the same browser.
//! Refuses to keep it in clear, and for anybody else.

use super::logins::{TRIES, key};
use super::{InProcess, away};
use crate::link::{Away, Fields};
use actors::{NotWritten, Refused};
use engine::id::UserId;
use engine::login::{Login, Typed};

/// What it is sealed for.
fn context(of: UserId, path: &str) -> String {
    format!("typed {of} {path}")
}

impl InProcess {
    /// Writes it to the login that has ended, whose record stays for a while.
    pub(super) async fn hold(&self, handle: &str, path: &str, fields: &Fields) -> Result<(), Away> {
        let key = key(handle);
        let plain = serde_json::to_vec(fields).map_err(|cause| Away(cause.to_string()))?;
        for _ in 0..TRIES {
            let Some(mut login) = self.engine.document::<Login>(&key).await.map_err(away)? else { return Ok(()) };
            let sealed = self.engine.vault().seal(&context(login.value.user_id, path), &plain);
            login.value.typed = Some(Typed { path: path.into(), sealed, at: self.engine.now() });
            let (user, until) = (login.value.user.clone(), login.value.kept_until());
            let write = login.write(&key).under(Some(user)).until(until);
            match self.engine.commit(vec![write]).await {
                Err(Refused::NotWritten(NotWritten::Conflict(_))) => {}
                done => return done.map_err(away),
            }
        }
        Ok(())
    }

    pub(super) async fn held(&self, handle: &str) -> Result<Fields, Away> {
        let Some(found) = self.find(handle).await? else { return Ok(vec![]) };
        let login = &found.login.value;
        let Some(typed) = login.typed_at(self.engine.now()) else { return Ok(vec![]) };
        let plain = self.engine.vault().open(&context(login.user_id, &typed.path), &typed.sealed).map_err(Away)?;
        serde_json::from_slice(plain.expose()).map_err(|cause| Away(cause.to_string()))
    }

    /// It was sent again.
    pub(super) async fn let_go_of_typed(&self, handle: &str) -> Result<(), Away> {
        self.change_login(handle, |found| found.login.value.typed.take().is_some()).await?;
        Ok(())
    }
}
