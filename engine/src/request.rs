//! A wish to verify somebody, as the rules see it.
//! Refuses what a transport adds: headers, keys and bodies stay outside.

use crate::id::ApiKeyId;
use crate::method::{Method, Mode};
use crate::person::User;
use crate::verification::Purpose;
use std::net::IpAddr;

/// What a caller asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The canonical user name.
    pub user: String,
    /// The application that asks.
    pub application: String,
    /// The API key.
    pub caller: ApiKeyId,
    /// What it is for.
    pub purpose: Purpose,
    /// The ladder that the caller wants; the person's own method if empty.
    pub plan: Vec<Wish>,
    /// Whether the client can ask for a code.
    pub can_input: bool,
    /// The person's own address, where the caller may tell it.
    pub client_ip: Option<IpAddr>,
    /// Whether an idempotency key came with it.
    pub idempotency_key: Option<String>,
    /// A shorter life than the policy's.
    pub ttl_seconds: Option<u32>,
    /// Language of texts.
    pub language: Option<String>,
    /// Where the outcome is posted to.
    pub callback_url: Option<String>,
    /// What fills the caller's own places in the text: name and value.
    pub message: Vec<(String, String)>,
    /// What the caller wants back, a JSON object.
    pub metadata: String,
    /// Whether the portal has seen right answers to the person's security questions, so that nobody need be contacted.
    pub answered: bool,
}

impl Request {
    /// Whether a rung of this method stands in for the person's own: the portal asks for it after that did not succeed.
    pub fn falls_back(&self, method: Method, user: &User) -> bool {
        self.caller == ApiKeyId::PORTAL && !self.proves_a_draft() && method != user.method
    }

    /// Whether somebody at the portal tries a phone or a language: it proves nothing, and nothing lets it pass.
    pub fn is_a_trial(&self) -> bool {
        self.caller == ApiKeyId::PORTAL && self.purpose == Purpose::Test
    }

    /// Whether nothing stands in for what is asked for: a draft is proved, or a phone tried.
    pub fn stands_alone(&self) -> bool {
        self.proves_a_draft() || self.is_a_trial()
    }

    /// Whether it proves what a person has begun to set up or to change.
    pub const fn proves_a_draft(&self) -> bool {
        self.purpose.proves_a_draft(self.caller)
    }
}

/// One rung of a wished ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// How.
    pub method: Method,
    /// In which variant.
    pub mode: Mode,
    /// Whether it is to go to the backup phone; calls alone may.
    pub backup: bool,
}

impl Wish {
    /// To the person's phone, or to none.
    pub const fn new(method: Method, mode: Mode) -> Self {
        Self { method, mode, backup: false }
    }
}
