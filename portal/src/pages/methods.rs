//! What pages say and do by method: the one place where a method comes in.
//! Refuses rules: which methods are on offer is decided by the engine.

use crate::link::{DraftView, Person};
use engine::method::Method;

/// A method as pages name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named(pub Method);

impl Named {
    /// In forms.
    pub const fn word(&self) -> &'static str {
        self.0.as_str()
    }

    /// The text that names it.
    pub const fn name(&self) -> &'static str {
        match self.0 {
            Method::Voice => "method-voice",
            Method::Sms => "method-sms",
            Method::App => "method-app",
            Method::Oath => "method-oath",
        }
    }

    /// The text that explains it.
    pub const fn about(&self) -> &'static str {
        match self.0 {
            Method::Oath => "method-oath-about",
            Method::Voice | Method::Sms | Method::App => "method-sms-about",
        }
    }

    /// The page that sets it up.
    pub const fn page(&self) -> &'static str {
        match self.0 {
            Method::Oath => "/setup/token",
            Method::Voice | Method::Sms | Method::App => "/setup/text",
        }
    }

    /// The page that sets it up for somebody who has another one.
    pub const fn change_page(&self) -> &'static str {
        match self.0 {
            Method::Oath => "/account/token",
            Method::Voice | Method::Sms | Method::App => "/account/phone",
        }
    }

    /// Whether the person only has to show that it works.
    pub const fn is_set_up(&self, person: &Person) -> bool {
        match self.0 {
            Method::Oath => person.tokens > 0,
            Method::Sms => person.phone.is_some(),
            Method::Voice | Method::App => false,
        }
    }

    /// The text of its step.
    pub const fn step(&self) -> &'static str {
        match self.0 {
            Method::Oath => "setup-step-app",
            Method::Voice | Method::Sms | Method::App => "setup-step-text",
        }
    }
}

/// The method that a person sets up: what they chose, or what was set for them.
pub fn of(person: &Person) -> Named {
    Named(person.draft.as_ref().map_or(person.method, |draft: &DraftView| draft.method))
}
