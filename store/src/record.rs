//! Keyed records: small documents with a version that grows by one with every write.
//! Refuses to know what a document means.

use crate::ReadError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// What a record is. The word is its name in the database and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A person: profile, phones, PIN, set-up state. Key: canonical user name.
    User,
    /// What moves with each verification of a person: lockout, guesses, bypass, cache marks. Key: canonical user name.
    Standing,
    /// From a `usr_` id to the canonical user name.
    UserName,
    /// An OATH token. Key: token id; parent: canonical user name when assigned.
    Token,
    /// From `manufacturer\u{1f}serial` to the token id; keeps the pair unique.
    TokenSerial,
    /// An API key. Key: hex of the SHA-256 of the key's secret part.
    ApiKey,
    /// What is known of a phone number: velocity, opt-out. Key: E.164.
    Number,
    /// How many unanswered texts a source has caused. Key: the source. Expires.
    Source,
    /// Company settings that change while serving. Key: section.
    Policy,
    /// A verification in flight. Key: its id.
    Open,
    /// From caller and idempotency key to the verification. Expires.
    Idempotency,
    /// The last messages that were taken from a phone number. Key: E.164.
    Seen,
    /// A webhook still to be delivered. Key: event id.
    Outbox,
    /// A data key, wrapped by the master key. Key: its id.
    DataKey,
    /// Small facts of the store itself (format, marks of gateways).
    Mark,
    /// The password of a local account. Key: canonical user name.
    Password,
    /// A login at the portal. Key: hex of the SHA-256 of its handle; parent: canonical user name. Expires.
    Login,
    /// Wrong passwords. Key: name or address. Expires.
    Failures,
    /// A verification that has signed somebody in at the portal. Key: its id. Expires.
    Spent,
    /// A notice still to be delivered. Key: its id.
    Letter,
    /// Somebody to be reminded of their set-up. Key: when, then whom.
    Reminder,
    /// A security question of the catalogue. Key: its id.
    Question,
    /// An administrator's recording of a prompt.
    Recording,
    /// The answers of a person to their security questions. Key: canonical user name.
    Answers,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::User,
        Self::Standing,
        Self::UserName,
        Self::Token,
        Self::TokenSerial,
        Self::ApiKey,
        Self::Number,
        Self::Source,
        Self::Policy,
        Self::Open,
        Self::Idempotency,
        Self::Seen,
        Self::Outbox,
        Self::DataKey,
        Self::Mark,
        Self::Password,
        Self::Login,
        Self::Failures,
        Self::Spent,
        Self::Letter,
        Self::Reminder,
        Self::Question,
        Self::Recording,
        Self::Answers,
    ];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Standing => "standing",
            Self::UserName => "user_name",
            Self::Token => "token",
            Self::TokenSerial => "token_serial",
            Self::ApiKey => "api_key",
            Self::Number => "number",
            Self::Source => "source",
            Self::Policy => "policy",
            Self::Open => "open",
            Self::Idempotency => "idempotency",
            Self::Seen => "seen",
            Self::Outbox => "outbox",
            Self::DataKey => "data_key",
            Self::Mark => "mark",
            Self::Password => "password",
            Self::Login => "login",
            Self::Failures => "failures",
            Self::Spent => "spent",
            Self::Letter => "letter",
            Self::Reminder => "reminder",
            Self::Question => "question",
            Self::Recording => "recording",
            Self::Answers => "answers",
        }
    }
}

/// The place of a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    /// Its name within the kind, at most 512 bytes.
    pub id: String,
}

impl Key {
    /// The key `id` of `kind`.
    pub fn new(kind: Kind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.as_str(), self.id)
    }
}

/// A record as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place.
    pub key: Key,
    /// 1 when created, one more with every write.
    pub version: u64,
    /// The record that it belongs to, where it belongs to one.
    pub parent: Option<String>,
    /// The format version of the body.
    pub format: u16,
    /// The document, JSON.
    pub body: Vec<u8>,
}

/// A typed document that lives in records of one kind.
pub trait Document: Serialize + DeserializeOwned {
    /// Where it lives.
    const KIND: Kind;
    /// The format version that this program writes.
    const FORMAT: u16 = 1;

    /// The body to store.
    fn to_body(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a document is a plain struct with text keys")
    }

    /// The document in a record. A record of a later format is refused rather than guessed.
    fn from_record(record: &Record) -> Result<Self, ReadError> {
        if record.format > Self::FORMAT {
            return Err(ReadError::TooNew { key: record.key.clone(), format: record.format });
        }
        serde_json::from_slice(&record.body)
            .map_err(|cause| ReadError::Corrupt { what: record.key.to_string(), cause: cause.to_string() })
    }
}
