//! The audit chain: each link's hash covers the one before it, and signed checkpoints that leave the machine show where it stood.
//! Refuses to trust the store: whoever verifies brings a checkpoint from elsewhere.

use crate::keys::MasterKey;
use crate::{AuditRow, ReadError, Store};
use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier};
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

/// Where the chain stood, signed. Its text form is one line: position, time, hash, signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Position of the last link.
    pub position: u64,
    /// When it was signed, milliseconds since the epoch.
    pub at: u64,
    /// Hash of the last link.
    pub hash: [u8; 32],
    signature: [u8; 64],
}

/// A checkpoint's text is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a checkpoint: it must be one line of position, time, hash and signature, as `countersign audit checkpoint` writes it"
)]
pub struct NotACheckpoint;

impl Checkpoint {
    /// Signs where the chain stands; `None` if it is empty.
    pub fn take(store: &dyn Store, master: &MasterKey, now: Moment) -> Result<Option<Self>, ReadError> {
        let Some(head) = store.audit_head()? else { return Ok(None) };
        let (position, at, hash) = (head.position, now.millis(), head.hash);
        let signature = signing_key(master).sign(&signed(position, at, &hash)).to_bytes();
        Ok(Some(Self { position, at, hash, signature }))
    }

    /// Whether it was signed with this master key's audit key.
    pub fn is_signed(&self, master: &MasterKey) -> bool {
        let message = signed(self.position, self.at, &self.hash);
        signing_key(master).verifying_key().verify(&message, &Signature::from_bytes(&self.signature)).is_ok()
    }

    /// One line.
    pub fn to_line(&self) -> String {
        format!("{} {} {} {}", self.position, self.at, HEXLOWER.encode(&self.hash), HEXLOWER.encode(&self.signature))
    }

    /// Reads the line.
    pub fn from_line(line: &str) -> Result<Self, NotACheckpoint> {
        let mut parts = line.split_whitespace();
        let mut part = || parts.next().ok_or(NotACheckpoint);
        let position = part()?.parse().map_err(|_| NotACheckpoint)?;
        let at = part()?.parse().map_err(|_| NotACheckpoint)?;
        let mut bytes = || HEXLOWER.decode(part()?.as_bytes()).map_err(|_| NotACheckpoint);
        let hash = bytes()?.try_into().map_err(|_| NotACheckpoint)?;
        let signature = bytes()?.try_into().map_err(|_| NotACheckpoint)?;
        if parts.next().is_some() { Err(NotACheckpoint) } else { Ok(Self { position, at, hash, signature }) }
    }
}

fn signing_key(master: &MasterKey) -> SigningKey {
    SigningKey::from_bytes(master.derive("audit-signature").expose())
}

fn signed(position: u64, at: u64, hash: &[u8; 32]) -> Vec<u8> {
    let mut message = b"countersign audit checkpoint v1".to_vec();
    message.extend(position.to_be_bytes());
    message.extend(at.to_be_bytes());
    message.extend(hash);
    message
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
    /// The checkpoint is not signed with this master key.
    #[error("the checkpoint is not signed with this master key")]
    Signature,
    /// The store could not be read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
}

/// Walks the whole chain, and compares it with `checkpoint` if there is one.
pub fn verify(
    store: &dyn Store,
    master: &MasterKey,
    checkpoint: Option<&Checkpoint>,
) -> Result<AuditReport, AuditFault> {
    if checkpoint.is_some_and(|checkpoint| !checkpoint.is_signed(master)) {
        return Err(AuditFault::Signature);
    }
    let (mut last, mut previous) = (0, [0; 32]);
    loop {
        let page = store.audit(last, PAGE)?;
        if page.is_empty() {
            break;
        }
        for row in &page {
            previous = step(last, &previous, row, checkpoint)?;
            last = row.position;
        }
    }
    match checkpoint {
        Some(checkpoint) if last < checkpoint.position => {
            Err(AuditFault::CutOff { expected: checkpoint.position, found: last })
        }
        _ => Ok(AuditReport { links: last, checked_against: checkpoint.map(|checkpoint| checkpoint.position) }),
    }
}

fn step(
    last: u64,
    previous: &[u8; 32],
    row: &AuditRow,
    checkpoint: Option<&Checkpoint>,
) -> Result<[u8; 32], AuditFault> {
    if row.position != last + 1 {
        return Err(AuditFault::Missing { expected: last + 1, found: row.position });
    }
    let hash = link(previous, row.position, row.at, &row.body);
    if hash != row.hash {
        return Err(AuditFault::Changed { position: row.position });
    }
    if checkpoint.is_some_and(|checkpoint| checkpoint.position == row.position && checkpoint.hash != hash) {
        return Err(AuditFault::Rewritten { position: row.position });
    }
    Ok(hash)
}
