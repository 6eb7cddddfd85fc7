//! Scenarios: what is played, from a built-in or from a TOML file.
//! Refuses a file with mistakes, and names each with its path and what would be right.

mod mistakes;

use crate::human::Human;
use anyhow::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt::Write;

/// Name and text of those that come with the program.
pub const BUILT_IN: [(&str, &str); 10] = [
    ("texts", include_str!("../../scenarios/texts.toml")),
    ("people", include_str!("../../scenarios/people.toml")),
    ("campaign", include_str!("../../scenarios/campaign.toml")),
    ("in-flight", include_str!("../../scenarios/in-flight.toml")),
    ("restart", include_str!("../../scenarios/restart.toml")),
    ("oath", include_str!("../../scenarios/oath.toml")),
    ("replay-storm", include_str!("../../scenarios/replay-storm.toml")),
    ("gateway-brownout", include_str!("../../scenarios/gateway-brownout.toml")),
    ("soak", include_str!("../../scenarios/soak.toml")),
    ("enrolment", include_str!("../../scenarios/enrolment.toml")),
];

/// How verifications are started and their outcomes learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// One request each, which waits for the outcome.
    Single,
    /// In batches; outcomes come from the feed.
    Batch,
    /// All at once open, until they expire.
    InFlight,
    /// All at once open, then the engine is killed and started anew.
    Restart,
    /// Codes of OATH tokens, checked one request each.
    Check,
    /// People enrol themselves by text, through the pages of the portal.
    Enrol,
}

/// How requests lie on the connections to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Legs {
    /// One at a time on each connection.
    KeepAlive,
    /// Several at once on each.
    Pipelined,
}

/// A method, its mode, and the share of people who have it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// `sms` or `oath`.
    pub method: String,
    /// A mode of it.
    pub mode: String,
    /// Of all people.
    pub share: f64,
}

/// Faults of the gateway for a part of the run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Seconds after the beginning.
    pub from: f64,
    /// Seconds after the beginning.
    pub until: f64,
    /// What the simulator's control API takes.
    pub faults: serde_json::Value,
}

/// What is played.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name in reports.
    pub name: String,
    /// How.
    pub shape: Shape,
    /// Verifications due each second; 0 where `at_once` bounds them.
    pub rate: f64,
    /// Verifications in flight, a new one for each that ends; 0 where `rate` bounds them.
    pub at_once: u32,
    /// Seconds that count.
    pub duration: f64,
    /// Verifications that count, instead of a duration; 0 for none.
    pub count: u64,
    /// Seconds at the full rate before what counts.
    pub warm_up: f64,
    /// Seconds over which the rate grows.
    pub ramp: f64,
    /// People who take turns.
    pub people: u32,
    /// How often each start is sent, with the same idempotency key.
    pub repeat: u32,
    /// Verifications in a batch.
    pub batch: u32,
    /// Seconds that a verification lives.
    pub ttl: u32,
    /// Verifications that are open at once before anything ends.
    pub open: u32,
    /// Seconds over which they expire.
    pub expire: u32,
    /// Legs to the gateway.
    pub legs: Legs,
    /// Whether the gateway tells what became of each text.
    pub receipts: bool,
    /// By how many percent memory may grow over the second half; 0 where it does not matter.
    pub flat: f64,
    /// Verifications that are finished before, and lie in the store.
    pub finished: u64,
    /// People who are in the store before, beside those who take turns.
    pub stored: u32,
    /// Addresses that those who enrol come from; each from one of their own if 0.
    pub addresses: u32,
    /// Milliseconds that their directory takes for an answer.
    pub directory: u32,
    /// Reasons that are no surprise beside those of the people, because of what goes wrong at the gateway.
    pub also: Vec<String>,
    /// Methods.
    pub mix: Vec<Mix>,
    /// People.
    pub human: Human,
    /// Faults.
    pub faults: Vec<Fault>,
}

/// The text of a scenario: a built-in, or a file.
pub fn text(name: &str) -> anyhow::Result<String> {
    if let Some((_, text)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
        return Ok((*text).to_owned());
    }
    let names: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    std::fs::read_to_string(name)
        .with_context(|| format!("`{name}` is no file that can be read and none of {}", names.join(", ")))
}

/// Reads a scenario; the error names every mistake.
pub fn read(name: &str, text: &str) -> anyhow::Result<Scenario> {
    let table: toml::Table = text.parse().with_context(|| format!("{name} is not TOML"))?;
    let mut keys = Keys { table, mistakes: Vec::new() };
    let scenario = keys.scenario(name);
    keys.unknown();
    keys.mistakes.extend(scenario.mistakes());
    if keys.mistakes.is_empty() {
        return Ok(scenario);
    }
    let mut message = format!("{name} has {} mistakes", keys.mistakes.len());
    for (path, right) in keys.mistakes {
        // Writing into a String cannot fail.
        let _ = write!(message, "\n  {path}: {right}");
    }
    anyhow::bail!(message)
}

/// The keys of a file that are still to be read, and the mistakes so far.
struct Keys {
    table: toml::Table,
    mistakes: Vec<(String, String)>,
}

impl Keys {
    fn scenario(&mut self, name: &str) -> Scenario {
        Scenario {
            name: self.get("name", name.to_owned()),
            shape: self.get("shape", Shape::Single),
            rate: self.number("rate", 0.0),
            at_once: self.get("at_once", 0),
            duration: self.number("duration_seconds", 10.0),
            count: self.get("count", 0),
            warm_up: self.number("warm_up_seconds", 2.0),
            ramp: self.number("ramp_seconds", 0.0),
            people: self.get("people", 2000),
            repeat: self.get("repeat", 1),
            batch: self.get("batch", 500),
            ttl: self.get("ttl_seconds", 60),
            open: self.get("open", 0),
            expire: self.get("expire_seconds", 60),
            legs: self.get("legs", Legs::KeepAlive),
            receipts: self.get("receipts", false),
            flat: self.number("flat_percent", 0.0),
            finished: self.get("finished", 0),
            stored: self.get("stored", 0),
            addresses: self.get("addresses", 0),
            directory: self.get("directory_ms", 0),
            also: self.get("also", vec![]),
            mix: self.get("mix", Scenario::usual_mix()),
            human: self.get("human", Human::default()),
            faults: self.get("fault", vec![]),
        }
    }

    fn get<T: DeserializeOwned>(&mut self, key: &str, default: T) -> T {
        let Some(value) = self.table.remove(key) else { return default };
        match serde_path_to_error::deserialize(value) {
            Ok(read) => read,
            Err(error) => {
                let inner = error.path().to_string();
                let path = if inner == "." { key.to_owned() } else { format!("{key}.{inner}") };
                self.mistakes.push((path, error.into_inner().to_string().trim().replace('\n', " ")));
                default
            }
        }
    }

    /// A number with or without a fraction.
    fn number(&mut self, key: &str, default: f64) -> f64 {
        if let Some(toml::Value::Integer(whole)) = self.table.get(key) {
            let whole = *whole as f64;
            self.table.remove(key);
            return whole;
        }
        self.get(key, default)
    }

    fn unknown(&mut self) {
        for (key, _) in std::mem::take(&mut self.table) {
            self.mistakes.push((key, "there is no such key; docs/loadtest.md lists them".into()));
        }
    }
}

impl Scenario {
    /// Everybody has two-way texts.
    pub fn usual_mix() -> Vec<Mix> {
        vec![Mix { method: "sms".into(), mode: "two_way_otp".into(), share: 1.0 }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_reads_without_a_mistake() {
        for (name, text) in BUILT_IN {
            assert_eq!(read(name, text).unwrap().name, name);
        }
    }

    #[test]
    fn every_mistake_is_named_with_what_would_be_right() {
        let text = "rate = \"fast\"\nat_once = 5\nbatch = 0\nspeed = 7\npeople = -1\n\
                    mix = [{ method = \"fax\", mode = \"x\", share = 0.5 }]\n[human]\nsilent = 2\nsleepy = true\n\
                    [[fault]]\nfrom = 9\nuntil = 3\nfaults = {}\n";
        let message = read("mine.toml", text).unwrap_err().to_string();
        for path in
            ["rate: ", "batch: must", "speed: there", "people: ", "mix: ", "mix.0.method: ", "human", "fault.0: "]
        {
            assert!(message.contains(&format!("\n  {path}")), "{path} in {message}");
        }
        assert!(read("x", "rate = ").unwrap_err().to_string().contains("not TOML"));
        assert!(text_of_nothing().contains("texts, people"));
    }

    fn text_of_nothing() -> String {
        super::text("/nowhere.toml").unwrap_err().to_string()
    }
}
