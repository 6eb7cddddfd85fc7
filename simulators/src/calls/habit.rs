//! What a person does with calls, as words of a behaviour, and which keys are pressed when.
//! It refuses what no telephone has a key for.

use serde::{Deserialize, Deserializer, Serialize};

use super::is_key;
use crate::behaviour::Behaviour;
use crate::faults::LONGEST_MS;

/// What happens when a call comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCall {
    /// It rings until the caller gives up, unless a tester answers.
    #[default]
    Ring,
    /// Somebody answers.
    Answer,
    /// Somebody speaks on it already.
    Busy,
    /// Somebody presses the call away.
    Decline,
    /// Switched off or out of reach.
    Unreachable,
    /// The number is nobody's.
    Unallocated,
    /// An answering machine answers, plays a greeting and a beep, and presses nothing.
    Voicemail,
}

/// How keys travel where the gateway carries sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStyle {
    /// RTP events (RFC 4733).
    #[default]
    Event,
    /// SIP INFO (RFC 6086) with `application/dtmf-relay`.
    Info,
    /// Two tones in the sound; events are not offered.
    Tone,
}

/// When the phone hangs up by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangUp {
    /// `hang_up_after_ms` after the answer.
    AfterAnswer,
    /// `hang_up_after_ms` after the first prompt began.
    MidPrompt,
}

/// The phone puts the caller on hold, where the gateway can say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// Milliseconds from the answer to the hold.
    pub after_ms: u64,
    /// Milliseconds of holding.
    pub for_ms: u64,
}

const PIN: &str = "{pin}";
/// What says that the call is a fraud, and that it is meant so.
const FRAUD: [&str; 2] = ["0#", "1"];
const MOST_TURNS: usize = 20;
const MOST_KEYS: usize = 64;

/// Reads one entry or a list of them.
pub(crate) fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "keys is a text like \"1234#\", or a list of them, one for each time the gateway listens"
    )]
    enum Keys {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Keys::deserialize(deserializer)? {
        Keys::One(keys) => vec![keys],
        Keys::Many(keys) => keys,
    })
}

impl Behaviour {
    /// What is pressed when the gateway listens for the `turn`th time, counted from 0: keys, and `,` for a pause of a second.
    pub(crate) fn keys_of(&self, turn: usize) -> Option<String> {
        if self.on_call == OnCall::Voicemail {
            return None;
        }
        if self.report_fraud {
            return FRAUD.get(turn).map(|keys| (*keys).to_owned());
        }
        let keys = self.keys.get(turn)?;
        Some(keys.replace(PIN, self.pin.as_deref().unwrap_or_default()))
    }
}

/// What is wrong with the words about calls, as a sentence for whoever wrote them.
pub(crate) fn check(behaviour: &Behaviour) -> Result<(), &'static str> {
    if behaviour.keys.len() > MOST_TURNS {
        return Err("keys has at most 20 entries");
    }
    for keys in &behaviour.keys {
        if behaviour.pin.is_none() && keys.contains(PIN) {
            return Err("keys has {pin}, but pin is null");
        }
        let plain = keys.replace(PIN, "");
        if keys.is_empty() || plain.len() > MOST_KEYS || !plain.chars().all(|key| is_key(key) || key == ',') {
            return Err("an entry of keys is 1 to 64 of 0-9, *, #, A-D, {pin}, and a comma for a pause of a second");
        }
    }
    let extension = behaviour.extension.as_deref();
    if extension.is_some_and(|wanted| wanted.is_empty() || wanted.len() > 32 || !wanted.chars().all(is_key)) {
        return Err("extension is 1 to 32 of 0-9, *, # and A-D, or null");
    }
    let hold = behaviour.hold.map_or([0, 0], |hold| [hold.after_ms, hold.for_ms]);
    let times = [behaviour.answer_after_ms, behaviour.hang_up_after_ms];
    if times.iter().chain(&hold).any(|ms| *ms > LONGEST_MS) {
        return Err("answer_after_ms, hang_up_after_ms and the times of hold are at most 3600000");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressing(keys: &[&str]) -> Behaviour {
        let keys = keys.iter().map(|keys| (*keys).to_owned()).collect();
        Behaviour { on_call: OnCall::Answer, pin: Some("2468".to_owned()), keys, ..Behaviour::default() }
    }

    #[test]
    fn each_time_the_gateway_listens_has_its_keys() {
        let behaviour = pressing(&["1111#", "{pin}#"]);
        let turns: Vec<_> = (0..3).map(|turn| behaviour.keys_of(turn)).collect();
        assert_eq!(turns, [Some("1111#".to_owned()), Some("2468#".to_owned()), None]);
        let fraud = Behaviour { report_fraud: true, ..behaviour.clone() };
        assert_eq!((fraud.keys_of(0).as_deref(), fraud.keys_of(1).as_deref()), (Some("0#"), Some("1")));
        assert_eq!(Behaviour { on_call: OnCall::Voicemail, ..behaviour }.keys_of(0), None);
    }

    #[test]
    fn one_entry_needs_no_list() {
        let read = |text: &str| serde_json::from_str::<Behaviour>(text);
        assert_eq!(read(r##"{"keys": "1234#"}"##).expect("one").keys, ["1234#"]);
        assert_eq!(read(r##"{"keys": ["1#", "2#"]}"##).expect("many").keys, ["1#", "2#"]);
        assert!(read(r#"{"keys": 1234}"#).expect_err("a number").to_string().contains("keys is a text"));
        assert!(read(r#"{"on_call": "sing"}"#).is_err() && read(r#"{"hold": {"after_ms": 1}}"#).is_err());
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        let long = "1".repeat(65);
        let wrong = [
            pressing(&[""]),
            pressing(&["12x"]),
            pressing(&[&long]),
            pressing(&["1"; 21]),
            Behaviour { pin: None, ..pressing(&["{pin}"]) },
            Behaviour { extension: Some(String::new()), ..pressing(&[]) },
            Behaviour { extension: Some("4,2".to_owned()), ..pressing(&[]) },
            Behaviour { answer_after_ms: LONGEST_MS + 1, ..pressing(&[]) },
            Behaviour { hold: Some(Hold { after_ms: 0, for_ms: LONGEST_MS + 1 }), ..pressing(&[]) },
        ];
        assert!(wrong.iter().all(|behaviour| behaviour.check().is_err()));
        assert!(pressing(&["{pin}#", ",,1*A"]).check().is_ok());
    }
}
