//! Signed checkpoints of the audit chain that leave the store by themselves: into a file, or to syslog.
//! Refuses to end without a last one.

use actors::Clock;
use engine::moment::Moment;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use store::audit::{self, Checkpoint};
use store::keys::MasterKey;
use store::{ReadError, Store};
use utoipa::ToSchema;

/// How signed checkpoints of the audit chain leave the machine.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Checkpoints are added to this file; keep it on another disk or machine than the store.
    #[schema(value_type = Option<String>)]
    pub checkpoint_file: Option<PathBuf>,
    /// Whether checkpoints go to the system's log too, as facility `log audit`.
    pub syslog: bool,
    /// Seconds between two checkpoints, if the chain moved; 1 to 86400.
    pub checkpoint_seconds: u64,
    /// Where the system's log listens.
    #[schema(value_type = String)]
    pub syslog_socket: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self { checkpoint_file: None, syslog: false, checkpoint_seconds: 60, syslog_socket: "/dev/log".into() }
    }
}

/// A checkpoint did not leave.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The chain could not be read.
    #[error(transparent)]
    NotRead(#[from] ReadError),
    /// The chain is not the one that was signed.
    #[error(
        "the audit chain does not go through the checkpoint at {position} that is kept elsewhere: links were cut off or written anew, or an older backup was restored; look with `countersign audit verify`, and move the checkpoint file away to begin a new one"
    )]
    Elsewhere {
        /// Position of the checkpoint.
        position: u64,
    },
    /// A file or socket does not take it.
    #[error("audit checkpoints cannot be written to {path}: {cause}")]
    Refused {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
}

/// Sends checkpoints from a thread of its own until it is finished.
pub struct Checkpoints {
    finish: Sender<()>,
    thread: JoinHandle<()>,
}

impl Checkpoints {
    /// Sends one at once unless the file has it already, which ends the start if it cannot leave or the chain is another one,
    /// then one each time the chain has moved. `None` where the
    /// settings name nowhere to send them. Call [`Self::finish`] once nothing more is written.
    pub fn start(settings: Settings, store: Arc<dyn Store>, master: MasterKey) -> Result<Option<Self>, NotSent> {
        if settings.checkpoint_file.is_none() && !settings.syslog {
            return Ok(None);
        }
        let (clock, pause) = (Clock::start(), Duration::from_secs(settings.checkpoint_seconds.max(1)));
        let mut sent = Sent::start(settings, store, master)?;
        sent.send(clock.now())?;
        let (finish, finished) = channel();
        let thread = std::thread::spawn(move || {
            loop {
                let last = finished.recv_timeout(pause) != Err(RecvTimeoutError::Timeout);
                if let Err(cause) = sent.send(clock.now()) {
                    tracing::error!(%cause, "an audit checkpoint did not leave; the next one will be tried");
                }
                if last {
                    break;
                }
            }
        });
        Ok(Some(Self { finish, thread }))
    }

    /// Sends a last one.
    pub fn finish(self) {
        drop(self.finish);
        if self.thread.join().is_err() {
            tracing::error!("the sender of audit checkpoints had ended by a panic");
        }
    }
}

struct Sent {
    settings: Settings,
    store: Arc<dyn Store>,
    master: MasterKey,
    /// The last one that each place took.
    in_file: Option<Checkpoint>,
    in_log: Option<Checkpoint>,
}

impl Sent {
    /// With what the file holds already; a chain that does not go through its newest line is not signed on.
    fn start(settings: Settings, store: Arc<dyn Store>, master: MasterKey) -> Result<Self, NotSent> {
        let text = settings.checkpoint_file.as_deref().map(std::fs::read_to_string).and_then(Result::ok);
        let lines = text.iter().flat_map(|text| text.lines()).filter_map(|line| Checkpoint::from_line(line).ok());
        let in_file = lines.filter(|one| one.node == store.node()).max_by_key(|one| one.position);
        let sent = Self { settings, store, master, in_file, in_log: None };
        sent.in_file.iter().try_for_each(|last| sent.goes_through(last))?;
        Ok(sent)
    }

    fn goes_through(&self, last: &Checkpoint) -> Result<(), NotSent> {
        let position = last.position;
        if audit::holds(&*self.store, last)? { Ok(()) } else { Err(NotSent::Elsewhere { position }) }
    }

    /// Sends where the chain stands to every place that does not have it yet. One place that fails does not keep the line
    /// from the other.
    fn send(&mut self, now: Moment) -> Result<(), NotSent> {
        self.in_file.iter().chain(&self.in_log).try_for_each(|last| self.goes_through(last))?;
        let Some(checkpoint) = Checkpoint::take(&*self.store, &self.master, now)? else { return Ok(()) };
        let (line, new) = (checkpoint.to_line(), Some(checkpoint));
        let has =
            |last: &Option<Checkpoint>| last.as_ref().map(|last| last.position) == new.as_ref().map(|new| new.position);
        let file = match self.settings.checkpoint_file.as_deref().filter(|_| !has(&self.in_file)) {
            Some(path) => to(path, append(path, &line)).inspect(|()| self.in_file.clone_from(&new)),
            None => Ok(()),
        };
        let socket = self.settings.syslog_socket.as_path();
        let log = if self.settings.syslog && !has(&self.in_log) {
            to(socket, syslog(socket, &line, now)).inspect(|()| self.in_log.clone_from(&new))
        } else {
            Ok(())
        };
        file.and(log)
    }
}

fn to(path: &Path, done: std::io::Result<()>) -> Result<(), NotSent> {
    done.map_err(|cause| NotSent::Refused { path: path.to_owned(), cause })
}

/// Adds a line and makes it durable. A line that a crash cut short keeps its own line.
fn append(path: &Path, line: &str) -> std::io::Result<()> {
    let made = !path.exists();
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    let cut = if ends_its_line(&mut file)? { "" } else { "\n" };
    file.write_all(format!("{cut}{line}\n").as_bytes())?;
    file.sync_all()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if made { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn ends_its_line(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// One datagram as RFC 5424 §6 has it: facility 13 (log audit), severity 5 (notice), no structured data.
fn syslog(socket: &Path, line: &str, now: Moment) -> std::io::Result<()> {
    const PRIORITY: u32 = 13 * 8 + 5;
    let at = jiff::Timestamp::from_millisecond(now.millis().cast_signed()).map_err(std::io::Error::other)?;
    let process = std::process::id();
    let message = format!("<{PRIORITY}>1 {at:.3} - countersign {process} audit-checkpoint - {line}");
    let sender = UnixDatagram::unbound()?;
    // A log that does not read must not hold the next checkpoint back for ever.
    sender.set_write_timeout(Some(Duration::from_secs(5)))?;
    sender.send_to(message.as_bytes(), socket).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Operation;
    use store::SqliteStore;
    use store::audit::{PublicKey, verify};
    use store::sqlite;

    fn store(folder: &Path) -> Arc<SqliteStore> {
        Arc::new(SqliteStore::open(&folder.join("s.db"), &sqlite::OpenOptions::default()).unwrap())
    }

    fn act(store: &dyn Store) {
        let link = Operation::Audit { at: Moment::from_millis(1), body: b"{}".to_vec() };
        assert!(store.commit(&[vec![link].into()]).unwrap()[0].is_ok());
    }

    fn lines(path: &Path) -> Vec<String> {
        std::fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_line_leaves_only_when_the_chain_moved_and_one_more_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let (store, master, file) = (store(dir.path()), MasterKey::new([4; 32]), dir.path().join("checkpoints"));
        let settings = Settings { checkpoint_file: Some(file.clone()), ..Settings::default() };
        let mut sent = Sent::start(settings.clone(), Arc::clone(&store) as _, master.clone()).unwrap();
        for expected in [0, 1, 1] {
            sent.send(Moment::from_millis(1_000)).unwrap();
            assert_eq!(lines(&file).len(), expected);
            if expected == 0 {
                act(&*store);
            }
        }
        let running = Checkpoints::start(settings, Arc::clone(&store) as _, master.clone()).unwrap().unwrap();
        act(&*store);
        running.finish();
        let last = Checkpoint::from_line(lines(&file).last().unwrap()).unwrap();
        assert_eq!((last.position, lines(&file).len()), (2, 2));
        let report = verify(&*store, Some((&[last], &PublicKey::of(&master)))).unwrap();
        assert_eq!(report.checked_against, Some(2));
    }

    #[test]
    fn a_line_cut_short_does_not_spoil_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("checkpoints");
        append(&file, "one").unwrap();
        std::fs::write(&file, "one\ntw").unwrap();
        append(&file, "three").unwrap();
        assert_eq!(lines(&file), ["one", "tw", "three"]);
    }

    #[test]
    fn syslog_gets_one_datagram_in_the_form_of_rfc_5424() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("log");
        let log = UnixDatagram::bind(&socket).unwrap();
        syslog(&socket, "the line", Moment::from_millis(1_700_000_000_123)).unwrap();
        let mut bytes = [0; 1000];
        let length = log.recv(&mut bytes).unwrap();
        let expected =
            format!("<109>1 2023-11-14T22:13:20.123Z - countersign {} audit-checkpoint - the line", std::process::id());
        assert_eq!(std::str::from_utf8(&bytes[..length]).unwrap(), expected);
    }

    #[test]
    fn a_place_that_fails_is_named_keeps_the_other_and_gets_the_line_later() {
        let dir = tempfile::tempdir().unwrap();
        let (store, file, socket) = (store(dir.path()), dir.path().join("checkpoints"), dir.path().join("log"));
        act(&*store);
        let settings = Settings {
            checkpoint_file: Some(file.clone()),
            syslog: true,
            syslog_socket: socket.clone(),
            ..Settings::default()
        };
        let master = MasterKey::new([4; 32]);
        let start = Checkpoints::start(settings.clone(), Arc::clone(&store) as _, master.clone());
        assert!(matches!(start.map(|_| ()), Err(NotSent::Refused { ref path, .. }) if *path == socket));
        assert_eq!(lines(&file).len(), 1);
        let mut sent = Sent::start(settings, store, master).unwrap();
        for _ in 0..3 {
            assert!(sent.send(Moment::from_millis(5)).is_err());
        }
        assert_eq!(lines(&file).len(), 1, "who has the line does not get it again");
        let log = UnixDatagram::bind(&socket).unwrap();
        log.set_nonblocking(true).unwrap();
        sent.send(Moment::from_millis(6)).unwrap();
        assert!(log.recv(&mut [0; 1000]).is_ok());
    }
}
