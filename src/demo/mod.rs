//! `demo`: engine, API and simulators on this machine, a tour through every ending, and people to play with.
//! Refuses to keep anything: the store is in a temporary folder.

mod people;
mod tour;

use crate::client::Api;
use crate::config::{self, Gateway, Limits, Webhooks};
use crate::{init, serve, wiring};
use anyhow::Context;
use clap::Args;
use engine::secret::Secret;
use portal::{Application, Settings};
use serde_json::json;
use std::net::TcpListener;
use std::num::NonZeroU32;
use std::path::PathBuf;
use store::keys::MasterKey;

/// Show everything on this machine.
#[derive(Args)]
pub struct Demo {
    /// End after the tour; exit 0 only if everything ended as expected
    #[arg(long)]
    once: bool,
    /// Start without the tour
    #[arg(long, conflicts_with = "once")]
    no_tour: bool,
    /// Write a description for scripts, once everything answers
    #[arg(long)]
    describe: Option<PathBuf>,
}

/// Where everything is.
pub struct Stage {
    /// The engine's API, with a key of every scope.
    pub api: Api,
    /// The simulators' control API.
    pub simulators: Api,
    api_url: String,
    api_key: String,
    engine: actors::Engine,
}

impl Demo {
    /// Runs it.
    pub fn run(self) -> anyhow::Result<()> {
        wiring::log("warn", "text");
        actix::System::new().block_on(self.play())
    }

    async fn play(self) -> anyhow::Result<()> {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir()?;
        let mut account = simulators::Account::default();
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let api_url = format!("http://{}", listener.local_addr()?);
        account.sms_url = Some(format!("{api_url}/callbacks/{}/sms", account.name));
        let carrier = simulators::SipGateway::default();
        let settings =
            simulators::Settings { accounts: vec![account.clone()], sip: vec![carrier.clone()], ..Default::default() };
        let simulators = simulators::start(settings).await?;
        let (stage, engine_handle) = build(folder.path(), listener, &api_url, &account, &simulators).await?;
        people::make(&stage).await?;
        if let Some(path) = &self.describe {
            let text = serde_json::to_string_pretty(&describe(&stage, simulators.url()))?;
            std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        }
        let all_well = if self.no_tour { true } else { tour::run(&stage).await? };
        say_where(&stage, simulators.url());
        println!("Carrier     {}", serve::sip_addresses(&simulators, &carrier.name));
        if !self.once {
            println!("\nCtrl-C ends it; nothing is kept.");
            tokio::signal::ctrl_c().await?;
        }
        engine_handle.stop(false).await;
        simulators.stop().await;
        anyhow::ensure!(all_well, "not every verification ended as expected");
        Ok(())
    }
}

async fn build(
    folder: &std::path::Path,
    listener: TcpListener,
    api_url: &str,
    account: &simulators::Account,
    simulators: &simulators::Running,
) -> anyhow::Result<(Stage, actix_web::dev::ServerHandle)> {
    let master = MasterKey::new(actors::random::bytes());
    let store = format!("sqlite:{}", folder.join("demo.db").display());
    let store = wiring::open_store(&config::Store { url: store, ..Default::default() })?;
    store::keys::Sealer::open(&*store, &master)?;
    let api_key = init::first_key(&*store)?;
    // At its own address the gateway is really gone while its faults say so; the page and the control API stay.
    let gateway_url = simulators.gateway_url(&account.name).context("the demo's gateway has no address")?;
    let all = [
        gateway(account, &gateway_url),
        dead_gateway(account)?,
        calls(account, &gateway_url),
        trunk(folder, simulators)?,
    ];
    let (lines, gateways) = wiring::lines(&all, api_url)?;
    let receivers = Webhooks { allow_private_addresses: true, allow_http: true, ca_file: None };
    let notices = wiring::notices(&[mail(folder, simulators)?])?;
    let engine = wiring::engine(store, &master, lines, &Limits::default(), &receivers, notices).await?;
    let many = NonZeroU32::new(20_000).expect("not zero");
    let portal = wiring::portal(&config::Portal::default(), &master, portal::Directories::default());
    let settings =
        Settings { workers: 2, per_key: many, per_address: many, trusted_proxies: vec![], tls: None, portal };
    let application = Application::build(listener, engine.clone(), gateways, serve::metrics_recorder(), settings)?;
    let handle = application.handle();
    actix::spawn(application.run());
    let stage = Stage {
        api: Api::new(api_url, &api_key)?,
        simulators: Api::new(simulators.url(), "none")?,
        api_url: api_url.to_owned(),
        api_key,
        engine,
    };
    Ok((stage, handle))
}

/// The simulated mail server, with its certificate and password in the demo's folder.
fn mail(folder: &std::path::Path, simulators: &simulators::Running) -> anyhow::Result<Gateway> {
    let (address, certificate) = (simulators.mail_address(), simulators.mail_certificate());
    let (address, certificate) = address.zip(certificate).context("the demo's mail server has no address")?;
    let account = simulators::MailServer::default();
    let (ca_file, password_file) = (folder.join("mail.pem"), folder.join("mail.password"));
    std::fs::write(&ca_file, certificate)?;
    std::fs::write(&password_file, &account.password)?;
    Ok(Gateway {
        kind: "smtp".into(),
        name: "mail".into(),
        host: address.ip().to_string(),
        port: address.port(),
        ca_file: Some(ca_file),
        username: account.username,
        password_file: Some(password_file),
        from: vec!["Countersign <mfa@example.com>".into()],
        ..Gateway::default()
    })
}

fn gateway(account: &simulators::Account, url: &str) -> Gateway {
    Gateway {
        kind: "twilio".into(),
        name: account.name.clone(),
        account_sid: account.sid.clone(),
        auth_token: Secret::new(account.auth_token.clone()),
        from: account.numbers.clone(),
        base_url: url.to_owned(),
        timeout_seconds: 5,
        per_second: NonZeroU32::new(1000).expect("not zero"),
        per_number_per_minute: NonZeroU32::new(30).expect("not zero"),
        max_in_flight: 64,
        prefixes: vec!["+1202".into()],
        ..Gateway::default()
    }
}

/// A gateway that nobody runs, for the numbers of one area.
fn dead_gateway(account: &simulators::Account) -> anyhow::Result<Gateway> {
    let nobody = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut dead = gateway(account, &format!("http://{nobody}"));
    dead.name = "dead".into();
    dead.prefixes = vec!["+1303".into()];
    Ok(dead)
}

/// The same account again, for calls to one area.
fn calls(account: &simulators::Account, url: &str) -> Gateway {
    Gateway {
        name: "calls".into(),
        texts: false,
        calls: true,
        machine_detection: false,
        prefixes: vec!["+1415".into()],
        ..gateway(account, url)
    }
}

/// The simulated carrier, for all other calls.
fn trunk(folder: &std::path::Path, simulators: &simulators::Running) -> anyhow::Result<Gateway> {
    let carrier = simulators::SipGateway::default();
    let address = simulators.sip_address(&carrier.name, simulators::Transport::Udp);
    let password_file = folder.join("trunk.password");
    std::fs::write(&password_file, &carrier.password)?;
    Ok(Gateway {
        kind: "sip".into(),
        name: "trunk".into(),
        from: carrier.caller_ids.iter().take(1).cloned().collect(),
        username: carrier.username.clone(),
        password_file: Some(password_file),
        per_second: NonZeroU32::new(100).expect("not zero"),
        per_number_per_minute: NonZeroU32::new(30).expect("not zero"),
        sip: config::Trunk {
            addresses: vec![address.context("the demo's carrier has no address")?.to_string()],
            domain: carrier.realm,
            local_address: "127.0.0.1:0".parse()?,
            rtp_first_port: 40_000,
            rtp_last_port: 60_000,
            ..config::Trunk::default()
        },
        ..Gateway::default()
    })
}

fn describe(stage: &Stage, simulators_url: &str) -> serde_json::Value {
    json!({
        "api_url": stage.api_url,
        "api_key": stage.api_key,
        "portal_url": stage.api_url,
        "simulators_url": simulators_url,
        "people": people::PEOPLE.iter().map(people::DemoPerson::describe).collect::<Vec<_>>(),
    })
}

fn say_where(stage: &Stage, simulators_url: &str) {
    println!("\nAPI         {}   (explorer at {}/docs)", stage.api_url, stage.api_url);
    println!("API key     {}", stage.api_key);
    println!("Simulators  {simulators_url}   (phones, calls, mails, faults)");
    println!("Portal      {}/   (everybody's password: {})", stage.api_url, people::PASSWORD);
    println!("People");
    for person in people::PEOPLE {
        println!("  {}", person.line());
    }
    let (serial, secret) = people::FREE_TOKEN;
    println!("Token       serial number {serial}, key {secret}   (nobody has it: take it at the portal)");
}
