//! The settings file of the engine of a run.
//! Refuses limits that the load would meet: those are no part of what is measured.

use super::{DEPTH, NUMBER, PIPES, SID, TOKEN};
use crate::scenario::{Legs, Scenario};
use serde_json::json;
use std::net::SocketAddr;

/// With everything let in that a run brings.
pub fn of_engine(engine: SocketAddr, simulators: SocketAddr, scenario: &Scenario, store: Option<&str>) -> String {
    let store = store.map(|url| format!("[store]\nurl = {}\n", json!(url))).unwrap_or_default();
    let (out, depth) = match scenario.legs {
        Legs::KeepAlive => (512, 1),
        Legs::Pipelined => (PIPES * DEPTH, DEPTH),
    };
    let at_once = scenario.at_once.max(scenario.open).max(100_000) * 2;
    format!(
        "[server]\nlisten = \"{engine}\"\n{store}[log]\nlevel = \"warn\"\n[limits]\nper_key_per_second = 1000000\n\
         per_address_per_second = 1000000\nmost_in_flight = {at_once}\n[[gateway]]\nkind = \"twilio\"\nname = \"sms\"\n\
         account_sid = \"{SID}\"\nauth_token = \"{TOKEN}\"\nfrom = [\"{NUMBER}\"]\nbase_url = \"http://{simulators}\"\n\
         per_second = 1000000\nper_number_per_minute = 1000000\nmax_in_flight = {out}\nqueue = {at_once}\npipelining = {depth}\n"
    )
}
