//! What people are told of their own account, by mail or by a text to a number that was theirs.
//! Refuses second factors, full numbers and links that sign anybody in: whoever reads it learns that something happened.

use crate::moment::Moment;
use crate::number::PhoneNumber;
use crate::person::User;
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A sign-in from a browser that was not seen before.
    SignedIn,
    /// The first method counts.
    SetUp,
    /// The phone is another one; said to the old one too.
    PhoneChanged,
    /// The old phone is back.
    PhoneRestored,
    /// The backup phone was changed or removed.
    BackupPhoneChanged,
    /// Another method counts.
    MethodChanged,
    /// The PIN is another one.
    PinChanged,
    /// The password was changed here.
    PasswordChanged,
    /// A token or authenticator app was added.
    TokenAdded,
    /// A token or authenticator app was removed.
    TokenRemoved,
    /// Other security questions count.
    QuestionsChanged,
    /// Security questions signed somebody in.
    QuestionsUsed,
    /// A one-time bypass was started.
    BypassStarted,
    /// Fraud was reported; whether the account is blocked is said with it.
    FraudReported,
    /// A code for the first set-up.
    EnrollmentCode,
    /// The first set-up is to be begun.
    SetUpLink,
    /// The first set-up was begun and not finished.
    SetUpReminder,
}

impl Notice {
    /// Every one.
    pub const ALL: [Self; 17] = [
        Self::SignedIn,
        Self::SetUp,
        Self::PhoneChanged,
        Self::PhoneRestored,
        Self::BackupPhoneChanged,
        Self::MethodChanged,
        Self::PinChanged,
        Self::PasswordChanged,
        Self::TokenAdded,
        Self::TokenRemoved,
        Self::QuestionsChanged,
        Self::QuestionsUsed,
        Self::BypassStarted,
        Self::FraudReported,
        Self::EnrollmentCode,
        Self::SetUpLink,
        Self::SetUpReminder,
    ];

    /// The word in texts and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::SetUp => "set-up",
            Self::PhoneChanged => "phone-changed",
            Self::PhoneRestored => "phone-restored",
            Self::BackupPhoneChanged => "backup-phone-changed",
            Self::MethodChanged => "method-changed",
            Self::PinChanged => "pin-changed",
            Self::PasswordChanged => "password-changed",
            Self::TokenAdded => "token-added",
            Self::TokenRemoved => "token-removed",
            Self::QuestionsChanged => "questions-changed",
            Self::QuestionsUsed => "questions-used",
            Self::BypassStarted => "bypass-started",
            Self::FraudReported => "fraud-reported",
            Self::EnrollmentCode => "enrollment-code",
            Self::SetUpLink => "set-up-link",
            Self::SetUpReminder => "set-up-reminder",
        }
    }
}

/// Where a notice goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// A mailbox.
    Mail(String),
    /// A phone that takes texts.
    Phone(PhoneNumber),
}

/// A notice on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Where to.
    pub to: Address,
    /// What happened.
    pub notice: Notice,
    /// The language of the person, BCP 47.
    pub language: String,
    /// Whom it is about, as they are called.
    pub name: String,
    /// When it happened.
    pub at: Moment,
    /// From where: what the browser calls itself and its address; may be empty.
    #[serde(default)]
    pub place: String,
    /// What of it: a masked number, a method, seconds, a code; may be empty.
    #[serde(default)]
    pub detail: String,
    /// Tries that failed.
    #[serde(default)]
    pub tries: u32,
    /// When the next try is due.
    pub next_at: Moment,
}

impl User {
    /// The person's mail address: their own, or the user name where that is one (mfa-server.md §4).
    pub fn mailbox(&self) -> Option<&str> {
        [self.email.as_str(), self.name.as_str()].into_iter().find(|text| is_mailbox(text))
    }

    /// What the person is called.
    pub fn called(&self) -> &str {
        if self.first_name.is_empty() { &self.name } else { &self.first_name }
    }
}

/// Whether a text can be a mailbox: the mail server has the last word.
pub fn is_mailbox(text: &str) -> bool {
    let sound = text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\');
    sound && text.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_store_with_dashes() {
        for notice in Notice::ALL {
            let stored = serde_json::to_string(&notice).unwrap_or_default();
            assert_eq!(stored.replace('_', "-"), format!("\"{}\"", notice.as_str()));
        }
    }

    #[test]
    fn mailboxes_look_like_one() {
        for good in ["ann@example.com", "a.b+c@mail.example.com", "jörg@example.com"] {
            assert!(is_mailbox(good), "{good}");
        }
        for bad in
            ["", "ann", "ann@", "@example.com", "ann@host", "example\\ann", "a b@example.com", "a@b.c\r\nBcc: x@y.z"]
        {
            assert!(!is_mailbox(bad), "{bad}");
        }
    }
}
