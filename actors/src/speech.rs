//! What is said in calls, as the engine asks for it.
//! Refuses words: whoever starts the engine brings them, as text and as sound.

use crate::recordings::Recordings;
use channels::call::Utterance;
use engine::number::Extension;
use engine::prompt::Prompt;
use std::sync::Arc;

/// A prompt with what stands in it.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Its role.
    pub prompt: Prompt,
    /// The application's name, as people see it.
    pub application: &'a str,
    /// The company's name; may be empty.
    pub company: &'a str,
    /// The code that reports fraud.
    pub fraud_code: &'a str,
    /// The extension that is dialled.
    pub extension: Option<&'a Extension>,
    /// Fewest digits of a new PIN.
    pub least_digits: u8,
}

/// Finds the words of a prompt in a language (BCP 47); what administrators have recorded comes before what was made.
pub type Speech = Arc<dyn Fn(&str, &Said<'_>, &Recordings) -> Utterance + Send + Sync>;
