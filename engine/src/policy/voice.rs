//! What an administrator sets for calls.
//! Refuses values that would call anybody for long, or again and again.

use crate::quiet::QuietHours;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `[voice]`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VoiceRules {
    /// Whether people may be called who press `#` alone.
    pub standard: bool,
    /// Whether people may be called who key a PIN.
    pub pin: bool,
    /// The company's name, as it is spoken; at most 100 characters.
    pub company: String,
    /// Seconds that it may ring, 10 to 120.
    pub ring_seconds: u32,
    /// Seconds that keys are waited for after the last word, and between keys, 3 to 20.
    pub input_seconds: u8,
    /// Tries in one call, 1 to 5; in PIN mode `pin.tries_per_verification` may end it first.
    pub tries_per_call: u8,
    /// Longest call from the answer on, in seconds, 30 to 300.
    pub max_call_seconds: u32,
    /// The same where there is more to say, with an extension or a PIN, in seconds, 30 to 300.
    pub max_long_call_seconds: u32,
    /// Whether numbers with an extension are called.
    pub allow_extensions: bool,
    /// Whether a human operator is asked to put the call through before an extension is dialled; off where only machines answer.
    pub operator_prompt: bool,
    /// Whether the backup phone is called where the primary one is not answered.
    pub allow_backup: bool,
    /// When the people of a country are not called; at most 100 entries.
    pub quiet_hours: Vec<QuietHours>,
}

impl VoiceRules {
    /// Every value out of its range: its path and what would be right.
    pub(super) fn problems(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let calls = 30..=300;
        [
            (self.company.chars().count() <= 100, "voice.company", "must have at most 100 characters"),
            ((10..=120).contains(&self.ring_seconds), "voice.ring_seconds", "must be 10 to 120"),
            ((3..=20).contains(&self.input_seconds), "voice.input_seconds", "must be 3 to 20"),
            ((1..=5).contains(&self.tries_per_call), "voice.tries_per_call", "must be 1 to 5"),
            (calls.contains(&self.max_call_seconds), "voice.max_call_seconds", "must be 30 to 300"),
            (self.quiet_hours.len() <= 100, "voice.quiet_hours", "must have at most 100 entries"),
            (calls.contains(&self.max_long_call_seconds), "voice.max_long_call_seconds", "must be 30 to 300"),
        ]
        .into_iter()
        .filter(|(good, ..)| !good)
        .map(|(_, path, right)| (path, right))
    }
}

impl Default for VoiceRules {
    fn default() -> Self {
        Self {
            standard: true,
            pin: true,
            company: String::new(),
            ring_seconds: 30,
            input_seconds: 10,
            tries_per_call: 3,
            max_call_seconds: 60,
            max_long_call_seconds: 120,
            allow_extensions: true,
            operator_prompt: true,
            allow_backup: true,
            quiet_hours: vec![],
        }
    }
}
