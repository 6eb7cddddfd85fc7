//! What goes wrong at a gateway on purpose, as the control API takes it.
//! It refuses probabilities outside 0 to 1 and anything it doesn't know.

use serde::{Deserialize, Serialize};

/// Body of `GET|PUT /sim/v1/gateways/{name}/faults`; a `PUT` replaces all of it. Probabilities are drawn from the seeded generator,
/// the same number of draws for every send, so that a run can be repeated.
///
/// For the mail server, `mail`, a send is a letter: `errors` answer each of its RCPT, with `status` as the reply code (400 to 459, 500 to
/// 559); beyond `throttle_per_second` MAIL gets 451; `delay_ms` holds back what decides about the letter; `silence` comes after MAIL,
/// `accept_then_silence` after the letter itself. What is about callbacks is refused, and so is `body`; `code` means nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Answers that refuse a send, tried in order: the probabilities add up, at most to 1. The text is not accepted.
    pub errors: Vec<ErrorFault>,
    /// Sends beyond so many a second get 429 with code 20429.
    pub throttle_per_second: Option<u32>,
    /// Every answer of the gateway comes so much later, in milliseconds; an accepted text is on its way meanwhile.
    pub delay_ms: u64,
    /// Probability that a send is never answered: the connection is held (`silence_ms` of the settings), then dropped. The text is not accepted.
    pub silence: f64,
    /// Probability that a send, also of a call, is accepted, reaches the phone, and is never answered.
    pub accept_then_silence: f64,
    /// Probability that every callback about a text or a call, and every reply to a text, is posted twice.
    pub duplicate_callbacks: f64,
    /// Probability that no status callback is posted about a text or a call.
    pub lost_receipts: f64,
    /// Probability that what is told on the way of a call comes after its end.
    pub late_callbacks: f64,
    /// The gateway is dead. At its own address (`url` in the control API) the listening socket is closed, its connections with it, and
    /// the system refuses new ones until the fault is off; then the same port is open again. The address it shares with the control
    /// API has to go on listening: there a request to this account is dropped without an answer. 503 `address_lost` where another
    /// program took the port meanwhile.
    pub refuse_connections: bool,
}

/// One kind of refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorFault {
    /// 0 to 1.
    pub probability: f64,
    /// HTTP status, 400 to 599.
    #[serde(default = "server_error")]
    pub status: u16,
    /// The provider's error code.
    #[serde(default = "provider_error")]
    pub code: u32,
    /// How the answer looks.
    #[serde(default)]
    pub body: ErrorBody,
}

fn server_error() -> u16 {
    500
}

fn provider_error() -> u32 {
    20_500
}

/// The body of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorBody {
    /// The provider's error document.
    #[default]
    Json,
    /// A page, as a proxy in front would give.
    Html,
    /// Nothing.
    Empty,
    /// JSON that ends in the middle.
    Broken,
}

/// The longest delay that can be asked for: an hour.
pub(crate) const LONGEST_MS: u64 = 3_600_000;
const MOST_ERRORS: usize = 32;

impl Faults {
    /// What is wrong, as a sentence for whoever wrote it.
    pub(crate) fn check(&self) -> Result<(), String> {
        let chances = [
            ("silence", self.silence),
            ("accept_then_silence", self.accept_then_silence),
            ("duplicate_callbacks", self.duplicate_callbacks),
            ("lost_receipts", self.lost_receipts),
            ("late_callbacks", self.late_callbacks),
        ];
        for (name, chance) in chances {
            check_chance(name, chance)?;
        }
        if self.delay_ms > LONGEST_MS {
            return Err(format!("delay_ms is at most {LONGEST_MS}"));
        }
        if self.throttle_per_second == Some(0) {
            return Err("throttle_per_second is at least 1, or null".to_owned());
        }
        self.check_errors()
    }

    /// The same for the mail server, which has no callbacks and speaks no HTTP.
    pub(crate) fn check_for_mail(&self) -> Result<(), String> {
        self.check()?;
        if self.duplicate_callbacks > 0.0 || self.lost_receipts > 0.0 || self.late_callbacks > 0.0 {
            return Err("duplicate_callbacks, lost_receipts and late_callbacks are not for mail: it has no callbacks"
                .to_owned());
        }
        for (index, error) in self.errors.iter().enumerate() {
            // RFC 5321 §4.2: the second digit is 0 to 5.
            if error.status % 100 > 59 {
                return Err(format!("errors[{index}].status is a reply code for mail, 400 to 459 or 500 to 559"));
            }
            if error.body != ErrorBody::Json {
                return Err(format!("errors[{index}].body is not for mail"));
            }
        }
        Ok(())
    }

    fn check_errors(&self) -> Result<(), String> {
        if self.errors.len() > MOST_ERRORS {
            return Err(format!("errors has at most {MOST_ERRORS} entries"));
        }
        for (index, error) in self.errors.iter().enumerate() {
            check_chance(&format!("errors[{index}].probability"), error.probability)?;
            if !(400..=599).contains(&error.status) {
                return Err(format!("errors[{index}].status is 400 to 599"));
            }
        }
        let sum: f64 = self.errors.iter().map(|error| error.probability).sum();
        if sum > 1.0 + 1e-9 {
            return Err("the probabilities of errors add up to more than 1".to_owned());
        }
        Ok(())
    }
}

pub(crate) fn check_chance(name: &str, chance: f64) -> Result<(), String> {
    if (0.0..=1.0).contains(&chance) { Ok(()) } else { Err(format!("{name} is a probability from 0 to 1")) }
}
