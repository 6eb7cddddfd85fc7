//! A stage for scenarios: the real program in a process of its own, and the simulators beside it.
//! Refuses sleeps for luck: everything is waited for by its own answer.
#![allow(dead_code, reason = "each scenario uses a part of the stage")]

pub mod hand;
pub mod visitor;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

pub const TOKEN: &str = "stage-auth-token";
pub const OURS: &str = "+12025550100";

pub struct Stage {
    pub dir: TempDir,
    pub url: String,
    pub key: String,
    pub simulators: simulators::Running,
    pub client: Client,
    engine: Option<Ended>,
    /// Whether errors in the engine's log belong to the scenario.
    pub expects_errors: bool,
}

impl Stage {
    pub async fn start() -> Self {
        Self::with("").await
    }

    /// `more` is added to the settings file.
    /// With further sections of the settings.
    pub async fn with(more: &str) -> Self {
        Self::with_server("", more).await
    }

    /// Over a store elsewhere.
    pub async fn over(store: &str) -> Self {
        Self::build("", "", Some(store), false).await
    }

    /// With a trunk to the simulated phones of +1202, so that they can be called; others are called over the account that texts.
    pub async fn calling() -> Self {
        Self::calling_with("").await
    }

    /// The same with further sections of the settings.
    pub async fn calling_with(more: &str) -> Self {
        Self::build("", more, None, true).await
    }

    /// With further keys of `[server]` and further sections.
    pub async fn with_server(server: &str, more: &str) -> Self {
        Self::build(server, more, None, false).await
    }

    async fn build(server: &str, more: &str, store: Option<&str>, calls: bool) -> Self {
        let port = simulators::free_port().unwrap();
        let scheme = if server.contains("tls_cert_file") { "https" } else { "http" };
        let url = format!("{scheme}://127.0.0.1:{port}");
        let account = simulators::Account {
            auth_token: TOKEN.into(),
            numbers: vec![OURS.into()],
            sms_url: Some(format!("{url}/callbacks/sms/sms")),
            ..Default::default()
        };
        let sid = account.sid.clone();
        let gateway = simulators::SipGateway { name: "trunk".into(), ..Default::default() };
        let sip = if calls { vec![gateway] } else { vec![] };
        let settings = simulators::Settings { accounts: vec![account], sip, ..Default::default() };
        let simulators = simulators::start(settings).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        let mut init = Command::new(program());
        init.arg("init").arg(&home).args(store.map(|url| format!("--store={url}")));
        assert!(init.stdout(Stdio::null()).status().unwrap().success());
        let mail = mail(&home, &simulators);
        let trunk = if calls { trunk(&home, &simulators) } else { String::new() };
        let store = store.map(|url| format!("[store]\nurl = \"{url}\"\n")).unwrap_or_default();
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\n{server}{store}[log]\nlevel = \"info\"\n[[gateway]]\nkind = \"twilio\"\nname = \"sms\"\n\
             account_sid = \"{sid}\"\nauth_token = \"{TOKEN}\"\nfrom = [\"{OURS}\"]\nbase_url = \"{}\"\nper_second = 5000\n\
             per_number_per_minute = 600\nmax_in_flight = 64\ntimeout_seconds = 2\ncalls = {calls}\n{mail}{trunk}{more}",
            simulators.gateway_url("sms").unwrap()
        );
        std::fs::write(home.join("countersign.toml"), config).unwrap();
        let key = std::fs::read_to_string(home.join("admin.key")).unwrap();
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(70));
        let client = client.tls_danger_accept_invalid_certs(true).build().unwrap();
        let mut stage = Self { dir, url, key, simulators, client, engine: None, expects_errors: false };
        stage.serve().await;
        stage
    }

    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("engine.log")).unwrap_or_default()
    }

    /// Starts the engine and waits until it answers.
    pub async fn serve(&mut self) {
        self.serve_by(Command::new(program())).await;
    }

    /// Starts the engine again when so much more time has passed, such as `+8d`, as far as its wall clock is concerned.
    pub async fn serve_in(&mut self, time: &str) {
        self.kill();
        let mut command = Command::new(program());
        command.env("LD_PRELOAD", faketime()).env("FAKETIME", time).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        self.serve_by(command).await;
    }

    async fn serve_by(&mut self, mut command: Command) {
        let log = File::options().create(true).append(true).open(self.dir.path().join("engine.log")).unwrap();
        let child = command
            .args(["serve", "--config"])
            .arg(self.home().join("countersign.toml"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.engine = Some(Ended(child));
        if !answers(&self.client, &self.url).await {
            panic!("the engine does not answer; its log:\n{}", self.log());
        }
    }

    pub fn kill(&mut self) {
        drop(self.engine.take().expect("the engine runs"));
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key)
    }

    /// Status and body.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answered(request).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.call(Method::GET, path, None).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    /// A person with a phone; in PIN modes the PIN is 2580.
    pub async fn person(&self, name: &str, phone: &str, mode: &str) {
        let mut body = json!({ "name": name, "phone": phone, "method": "sms", "mode": mode });
        if mode.ends_with("pin") {
            body["pin"] = json!("2580");
            body["pin_change_required"] = json!(false);
        }
        self.post("/v1/users", body).await;
    }

    /// A person who is called; in PIN mode the PIN is 2580.
    pub async fn called(&self, name: &str, phone: &str, mode: &str) {
        let mut body = json!({ "name": name, "phone": phone, "method": "voice", "mode": mode });
        if mode == "pin" {
            body["pin"] = json!("2580");
            body["pin_change_required"] = json!(false);
        }
        self.post("/v1/users", body).await;
    }

    /// The calls that came to a phone.
    pub async fn calls(&self, phone: &str) -> Vec<Value> {
        let url = format!("{}/sim/v1/phones/{phone}", self.simulators.url());
        let phone: Value = self.client.get(url).send().await.unwrap().json().await.unwrap();
        phone["calls"].as_array().cloned().unwrap_or_default()
    }

    pub async fn behave(&self, phone: &str, behaviour: Value) {
        let url = format!("{}/sim/v1/phones/{phone}/behaviour", self.simulators.url());
        let answer = self.client.put(url).json(&behaviour).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    pub async fn faults(&self, faults: Value) {
        let url = format!("{}/sim/v1/gateways/sms/faults", self.simulators.url());
        let answer = self.client.put(url).json(&faults).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// The texts that a phone has got.
    pub async fn texts(&self, phone: &str) -> Vec<String> {
        let url = format!("{}/sim/v1/phones/{phone}", self.simulators.url());
        let phone: Value = self.client.get(url).send().await.unwrap().json().await.unwrap();
        let got = phone["texts"].as_array().cloned().unwrap_or_default();
        let got = got.iter().filter(|text| text["direction"] == "in");
        got.map(|text| text["body"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until a mailbox has so many letters, and gives them; one that was sent again, because the engine was killed before it
    /// had written that it was taken, counts once.
    pub async fn letters(&self, mailbox: &str, count: usize) -> Vec<Value> {
        let url = format!("{}/sim/v1/mail?to={mailbox}", self.simulators.url());
        for _ in 0..500 {
            let found: Value = self.client.get(&url).send().await.unwrap().json().await.unwrap();
            let mut letters = found["items"].as_array().unwrap().clone();
            let mut seen = std::collections::HashSet::new();
            letters.retain(|letter| seen.insert(letter["headers"]["Message-ID"].to_string()));
            if letters.len() >= count {
                return letters;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{mailbox} does not get {count} letters");
    }

    /// The code in the next text of a phone that had `before`.
    pub async fn code(&self, phone: &str, before: usize) -> String {
        self.text(phone, before).await.chars().take_while(char::is_ascii_digit).collect()
    }

    /// Waits for the next text of a phone that had `before`.
    pub async fn text(&self, phone: &str, before: usize) -> String {
        for _ in 0..250 {
            if let Some(text) = self.texts(phone).await.get(before) {
                return text.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no text came to {phone}");
    }

    /// The phone sends a text; gives what the webhook answered.
    pub async fn reply(&self, phone: &str, body: &str) -> Value {
        let url = format!("{}/sim/v1/phones/{phone}/reply", self.simulators.url());
        let answer = self.client.post(url).json(&json!({ "body": body, "to": OURS })).send().await.unwrap();
        assert_eq!(answer.status(), 202);
        answer.json().await.unwrap()
    }

    pub async fn begin(&self, user: &str) -> Value {
        self.post("/v1/verifications", json!({ "user": user, "application": "vpn" })).await
    }

    pub async fn look(&self, started: &Value) -> Value {
        self.get(&format!("/v1/verifications/{}", started["id"].as_str().unwrap())).await
    }

    /// Waits for the end, at most so many seconds.
    pub async fn end(&self, started: &Value, seconds: u64) -> Value {
        let path = format!("/v1/verifications/{}", started["id"].as_str().unwrap());
        let (_, ended) = answered(self.request(Method::GET, &path).header("Prefer", format!("wait={seconds}"))).await;
        assert_ne!(ended["status"], "pending", "{ended}");
        ended
    }

    /// Waits until something stands in the timeline.
    pub async fn until(&self, started: &Value, what: &str) {
        for _ in 0..250 {
            if self.timeline(started).await.iter().any(|found| found == what) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{what} did not happen: {:?}", self.timeline(started).await);
    }

    /// The words of a timeline.
    pub async fn timeline(&self, started: &Value) -> Vec<String> {
        let path = format!("/v1/verifications/{}/timeline", started["id"].as_str().unwrap());
        let timeline = self.get(&path).await;
        timeline["items"].as_array().unwrap().iter().map(|entry| entry["what"].as_str().unwrap().to_owned()).collect()
    }
}

/// The settings of the simulated mail server.
fn mail(home: &Path, simulators: &simulators::Running) -> String {
    let account = simulators::MailServer::default();
    std::fs::write(home.join("mail.pem"), simulators.mail_certificate().unwrap()).unwrap();
    std::fs::write(home.join("mail.password"), account.password).unwrap();
    format!(
        "[[gateway]]\nkind = \"smtp\"\nname = \"mail\"\nhost = \"127.0.0.1\"\nport = {}\nca_file = \"mail.pem\"\nusername = \"{}\"\n\
         password_file = \"mail.password\"\nfrom = [\"Countersign <mfa@example.com>\"]\n",
        simulators.mail_address().unwrap().port(),
        account.username
    )
}

/// The settings of the simulated carrier.
fn trunk(home: &Path, simulators: &simulators::Running) -> String {
    let gateway = simulators::SipGateway::default();
    std::fs::write(home.join("trunk.password"), gateway.password).unwrap();
    let address = simulators.sip_address("trunk", simulators::Transport::Udp).unwrap();
    format!(
        "[[gateway]]\nkind = \"sip\"\nname = \"trunk\"\nusername = \"{}\"\npassword_file = \"trunk.password\"\nfrom = [\"{OURS}\"]\n\
         per_second = 1000\nper_number_per_minute = 600\nmax_in_flight = 64\nprefixes = [\"+1202\"]\n[gateway.sip]\naddresses = [\"{address}\"]\n\
         domain = \"simulator.example.com\"\nlocal_address = \"127.0.0.1:0\"\nrtp_first_port = 40000\nrtp_last_port = 60000\n",
        gateway.username
    )
}

pub async fn answered(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_countersign")
}

/// Its own program would stay between us and the engine, so the library is loaded at once.
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap().flatten();
    let mut libraries = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    libraries.find(|library| library.exists()).expect("apt-get install faketime; script/test does it")
}

/// Waits until an engine answers.
pub async fn answers(client: &Client, url: &str) -> bool {
    for _ in 0..500 {
        if client.get(format!("{url}/healthz")).send().await.is_ok_and(|answer| answer.status() == 200) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// A process that is killed when it is no longer needed.
pub struct Ended(pub Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Nothing went wrong inside, unless the scenario is about that.
impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.engine.take());
        let log = self.log();
        let wrong = log.lines().find(|line| line.contains("\"level\":\"ERROR\""));
        if let Some(line) = wrong.filter(|_| !self.expects_errors && !std::thread::panicking()) {
            panic!("the engine logged an error: {line}");
        }
    }
}
