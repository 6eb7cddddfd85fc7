//! `serve` and `simulate`.
//! Refuses to end before what is out is answered, within its patience.

use crate::checkpoints::Checkpoints;
use crate::config::Config;
use crate::{retention, wiring};
use actors::Engine;
use anyhow::Context;
use channels::text::TextGateway;
use clap::Args;
use portal::{Application, Settings};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::keys::MasterKey;

/// How long a stop waits for texts that are out.
const PATIENCE: Duration = Duration::from_secs(10);
/// How late a reminder of an unfinished set-up may be.
const REMIND_PAUSE: Duration = Duration::from_secs(30);
/// How long expired records may stay, and the pause between two removals while there are more.
const PRUNE_PAUSE: Duration = Duration::from_secs(10);
const BREATH: Duration = Duration::from_millis(5);
/// How long after a listing missed texts are asked for again, so that strangers cannot make us ask all the time.
const PAUSE_AFTER_LISTING: Duration = Duration::from_secs(10);

/// `countersign serve --config FILE`
pub fn run(file: &Path) -> anyhow::Result<()> {
    let config = Config::read(file)?;
    wiring::log(&config.log.level, &config.log.format);
    let master = MasterKey::read(&config.keys.master_key_file)?;
    actix::System::new().block_on(serve(config, master))
}

async fn serve(config: Config, master: MasterKey) -> anyhow::Result<()> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let listener = TcpListener::bind(config.server.listen)
        .with_context(|| format!("server.listen: {} cannot be bound", config.server.listen))?;
    let scheme = if config.server.tls_cert_file.is_some() { "https" } else { "http" };
    let own_url = format!("{scheme}://{}", listener.local_addr()?);
    let public_url = if config.server.public_url.is_empty() { &own_url } else { &config.server.public_url };
    let store = wiring::open_store(&config.store)?;
    let (lines, gateways) = wiring::lines(&config.gateways, public_url)?;
    let metrics = metrics_recorder();
    // First of all: with another master key nothing may be signed.
    store::keys::Sealer::open(&*store, &master)?;
    let checkpoints = Checkpoints::start(config.audit.clone(), Arc::clone(&store), master.clone())?;
    let notices = wiring::notices(&config.gateways)?;
    let engine = wiring::engine(store, &master, lines, &config.limits, &config.webhooks, notices).await?;
    let settings = Settings {
        workers: match config.server.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        },
        per_key: config.limits.per_key_per_second,
        per_address: config.limits.per_address_per_second,
        trusted_proxies: config.server.trusted_proxies.clone(),
        tls: wiring::tls(&config)?,
        portal: wiring::portal(&config.portal, &master, config.directory.clients()?),
    };
    let application = Application::build(listener, engine.clone(), gateways.clone(), metrics, settings)?;
    let handle = application.handle();
    println!("countersign serves on {own_url}");
    let stopping = engine.clone();
    let given_up = Arc::new(OnceLock::new());
    let why = Arc::clone(&given_up);
    actix::spawn(async move {
        tokio::select! {
            () = stop_signal() => tracing::info!("stopping: nothing more is admitted"),
            gone = stopping.given_up() => why.set(gone).unwrap_or_default(),
        }
        stopping.stop(PATIENCE).await;
        handle.stop(true).await;
    });
    for (name, gateway) in gateways.texts {
        actix::spawn(take_missed(engine.clone(), name, gateway));
    }
    actix::spawn(retention::keep(engine.clone(), config.retention.clone()));
    actix::spawn(prune(engine.clone()));
    actix::spawn(remind(engine));
    let ended = application.run().await;
    if let Some(checkpoints) = checkpoints {
        checkpoints.finish();
    }
    ended?;
    match given_up.get() {
        Some(why) => anyhow::bail!("{why}; start the process anew, and look for the reason in its log"),
        None => Ok(()),
    }
}

/// Replies that may be lost are asked for: at the start, after an outage of the gateway, and after one that we could
/// not take, again and again until the gateway answers.
async fn take_missed(engine: Engine, name: String, gateway: Arc<dyn TextGateway>) {
    loop {
        if engine.take_owing(&name) {
            match engine.take_missed(&name, &*gateway).await {
                Ok(0) => {}
                Ok(texts) => tracing::info!(gateway = %name, texts, "texts of the last hour were looked through"),
                Err(cause) => {
                    tracing::warn!(gateway = %name, %cause, "missed texts could not be listed; it is tried again");
                    engine.owe(&name);
                }
            }
            tokio::time::sleep(PAUSE_AFTER_LISTING).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn prune(engine: Engine) {
    while !engine.is_stopping() {
        if let Err(cause) = engine.probe_store().await {
            tracing::warn!(%cause, "the store still takes no writes");
        }
        let more = engine.prune().await.unwrap_or_else(|cause| {
            tracing::warn!(%cause, "expired records could not be removed");
            false
        });
        tokio::time::sleep(if more { BREATH } else { PRUNE_PAUSE }).await;
    }
}

async fn remind(engine: Engine) {
    while !engine.is_stopping() {
        if let Err(cause) = engine.remind().await {
            tracing::warn!(%cause, "reminders of set-ups could not be sent; they are tried again");
        }
        tokio::time::sleep(REMIND_PAUSE).await;
    }
}

/// Metrics of the whole process; a second recorder, in a test, is none.
pub fn metrics_recorder() -> Option<metrics_exporter_prometheus::PrometheusHandle> {
    metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder().ok()
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
}

/// Where a simulated SIP gateway is reached, by each transport that it speaks.
pub fn sip_addresses(running: &simulators::Running, gateway: &str) -> String {
    use simulators::sip::Transport;
    let transports = [("udp", Transport::Udp), ("tcp", Transport::Tcp), ("tls", Transport::Tls)];
    let spoken = transports.iter().filter_map(|(word, transport)| {
        let address = running.sip_address(gateway, *transport)?;
        Some(format!("{word} {address}"))
    });
    spoken.collect::<Vec<_>>().join(", ")
}

/// `countersign simulate`
#[derive(Args)]
pub struct Simulate {
    /// Settings of the simulators, TOML
    #[arg(long)]
    config: Option<PathBuf>,
    /// What every draw of a fault follows from
    #[arg(long)]
    seed: Option<u64>,
    /// Where it listens, instead of the settings' address
    #[arg(long)]
    listen: Option<std::net::SocketAddr>,
}

impl Simulate {
    /// Serves until Ctrl-C.
    pub fn run(self) -> anyhow::Result<()> {
        wiring::log("info", "text");
        let mut settings = match &self.config {
            Some(path) => {
                let text =
                    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
                toml::from_str(&text).with_context(|| path.display().to_string())?
            }
            None => simulators::Settings { sip: vec![simulators::SipGateway::default()], ..Default::default() },
        };
        settings.seed = self.seed.unwrap_or(settings.seed);
        settings.listen = self.listen.unwrap_or(settings.listen);
        let carriers: Vec<String> = settings.sip.iter().map(|gateway| gateway.name.clone()).collect();
        actix::System::new().block_on(async move {
            let running = simulators::start(settings).await?;
            if let Some(address) = running.mail_address() {
                println!("letters are taken at {address}");
            }
            for gateway in &carriers {
                println!("calls by {} are taken at {}", gateway, sip_addresses(&running, gateway));
            }
            println!("the simulators serve on {}", running.url());
            stop_signal().await;
            running.stop().await;
            Ok(())
        })
    }
}
