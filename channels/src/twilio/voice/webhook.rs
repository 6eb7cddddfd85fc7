//! The provider's callbacks about a call: what to say next, and how far it is (gateways.md §2).
//! Refuses a parameter that comes with two values; tolerates parameters it does not know.

use crate::call::Keys;
use crate::callback::{CallbackError, RawCallback};
use crate::twilio::callback::{Form, filled, value};
use crate::twilio::form::parse_form;
use engine::id::AttemptId;
use engine::secret::Secret;

/// Longer than anything that is asked for; what is beyond is not read.
const MOST_KEYS: usize = 64;
/// The provider's ids have 34 characters.
const LONGEST_SID: usize = 64;

/// Which call a callback is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// From the callback's address; `None` if it does not name one of ours.
    pub attempt: Option<AttemptId>,
    /// The provider's id of the call: letters and digits.
    pub sid: String,
}

/// The provider asks what to say next.
#[derive(Debug, Clone)]
pub struct Asked {
    /// How many documents it had before, as the address says; 0 is the answer of the phone.
    pub turn: u32,
    /// Whether it takes what picked up for an answering machine or a fax.
    pub machine: bool,
    /// The keys since the last document.
    pub keys: Keys,
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Taken, dialled, or a word that we do not know, so that a new one ends nothing.
    Begun,
    /// It rings.
    Ringing,
    /// Somebody or something picked up.
    InProgress,
    /// It is over.
    Ended(Ended),
}

/// The provider's last word of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was answered, and somebody hung up.
    Completed,
    /// Busy, or pressed away.
    Busy,
    /// Nobody picked up.
    NoAnswer,
    /// It could not be connected.
    Failed,
    /// It was ended before the answer.
    Canceled,
}

/// What is told of a call's progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// So far.
    pub progress: Progress,
    /// The carrier's last response.
    pub sip: Option<u16>,
    /// The provider's error.
    pub code: Option<u32>,
    /// How long it lasted from the answer on, in seconds.
    pub seconds: Option<u64>,
}

/// Reads the request for a document: after the answer, after keys, or after nothing was pressed.
pub fn asked(callback: &RawCallback<'_>) -> Result<(About, Asked), CallbackError> {
    let (form, query) = forms(callback)?;
    let asked = Asked {
        turn: value(&query, "turn")?.and_then(|turn| turn.parse().ok()).unwrap_or(0),
        machine: value(&form, "AnsweredBy")?.is_some_and(is_machine),
        keys: keys(value(&form, "Digits")?.unwrap_or_default(), value(&form, "FinishedOnKey")?.unwrap_or_default()),
    };
    Ok((about(&form, &query)?, asked))
}

/// Reads a status callback.
pub fn told(callback: &RawCallback<'_>) -> Result<(About, Told), CallbackError> {
    let (form, query) = forms(callback)?;
    let told = Told {
        progress: progress(filled(&form, "CallStatus")?),
        sip: value(&form, "SipResponseCode")?.and_then(|code| code.parse().ok()),
        code: value(&form, "ErrorCode")?.and_then(|code| code.parse().ok()).filter(|code| *code != 0),
        seconds: value(&form, "CallDuration")?.and_then(|seconds| seconds.parse().ok()),
    };
    Ok((about(&form, &query)?, told))
}

/// The state of a call for the provider's word for it.
pub fn progress(word: &str) -> Progress {
    match word {
        "ringing" => Progress::Ringing,
        "in-progress" => Progress::InProgress,
        "completed" => Progress::Ended(Ended::Completed),
        "busy" => Progress::Ended(Ended::Busy),
        "no-answer" => Progress::Ended(Ended::NoAnswer),
        "failed" => Progress::Ended(Ended::Failed),
        "canceled" => Progress::Ended(Ended::Canceled),
        // queued, initiated, and words that are not invented yet.
        _ => Progress::Begun,
    }
}

/// Whether an id can be put into addresses.
pub fn is_sid(sid: &str) -> bool {
    (1..=LONGEST_SID).contains(&sid.len()) && sid.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

type Owned = Vec<(String, String)>;

/// The body's form, and the address's.
fn forms(callback: &RawCallback<'_>) -> Result<(Owned, Owned), CallbackError> {
    let query = callback.path_and_query.split_once('?').map_or("", |(_, query)| query);
    Ok((parse_form(callback.body)?, parse_form(query.as_bytes())?))
}

fn about(form: &Form, query: &Form) -> Result<About, CallbackError> {
    let attempt = value(query, "attempt")?.and_then(|attempt| attempt.parse().ok());
    let sid = filled(form, "CallSid")?;
    if is_sid(sid) { Ok(About { attempt, sid: sid.to_owned() }) } else { Err(CallbackError::Missing("CallSid")) }
}

/// `human` and `unknown` are people until something else is known: a machine presses nothing.
fn is_machine(by: &str) -> bool {
    by.starts_with("machine") || by == "fax"
}

/// `#` is either the finish key or, where there is none, the last of the keys.
fn keys(digits: &str, finished_on: &str) -> Keys {
    let (digits, pound) = digits.split_once('#').map_or((digits, finished_on == "#"), |(digits, _)| (digits, true));
    let is_key = |key: &char| matches!(key, '0'..='9' | '*' | 'A'..='D');
    let digits = digits.chars().take(MOST_KEYS).map(|key| key.to_ascii_uppercase()).filter(is_key).collect();
    Keys { digits: Secret::new(digits), pound }
}

#[cfg(test)]
#[path = "webhook/tests.rs"]
mod tests;
