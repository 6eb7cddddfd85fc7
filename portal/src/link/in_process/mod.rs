//! The link where the engine is in this process.
//! Refuses to believe a handle further than its hash leads: each call finds the login anew.

mod app;
mod logins;
mod setup;
mod sign_in;
mod verify;

use super::{
    AppKey, Attempt, Away, Conclusion, EngineLink, Entered, Fault, Progress, Proved, Reply, SignIn, Site, Step, Visit,
};
use actors::{Engine, PasswordRecord, Refused};
use directory::{Directory, LocalAccounts, Passwords, Unreadable};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// The application that the portal's own verifications are for; its trusted addresses are the portal's.
pub const APPLICATION: &str = "User Portal";
/// The engine in this process.
pub struct InProcess {
    engine: Engine,
    directory: Arc<dyn Directory>,
}

impl InProcess {
    /// The engine, with its local accounts as directory.
    pub fn new(engine: Engine) -> Self {
        let directory = Arc::new(LocalAccounts::new(Stored(engine.clone())));
        Self { engine, directory }
    }
}

/// The hashes of local accounts in the engine's store.
struct Stored(Engine);

impl Passwords for Stored {
    fn hash_of<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, Unreadable>> {
        Box::pin(async move {
            let found = self.0.document::<PasswordRecord>(name).await;
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

impl EngineLink for InProcess {
    fn site(&self) -> Reply<'_, Site> {
        let policy = self.engine.policy();
        let countries = policy.numbers.sms_countries.iter().chain(&policy.numbers.sms_monitored).cloned().collect();
        Box::pin(std::future::ready(Ok(Site { portal: policy.portal.clone(), countries })))
    }

    fn sign_in(&self, attempt: Attempt) -> Reply<'_, SignIn> {
        Box::pin(self.try_sign_in(attempt))
    }

    fn visit<'a>(&'a self, handle: &'a str) -> Reply<'a, Option<Visit>> {
        Box::pin(self.find_visit(handle))
    }

    fn sign_out<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(self.end_login(handle))
    }

    fn ask<'a>(&'a self, handle: &'a str, once: &'a str) -> Reply<'a, ()> {
        Box::pin(self.start(handle, once))
    }

    fn progress<'a>(&'a self, handle: &'a str, wait: Option<Duration>) -> Reply<'a, Option<Progress>> {
        Box::pin(self.look(handle, wait))
    }

    fn enter<'a>(&'a self, handle: &'a str, code: &'a str) -> Reply<'a, Entered> {
        Box::pin(self.type_code(handle, code))
    }

    fn send_again<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(self.resend(handle))
    }

    fn call_off<'a>(&'a self, handle: &'a str) -> Reply<'a, ()> {
        Box::pin(self.cancel(handle))
    }

    fn conclude<'a>(&'a self, handle: &'a str) -> Reply<'a, Conclusion> {
        Box::pin(self.draw_conclusion(handle))
    }

    fn save<'a>(&'a self, handle: &'a str, step: Step) -> Reply<'a, Vec<Fault>> {
        Box::pin(self.save_step(handle, step))
    }

    fn app_key<'a>(&'a self, handle: &'a str) -> Reply<'a, Option<AppKey>> {
        Box::pin(self.key_of_app(handle))
    }

    fn prove_app<'a>(&'a self, handle: &'a str, code: &'a str) -> Reply<'a, Proved> {
        Box::pin(self.first_code(handle, code))
    }
}
