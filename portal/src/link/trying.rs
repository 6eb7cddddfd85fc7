//! Calls that only try something: the backup phone, or how calls sound in a language.
//! Refuses to prove anything by them but that the backup phone answers.

use super::{Progress, Reply};
use engine::login::Tried;
use std::time::Duration;

/// Trying calls.
pub trait Trying: Send + Sync {
    /// Calls, once for the same `once`. Gives how long to wait where too many calls were asked for.
    fn try_call<'a>(&'a self, handle: &'a str, once: &'a str, what: Try) -> Reply<'a, Option<Duration>>;
    /// How the last of these calls stands once it stands otherwise than it was seen, or `wait` is over; `None` if there was none.
    fn trial<'a>(
        &'a self,
        handle: &'a str,
        seen: Option<Progress>,
        wait: Duration,
    ) -> Reply<'a, Option<(Tried, Progress)>>;
    /// Hangs up.
    fn end_trial<'a>(&'a self, handle: &'a str) -> Reply<'a, ()>;
}

/// What is to be tried.
#[derive(Debug)]
pub enum Try {
    /// The backup phone.
    Backup,
    /// How calls sound in this language, BCP 47.
    Sample(String),
}
