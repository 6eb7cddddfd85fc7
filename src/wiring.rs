//! From settings to a running engine.
//! Refuses to start half: an error here ends the start.

use crate::config::{self, Config, Gateway};
use actors::{Engine, EngineSettings, LineSettings, Notices, Vault, Webhooks};
use anyhow::Context;
use channels::mail::Mail;
use channels::sip::Sip;
use channels::text::TextGateway;
use channels::twilio::Twilio;
use channels::twilio::voice::TwilioVoice;
use channels::webhook::{WebhookClient, WebhookSettings};
use engine::pin::PinKey;
use engine::secret::Secret;
use portal::Gateways;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::keys::{MasterKey, Sealer};
use store::sqlite::OpenOptions;
use store::{PostgresStore, SqliteStore, Store};

/// The name of this node.
pub const NODE: &str = "n1";

/// Sealed secrets under the store's data keys.
struct StoreVault(Sealer);

impl Vault for StoreVault {
    fn seal(&self, context: &str, plain: &[u8]) -> String {
        self.0.seal(context, plain)
    }

    fn open(&self, context: &str, sealed: &str) -> Result<Secret<Vec<u8>>, String> {
        self.0.unseal(context, sealed).map_err(|fault| fault.to_string())
    }
}

/// The path in `sqlite:PATH`.
pub fn store_path(url: &str) -> anyhow::Result<PathBuf> {
    let path = url.strip_prefix("sqlite:");
    Ok(path.context("this works on SQLite only; for PostgreSQL use its own tools, such as pg_dump")?.into())
}

/// Whether a store is in PostgreSQL.
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// Opens the store for serving.
pub fn open_store(settings: &config::Store) -> anyhow::Result<Arc<dyn Store>> {
    if is_postgres(&settings.url) {
        let password = settings.password()?;
        return Ok(Arc::new(PostgresStore::open(&settings.url, password.as_deref(), NODE).context("store.url")?));
    }
    let store = SqliteStore::open(&store_path(&settings.url)?, &OpenOptions::default())?;
    if settings.max_megabytes > 0 {
        store.limit_megabytes(settings.max_megabytes)?;
    }
    Ok(Arc::new(store))
}

/// Opens the store for reads, beside whoever writes.
pub fn read_store(settings: &config::Store, node: &str) -> anyhow::Result<Box<dyn Store>> {
    if is_postgres(&settings.url) {
        let password = settings.password()?;
        let store = PostgresStore::open_read_only(&settings.url, password.as_deref(), node);
        return Ok(Box::new(store.context("store.url")?));
    }
    Ok(Box::new(SqliteStore::open_read_only(&store_path(&settings.url)?, node)?))
}

/// Lines, each with its client.
pub type Lines = Vec<(LineSettings, actors::Gateway)>;

/// The lines and their clients.
pub fn lines(gateways: &[Gateway], public_url: &str) -> anyhow::Result<(Lines, Gateways)> {
    let (mut lines, mut by_name): (Lines, Gateways) = Default::default();
    for gateway in gateways {
        let named = || format!("gateway `{}`", gateway.name);
        match gateway.kind.as_str() {
            "twilio" => {
                let client = Twilio::new(&gateway.name, gateway.twilio()?, public_url).with_context(named)?;
                account(gateway, Arc::new(client), &mut lines, &mut by_name).with_context(named)?;
            }
            "sip" => {
                let trunk = Sip::start(gateway.trunk()?).with_context(named)?;
                lines.push((line(gateway), actors::Gateway::Voice(trunk)));
            }
            // Mail has no line: it is told by `notices`.
            _ => {}
        }
    }
    Ok((lines, by_name))
}

/// An account carries texts, calls, or both; each has a line of its own.
fn account(gateway: &Gateway, client: Arc<Twilio>, lines: &mut Lines, by_name: &mut Gateways) -> anyhow::Result<()> {
    if gateway.texts {
        let texts: Arc<dyn TextGateway> = Arc::clone(&client) as Arc<dyn TextGateway>;
        by_name.texts.insert(gateway.name.clone(), Arc::clone(&texts));
        lines.push((line(gateway), actors::Gateway::Text(texts)));
    }
    if gateway.calls {
        let calls = Arc::new(TwilioVoice::new(client, gateway.voice())?);
        by_name.calls.insert(gateway.name.clone(), Arc::clone(&calls));
        let limits = LineSettings { max_in_flight: gateway.max_calls, ..line(gateway) };
        lines.push((limits, actors::Gateway::Voice(calls)));
    }
    Ok(())
}

/// What people are told with: by mail where a server is set.
pub fn notices(gateways: &[Gateway]) -> anyhow::Result<Notices> {
    let server = gateways.iter().find(|gateway| gateway.kind == "smtp");
    let mail = server.map(|gateway| {
        let client = Mail::new(gateway.mail()?);
        client.map_err(|wrong| anyhow::anyhow!("gateway `{}`: {wrong}", gateway.name))
    });
    Ok(Notices { mail: mail.transpose()?, words: portal::notice_words })
}

fn line(gateway: &Gateway) -> LineSettings {
    LineSettings {
        name: gateway.name.clone(),
        per_second: gateway.per_second,
        per_number_per_minute: gateway.per_number_per_minute,
        max_in_flight: gateway.max_in_flight,
        queue: gateway.queue,
        prefixes: gateway.prefixes.clone(),
        price: gateway.price,
    }
}

/// The engine over a store, with its keys derived from the master key.
pub async fn engine(
    store: Arc<dyn Store>,
    master: &MasterKey,
    lines: Lines,
    limits: &config::Limits,
    receivers: &config::Webhooks,
    notices: Notices,
) -> anyhow::Result<Engine> {
    let sealer = Sealer::open(&*store, master)?;
    let settings = EngineSettings {
        store,
        vault: Arc::new(StoreVault(sealer)),
        code_key: *master.derive("code").expose(),
        pin_keys: vec![PinKey::new(1, *master.derive("pin").expose())],
        shard_key: *master.derive("shard").expose(),
        lines,
        webhooks: webhooks(receivers, master)?,
        notices,
        speech: Arc::new(portal::speech),
        arbiters: std::thread::available_parallelism().map_or(1, usize::from),
        most_in_flight: limits.most_in_flight,
        watch: None,
    };
    Ok(Engine::start(settings).await?)
}

fn webhooks(config: &config::Webhooks, master: &MasterKey) -> anyhow::Result<Webhooks> {
    let settings = WebhookSettings {
        allow_private_addresses: config.allow_private_addresses,
        allow_http: config.allow_http,
        ca_file: config.ca_file.clone(),
    };
    let client = WebhookClient::new(settings).map_err(|cause| anyhow::anyhow!("webhooks.{cause}"))?;
    Ok(Webhooks { client, key: master.derive("webhook"), body: portal::webhook_body })
}

/// The user portal, unless it is switched off.
pub fn portal(
    settings: &config::Portal,
    master: &MasterKey,
    directories: portal::Directories,
) -> Option<portal::PortalSettings> {
    let [form, answers] = ["portal form", "answers"].map(|label| *master.derive(label).expose());
    let keys = portal::PortalKeys { form, answers };
    settings.enabled.then(|| portal::PortalSettings { base_path: settings.base_path.clone(), keys, directories })
}

/// TLS from a certificate chain and a key, both PEM.
pub fn tls(config: &Config) -> anyhow::Result<Option<rustls::ServerConfig>> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let (Some(cert), Some(key)) = (&config.server.tls_cert_file, &config.server.tls_key_file) else { return Ok(None) };
    let read = |path: &Path| format!("{} cannot be used", path.display());
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| read(cert))?;
    let key_der = PrivateKeyDer::from_pem_file(key).with_context(|| read(key))?;
    let server = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key_der);
    Ok(Some(server.context("certificate and key do not fit together")?))
}

/// Logs to standard error.
pub fn log(level: &str, format: &str) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call, in a test, finds the first one's logger there; that is what is wanted.
    let _ = if format == "json" { builder.json().try_init() } else { builder.try_init() };
}
