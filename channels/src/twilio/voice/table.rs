//! Who is being called: the way from a callback to the call that it is about.
//! Refuses two calls for one attempt.

use super::life::Happening;
use engine::id::AttemptId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Callbacks of one call that may wait; a call takes them at once.
const WAITING: usize = 16;

struct Entry {
    inbox: mpsc::Sender<Happening>,
    /// The provider's id, once it is known.
    sid: Option<String>,
}

/// The calls of one account that are not over.
#[derive(Default)]
pub(super) struct Table(Mutex<HashMap<AttemptId, Entry>>);

impl Table {
    /// Enters a call, or says that its attempt is being called already.
    pub(super) fn enter(&self, attempt: AttemptId) -> Option<(Place<'_>, mpsc::Receiver<Happening>)> {
        let mut calls = self.calls();
        if calls.contains_key(&attempt) {
            return None;
        }
        let (inbox, happenings) = mpsc::channel(WAITING);
        calls.insert(attempt, Entry { inbox, sid: None });
        Some((Place { table: self, attempt }, happenings))
    }

    /// The inbox of a call.
    pub(super) fn find(&self, attempt: AttemptId) -> Option<mpsc::Sender<Happening>> {
        self.calls().get(&attempt).map(|entry| entry.inbox.clone())
    }

    /// Whether one of the calls is known by this id.
    pub(super) fn knows(&self, sid: &str) -> bool {
        self.calls().values().any(|entry| entry.sid.as_deref() == Some(sid))
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<AttemptId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call's place in the table; its drop gives it back.
pub(super) struct Place<'a> {
    table: &'a Table,
    attempt: AttemptId,
}

impl Place<'_> {
    /// The provider's id is known.
    pub(super) fn name(&self, sid: &str) {
        if let Some(entry) = self.table.calls().get_mut(&self.attempt) {
            entry.sid = Some(sid.to_owned());
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.table.calls().remove(&self.attempt);
    }
}
