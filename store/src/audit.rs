//! The audit chain: each link's hash covers the one before it, and signed checkpoints that leave the machine show where it stood.
//! Refuses to trust the store: whoever verifies brings a checkpoint from elsewhere.

mod checkpoint;

pub use checkpoint::{Checkpoint, NotACheckpoint, NotAKey, PublicKey};

use crate::{AuditRow, ReadError, Store};
use engine::moment::Moment;
use sha2::{Digest, Sha256};

/// Links that are read at once.
const PAGE: usize = 1000;

/// The hash of a link: SHA-256 over a label, the previous hash, position, time and body, each with its length.
pub fn link(previous: &[u8; 32], position: u64, at: Moment, body: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let parts: [&[u8]; 5] =
        [b"countersign audit link v1", previous, &position.to_be_bytes(), &at.millis().to_be_bytes(), body];
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The chain is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditReport {
    /// How many links were read.
    pub links: u64,
    /// Whether a checkpoint was compared.
    pub checked_against: Option<u64>,
}

/// The chain is not whole.
#[derive(Debug, thiserror::Error)]
pub enum AuditFault {
    /// A link's content or order was changed.
    #[error("link {position} was changed, or a link before it was changed, moved or taken out")]
    Changed {
        /// Which.
        position: u64,
    },
    /// A position is missing.
    #[error("link {expected} is missing: the next one is {found}")]
    Missing {
        /// The position that should be next.
        expected: u64,
        /// The one that is.
        found: u64,
    },
    /// Links at the end are missing.
    #[error("the chain ends at {found}, but the checkpoint saw {expected}: links were cut off")]
    CutOff {
        /// Position of the checkpoint.
        expected: u64,
        /// Position of the last link.
        found: u64,
    },
    /// The checkpoint saw another chain.
    #[error("link {position} is not the one that the checkpoint saw: the chain was written anew")]
    Rewritten {
        /// Position of the checkpoint.
        position: u64,
    },
    /// The checkpoint is not signed with this key.
    #[error("the checkpoint is not signed with this key")]
    Signature,
    /// The checkpoint is of another writer's chain.
    #[error("the checkpoint is of node {signed}, this is the chain of node {read}")]
    OtherNode {
        /// The node that signed.
        signed: String,
        /// The node whose chain was to be read.
        read: String,
    },
    /// The store could not be read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
}

/// Walks the whole chain; with checkpoints from elsewhere and the key that they must be signed with, links that were cut off
/// or written anew show too.
pub fn verify(store: &dyn Store, against: Option<(&[Checkpoint], &PublicKey)>) -> Result<AuditReport, AuditFault> {
    let (checkpoints, key) = against.map_or((&[][..], None), |(checkpoints, key)| (checkpoints, Some(key)));
    for checkpoint in checkpoints {
        if key.is_some_and(|key| !checkpoint.is_signed(key)) {
            return Err(AuditFault::Signature);
        }
        if checkpoint.node != store.node() {
            let (signed, read) = (checkpoint.node.clone(), store.node().to_owned());
            return Err(AuditFault::OtherNode { signed, read });
        }
    }
    let last = walk(&|after| store.audit(after, PAGE), &mut |row| {
        let contradicts = |one: &&Checkpoint| one.position == row.position && one.hash != row.hash;
        match checkpoints.iter().find(contradicts) {
            Some(_) => Err(AuditFault::Rewritten { position: row.position }),
            None => Ok(()),
        }
    })?;
    match checkpoints.iter().map(|checkpoint| checkpoint.position).max() {
        Some(expected) if last < expected => Err(AuditFault::CutOff { expected, found: last }),
        checked_against => Ok(AuditReport { links: last, checked_against }),
    }
}

/// Whether the chain still goes through a checkpoint, without a walk from its beginning.
pub fn holds(store: &dyn Store, checkpoint: &Checkpoint) -> Result<bool, ReadError> {
    let there = store.audit(checkpoint.position.saturating_sub(1), 1)?;
    Ok(there.first().is_some_and(|row| row.position == checkpoint.position && row.hash == checkpoint.hash))
}

/// Walks a chain that `page` reads, the links after a position; the position of the last.
pub(crate) fn walk(
    page: &dyn Fn(u64) -> Result<Vec<AuditRow>, ReadError>,
    seen: &mut dyn FnMut(&AuditRow) -> Result<(), AuditFault>,
) -> Result<u64, AuditFault> {
    let (mut last, mut previous) = (0, [0; 32]);
    loop {
        let rows = page(last)?;
        if rows.is_empty() {
            return Ok(last);
        }
        for row in &rows {
            previous = step(last, &previous, row)?;
            seen(row)?;
            last = row.position;
        }
    }
}

fn step(last: u64, previous: &[u8; 32], row: &AuditRow) -> Result<[u8; 32], AuditFault> {
    if row.position != last + 1 {
        return Err(AuditFault::Missing { expected: last + 1, found: row.position });
    }
    let hash = link(previous, row.position, row.at, &row.body);
    if hash == row.hash { Ok(hash) } else { Err(AuditFault::Changed { position: row.position }) }
}
