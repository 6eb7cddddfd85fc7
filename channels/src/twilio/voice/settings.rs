//! What an account needs beside its credentials to place calls.
//! Refuses defaults: whoever reads the settings file has them.

use std::collections::BTreeMap;

/// Which of the provider's voices speaks which language (BCP 47), for example `de-DE` by `Polly.Vicki`. A language that is
/// not in it is spoken by the provider's own choice.
pub type Voices = BTreeMap<String, String>;

/// How calls are placed over an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VoiceSettings {
    /// The number that people see, E.164; where it is not set the first of the account's numbers. Carriers may show another.
    pub caller_id: Option<String>,
    /// The voices that speak.
    pub voices: Voices,
    /// Whether the provider listens for an answering machine before anything is said. It takes a few seconds of silence
    /// after the answer, and may cost extra.
    pub machine_detection: bool,
}
