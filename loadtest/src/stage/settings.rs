//! The settings file of the engine of a run.
//! Refuses limits that the load would meet: those are no part of what is measured.

use super::{DEPTH, NUMBER, PIPES, SID, TOKEN};
use crate::radius::{self, Radius};
use crate::scenario::{Legs, Scenario, Shape};
use serde_json::json;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// With everything let in that a run brings.
pub fn of_engine(engine: SocketAddr, simulators: SocketAddr, scenario: &Scenario, store: Option<&str>) -> String {
    let store = store.map(|url| format!("[store]\nurl = {}\n", json!(url))).unwrap_or_default();
    let (out, depth) = match scenario.legs {
        Legs::KeepAlive => (512, 1),
        Legs::Pipelined => (PIPES * DEPTH, DEPTH),
    };
    let at_once = scenario.at_once.max(scenario.open).max(100_000) * 2;
    // People who enrol have addresses of their own, as behind a reverse proxy.
    let proxies = if scenario.shape == Shape::Enrol { "trusted_proxies = [\"127.0.0.1\"]\n" } else { "" };
    format!(
        "[server]\nlisten = \"{engine}\"\n{proxies}{store}[log]\nlevel = \"warn\"\n[limits]\nper_key_per_second = 1000000\n\
         per_address_per_second = 1000000\nmost_in_flight = {at_once}\n[[gateway]]\nkind = \"twilio\"\nname = \"sms\"\n\
         account_sid = \"{SID}\"\nauth_token = \"{TOKEN}\"\nfrom = [\"{NUMBER}\"]\nbase_url = \"http://{simulators}\"\n\
         per_second = 1000000\nper_number_per_minute = 1000000\nmax_in_flight = {out}\nqueue = {at_once}\npipelining = {depth}\n"
    )
}

/// The section of the directory, and beside the settings the file with its secret.
pub fn of_directory(dir: &Path, radius: &Radius) -> anyhow::Result<String> {
    let file = dir.join("radius.secret");
    let mut secret = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file)?;
    secret.write_all(radius::SECRET.as_bytes())?;
    Ok(format!("[directory.radius]\nservers = [\"{}\"]\nsecret_file = {}\n", radius.address, json!(file)))
}
