//! Servers of the tests' own, each in a temporary folder on free ports of this machine.
//! Refuses to outlive the tests: a shell holds each server's pid and ends it when the tests do, however they end.

pub mod authority;
pub mod freeradius;
pub mod samba;
pub mod scripted;
pub mod slapd;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Starts the server in `$2`, waits until its own input ends, which is when the tests do, and ends the server.
const KEEPER: &str = r#"
folder=$1; shift
"$@" >"$folder/log" 2>&1 </dev/null & server=$!
read -r _
kill "$server"; wait "$server"; rm -rf "$folder"
"#;

/// A server that runs as long as this is there, and at most as long as the tests.
pub struct Kept {
    folder: PathBuf,
    keeper: Child,
}

impl Kept {
    /// Starts a program. Its folder goes with it.
    pub fn start(folder: PathBuf, program: &mut Command) -> Self {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&folder).arg(program.get_program()).args(program.get_args());
        let keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { folder, keeper }
    }

    /// Waits until the server answers by `is_up`.
    pub fn wait_for(&self, mut is_up: impl FnMut() -> bool) {
        for _ in 0..600 {
            if is_up() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("the server does not come up:\n{log}");
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A folder that nobody removes but its keeper.
fn folder() -> PathBuf {
    tempfile::Builder::new().prefix("countersign-directory-").tempdir().unwrap().keep()
}

/// A port that nobody listens on, nor waits for datagrams on.
pub fn free_port() -> u16 {
    simulators::free_port().unwrap()
}

/// Runs a program to its end; what it said where that was not a good one.
fn run(command: &mut Command) {
    let done = command.stdin(Stdio::null()).output();
    let done = done.unwrap_or_else(|cause| panic!("{command:?}: {cause}: script/test installs it"));
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success(), "{command:?}: {said}");
}

fn write(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    path
}

/// As LDIF wants what is not plain text.
fn base64(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}
