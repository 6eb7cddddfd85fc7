//! Scenarios: what is played, from a built-in or from a TOML file.
//! Refuses a file with mistakes, and names each with its path and what would be right.

use crate::human::Human;
use anyhow::Context;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt::Write;

/// Name and text of those that come with the program.
pub const BUILT_IN: [(&str, &str); 9] = [
    ("texts", include_str!("../scenarios/texts.toml")),
    ("people", include_str!("../scenarios/people.toml")),
    ("campaign", include_str!("../scenarios/campaign.toml")),
    ("in-flight", include_str!("../scenarios/in-flight.toml")),
    ("restart", include_str!("../scenarios/restart.toml")),
    ("oath", include_str!("../scenarios/oath.toml")),
    ("replay-storm", include_str!("../scenarios/replay-storm.toml")),
    ("gateway-brownout", include_str!("../scenarios/gateway-brownout.toml")),
    ("soak", include_str!("../scenarios/soak.toml")),
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

const MODES: [(&str, &[&str]); 2] =
    [("sms", &["two_way_otp", "two_way_otp_pin", "one_way_otp", "one_way_otp_pin"]), ("oath", &["code"])];

impl Scenario {
    /// Everybody has two-way texts.
    pub fn usual_mix() -> Vec<Mix> {
        vec![Mix { method: "sms".into(), mode: "two_way_otp".into(), share: 1.0 }]
    }

    /// What makes no sense, whoever wrote it.
    pub fn mistakes(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut want = |holds: bool, path: &str, right: &str| {
            if !holds {
                found.push((path.to_owned(), right.to_owned()));
            }
        };
        let bounded = matches!(self.shape, Shape::InFlight | Shape::Restart);
        want((0.0..=1e6).contains(&self.rate), "rate", "must be 0 to 1000000");
        want(bounded || (self.rate > 0.0) != (self.at_once > 0), "rate", "give either `rate` or `at_once`, above 0");
        want(self.shape != Shape::Check || self.at_once > 0, "at_once", "codes are checked by as many as this says");
        want(self.at_once <= 100_000, "at_once", "must be at most 100000");
        want((0.1..=1e6).contains(&self.duration), "duration_seconds", "must be 0.1 to 1000000");
        want((0.0..=3600.0).contains(&self.warm_up), "warm_up_seconds", "must be 0 to 3600");
        want((0.0..=3600.0).contains(&self.ramp), "ramp_seconds", "must be 0 to 3600");
        want((1..=crate::people::MOST).contains(&self.people), "people", "must be 1 to 2000000");
        want((1..=100).contains(&self.repeat), "repeat", "must be 1 to 100");
        want((1..=1000).contains(&self.batch), "batch", "must be 1 to 1000");
        want((1..=900).contains(&self.ttl), "ttl_seconds", "must be 1 to 900");
        want(!bounded || (1..=2_000_000).contains(&self.open), "open", "must be 1 to 2000000");
        want((1..=600).contains(&self.expire), "expire_seconds", "must be 1 to 600");
        want((0.0..=1000.0).contains(&self.flat), "flat_percent", "must be 0 to 1000");
        let sum: f64 = self.mix.iter().map(|mix| mix.share).sum();
        want((sum - 1.0).abs() < 1e-6, "mix", "the shares must add up to 1");
        for (index, Mix { method, mode, share }) in self.mix.iter().enumerate() {
            let modes = MODES.iter().find(|(name, _)| name == method).map(|(_, modes)| *modes);
            want(modes.is_some(), &format!("mix.{index}.method"), "must be sms or oath");
            let right = format!("must be one of {}", modes.unwrap_or(&["the method's"]).join(", "));
            want(modes.is_none_or(|modes| modes.contains(&mode.as_str())), &format!("mix.{index}.mode"), &right);
            want((0.0..=1.0).contains(share), &format!("mix.{index}.share"), "must be 0 to 1");
        }
        for (index, fault) in self.faults.iter().enumerate() {
            want(
                fault.from >= 0.0 && fault.from < fault.until,
                &format!("fault.{index}"),
                "`from` must be before `until`",
            );
        }
        found.extend(self.human.mistakes().into_iter().map(|(path, right)| (join("human", &path), right)));
        found
    }
}

fn join(one: &str, other: &str) -> String {
    if other.is_empty() { one.to_owned() } else { format!("{one}.{other}") }
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
