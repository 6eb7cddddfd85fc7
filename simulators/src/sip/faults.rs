//! What goes wrong at a SIP gateway on purpose, as the control API takes it.
//! It refuses probabilities outside 0 to 1 and anything it doesn't know.

use serde::{Deserialize, Serialize};

use crate::faults::{LONGEST_MS, check_chance};

/// Body of `GET|PUT /sim/v1/gateways/{name}/faults` for a SIP gateway; a `PUT` replaces all of it. Probabilities are drawn from the
/// seeded generator, the same number of draws for every call.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SipFaults {
    /// Final answers to an INVITE instead of ringing, tried in order: the probabilities add up, at most to 1.
    pub statuses: Vec<StatusFault>,
    /// The first answer to an INVITE, and what follows from it, comes so much later, in milliseconds.
    pub delay_ms: u64,
    /// Probability that an INVITE is never answered, not even with 100.
    pub silence: f64,
    /// Probability, for each time it is sent, that the 200 to an INVITE is lost.
    pub lost_ok: f64,
    /// Probability that every answer about a call is sent twice.
    pub duplicate_answers: f64,
    /// Probability that a call that was answered is cut after a second: no BYE, no more sound, nothing is answered.
    pub cut: f64,
    /// Nothing that comes is looked at; streams are closed.
    pub unreachable: bool,
    /// What happens to the sound, in both directions.
    pub network: NetworkFaults,
}

/// One kind of refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusFault {
    /// 0 to 1.
    pub probability: f64,
    /// 300 to 699.
    pub status: u16,
    /// Seconds, where the answer says when to come back.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// The cause of a `Reason: Q.850` field (RFC 3326).
    #[serde(default)]
    pub cause: Option<u8>,
    /// Where a 3xx leads.
    #[serde(default)]
    pub contact: Option<String>,
}

/// What happens to each packet of sound.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkFaults {
    /// Probability that a packet is lost.
    pub loss: f64,
    /// Up to so many milliseconds later; the order of packets changes with it.
    pub jitter_ms: u64,
    /// Probability that a packet is overtaken by the next one.
    pub reorder: f64,
    /// Probability that a packet comes twice.
    pub duplicates: f64,
    /// The only direction that sound goes in. `null`: both.
    pub only: Option<OneWay>,
}

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OneWay {
    /// The phone hears, its keys and tones are lost.
    ToPhone,
    /// The caller hears, the phone doesn't.
    ToCaller,
}

const MOST_STATUSES: usize = 32;

impl SipFaults {
    /// What is wrong, as a sentence for whoever wrote it.
    pub(crate) fn check(&self) -> Result<(), String> {
        let chances = [
            ("silence", self.silence),
            ("lost_ok", self.lost_ok),
            ("duplicate_answers", self.duplicate_answers),
            ("cut", self.cut),
            ("network.loss", self.network.loss),
            ("network.reorder", self.network.reorder),
            ("network.duplicates", self.network.duplicates),
        ];
        for (name, chance) in chances {
            check_chance(name, chance)?;
        }
        if self.delay_ms > LONGEST_MS || self.network.jitter_ms > 10_000 {
            return Err(format!("delay_ms is at most {LONGEST_MS} and network.jitter_ms at most 10000"));
        }
        self.check_statuses()
    }

    fn check_statuses(&self) -> Result<(), String> {
        if self.statuses.len() > MOST_STATUSES {
            return Err(format!("statuses has at most {MOST_STATUSES} entries"));
        }
        for (index, fault) in self.statuses.iter().enumerate() {
            check_chance(&format!("statuses[{index}].probability"), fault.probability)?;
            if !(300..=699).contains(&fault.status) {
                return Err(format!("statuses[{index}].status is 300 to 699"));
            }
            if fault.contact.as_deref().is_some_and(|uri| uri.is_empty() || uri.contains(['\r', '\n', '<', '>'])) {
                return Err(format!("statuses[{index}].contact is an address like sip:+12025550123@127.0.0.1"));
            }
        }
        let sum: f64 = self.statuses.iter().map(|fault| fault.probability).sum();
        if sum > 1.0 + 1e-9 {
            return Err("the probabilities of statuses add up to more than 1".to_owned());
        }
        Ok(())
    }

    /// The refusal that a draw from 0 to 1 means.
    pub(crate) fn pick(&self, draw: f64) -> Option<&StatusFault> {
        let mut reached = 0.0;
        self.statuses.iter().find(|fault| {
            reached += fault.probability;
            draw < reached
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SipFaults, String> {
        let faults: SipFaults = serde_json::from_str(text).map_err(|error| error.to_string())?;
        faults.check().map(|()| faults)
    }

    #[test]
    fn draws_pick_in_order() {
        let faults =
            read(r#"{"statuses": [{"probability": 0.2, "status": 486}, {"probability": 0.3, "status": 503}]}"#);
        let faults = faults.expect("valid");
        let picked = [0.1, 0.3, 0.6].map(|draw| faults.pick(draw).map(|fault| fault.status));
        assert_eq!(picked, [Some(486), Some(503), None]);
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        let wrong = [
            r#"{"silence": 2}"#,
            r#"{"network": {"loss": -1}}"#,
            r#"{"network": {"jitter_ms": 10001}}"#,
            r#"{"network": {"only": "up"}}"#,
            r#"{"statuses": [{"probability": 1, "status": 200}]}"#,
            r#"{"statuses": [{"probability": 0.6, "status": 486}, {"probability": 0.6, "status": 503}]}"#,
            r#"{"statuses": [{"probability": 1, "status": 302, "contact": "a\r\nb"}]}"#,
            r#"{"errors": []}"#,
        ];
        assert!(wrong.iter().all(|text| read(text).is_err()));
    }
}
