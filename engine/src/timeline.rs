//! What happened in a verification, one entry a happening, for the person who asks "why did I not get my code?".
//! Refuses secrets: numbers are masked, codes and PINs never enter.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One happening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// A stable word, past tense: `decided`, `queued`, `sent`, `reply_wrong` …
    pub what: Cow<'static, str>,
    /// The rung, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rung: Option<u8>,
    /// The gateway line, where one took part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<Box<str>>,
    /// A sentence or a provider's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Box<str>>,
}

impl Entry {
    /// An entry with its word alone.
    pub const fn new(what: &'static str) -> Self {
        Self { what: Cow::Borrowed(what), rung: None, line: None, detail: None }
    }

    /// On this rung, counted from 0.
    #[must_use]
    pub fn on(mut self, rung: u8) -> Self {
        self.rung = Some(rung.saturating_add(1));
        self
    }

    /// Through this line.
    #[must_use]
    pub fn through(mut self, line: &str) -> Self {
        self.line = Some(line.into());
        self
    }

    /// With this detail.
    #[must_use]
    pub fn saying(mut self, detail: impl Into<Box<str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}
