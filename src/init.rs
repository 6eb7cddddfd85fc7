//! `init`: settings, a master key and the first API key.
//! Refuses to overwrite anything.

use crate::config;
use crate::report::Report;
use crate::wiring;
use anyhow::Context;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use store::keys::MasterKey;
use store::{Expect, Operation, Store};

const TEMPLATE: &str = r#"# Countersign. `countersign check-config FILE` names every mistake.

[server]
listen = "127.0.0.1:8080"
# How gateways reach this engine, for their callbacks and signatures.
# public_url = "https://verify.example.com"

[store]
url = "sqlite:countersign.db"
# The most MiB that it may take of its disk; 0 is no limit.
# max_megabytes = 0

[keys]
# Keep a copy of this file apart from the backups of the store: neither is of use without the other.
master_key_file = "master.key"

# One for each account. This one is the simulator's: `countersign simulate --listen 127.0.0.1:8081`
[[gateway]]
kind = "twilio"
name = "sms"
account_sid = "SIMULATED_SID"
auth_token = "SIMULATED_TOKEN"
from = ["SIMULATED_NUMBER"]
base_url = "http://127.0.0.1:8081"
per_second = 50
"#;

/// Writes everything into `dir`; the key goes into a file of its own. `store` is the URL of a store elsewhere.
pub fn run(dir: &Path, store: Option<&str>) -> anyhow::Result<Report> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let config = dir.join("countersign.toml");
    anyhow::ensure!(!config.exists(), "{} exists already; nothing was changed", config.display());
    let simulated = simulators::Account::default();
    let own = format!("sqlite:{}", dir.join("countersign.db").display());
    let settings = config::Store { url: store.unwrap_or(&own).to_owned(), ..Default::default() };
    // First, so that a server that cannot be reached leaves nothing behind that a second try would refuse to overwrite.
    let opened = wiring::open_store(&settings)?;
    let master = MasterKey::create(&dir.join("master.key"))?;
    let text = TEMPLATE
        .replace("sqlite:countersign.db", store.unwrap_or("sqlite:countersign.db"))
        .replace("SIMULATED_SID", &simulated.sid)
        .replace("SIMULATED_TOKEN", &simulated.auth_token)
        .replace("SIMULATED_NUMBER", simulated.numbers.first().map_or("+12025550100", String::as_str));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&config);
    file.and_then(|mut file| file.write_all(text.as_bytes())).context("the settings cannot be written")?;
    store::keys::Sealer::open(&*opened, &master)?;
    let key = first_key(&*opened)?;
    let key_file = dir.join("admin.key");
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key_file);
    file.and_then(|mut file| file.write_all(key.as_bytes())).context("the API key cannot be written")?;
    let text = format!(
        "wrote {} and the master key beside it\nthe first API key, with every scope, is in {}\nnow: countersign serve --config {}",
        config.display(),
        key_file.display(),
        config.display()
    );
    Ok(Report::new(text, json!({ "config": config, "api_key_file": key_file })))
}

/// Makes a key with every scope, directly in the store.
pub fn first_key(store: &dyn Store) -> anyhow::Result<String> {
    let now = actors::Clock::start().now();
    let (key, record) = portal::make_key("first administrator".into(), vec![], vec!["admin".into()], true, now);
    let body = json!({ "act": "api_key.create", "by": "init", "on": record.id.to_string() });
    let audit = Operation::Audit { at: now, body: body.to_string().into_bytes() };
    let put = Operation::put(portal::door::hash(&key), &record, Expect::Absent);
    let written = store.commit(&[vec![put, audit].into()])?;
    anyhow::ensure!(written.iter().all(Result::is_ok), "the first API key could not be written");
    Ok(key)
}
