//! Programs of others that speak SIP: SIPp (Debian's `sip-tester`) and baresip (`baresip-core`), each started by the story that needs it.
//! Nothing of them outlives its story.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::PHONE;

/// Runs a scenario of `tests/sipp/` against the carrier; what it said, where it did not end well.
pub async fn sipp(scenario: &str, server: SocketAddr, more: &[&str]) -> Result<(), String> {
    let file = format!("{}/tests/sipp/{scenario}.xml", env!("CARGO_MANIFEST_DIR"));
    let port = simulators::free_port().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sipp");
    command.args([&server.to_string(), "-sf", &file, "-s", PHONE, "-i", "127.0.0.1", "-p", &port]);
    command.args([
        "-au",
        "countersign",
        "-ap",
        "simulated",
        "-nostdin",
        "-timeout",
        "60",
        "-timeout_error",
        "-trace_err",
    ]);
    // Else it hashes an address that it does not ask for.
    command.args(["-auth_uri", &format!("{PHONE}@{server}")]);
    command.args(["-m", "1"]).args(more).current_dir(folder.path()).kill_on_drop(true);
    let output = command.output().await.expect("sipp, of Debian's sip-tester, starts");
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{scenario} ended with {:?}: {}", output.status.code(), errors(folder.path())))
}

fn errors(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|file| std::fs::read_to_string(file).unwrap_or_default()).collect()
}

/// A telephone that is told what to do over TCP, in netstrings of JSON.
pub struct Baresip {
    control: TcpStream,
    ahead: Vec<u8>,
    _program: Child,
    _folder: TempDir,
}

impl Baresip {
    /// Starts it with an account at the carrier.
    pub async fn start(server: SocketAddr, transport: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // It takes the port after the one for SIP too.
        let [control, sip, _tls] = std::array::from_fn(|_| simulators::free_port().unwrap());
        let sound = folder.path().join("tone.wav");
        std::fs::write(&sound, tone()).unwrap();
        let sound = sound.display();
        let config = format!(
            "sip_listen 127.0.0.1:{sip}\nnet_interface 127.0.0.1\naudio_source aufile,{sound}\n\
             ctrl_tcp_listen 127.0.0.1:{control}\nmodule_path /usr/lib/baresip/modules\nmodule g711.so\n\
             module aufile.so\nmodule_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n"
        );
        let account = format!(
            "<sip:+12025550100@{server};transport={transport}>;auth_user=countersign;auth_pass=simulated;regint=3600\n"
        );
        std::fs::write(folder.path().join("config"), config).unwrap();
        std::fs::write(folder.path().join("accounts"), account).unwrap();
        std::fs::write(folder.path().join("contacts"), "").unwrap();
        let program = Command::new("baresip")
            .args(["-f", folder.path().to_str().unwrap()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("baresip, of Debian's baresip-core, starts");
        let control = connect(SocketAddr::from(([127, 0, 0, 1], control))).await;
        Self { control, ahead: Vec::new(), _program: program, _folder: folder }
    }

    pub async fn tell(&mut self, command: &str, parameters: &str) {
        let text = json!({ "command": command, "params": parameters }).to_string();
        self.control.write_all(format!("{}:{text},", text.len()).as_bytes()).await.unwrap();
    }

    /// Skips what it says until an event of this type; gives it.
    pub async fn hear(&mut self, kind: &str) -> Value {
        let mut seen = Vec::new();
        let found = async {
            loop {
                let said = self.next().await;
                if said["type"] == kind {
                    return said;
                }
                seen.push(said);
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(20), found).await;
        found.unwrap_or_else(|_| panic!("baresip never said {kind}, but {seen:?}"))
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Some(said) = self.take() {
                return said;
            }
            let mut piece = [0; 4_096];
            let length = self.control.read(&mut piece).await.unwrap();
            assert!(length > 0, "baresip ended");
            self.ahead.extend(&piece[..length]);
        }
    }

    fn take(&mut self) -> Option<Value> {
        let colon = self.ahead.iter().position(|byte| *byte == b':')?;
        let length: usize = std::str::from_utf8(&self.ahead[..colon]).unwrap().parse().unwrap();
        let end = colon + 1 + length;
        if self.ahead.len() <= end {
            return None;
        }
        let said = serde_json::from_slice(&self.ahead[colon + 1..end]).unwrap();
        self.ahead.drain(..=end);
        Some(said)
    }
}

/// A second of a loud tone and half a minute of silence, as a WAV file of 16 bits and 8,000 samples a second: it hangs up at the end.
fn tone() -> Vec<u8> {
    let loud = (0..8_000).map(|at: i16| if at / 9 % 2 == 0 { 9_000i16 } else { -9_000 });
    let samples: Vec<u8> = loud.chain(std::iter::repeat_n(0, 240_000)).flat_map(i16::to_le_bytes).collect();
    let length = u32::try_from(samples.len()).unwrap();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + length).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1F\0\0\x80\x3E\0\0\x02\0\x10\0data");
    file.extend(length.to_le_bytes());
    file.extend(samples);
    file
}

async fn connect(address: SocketAddr) -> TcpStream {
    for _ in 0..1_000 {
        if let Ok(stream) = TcpStream::connect(address).await {
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("baresip does not listen at {address}");
}
