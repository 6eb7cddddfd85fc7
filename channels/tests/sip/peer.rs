//! A peer as a child process with its own folder and free ports.
//! Refuses to outlive its test.

use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use tempfile::TempDir;

/// A running peer.
pub struct Peer {
    child: Child,
    folder: TempDir,
}

impl Peer {
    /// Starts a program whose files are in this folder.
    pub fn start(command: &mut Command, folder: TempDir) -> Self {
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let command = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().expect("script/test installs the peers of these tests");
        Self { child, folder }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it said so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.folder.path().join("log")).unwrap()).into_owned()
    }

    /// Waits for its end; whether it was content.
    pub async fn is_content(&mut self) -> bool {
        for _ in 0..1000 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("it does not end: {}", self.log());
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.log());
        }
        // Asked to end, kamailio ends the processes that it started too; killed, it leaves them.
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).stderr(Stdio::null()).status();
        for _ in 0..250 {
            let ended = matches!(self.child.try_wait(), Ok(Some(_)));
            if ended || asked.is_err() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first of four ports in a row that nobody has, for UDP and TCP, below those that the system hands out.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() % 500).unwrap() * 20;
    let free =
        |port: u16| UdpSocket::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind(("127.0.0.1", port)).is_ok();
    (0..5000)
        .map(|_| 12_000 + (begin + NEXT.fetch_add(4, Ordering::Relaxed)) % 20_000)
        .find(|&port| (port..port + 4).all(free))
        .expect("a port is free")
}
