//! Sealing of secrets under the data keys that the store holds, wrapped by the master key.
//! Refuses a sealed secret that was moved to another place.

use super::{KeyFault, MasterKey, random};
use crate::{Expect, Key, Kind, Operation, Store};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64;
use engine::secret::Secret;
use std::collections::BTreeMap;

const NONCE: usize = 24;

/// Seals secrets under data keys; a sealed text is `KEY_ID:BASE64(nonce ‖ ciphertext)`.
pub struct Sealer {
    keys: BTreeMap<u32, Secret<[u8; 32]>>,
    current: u32,
}

/// A sealed secret does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// Not a sealed text.
    #[error("this is not a sealed secret")]
    Form,
    /// Its key is not here.
    #[error("data key {0} is not in the store; restore the store from a backup that has it")]
    NoKey(u32),
    /// It was changed, or belongs elsewhere.
    #[error("the sealed secret was changed or belongs to another record; restore it from a backup")]
    Changed,
}

impl Sealer {
    /// Opens the store's data keys with the master key; makes the first one in a new store.
    pub fn open(store: &dyn Store, master: &MasterKey) -> Result<Self, KeyFault> {
        let wrap = master.derive("data-key-wrap");
        let mut keys = BTreeMap::new();
        for record in store.list(Kind::DataKey, None, 10_000)? {
            let id = record.key.id.parse().map_err(|_| KeyFault::Other)?;
            let text = String::from_utf8(record.body).map_err(|_| KeyFault::Other)?;
            let key = open(wrap.expose(), &context(id), &text).map_err(|_| KeyFault::Other)?;
            keys.insert(id, Secret::new(key.expose().as_slice().try_into().map_err(|_| KeyFault::Other)?));
        }
        if keys.is_empty() {
            keys.insert(1, add_key(store, master, 1, vec![])?);
        }
        let current = keys.last_key_value().map_or(1, |(id, _)| *id);
        Ok(Self { keys, current })
    }

    /// The id of the data key that seals now: the newest.
    pub const fn current(&self) -> u32 {
        self.current
    }

    /// The id of the data key that a sealed text is under.
    pub fn key_of(sealed: &str) -> Result<u32, SealFault> {
        sealed.split_once(':').and_then(|(id, _)| id.parse().ok()).ok_or(SealFault::Form)
    }

    /// Seals `plain`; `context` says what and whose it is.
    pub fn seal(&self, context: &str, plain: &[u8]) -> String {
        let key = &self.keys[&self.current];
        format!("{}:{}", self.current, seal(key.expose(), context, plain))
    }

    /// Opens what was sealed under the same context.
    pub fn unseal(&self, context: &str, sealed: &str) -> Result<Secret<Vec<u8>>, SealFault> {
        let id = Self::key_of(sealed)?;
        let (_, text) = sealed.split_once(':').ok_or(SealFault::Form)?;
        let key = self.keys.get(&id).ok_or(SealFault::NoKey(id))?;
        open(key.expose(), context, text)
    }
}

/// Makes data key `id` and commits it together with `also`.
pub(super) fn add_key(
    store: &dyn Store,
    master: &MasterKey,
    id: u32,
    also: Vec<Operation>,
) -> Result<Secret<[u8; 32]>, KeyFault> {
    let key = Secret::new(random());
    let body = seal(master.derive("data-key-wrap").expose(), &context(id), key.expose()).into_bytes();
    let (place, expect) = (Key::new(Kind::DataKey, id.to_string()), Expect::Absent);
    let mut operations = vec![Operation::Put { key: place, expect, parent: None, format: 1, body, expires: None }];
    operations.extend(also);
    let results = store.commit(&[operations.into()]).map_err(|cause| KeyFault::NotWritten(cause.to_string()))?;
    match results.first() {
        Some(Ok(_)) => Ok(key),
        Some(Err(_)) | None => Err(KeyFault::NotWritten("another process wrote it at the same moment".into())),
    }
}

fn context(id: u32) -> String {
    format!("data key {id}")
}

fn seal(key: &[u8; 32], context: &str, plain: &[u8]) -> String {
    let nonce: [u8; NONCE] = random();
    let payload = Payload { msg: plain, aad: context.as_bytes() };
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), payload)
        .expect("a secret is far below the cipher's limit of 256 GB");
    BASE64.encode(&[&nonce[..], &ciphertext].concat())
}

fn open(key: &[u8; 32], context: &str, text: &str) -> Result<Secret<Vec<u8>>, SealFault> {
    let bytes = BASE64.decode(text.as_bytes()).map_err(|_| SealFault::Form)?;
    let (nonce, ciphertext) = bytes.split_at_checked(NONCE).ok_or(SealFault::Form)?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| SealFault::Form)?;
    let payload = Payload { msg: ciphertext, aad: context.as_bytes() };
    let plain = XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(nonce), payload);
    plain.map(Secret::new).map_err(|_| SealFault::Changed)
}
