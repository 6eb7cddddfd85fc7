//! What is said in calls: the engine asks, the book of prompts answers.
//! Refuses nothing: an unknown language is answered in English.

use crate::calls::{self, Say};
use actors::Said;
use channels::call::Utterance;

/// The words of a prompt, as text and as sound.
pub fn speech(language: &str, said: &Said<'_>) -> Utterance {
    let Said { prompt, application, company, fraud_code, extension, least_digits } = *said;
    calls::utterance(language, &Say { prompt, application, company, fraud_code, extension, min: least_digits }, None)
}
