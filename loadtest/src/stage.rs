//! An engine and its simulators, started for one run on loopback, and how they are spoken to.
//! Refuses to leave them behind: they end with the run.

use anyhow::Context;
use reqwest::{Client, Method};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const NUMBER: &str = "+12025559999";
const SID: &str = "AC00000000000000000000000000000001";

/// What a run plays on.
pub struct Stage {
    client: Client,
    engine_url: String,
    simulators_url: String,
    key: String,
    engine: Process,
    _simulators: Process,
    _home: TempDir,
}

/// A process that is killed when it is no longer needed.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Stage {
    /// Starts both with `program`, in a temporary folder.
    pub fn start(program: &Path) -> anyhow::Result<Self> {
        let home = tempfile::tempdir()?;
        let engine_port = free_port()?;
        let engine_url = format!("http://127.0.0.1:{engine_port}");
        let (simulators, simulators_url) = simulators(program, home.path(), &engine_url)?;
        let engine = engine(program, home.path(), engine_port, &simulators_url)?;
        let key = std::fs::read_to_string(home.path().join("home/admin.key"))?;
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(70)).build()?;
        let key = key.trim().to_owned();
        Ok(Self { client, engine_url, simulators_url, key, engine, _simulators: simulators, _home: home })
    }

    /// The process id of the engine.
    pub fn engine_id(&self) -> u32 {
        self.engine.0.id()
    }

    /// POST to the engine, with `Prefer: wait=` if wanted; status and body.
    pub async fn post(&self, path: &str, body: &Value, wait: Option<u64>) -> anyhow::Result<(u16, Value)> {
        self.call(Method::POST, path, body, wait).await
    }

    /// PUT to the engine, which must take it.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let (status, answer) = self.call(Method::PUT, path, body, None).await?;
        anyhow::ensure!(status == 200, "{path}: {status} {answer}");
        Ok(())
    }

    async fn call(&self, method: Method, path: &str, body: &Value, wait: Option<u64>) -> anyhow::Result<(u16, Value)> {
        let mut request = self.client.request(method, format!("{}{path}", self.engine_url)).bearer_auth(&self.key);
        if let Some(wait) = wait {
            request = request.header("Prefer", format!("wait={wait}"));
        }
        let answer = request.json(body).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// What every phone does from now on.
    pub async fn play(&self, behaviour: &Value) -> anyhow::Result<()> {
        let url = format!("{}/sim/v1/behaviour", self.simulators_url);
        self.client.put(url).json(behaviour).send().await?.error_for_status()?;
        Ok(())
    }
}

fn simulators(program: &Path, home: &Path, engine_url: &str) -> anyhow::Result<(Process, String)> {
    let settings = home.join("simulators.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\n[[accounts]]\nname = \"sms\"\nsid = \"{SID}\"\nauth_token = \"loadtest\"\n\
         numbers = [\"{NUMBER}\"]\nsms_url = \"{engine_url}/callbacks/sms/sms\"\n"
    );
    std::fs::write(&settings, text)?;
    let mut command = Command::new(program);
    let command = command.arg("simulate").arg("--config").arg(&settings);
    started(command, "the simulators serve on ")
}

fn engine(program: &Path, home: &Path, port: u16, simulators_url: &str) -> anyhow::Result<Process> {
    let dir = home.join("home");
    let made = Command::new(program).arg("init").arg(&dir).stdout(Stdio::null()).status();
    let made = made.with_context(|| format!("{} cannot be run; name it with --program", program.display()))?;
    anyhow::ensure!(made.success(), "`countersign init` failed");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:{port}\"\n[log]\nlevel = \"warn\"\n[limits]\nper_key_per_second = 1000000\n\
         per_address_per_second = 1000000\n[[gateway]]\nkind = \"twilio\"\nname = \"sms\"\naccount_sid = \"{SID}\"\n\
         auth_token = \"loadtest\"\nfrom = [\"{NUMBER}\"]\nbase_url = \"{simulators_url}\"\nper_second = 1000000\n\
         per_number_per_minute = 1000000\nmax_in_flight = 256\n"
    );
    std::fs::write(dir.join("countersign.toml"), text)?;
    let mut command = Command::new(program);
    let command = command.arg("serve").arg("--config").arg(dir.join("countersign.toml"));
    started(command, "countersign serves on ").map(|(process, _)| process)
}

/// A process that says where it serves, and what it said.
fn started(command: &mut Command, says: &str) -> anyhow::Result<(Process, String)> {
    let child =
        command.stdout(Stdio::piped()).spawn().context("`countersign` cannot be run; name it with --program")?;
    let mut process = Process(child);
    let output = process.0.stdout.take().context("its output is read")?;
    for line in BufReader::new(output).lines() {
        if let Some(url) = line?.strip_prefix(says) {
            return Ok((process, url.to_owned()));
        }
    }
    anyhow::bail!("it ended before it served; what it said stands above")
}

fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
