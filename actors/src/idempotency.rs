//! Idempotency keys: what a request says of its own, and which of many nobody has used.
//! Refuses to promise that a key stays unused: whoever takes it meanwhile is met at the commit.

use crate::handle::Engine;
use crate::house::Shared;
use engine::id::ApiKeyId;
use futures_util::future::join_all;
use store::{Key, Kind, Store};

/// Keys that one read looks up; a store elsewhere answers them one after another.
const AT_ONCE: usize = 64;

/// An idempotency key and what it stands for.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// Caller and key.
    pub(crate) key: String,
    /// SHA-256 of the request's body, hex.
    pub(crate) body: String,
    /// Whether the store was asked a moment ago and did not know the key.
    pub(crate) unused: bool,
}

impl Idempotency {
    /// A caller's key for a body of this hash, of which nothing is known.
    pub fn new(caller: ApiKeyId, key: &str, body: String) -> Self {
        Self { key: in_store(caller, key), body, unused: false }
    }

    /// With what [`Engine::unused_keys`] said of it.
    #[must_use]
    pub fn unused(self, unused: bool) -> Self {
        Self { unused, ..self }
    }
}

impl Engine {
    /// Which of a caller's keys nobody has used, in their order. One that could not be looked up counts as used: its start
    /// looks by itself, and says what is the matter.
    pub async fn unused_keys(&self, caller: ApiKeyId, keys: &[&str]) -> Vec<bool> {
        join_all(keys.chunks(AT_ONCE).map(|keys| look(self.shared(), caller, keys))).await.concat()
    }
}

async fn look(shared: &Shared, caller: ApiKeyId, keys: &[&str]) -> Vec<bool> {
    let ids: Vec<_> = keys.iter().map(|key| Key::new(Kind::Idempotency, in_store(caller, key))).collect();
    let read = move |store: &dyn Store| ids.iter().map(|id| Ok(store.get(id)?.is_none())).collect();
    shared.read(read).await.unwrap_or_else(|_| vec![false; keys.len()])
}

fn in_store(caller: ApiKeyId, key: &str) -> String {
    format!("{caller}\u{1f}{key}")
}
