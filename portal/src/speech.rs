//! What is said in calls: the engine asks, the book of prompts answers.
//! Refuses nothing: an unknown language is answered in English.

use crate::calls::{self, Say};
use actors::{Recordings, Said};
use channels::call::Utterance;
use std::sync::Arc;

/// The words of a prompt, as text and as sound; a recording of an administrator is the sound where there is one.
pub fn speech(language: &str, said: &Said<'_>, recordings: &Recordings) -> Utterance {
    let Said { prompt, application, company, fraud_code, extension, least_digits } = *said;
    let say = Say { prompt, application, company, fraud_code, extension, min: least_digits };
    let recorded = |language: &str, prompt| recordings.find(language, prompt).map(|one| Arc::clone(&one.sound));
    calls::utterance(language, &say, Some(&recorded))
}
