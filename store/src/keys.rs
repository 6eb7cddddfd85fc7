//! The master key outside the store and the keys derived from it; below it the data keys that seal secrets in the store.
//! Refuses key files that others can read.

mod rotation;
mod sealer;

pub use rotation::{Reseal, ResealFault, Resealed, rotate};
pub use sealer::{SealFault, Sealer};

use crate::{ReadError, new_file};
use data_encoding::HEXLOWER;
use engine::secret::Secret;
use hkdf::Hkdf;
use sha2::Sha256;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

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
    /// A data key could not be written.
    #[error("a data key could not be written to the store: {0}")]
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

    /// Makes a key and writes it to a new file with mode 0600. The file is there whole and durable, or not at all; it
    /// never overwrites.
    pub fn create(path: &Path) -> Result<Self, KeyFault> {
        let key = Self::new(random());
        let text = Secret::new(format!("{}\n", HEXLOWER.encode(key.0.expose())));
        let written = new_file::write(path, text.expose().as_bytes());
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

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes, or nothing here is safe");
    bytes
}
