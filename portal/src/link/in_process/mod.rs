//! The link where the engine is in this process.
//! Refuses to believe a handle further than its hash leads: each call finds the login anew.

mod account;
mod adoption;
mod app;
mod attempts;
mod bypass;
mod change;
mod conclude;
mod enrol;
mod history;
mod logins;
mod may;
mod password;
mod phone;
mod pin;
mod places;
mod proof;
mod proving;
mod questions;
mod setup;
mod sign_in;
mod token;
mod trying;
mod typed;
mod verify;

use super::Away;
use actors::{Amendment, Engine, Person, Refused, Told};
use directory::{Directory, LocalAccounts, Passwords, Unreadable};
use engine::id::UserId;
use engine::moment::Moment;
use engine::policy::Policy;
use engine::portal::PrimaryAuthentication;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use store::{Kind, Operation};

/// The application that the portal's own verifications are for; its trusted addresses are the portal's.
pub const APPLICATION: &str = "User Portal";

/// The directories that are set up beside the local accounts.
#[derive(Clone, Default)]
pub struct Directories {
    /// The domain controllers.
    pub windows: Option<Arc<dyn Directory>>,
    /// RADIUS servers.
    pub radius: Option<Arc<dyn Directory>>,
    /// LDAP servers.
    pub ldap: Option<Arc<dyn Directory>>,
}

/// Keys of the portal's own.
#[derive(Clone, Copy)]
pub struct PortalKeys {
    /// Signs forms.
    pub form: [u8; 32],
    /// Answers to security questions are hashed under it.
    pub answers: [u8; 32],
}

/// The engine in this process.
pub struct InProcess {
    engine: Engine,
    local: Arc<dyn Directory>,
    directories: Directories,
    answer_key: [u8; 32],
}

impl InProcess {
    /// The engine, with its local accounts and these directories.
    pub fn new(engine: Engine, directories: Directories, keys: &PortalKeys) -> Self {
        let local = Arc::new(LocalAccounts::new(Stored(engine.clone())));
        Self { engine, local, directories, answer_key: keys.answers }
    }

    /// The directory that counts now.
    fn directory(&self) -> Result<&dyn Directory, Away> {
        let (found, section) = match self.engine.policy().portal.primary_authentication {
            PrimaryAuthentication::Local => return Ok(&*self.local),
            PrimaryAuthentication::Windows => (&self.directories.windows, "windows"),
            PrimaryAuthentication::Radius => (&self.directories.radius, "radius"),
            PrimaryAuthentication::Ldap => (&self.directories.ldap, "ldap"),
        };
        found.as_deref().ok_or_else(|| {
            let missing =
                format!("portal.primary_authentication is {section}, and [directory.{section}] is not set up");
            tracing::error!("{missing}");
            Away(missing)
        })
    }

    /// Changes a person, and gives what the change says of it.
    async fn amended<T: Send + 'static>(
        &self,
        name: &str,
        change: impl FnOnce(&mut Person, &Policy, Moment) -> Result<(T, Vec<Operation>), String> + Send + 'static,
    ) -> Result<T, Away> {
        let (tell, told) = std::sync::mpsc::channel();
        let amendment: Amendment = Box::new(move |person, policy, now| {
            let (answer, operations) = change(person, policy, now)?;
            // Whoever asked waits for the amendment, so the other end is there.
            let _ = tell.send((answer, operations.iter().any(is_letter)));
            Ok(operations)
        });
        self.engine.amend(name, amendment).await.map_err(away)?;
        let (answer, tells) = told.try_recv().map_err(|_| Away("a change was made and said nothing".into()))?;
        if tells {
            self.engine.tell();
        }
        Ok(answer)
    }
}

fn is_letter(operation: &Operation) -> bool {
    matches!(operation, Operation::Put { key, .. } if key.kind == Kind::Letter)
}

/// The hashes of local accounts in the engine's store.
struct Stored(Engine);

impl Passwords for Stored {
    fn hash_of<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, Unreadable>> {
        Box::pin(async move {
            let found = self.0.document::<actors::PasswordRecord>(name).await;
            let found = found.map_err(|cause| Unreadable(cause.to_string()))?;
            Ok(found.map(|record| record.value.hash))
        })
    }
}

/// The cause is logged once, here, where the engine's words end.
fn away(cause: Refused) -> Away {
    tracing::warn!(%cause, "the portal was refused by the engine");
    Away(cause.to_string())
}

/// An act of the person as a link of the audit chain, with what of it and from where, and in the portal's own log where that is on.
fn link(policy: &Policy, now: Moment, (act, told): (&str, &Told), whom: UserId) -> Operation {
    if policy.portal.logging {
        tracing::info!(target: "countersign::portal", act, user = %whom, "portal");
    }
    let mut body = serde_json::json!({ "act": act, "by": whom.to_string(), "on": whom.to_string() });
    for (name, text) in [("what", &told.detail), ("from", &told.place)] {
        if !text.is_empty() {
            body[name] = serde_json::json!(text);
        }
    }
    Operation::Audit { at: now, body: body.to_string().into_bytes() }
}
