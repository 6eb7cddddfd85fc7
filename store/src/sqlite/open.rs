//! Opening: files, locks, pragmas, schema.
//! Refuses to open what another process writes.

use super::writer::{Writer, pending};
use super::{SqliteStore, lock, migrations};
use crate::ReadError;
use crate::new_file::{folder, sync_folder};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions as FileOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, RwLock};
use std::time::Duration;

/// Connections for reads.
const READERS: usize = 4;
/// Each connection has a lock of ours, and needs none of SQLite's.
const FLAGS: OpenFlags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Whether a missing file is made.
    pub create: bool,
    /// The node that writes.
    pub node: String,
    /// Bytes that the journal may hold before parts of it go to the tables. More saves writes, because what is written
    /// again or removed soon goes there once or never; it costs memory, and time at the next start after a kill.
    pub journal_bytes: usize,
    /// How much goes to the tables at once: the more, the more rows share a page, and the longer a commit takes now and then.
    pub settle_at_once: usize,
    /// Whether the journal goes to the tables when the store is closed, as it should; a test may leave it as a kill does.
    pub settle_at_close: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { create: true, node: "n1".into(), journal_bytes: 32 << 20, settle_at_once: 4096, settle_at_close: true }
    }
}

/// A store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no file.
    #[error("there is no store at {0}; check the path, or run `countersign init`")]
    Missing(PathBuf),
    /// Another process has it.
    #[error("the store at {0} is in use by another process; stop it first, or ask the running engine through its API")]
    InUse(PathBuf),
    /// A later version wrote it.
    #[error("the store has version {found}, this program knows {known}; use the program that wrote it")]
    TooNew {
        /// Its version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// A backup is there already.
    #[error("{0} exists already; a backup never overwrites anything")]
    Exists(PathBuf),
    /// A backup does not check out.
    #[error("the backup does not check out: {0}; it was removed")]
    BadBackup(String),
    /// The node's name cannot stand in a checkpoint.
    #[error("a node's name must be 1 to 64 visible characters without spaces, not {0:?}")]
    Node(String),
    /// A file that is not a store of ours, or not yet.
    #[error("{0} is of an older version, or holds nothing; run `countersign store migrate`, or start the engine once")]
    TooOld(PathBuf),
    /// The file system cannot share memory between processes.
    #[error("{0} is on a file system where SQLite cannot keep a write-ahead log; use a local disk")]
    NoLog(PathBuf),
    /// The file system refuses.
    #[error("{path}: {cause}")]
    Files {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        cause: std::io::Error,
    },
    /// What is needed to write on is damaged.
    #[error(transparent)]
    Damaged(#[from] ReadError),
    /// SQLite refuses.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

impl SqliteStore {
    /// Opens the store for writing, brings its schema forward, and locks out other processes.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, OpenError> {
        if !options.create && !path.exists() {
            return Err(OpenError::Missing(path.to_owned()));
        }
        check_node(&options.node)?;
        prepare_files(path)?;
        let held = lock_file(path)?;
        let mut writer = Connection::open_with_flags(path, FLAGS)?;
        configure(path, &writer)?;
        migrations::run(&mut writer)?;
        let readers = (0..READERS).map(|_| reader(path).map(Mutex::new)).collect::<Result<_, _>>()?;
        let (writer, pending) = Writer::open(writer, options)?;
        Ok(Self {
            writer: Mutex::new(writer),
            pending: RwLock::new(pending),
            readers,
            node: options.node.clone(),
            path: path.to_owned(),
            settle_at_close: options.settle_at_close,
            _lock: Some(held),
        })
    }

    /// Opens the store for reads, as it is now, also while another process serves from it.
    pub fn open_read_only(path: &Path, node: &str) -> Result<Self, OpenError> {
        if !path.exists() {
            return Err(OpenError::Missing(path.to_owned()));
        }
        let found = migrations::version(&reader(path)?)?;
        if found > migrations::CURRENT {
            return Err(OpenError::TooNew { found, known: migrations::CURRENT });
        }
        if found < migrations::CURRENT {
            return Err(OpenError::TooOld(path.to_owned()));
        }
        Self::as_it_is(path, node)
    }

    /// The store as it is now, whoever writes to it meanwhile.
    pub(super) fn frozen(&self) -> Result<Self, OpenError> {
        Self::as_it_is(&self.path, &self.node)
    }

    fn as_it_is(path: &Path, node: &str) -> Result<Self, OpenError> {
        let frozen = reader(path)?;
        // A transaction sees the moment of its first read.
        frozen.execute_batch("BEGIN; SELECT COUNT(*) FROM sqlite_schema")?;
        let pending = pending(&frozen, node, |_, _, _| {})?;
        Ok(Self {
            writer: Mutex::new(Writer::idle(reader(path)?)?),
            pending: RwLock::new(pending),
            readers: vec![Mutex::new(frozen)],
            node: node.to_owned(),
            path: path.to_owned(),
            settle_at_close: false,
            _lock: None,
        })
    }

    /// The most MiB that the file may have; beyond it a commit is refused as on a full disk. It is never less than the file
    /// has already.
    pub fn limit_megabytes(&self, megabytes: u32) -> Result<(), OpenError> {
        let page: u32 = lock(&self.writer).connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = u64::from(megabytes) * (1 << 20) / u64::from(page.max(1));
        self.limit_pages(u32::try_from(pages).unwrap_or(u32::MAX - 1))
    }

    /// The most pages that the file may have; for tests of a full disk.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) -> Result<(), OpenError> {
        let mut writer = lock(&self.writer);
        writer.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        let page: u32 = writer.connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        // What is in the journal needs more room in the tables, and must find it there.
        writer.bound(pages as usize * page as usize / 16);
        Ok(())
    }

    /// Pages that the file has.
    #[doc(hidden)]
    pub fn pages(&self) -> Result<u32, OpenError> {
        Ok(lock(&self.writer).connection.pragma_query_value(None, "page_count", |row| row.get(0))?)
    }
}

fn check_node(node: &str) -> Result<(), OpenError> {
    let visible = node.chars().all(|c| !c.is_whitespace() && !c.is_control());
    if visible && (1..=64).contains(&node.len()) { Ok(()) } else { Err(OpenError::Node(node.to_owned())) }
}

/// What the file system said about `path`.
pub(super) fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> OpenError {
    let path = path.to_owned();
    move |cause| OpenError::Files { path, cause }
}

fn prepare_files(path: &Path) -> Result<(), OpenError> {
    let home = folder(path);
    if !home.exists() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(home).map_err(failed(home))?;
        sync_folder(folder(home)).map_err(failed(home))?;
    }
    if !path.exists() {
        FileOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed(path))?;
        sync_folder(home).map_err(failed(home))?;
    }
    Ok(())
}

/// SQLite's own locks come and go with each transaction; this one is held as long as the store is open. It lies beside
/// the file itself, so that a symbolic link to the store meets the same lock.
fn lock_file(path: &Path) -> Result<File, OpenError> {
    let mut name = path.canonicalize().map_err(failed(path))?.into_os_string();
    name.push(".lock");
    let name = PathBuf::from(name);
    let opened = FileOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&name);
    let file = opened.map_err(failed(&name))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(cause)) => Err(failed(&name)(cause)),
    }
}

fn configure(path: &Path, writer: &Connection) -> Result<(), OpenError> {
    // SQLite answers with the mode that it has, not with an error, where it cannot have the wanted one.
    let mode: String = writer.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenError::NoLog(path.to_owned()));
    }
    // Without it SQLite plans a statement anew whenever a bound value that it looked at changes.
    writer.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    writer.pragma_update(None, "synchronous", "FULL")?;
    writer.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    writer.pragma_update(None, "journal_size_limit", 64 << 20)?;
    writer.pragma_update(None, "cache_size", -65_536)?;
    writer.pragma_update(None, "temp_store", "MEMORY")?;
    writer.busy_timeout(Duration::from_secs(5))?;
    writer.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn reader(path: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(path, FLAGS)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // Each stretch has statements of its own, and there may be one for each day of a year.
    connection.set_prepared_statement_cache_capacity(1024);
    Ok(connection)
}
