//! Files that appear under their name whole and durable, or not at all.
//! Refuses to overwrite.

use data_encoding::HEXLOWER;
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Writes `bytes` to a new file at `path` with mode 0600; `AlreadyExists` if something is there.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = Part::create(path)?;
    let mut file = OpenOptions::new().write(true).open(part.path())?;
    file.write_all(bytes)?;
    part.give_name(path)
}

/// A file on the way to its name; removed when dropped.
pub struct Part(PathBuf);

impl Part {
    /// An empty file with mode 0600 in the folder of `to`, so that it can take the name of `to` in one step. Its own name
    /// is random: what a killed process left behind is in nobody's way.
    pub fn create(to: &Path) -> Result<Self> {
        let (mut name, mut ending) = (to.as_os_str().to_owned(), [0; 8]);
        getrandom::fill(&mut ending).map_err(Error::other)?;
        name.push(format!(".{}.part", HEXLOWER.encode(&ending)));
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&name)?;
        Ok(Self(name.into()))
    }

    /// Where it is for now.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes it durable under the name `to`. A link, unlike a rename, does not replace what came there meanwhile; where
    /// the file system has no links, it is a rename after another look.
    pub fn give_name(self, to: &Path) -> Result<()> {
        File::open(&self.0)?.sync_all()?;
        match std::fs::hard_link(&self.0, to) {
            Ok(()) => std::fs::remove_file(&self.0)?,
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists => return Err(cause),
            Err(_) if to.exists() => return Err(Error::from(ErrorKind::AlreadyExists)),
            Err(_) => std::fs::rename(&self.0, to)?,
        }
        sync_folder(folder(to))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Once it has its name there is nothing here any more.
        if let Err(cause) = std::fs::remove_file(&self.0)
            && cause.kind() != ErrorKind::NotFound
        {
            tracing::warn!(path = %self.0.display(), %cause, "a file that was not finished could not be removed");
        }
    }
}

/// The folder of a file, `.` for a bare name.
pub fn folder(of: &Path) -> &Path {
    of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes names in a folder survive a power cut.
pub fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)?.sync_all()
}
