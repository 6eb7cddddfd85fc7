//! A new data key, and the move of what is sealed under older ones to it.
//! Refuses to remove old keys: a backup or a record not yet moved needs them.

use super::sealer::add_key;
use super::{KeyFault, MasterKey, SealFault, Sealer};
use crate::{Change, CommitError, Document, Expect, Operation, ReadError, Record, Store};
use engine::moment::Moment;

/// A document that holds sealed texts. It must be of a kind that does not expire: moving it writes it without a time.
pub trait Reseal: Document {
    /// Each sealed text with the context that it was sealed under.
    fn sealed(&mut self) -> Vec<(String, &mut String)>;
}

/// What one bounded step of moving did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed {
    /// Records that were written anew.
    pub moved: u64,
    /// Records that somebody else changed at the same moment; another walk finds them.
    pub missed: u64,
    /// What does not open, record by record; it stays as it is.
    pub unopened: Vec<String>,
    /// Where the next step goes on; `None` at the end.
    pub next: Option<String>,
}

/// A step of moving was not done; what earlier steps moved stays moved.
#[derive(Debug, thiserror::Error)]
pub enum ResealFault {
    /// One sealed text does not open; nothing of its step was written.
    #[error("{record}: {fault}")]
    Sealed {
        /// Which record.
        record: String,
        /// Why not.
        fault: SealFault,
    },
    /// The store could not be read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
    /// The store could not be written.
    #[error(transparent)]
    NotWritten(#[from] CommitError),
}

/// Adds a data key, on the audit chain in the same change, and gives the sealer that uses it. Whoever has a sealer opened
/// before seals under the old key, and cannot open what is sealed under the new one.
pub fn rotate(store: &dyn Store, master: &MasterKey, now: Moment) -> Result<Sealer, KeyFault> {
    let id = Sealer::open(store, master)?.current() + 1;
    let act = serde_json::json!({ "act": "keys.rotate", "by": "command line", "on": format!("data key {id}") });
    add_key(store, master, id, vec![Operation::Audit { at: now, body: act.to_string().into_bytes() }])?;
    Sealer::open(store, master)
}

impl Sealer {
    /// Moves what is sealed under older keys to the current one, in at most `limit` records of `D` after `after`, in one
    /// transaction.
    pub fn reseal<D: Reseal>(
        &self,
        store: &dyn Store,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Resealed, ResealFault> {
        let page = store.list(D::KIND, after, limit)?;
        let next = page.last().filter(|_| page.len() == limit).map(|record| record.key.id.clone());
        let (mut moves, mut unopened) = (Vec::new(), Vec::new());
        for record in page {
            match self.moved::<D>(record) {
                Ok(change) => moves.extend(change),
                Err(fault @ ResealFault::Sealed { .. }) => unopened.push(fault.to_string()),
                Err(fault) => return Err(fault),
            }
        }
        let results = if moves.is_empty() { vec![] } else { store.commit(&moves)? };
        let moved = results.iter().filter(|result| result.is_ok()).count();
        Ok(Resealed { moved: moved as u64, missed: (results.len() - moved) as u64, unopened, next })
    }

    fn moved<D: Reseal>(&self, record: Record) -> Result<Option<Change>, ResealFault> {
        let mut document = D::from_record(&record)?;
        let mut changed = false;
        for (context, sealed) in document.sealed() {
            let failed = |fault| ResealFault::Sealed { record: record.key.to_string(), fault };
            if Self::key_of(sealed).map_err(failed)? != self.current() {
                let plain = self.unseal(&context, sealed).map_err(failed)?;
                *sealed = self.seal(&context, plain.expose());
                changed = true;
            }
        }
        let put = || Operation::put(record.key.id.clone(), &document, Expect::Version(record.version));
        Ok(changed.then(|| vec![put().under(record.parent.clone())].into()))
    }
}
