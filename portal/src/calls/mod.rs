//! What calls say: each prompt in each language, as text for gateways that speak by themselves and as sound for the others,
//! and recordings of an administrator's own in place of that sound (mfa-server.md §16).
//! Refuses a synthesiser: the sound is made by `script/prompts` and compiled in.

mod book;
mod fit;
mod languages;
mod pack;
mod parts;
mod recording;
mod script;
mod wave;

#[cfg(test)]
mod tests;

use book::BOOK;
use channels::call::Utterance;
use engine::number::Extension;
use engine::prompt::Prompt;
use std::sync::Arc;

pub use languages::{SpokenLanguage, languages};
pub use recording::{LARGEST, LONGEST, RecordingRefused, recording};
pub use wave::wav;

/// What is to be said, and what is put in.
#[derive(Debug, Clone, Copy)]
pub struct Say<'a> {
    /// Which prompt.
    pub prompt: Prompt,
    /// What the person signs in to, as people call it. Where it or `company` is empty, the wording without names is said.
    pub application: &'a str,
    /// Whose sign-in it is, as people call it.
    pub company: &'a str,
    /// The keys that report fraud, one to three digits.
    pub fraud_code: &'a str,
    /// Behind which extension the person is; the prompts for an extension have a gap without it.
    pub extension: Option<&'a Extension>,
    /// The least digits of a PIN, 4–16; what is outside is taken as the nearer of the two.
    pub min: u8,
}

/// Looks for an administrator's own recording of a prompt, as [`recording`] gave it. The language is as it was asked for, and
/// after that as in [`languages`].
pub type Recordings<'a> = dyn Fn(&str, Prompt) -> Option<Arc<[u8]>> + 'a;

/// The words of a prompt in the language that is nearest: `pt-BR` is said as `pt`, an unknown one as `en`.
pub fn utterance(language: &str, say: &Say<'_>, recordings: Option<&Recordings<'_>>) -> Utterance {
    let tongue = BOOK.tongue(language);
    let own = recordings.and_then(|find| find(language, say.prompt).or_else(|| find(tongue.about.tag, say.prompt)));
    Utterance {
        language: tongue.about.region.to_owned(),
        text: tongue.text(say),
        audio: own.unwrap_or_else(|| tongue.audio(say)),
    }
}
