//! Documents that only the actors keep: tokens, API keys, numbers, idempotency keys.
//! Refuses secrets in clear: token keys are sealed, API keys are hashed.

use engine::id::{ApiKeyId, AttemptId, EventId, TokenId, VerificationId};
use engine::moment::Moment;
use engine::notice::Letter;
use engine::oath::{TokenSettings, TokenState};
use engine::prompt::Prompt;
use engine::question::{Chosen, Question, Rounds};
use engine::source::Tally;
use engine::velocity::Velocity;
use engine::verification::Verification;
use serde::{Deserialize, Serialize};
use store::keys::Reseal;
use store::{Document, Kind};

/// An OATH token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenRecord {
    /// Its id.
    pub id: TokenId,
    /// Serial number on the device.
    pub serial: String,
    /// Who made it.
    #[serde(default)]
    pub manufacturer: String,
    /// Which model.
    #[serde(default)]
    pub model: String,
    /// The canonical name of the person who has it.
    #[serde(default)]
    pub user: Option<String>,
    /// Its key, sealed.
    pub sealed_key: String,
    /// Kind, hash and digits.
    pub settings: TokenSettings,
    /// What moves.
    pub state: TokenState,
    /// Whether one right code has been seen since it was assigned.
    pub activated: bool,
    /// The login that its key was shown to, while it waits for its first code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// When the person took it at the portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Moment>,
    /// When the record was made.
    pub created_at: Moment,
}

impl Document for TokenRecord {
    const KIND: Kind = Kind::Token;
}

impl Reseal for TokenRecord {
    fn sealed(&mut self) -> Vec<(String, &mut String)> {
        vec![(self.id.to_string(), &mut self.sealed_key)]
    }
}

/// An API key; the key itself is known only by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRecord {
    /// Its id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// Applications it may speak for; empty means all.
    #[serde(default)]
    pub applications: Vec<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Whether the `client_ip` it tells is believed.
    #[serde(default)]
    pub trusts_client_ip: bool,
    /// When it was made.
    pub created_at: Moment,
    /// When it was revoked.
    #[serde(default)]
    pub revoked_at: Option<Moment>,
}

impl Document for ApiKeyRecord {
    const KIND: Kind = Kind::ApiKey;
}

/// What is known of a phone number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NumberRecord {
    /// Unanswered sends.
    pub sends: Velocity,
    /// Whether its owner texted STOP.
    pub opted_out: bool,
    /// The moment of the last word on that.
    pub opted_at: Moment,
    /// Whether a gateway said that there is no such number.
    pub bad: bool,
    /// Until when it is not called, because a gateway said that it cannot be. Not for good: a trunk that is set wrongly says so
    /// of every number.
    pub uncallable_until: Option<Moment>,
    /// The last send that was given leave: for replies that come late, and so that leave asked for twice counts once.
    pub last: Option<AttemptId>,
}

impl Document for NumberRecord {
    const KIND: Kind = Kind::Number;
}

/// What is known of a source of requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceRecord {
    /// Unanswered texts.
    pub tally: Tally,
}

impl Document for SourceRecord {
    const KIND: Kind = Kind::Source;
}

/// A request that was made with an idempotency key. Key: caller and idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// What it became.
    pub verification: VerificationId,
    /// SHA-256 of the request's body, hex.
    pub body: String,
    /// From then on the key is free again.
    #[serde(default = "far")]
    pub until: Moment,
    /// Where it joined another's: the end of its own wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Moment>,
}

/// Earlier records do not say.
const fn far() -> Moment {
    Moment::from_millis(u64::MAX)
}

impl Document for IdempotencyRecord {
    const KIND: Kind = Kind::Idempotency;
}

/// A verification that has signed somebody in: only that it is there counts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SpentRecord {}

impl Document for SpentRecord {
    const KIND: Kind = Kind::Spent;
}

/// The password of a local account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordRecord {
    /// As a PHC string.
    pub hash: String,
    /// When it was set.
    pub set_at: Moment,
}

impl Document for PasswordRecord {
    const KIND: Kind = Kind::Password;
}

/// A question of the catalogue. Key: its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionRecord {
    /// The question.
    #[serde(flatten)]
    pub question: Question,
    /// When it was made; the order in lists.
    pub created_at: Moment,
}

impl Document for QuestionRecord {
    const KIND: Kind = Kind::Question;
}

/// An administrator's own recording of a prompt. Key: language and prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingRecord {
    /// The language, BCP 47.
    pub language: String,
    /// Which prompt it replaces.
    pub prompt: Prompt,
    /// G.711 µ-law, 8,000 a second, Base64.
    pub sound: String,
    /// When it was put there.
    pub at: Moment,
}

impl Document for RecordingRecord {
    const KIND: Kind = Kind::Recording;
}

/// What a person answered to their security questions. Key: canonical user name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnswersRecord {
    /// The answers, hashed.
    pub chosen: Vec<Chosen>,
    /// Rounds that failed.
    pub rounds: Rounds,
}

impl Document for AnswersRecord {
    const KIND: Kind = Kind::Answers;
}

/// A notice still to be delivered. Key: its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterRecord {
    /// The notice.
    #[serde(flatten)]
    pub letter: Letter,
    /// When it was written.
    pub created_at: Moment,
}

impl Document for LetterRecord {
    const KIND: Kind = Kind::Letter;
}

/// Somebody to be reminded of their set-up. Key: when, then whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReminderRecord {
    /// Canonical user name.
    pub user: String,
    /// When that set-up was begun: one that was begun anew has reminders of its own.
    pub of: Moment,
}

impl Document for ReminderRecord {
    const KIND: Kind = Kind::Reminder;
}

/// Messages that were taken from a phone number. Key: E.164.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenRecord {
    /// Their digests one after the other, the oldest first.
    pub messages: String,
}

impl Document for TakenRecord {
    const KIND: Kind = Kind::Seen;
}

/// Written and removed at once, to see whether the store has room.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RoomRecord {
    /// Takes room.
    pub filler: String,
}

impl Document for RoomRecord {
    const KIND: Kind = Kind::Mark;
}

/// From a person's id to the canonical name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserNameRecord {
    /// The canonical name.
    pub name: String,
}

impl Document for UserNameRecord {
    const KIND: Kind = Kind::UserName;
}

/// From manufacturer and serial number to the token; keeps the pair unique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSerialRecord {
    /// The token.
    pub token: TokenId,
}

impl Document for TokenSerialRecord {
    const KIND: Kind = Kind::TokenSerial;
}

/// A webhook that is still to be delivered. Key: event id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRecord {
    /// Whose outcome it tells.
    pub verification: VerificationId,
    /// Whose secret signs it.
    pub caller: ApiKeyId,
    /// Where to.
    pub url: String,
    /// Tries that failed.
    pub tries: u32,
    /// When the next try is due.
    pub next_at: Moment,
    /// When the verification ended.
    pub created_at: Moment,
}

impl Document for OutboxRecord {
    const KIND: Kind = Kind::Outbox;
}

impl OutboxRecord {
    /// The webhook of a verification that ended now, where one was asked for. Its event id has the verification's bits: a
    /// verification ends once.
    pub fn of(verification: &Verification, now: Moment) -> Option<(String, Self)> {
        let url = verification.callback_url.as_deref()?.to_owned();
        let (id, caller) = (verification.id, verification.caller);
        let record = Self { verification: id, caller, url, tries: 0, next_at: now, created_at: now };
        Some((EventId::from_bits(id.bits()).to_string(), record))
    }
}
