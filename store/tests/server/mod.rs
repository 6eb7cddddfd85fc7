//! A PostgreSQL of a test's own, from Debian's package, in a temporary folder on a free port.
//! Refuses to run as root, as PostgreSQL does: then it runs as `postgres`.
#![allow(dead_code, clippy::unwrap_used, reason = "each test takes what it needs of it")]

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running server.
pub struct Server {
    process: Option<Child>,
    port: u16,
    dir: tempfile::TempDir,
}

impl Server {
    /// Makes and starts one.
    pub fn start() -> Self {
        let mut server = Self::made();
        server.resume();
        server
    }

    /// Makes and starts one that takes encrypted connections only, with this certificate and key.
    pub fn start_encrypted(certificate: &str, key: &str) -> Self {
        let mut server = Self::made();
        let data = data(server.dir.path());
        let settings = std::fs::read_to_string(data.join("postgresql.conf")).unwrap() + "\nssl = on\n";
        let clients = "hostssl all all 127.0.0.1/32 trust\n";
        let files = [
            ("server.crt", certificate),
            ("server.key", key),
            ("postgresql.conf", &settings),
            ("pg_hba.conf", clients),
        ];
        for (name, content) in files {
            write_private(&data.join(name), content);
        }
        server.resume();
        server
    }

    fn made() -> Self {
        let dir = tempfile::tempdir().unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres:").arg(dir.path()));
        }
        let port = simulators::free_port().unwrap();
        let mut made = program("initdb");
        run(made.args(["--auth=trust", "--username=countersign", "--encoding=UTF8", "--pgdata"]).arg(data(dir.path())));
        Self { process: None, port, dir }
    }

    /// Starts it again, after it was stopped.
    pub fn resume(&mut self) {
        let mut serve = program("postgres");
        let serve = serve.arg("-D").arg(data(self.dir.path())).args(["-p", &self.port.to_string()]);
        let serve = serve.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        self.process = Some(serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        for _ in 0..600 {
            let answered = TcpStream::connect(("127.0.0.1", self.port)).is_ok() && self.psql("SELECT 1");
            if answered {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server does not come up");
    }

    /// Stops it at once, as a crash does; what was durable stays.
    pub fn crash(&mut self) {
        self.stop("immediate");
    }

    fn stop(&mut self, how: &str) {
        let mut control = program("pg_ctl");
        let control = control.args(["stop", "--mode", how, "--wait", "--pgdata"]).arg(data(self.dir.path()));
        let _ = control.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if let Some(mut process) = self.process.take() {
            let _ = process.wait();
        }
    }

    /// A new, empty database; its URL.
    pub fn database(&self, name: &str) -> String {
        assert!(self.psql(&format!("CREATE DATABASE {name}")), "database {name} is made");
        self.url(name)
    }

    /// The URL of a database.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://countersign@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs a statement in the database `postgres`.
    pub fn psql(&self, sql: &str) -> bool {
        let mut psql = program("psql");
        let psql = psql.args(["--no-psqlrc", "--quiet", "--dbname", &self.url("postgres"), "--command", sql]);
        psql.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop("immediate");
    }
}

fn data(dir: &Path) -> PathBuf {
    dir.join("data")
}

/// A file that only the server may read, as it wants of its key.
fn write_private(path: &Path, content: &str) {
    std::fs::write(path, content).unwrap();
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    if is_root() {
        run(Command::new("chown").arg("postgres:").arg(path));
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// One of PostgreSQL's programs, as a user that it takes.
fn program(name: &str) -> Command {
    let path = bin().join(name);
    if !is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(path)
        .current_dir("/")
        .env("HOME", "/");
    command
}

/// Debian keeps them in a folder for each version.
fn bin() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("run script/test, which installs PostgreSQL");
    let mut found: Vec<_> = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect();
    found.retain(|bin| bin.join("initdb").exists());
    found.sort();
    found.pop().expect("run script/test, which installs PostgreSQL")
}

fn run(command: &mut Command) {
    let done = command.stdout(Stdio::null()).status().unwrap();
    assert!(done.success(), "{command:?}");
}
