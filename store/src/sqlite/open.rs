//! Opening, and backing up while serving.
//! Refuses to overwrite a backup, and to open what another process writes.

use super::{SqliteStore, lock, migrations};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions as FileOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// Connections for reads.
const READERS: usize = 4;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// Whether a missing file is made.
    pub create: bool,
    /// The node that writes.
    pub node: String,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { create: true, node: "n1".into() }
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
    /// The file system refuses.
    #[error("{path}: {cause}")]
    Files {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        cause: std::io::Error,
    },
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
        prepare_files(path)?;
        let held = lock_file(path)?;
        let mut writer = Connection::open(path)?;
        configure(&writer)?;
        migrations::run(&mut writer)?;
        let readers = (0..READERS).map(|_| reader(path).map(Mutex::new)).collect::<Result<_, _>>()?;
        Ok(Self {
            writer: Mutex::new(writer),
            readers,
            node: options.node.clone(),
            path: path.to_owned(),
            _lock: Some(held),
        })
    }

    /// Opens the store for reads, also while another process serves from it.
    pub fn open_read_only(path: &Path, node: &str) -> Result<Self, OpenError> {
        if !path.exists() {
            return Err(OpenError::Missing(path.to_owned()));
        }
        let found = migrations::version(&reader(path)?)?;
        if found > migrations::CURRENT {
            return Err(OpenError::TooNew { found, known: migrations::CURRENT });
        }
        let readers = (0..READERS).map(|_| reader(path).map(Mutex::new)).collect::<Result<_, _>>()?;
        let writer = Mutex::new(reader(path)?);
        Ok(Self { writer, readers, node: node.to_owned(), path: path.to_owned(), _lock: None })
    }

    /// Copies the store to `to` while serving. The copy is checked and durable before it has its name.
    pub fn backup(&self, to: &Path) -> Result<(), OpenError> {
        if to.exists() {
            return Err(OpenError::Exists(to.to_owned()));
        }
        let part = to.with_extension("part");
        let files = |path: &Path| {
            let path = path.to_owned();
            move |cause| OpenError::Files { path, cause }
        };
        if part.exists() {
            std::fs::remove_file(&part).map_err(files(&part))?;
        }
        FileOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(files(&part))?;
        // A connection of its own: those for reads may not write anywhere, not even into another file.
        let copier = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        copier.busy_timeout(Duration::from_secs(5))?;
        copier.execute("VACUUM INTO ?1", [part.to_string_lossy()])?;
        if let Err(fault) = check(&part) {
            let _ = std::fs::remove_file(&part);
            return Err(fault);
        }
        File::open(&part).and_then(|file| file.sync_all()).map_err(files(&part))?;
        std::fs::rename(&part, to).map_err(files(to))?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(files(folder))
    }

    /// The most pages that the file may have; for tests of a full disk.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) -> Result<(), OpenError> {
        lock(&self.writer).pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        Ok(())
    }

    /// Pages that the file has.
    #[doc(hidden)]
    pub fn pages(&self) -> Result<u32, OpenError> {
        Ok(lock(&self.writer).pragma_query_value(None, "page_count", |row| row.get(0))?)
    }
}

fn prepare_files(path: &Path) -> Result<(), OpenError> {
    let files = |path: &Path, cause| OpenError::Files { path: path.to_owned(), cause };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|cause| files(folder, cause))?;
    }
    if !path.exists() {
        let made = FileOptions::new().write(true).create_new(true).mode(0o600).open(path);
        made.map_err(|cause| files(path, cause))?;
    }
    Ok(())
}

/// SQLite's own locks come and go with each transaction; this one is held as long as the store is open.
fn lock_file(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let file = FileOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&name);
    let file = file.map_err(|cause| OpenError::Files { path: name, cause })?;
    file.try_lock().map_err(|_| OpenError::InUse(path.to_owned()))?;
    Ok(file)
}

fn configure(writer: &Connection) -> Result<(), OpenError> {
    writer.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    writer.pragma_update(None, "synchronous", "FULL")?;
    writer.pragma_update(None, "wal_autocheckpoint", 4000)?;
    writer.pragma_update(None, "journal_size_limit", 64 << 20)?;
    writer.pragma_update(None, "cache_size", -65_536)?;
    writer.pragma_update(None, "temp_store", "MEMORY")?;
    writer.busy_timeout(Duration::from_secs(5))?;
    writer.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn reader(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

fn check(copy: &Path) -> Result<(), OpenError> {
    let connection = Connection::open(copy)?;
    let said: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    let version = migrations::version(&connection)?;
    if said == "ok" && version == migrations::CURRENT { Ok(()) } else { Err(OpenError::BadBackup(said)) }
}
