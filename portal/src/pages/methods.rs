//! What pages say and do by method: the one place where a method comes in.
//! Refuses rules: which methods are on offer is decided by the engine.

use super::guest::Guest;
use crate::link::{Country, DraftView, Person};
use engine::method::{Method, Mode};

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
            Method::Voice => "method-voice-about",
            Method::Sms | Method::App => "method-sms-about",
        }
    }

    /// The page that sets it up.
    pub const fn page(&self) -> &'static str {
        match self.0 {
            Method::Oath => "/setup/token",
            Method::Voice => "/setup/phone",
            Method::Sms | Method::App => "/setup/text",
        }
    }

    /// The page that sets it up for somebody who has another one.
    pub const fn change_page(&self) -> &'static str {
        match self.0 {
            Method::Oath => "/account/token",
            Method::Voice | Method::Sms | Method::App => "/account/phone",
        }
    }

    /// The text of its step.
    pub const fn step(&self) -> &'static str {
        match self.0 {
            Method::Oath => "setup-step-app",
            Method::Voice => "setup-step-phone",
            Method::Sms | Method::App => "setup-step-text",
        }
    }

    /// The text that says what checks from now on.
    pub const fn done(&self) -> &'static str {
        match self.0 {
            Method::Oath => "done-oath",
            Method::Voice => "done-voice",
            Method::Sms | Method::App => "done-sms",
        }
    }

    /// The text that names the person's phone.
    pub const fn phone_of_account(&self) -> &'static str {
        match self.0 {
            Method::Voice => "account-call-phone",
            Method::Sms | Method::App | Method::Oath => "account-phone",
        }
    }
}

/// How a phone is entered that is to be texted, or called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// By texts.
    ByText,
    /// By calls.
    ByCall,
}

/// The texts of a form for a phone.
pub struct PhoneTexts {
    /// Its title in the set-up.
    pub title: &'static str,
    /// The number's label.
    pub phone: &'static str,
    /// The button.
    pub button: &'static str,
    /// What a new number has to do.
    pub how: &'static str,
    /// No number was typed.
    pub missing: &'static str,
    /// Its country is not reached.
    pub country: &'static str,
    /// Its kind is not reached.
    pub kind: &'static str,
}

impl Reached {
    /// That of a method that goes to a phone.
    pub const fn of(method: Method) -> Option<Self> {
        match method {
            Method::Voice => Some(Self::ByCall),
            Method::Sms => Some(Self::ByText),
            Method::App | Method::Oath => None,
        }
    }

    /// The method.
    pub const fn method(self) -> Method {
        match self {
            Self::ByText => Method::Sms,
            Self::ByCall => Method::Voice,
        }
    }

    /// What its button says in the form.
    pub const fn does(self) -> &'static str {
        match self {
            Self::ByText => "text",
            Self::ByCall => "call",
        }
    }

    /// What its form says.
    pub const fn texts(self) -> &'static PhoneTexts {
        match self {
            Self::ByText => &PhoneTexts {
                title: "text-title",
                phone: "text-phone",
                button: "text-button",
                how: "phone-how",
                missing: "fault-phone-missing",
                country: "fault-phone-country-refused",
                kind: "fault-phone-refused",
            },
            Self::ByCall => &PhoneTexts {
                title: "call-title",
                phone: "call-phone",
                button: "call-button",
                how: "call-how",
                missing: "fault-call-missing",
                country: "fault-call-country",
                kind: "fault-backup-refused",
            },
        }
    }

    /// The countries on offer.
    pub fn countries<'a>(self, guest: &'a Guest<'_>) -> &'a [Country] {
        match self {
            Self::ByText => &guest.site.countries,
            Self::ByCall => &guest.site.call_countries,
        }
    }

    /// In which mode the person is reached, or would be.
    pub const fn mode(self, person: &Person) -> Mode {
        match self {
            Self::ByText => person.text_mode,
            Self::ByCall => person.voice_mode,
        }
    }
}

/// The method that a person sets up: what they chose, or what was set for them.
pub fn of(person: &Person) -> Named {
    Named(person.draft.as_ref().map_or(person.method, |draft: &DraftView| draft.method))
}
