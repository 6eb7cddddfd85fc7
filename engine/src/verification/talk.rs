//! The conversation of a call: how far it has come, what is said and listened for next, and what pressed keys were worth.
//! Refuses keys, PINs and sound: only the verdict comes in, only the roles of prompts go out.

use super::{Rung, Verdict};
use crate::method::Mode;
use crate::number::Extension;
use crate::prompt::Prompt;
use serde::{Deserialize, Serialize};

/// What a rung that calls has beside the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialling {
    /// Dialled after the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// Whether a human operator is asked to put the call through before the extension is dialled.
    #[serde(default)]
    pub operator: bool,
    /// Whether this is the backup phone: it is called only where the one before was not answered (mfa-server.md §6.3).
    #[serde(default)]
    pub backup: bool,
    /// The language that is spoken, BCP 47, where it is another than the verification's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Box<str>>,
    /// How long it may ring, in seconds.
    pub ring_seconds: u32,
    /// How long it may last from the answer on, in seconds.
    pub longest_seconds: u32,
    /// How long keys are waited for after the last word, and between keys, in seconds.
    pub input_seconds: u8,
    /// What becomes of a fraud report.
    pub fraud: FraudReports,
    /// The code that reports it, as it is spoken in the call, whatever the settings say later.
    #[serde(default)]
    pub fraud_code: Box<str>,
}

impl Dialling {
    /// Whether these keys report fraud.
    pub fn is_fraud_code(&self, digits: &str) -> bool {
        self.fraud != FraudReports::Off && *self.fraud_code == *digits
    }
}

/// What becomes of a fraud report by phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FraudReports {
    /// They are not taken.
    Off,
    /// They are told to the administrators.
    Told,
    /// They block the person too, if that is confirmed by `1`.
    Block,
}

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Talk {
    /// The gateway has it; nobody has picked up.
    Ringing {
        /// Whether the phone has rung: then nobody else is to ring it again.
        rang: bool,
    },
    /// The extension is dialled; whoever is there now is to press `#`.
    PutThrough,
    /// `#`, or the PIN and `#`, is listened for.
    Asked {
        /// Wrong PINs in this call.
        wrong_pins: u8,
    },
    /// Fraud was reported; `1` blocks the person.
    ReportingFraud,
    /// The PIN was right and must be changed; a new one is listened for.
    NewPin {
        /// New PINs that did not do.
        tries: u8,
        /// Whether the old one was too old.
        expired: bool,
    },
    /// The new PIN is listened for once more.
    PinAgain {
        /// New PINs that did not do.
        tries: u8,
        /// Whether the old one was too old.
        expired: bool,
    },
}

/// What pressed keys were worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyed {
    /// Nothing was pressed in time.
    Nothing,
    /// Keys were pressed, and no `#` after them.
    NoPound,
    /// `#` alone.
    Pound,
    /// The fraud code and `#`.
    FraudCode,
    /// `1`, where that confirms something.
    One,
    /// Keys and `#` that were no PIN, where none was asked for.
    Other,
    /// A PIN that was judged.
    Pin(Verdict),
    /// A PIN that was right, too old, and may be changed.
    PinRenewal,
    /// A new PIN that was judged.
    NewPin(NewPin),
}

/// What a new PIN was worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewPin {
    /// It may be one; now once more.
    Possible,
    /// The same as before: it is the PIN from now on.
    Repeated,
    /// Not the same as before.
    Mismatch,
    /// It breaks this rule.
    Refused(Prompt),
}

/// What is said next, and listened for after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// In order.
    pub says: Vec<Saying>,
    /// `None`: that was all.
    pub listens: Option<Listens>,
}

/// Something that is said or dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saying {
    /// Words.
    Prompt(Prompt),
    /// The keys of the extension.
    Extension,
}

/// How keys are listened for; `#` ends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listens {
    /// Seconds for the first key and for each further one.
    pub seconds: u8,
    /// So many keys end it too.
    pub most: u8,
    /// Whether `#` alone is an answer.
    pub pound_alone: bool,
}

/// Keys without `#` that end listening: no fraud code is longer.
const FEW: u8 = 8;
/// One more than the longest PIN, so that its last digit does not stand in for `#`.
const PIN: u8 = 17;

/// The words of one purpose: a set-up call says other things than a sign-in.
pub(super) struct Script<'a> {
    pub rung: &'a Rung,
    pub dialling: &'a Dialling,
    pub sets_up: bool,
}

impl Script<'_> {
    /// The first words, once somebody is there who is asked.
    pub fn greeting(&self) -> Turn {
        self.ask(vec![Saying::Prompt(self.greeting_prompt())])
    }

    /// The way to an extension: the operator, its keys, and whoever is there.
    pub fn put_through(&self) -> Turn {
        let operator = self.dialling.operator.then_some(Saying::Prompt(Prompt::ExtensionBeforeDigits));
        let rest = [Saying::Extension, Saying::Prompt(Prompt::ExtensionAfterDigits)];
        Turn { says: operator.into_iter().chain(rest).collect(), listens: Some(self.listens(FEW)) }
    }

    /// Whoever is behind the extension was not heard.
    pub fn extension_again(&self) -> Turn {
        Turn { says: vec![Saying::Prompt(Prompt::ExtensionPrompt)], listens: Some(self.listens(FEW)) }
    }

    /// Another try; `refused` where something wrong was pressed, `last` where no other follows.
    pub fn retry(&self, refused: bool, last: bool) -> Turn {
        let warning = (refused && last).then_some(Saying::Prompt(Prompt::AuthDeniedRetry));
        self.ask(warning.into_iter().chain([Saying::Prompt(self.retry_prompt())]).collect())
    }

    /// Whether a report is to block.
    pub fn confirm_fraud(&self) -> Turn {
        Turn { says: vec![Saying::Prompt(Prompt::FraudConfirmation)], listens: Some(self.listens(1)) }
    }

    /// A new PIN, after `before`.
    pub fn new_pin(&self, before: Option<Prompt>, expired: bool) -> Turn {
        let asks = if expired { Prompt::PinExpired } else { Prompt::PinChange };
        let says = before.into_iter().chain([asks]).map(Saying::Prompt).collect();
        Turn { says, listens: Some(self.listens(PIN)) }
    }

    /// The new PIN once more.
    pub fn pin_again(&self) -> Turn {
        Turn { says: vec![Saying::Prompt(Prompt::PinConfirm)], listens: Some(self.listens(PIN)) }
    }

    /// The last words.
    pub fn goodbye(&self, passed: bool) -> Turn {
        let prompt = match (passed, self.sets_up) {
            (true, true) => Prompt::Activation,
            (true, false) => Prompt::AuthSuccessful,
            (false, _) => Prompt::AuthDenied,
        };
        last(prompt)
    }

    fn ask(&self, says: Vec<Saying>) -> Turn {
        let most = if self.rung.mode.needs_pin() { PIN } else { FEW };
        Turn { says, listens: Some(self.listens(most)) }
    }

    const fn listens(&self, most: u8) -> Listens {
        Listens { seconds: self.dialling.input_seconds, most, pound_alone: most == FEW }
    }

    fn greeting_prompt(&self) -> Prompt {
        let pin = self.rung.mode == Mode::Pin;
        match (self.sets_up, self.dialling.fraud, pin) {
            (true, _, false) => Prompt::ActivationGreetingStandard,
            (true, _, true) => Prompt::ActivationGreetingPin,
            (false, FraudReports::Off, false) => Prompt::GreetingStandard,
            (false, FraudReports::Off, true) => Prompt::GreetingPin,
            (false, FraudReports::Told | FraudReports::Block, false) => Prompt::FraudGreetingStandard,
            (false, FraudReports::Told | FraudReports::Block, true) => Prompt::FraudGreetingPin,
        }
    }

    fn retry_prompt(&self) -> Prompt {
        match (self.sets_up, self.rung.mode == Mode::Pin) {
            (true, false) => Prompt::ActivationRetryStandard,
            (true, true) => Prompt::ActivationRetryPin,
            (false, false) => Prompt::RetryStandard,
            (false, true) => Prompt::RetryPin,
        }
    }
}

/// One prompt, and the call is over.
pub(super) fn last(prompt: Prompt) -> Turn {
    Turn { says: vec![Saying::Prompt(prompt)], listens: None }
}
