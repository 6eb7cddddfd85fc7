//! An engine and its simulators, started for one run on loopback unless they are told, and how they are spoken to.
//! Refuses to leave behind what it started: it ends with the run.

mod settings;

use crate::radius::Radius;
use crate::scenario::{Scenario, Shape};
use crate::wire::{Answer, Pool, request};
use anyhow::Context;
use serde_json::Value;
use std::cell::RefCell;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// Our number, from which texts come.
pub const NUMBER: &str = "+12025559999";
/// The account.
pub const SID: &str = "AC00000000000000000000000000000001";
/// Its token.
pub const TOKEN: &str = "loadtest";

/// Connections to the gateway where several requests share one, and how many share it: as many as the simulators read
/// ahead. Beyond that their server may close a connection when it answers while a later request is half read.
pub const PIPES: usize = 64;
pub const DEPTH: usize = 16;

/// What a run plays on, and where it is.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Place {
    /// The program `countersign`; the one beside this program if not given
    #[arg(long)]
    pub program: Option<PathBuf>,
    /// Where the store is, `sqlite:…` or `postgres://…`; an embedded one in a temporary folder if not given
    #[arg(long)]
    pub store: Option<String>,
    /// An engine that runs already, as address and port; then `--api-key-file` and `--simulators` must be given too
    #[arg(long, requires_all = ["api_key_file", "simulators"])]
    pub engine: Option<SocketAddr>,
    /// The file with an administrator's API key of that engine
    #[arg(long)]
    pub api_key_file: Option<PathBuf>,
    /// The simulators that its gateway is, as address and port
    #[arg(long)]
    pub simulators: Option<SocketAddr>,
}

/// An engine with its simulators.
pub struct Stage {
    to_engine: Pool,
    to_simulators: Pool,
    key: String,
    process: RefCell<Option<Process>>,
    serve: Option<(PathBuf, PathBuf)>,
    _radius: Option<Radius>,
    _simulators: Option<Process>,
    _home: Option<TempDir>,
}

/// A process that is killed when it is no longer needed.
pub struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Stage {
    /// Starts both with the program, in a temporary folder, or takes those that run.
    pub fn open(place: &Place, scenario: &Scenario) -> anyhow::Result<Self> {
        if let (Some(engine), Some(file), Some(simulators)) = (place.engine, &place.api_key_file, place.simulators) {
            anyhow::ensure!(
                scenario.shape != Shape::Enrol,
                "people enrol at an engine of the run's own, for its RADIUS server"
            );
            let key = std::fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
            return Ok(Self::at(engine, simulators, key.trim()));
        }
        let program = place.program()?;
        let home = tempfile::tempdir()?;
        let engine = free_port()?;
        let (simulators, address) = start_simulators(&program, home.path(), engine)?;
        let dir = home.path().join("home");
        init(&program, &dir, place.store.as_deref())?;
        let settings = dir.join("countersign.toml");
        let takes = Duration::from_millis(scenario.directory.into());
        let radius = if scenario.shape == Shape::Enrol { Some(Radius::start(takes)?) } else { None };
        let mut text = settings::of_engine(engine, address, scenario, place.store.as_deref());
        if let Some(radius) = &radius {
            text.push_str(&settings::of_directory(&dir, radius)?);
        }
        std::fs::write(&settings, text)?;
        let process = serve(&program, &settings)?;
        let key = std::fs::read_to_string(dir.join("admin.key"))?;
        Ok(Self {
            process: RefCell::new(Some(process)),
            serve: Some((program, settings)),
            _radius: radius,
            _simulators: Some(simulators),
            _home: Some(home),
            ..Self::at(engine, address, key.trim())
        })
    }

    /// The hollow engine and its simulators, which somebody else holds.
    pub fn hollow(engine: SocketAddr, simulators: SocketAddr) -> Self {
        Self::at(engine, simulators, "none")
    }

    fn at(engine: SocketAddr, simulators: SocketAddr, key: &str) -> Self {
        Self {
            to_engine: Pool::new(engine),
            to_simulators: Pool::new(simulators),
            key: key.to_owned(),
            process: RefCell::new(None),
            serve: None,
            _radius: None,
            _simulators: None,
            _home: None,
        }
    }

    /// The process id of the engine, where it was started here.
    pub fn engine_id(&self) -> Option<u32> {
        self.process.borrow().as_ref().map(|process| process.0.id())
    }

    /// Whether the engine ended though nobody wanted it to.
    pub fn engine_died(&self) -> bool {
        let mut process = self.process.borrow_mut();
        process.as_mut().is_some_and(|process| !matches!(process.0.try_wait(), Ok(None)))
    }

    /// Kills the engine and starts it anew; how long it took until it served.
    pub async fn restart(&self) -> anyhow::Result<Duration> {
        let (program, settings) = self.serve.as_ref().context("an engine that runs elsewhere cannot be killed")?;
        self.process.borrow_mut().take();
        let begin = Instant::now();
        *self.process.borrow_mut() = Some(serve(program, settings)?);
        loop {
            let ready = self.to_engine.exchange(&request("GET", "/readyz", "", b"")).await;
            if ready.is_ok_and(|answer| answer.status == 200) {
                return Ok(begin.elapsed());
            }
            anyhow::ensure!(begin.elapsed() < Duration::from_secs(120), "the engine is not ready after two minutes");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The head lines of a request to the engine, with further ones.
    pub fn head(&self, more: &str) -> String {
        format!("Authorization: Bearer {}\r\nContent-Type: application/json\r\n{more}", self.key)
    }

    /// An exchange with the engine, on a connection of its own.
    pub async fn exchange(&self, request: &[u8]) -> anyhow::Result<Answer> {
        self.to_engine.exchange(request).await
    }

    /// POST to the engine; status and body.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<(u16, Vec<u8>)> {
        let request = request("POST", path, &self.head(""), body.to_string().as_bytes());
        let answer = self.exchange(&request).await?;
        Ok((answer.status, answer.body))
    }

    /// GET from the engine, which must answer.
    pub async fn get(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let answer = self.exchange(&request("GET", path, &self.head(""), b"")).await?;
        anyhow::ensure!(answer.status == 200, "{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        Ok(answer.body)
    }

    /// PUT to the engine, which must take it.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let answer = self.exchange(&request("PUT", path, &self.head(""), body.to_string().as_bytes())).await?;
        anyhow::ensure!(answer.status == 200, "{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        Ok(())
    }

    /// What a phone, or every phone, does from now on.
    pub async fn behave(&self, path: &str, behaviour: &Value) -> anyhow::Result<()> {
        self.simulate("PUT", path, behaviour).await.map(|_| ())
    }

    /// What goes wrong at the gateway from now on.
    pub async fn fault(&self, faults: &Value) -> anyhow::Result<()> {
        self.simulate("PUT", "/sim/v1/gateways/sms/faults", faults).await.map(|_| ())
    }

    /// The phone with this number.
    pub async fn phone(&self, number: &str) -> anyhow::Result<Value> {
        self.simulate("GET", &format!("/sim/v1/phones/{number}"), &Value::Null).await
    }

    async fn simulate(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Value> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = request(method, path, "Content-Type: application/json\r\n", &body);
        let answer = self.to_simulators.exchange(&request).await?;
        let text = String::from_utf8_lossy(&answer.body);
        anyhow::ensure!((200..300).contains(&answer.status), "{path}: {} {text}", answer.status);
        Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }
}

impl Place {
    /// The program `countersign`.
    pub fn program(&self) -> anyhow::Result<PathBuf> {
        let beside = || Ok(std::env::current_exe()?.with_file_name("countersign"));
        self.program.clone().map_or_else(beside, Ok)
    }
}

/// Starts simulators that call back to the engine at `engine`.
pub fn start_simulators(program: &Path, home: &Path, engine: SocketAddr) -> anyhow::Result<(Process, SocketAddr)> {
    let settings = home.join("simulators.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\n[[accounts]]\nname = \"sms\"\nsid = \"{SID}\"\nauth_token = \"{TOKEN}\"\n\
         numbers = [\"{NUMBER}\"]\nsms_url = \"http://{engine}/callbacks/sms/sms\"\n"
    );
    std::fs::write(&settings, text)?;
    let mut command = Command::new(program);
    let command = command.arg("simulate").arg("--config").arg(&settings);
    let (process, url) = started(command, "the simulators serve on ")?;
    let address = url.trim_start_matches("http://").trim_end_matches('/').parse();
    Ok((process, address.with_context(|| format!("{url} is no address"))?))
}

fn init(program: &Path, dir: &Path, store: Option<&str>) -> anyhow::Result<()> {
    let mut init = Command::new(program);
    init.arg("init").arg(dir).args(store.map(|url| format!("--store={url}")));
    let made = init.stdout(Stdio::null()).status();
    let made = made.with_context(|| format!("{} cannot be run; name it with --program", program.display()))?;
    anyhow::ensure!(made.success(), "`countersign init` failed");
    Ok(())
}

fn serve(program: &Path, settings: &Path) -> anyhow::Result<Process> {
    let mut command = Command::new(program);
    let command = command.arg("serve").arg("--config").arg(settings);
    started(command, "countersign serves on ").map(|(process, _)| process)
}

/// A process that says where it serves, and what it said.
pub fn started(command: &mut Command, says: &str) -> anyhow::Result<(Process, String)> {
    let child = command.stdout(Stdio::piped()).spawn();
    let child = child.context("a program of the run cannot be started; name `countersign` with --program")?;
    let mut process = Process(child);
    let output = process.0.stdout.take().context("its output is read")?;
    for line in BufReader::new(output).lines() {
        if let Some(url) = line?.strip_prefix(says) {
            return Ok((process, url.to_owned()));
        }
    }
    anyhow::bail!("it ended before it served; what it said stands above")
}

/// An address that nobody listens on now.
pub fn free_port() -> anyhow::Result<SocketAddr> {
    Ok((Ipv4Addr::LOCALHOST, simulators::free_port()?).into())
}
