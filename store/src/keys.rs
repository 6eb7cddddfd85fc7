//! The master key outside the store, the keys derived from it, and the data keys that seal secrets inside it.
//! Refuses key files that others can read.

use crate::{Expect, Key, Kind, Operation, ReadError, Store};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64, HEXLOWER};
use engine::secret::Secret;
use hkdf::Hkdf;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const NONCE: usize = 24;

/// The key that everything else hangs on; 32 bytes, kept in a file outside the store.
#[derive(Debug, Clone)]
pub struct MasterKey(Secret<[u8; 32]>);

/// A master key cannot be had, or does not fit.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// The file cannot be read or written.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Others can read it.
    #[error("{0} can be read by others; run `chmod 600 {0}`")]
    Open(PathBuf),
    /// It holds no key.
    #[error(
        "{0} does not hold one line with a key of 32 bytes in hexadecimal; restore it from where you keep its copy"
    )]
    Content(PathBuf),
    /// It is not the key of this store.
    #[error("this master key does not open the store's data keys; use the key file that the store was made with")]
    Other,
    /// The store does not answer.
    #[error(transparent)]
    NotRead(#[from] ReadError),
    /// The first data key could not be written.
    #[error("the store's first data key could not be written: {0}")]
    NotWritten(String),
}

impl MasterKey {
    /// Takes a key in; for tests and demos that keep nothing.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(Secret::new(key))
    }

    /// Reads the key file; only its owner may be able to.
    pub fn read(path: &Path) -> Result<Self, KeyFault> {
        let file = |cause| KeyFault::File { path: path.to_owned(), cause };
        let mut opened = std::fs::File::open(path).map_err(file)?;
        if opened.metadata().map_err(file)?.permissions().mode() & 0o077 != 0 {
            return Err(KeyFault::Open(path.to_owned()));
        }
        let mut text = String::new();
        opened.read_to_string(&mut text).map_err(file)?;
        let text = Secret::new(text);
        let bytes = HEXLOWER.decode(text.expose().trim().as_bytes()).map(Secret::new);
        let bytes = bytes.map_err(|_| KeyFault::Content(path.to_owned()))?;
        let key = bytes.expose().as_slice().try_into().map_err(|_| KeyFault::Content(path.to_owned()))?;
        Ok(Self::new(key))
    }

    /// Makes a key and writes it to a new file with mode 0600; never overwrites.
    pub fn create(path: &Path) -> Result<Self, KeyFault> {
        let key = Self::new(random());
        let text = Secret::new(format!("{}\n", HEXLOWER.encode(key.0.expose())));
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| file.write_all(text.expose().as_bytes()).and_then(|()| file.sync_all()));
        written.map_err(|cause| KeyFault::File { path: path.to_owned(), cause })?;
        Ok(key)
    }

    /// The key for one use: HKDF-SHA-256 with the label.
    pub fn derive(&self, label: &str) -> Secret<[u8; 32]> {
        let mut key = [0; 32];
        let hkdf = Hkdf::<Sha256>::new(None, self.0.expose());
        hkdf.expand(label.as_bytes(), &mut key).expect("32 bytes are within HKDF's limit");
        Secret::new(key)
    }
}

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
            keys.insert(1, add_key(store, wrap.expose(), 1)?);
        }
        let current = keys.last_key_value().map_or(1, |(id, _)| *id);
        Ok(Self { keys, current })
    }

    /// Seals `plain`; `context` says what and whose it is.
    pub fn seal(&self, context: &str, plain: &[u8]) -> String {
        let key = &self.keys[&self.current];
        format!("{}:{}", self.current, seal(key.expose(), context, plain))
    }

    /// Opens what was sealed under the same context.
    pub fn unseal(&self, context: &str, sealed: &str) -> Result<Secret<Vec<u8>>, SealFault> {
        let (id, text) = sealed.split_once(':').ok_or(SealFault::Form)?;
        let id = id.parse().map_err(|_| SealFault::Form)?;
        let key = self.keys.get(&id).ok_or(SealFault::NoKey(id))?;
        open(key.expose(), context, text)
    }
}

fn add_key(store: &dyn Store, wrap: &[u8; 32], id: u32) -> Result<Secret<[u8; 32]>, KeyFault> {
    let key = Secret::new(random());
    let body = seal(wrap, &context(id), key.expose()).into_bytes();
    let put = Operation::Put {
        key: Key::new(Kind::DataKey, id.to_string()),
        expect: Expect::Absent,
        parent: None,
        format: 1,
        body,
        expires: None,
    };
    let results = store.commit(&[vec![put].into()]).map_err(|cause| KeyFault::NotWritten(cause.to_string()))?;
    match results.first() {
        Some(Ok(_)) => Ok(key),
        _ => Err(KeyFault::NotWritten("another process wrote it at the same moment".into())),
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

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes, or nothing here is safe");
    bytes
}
