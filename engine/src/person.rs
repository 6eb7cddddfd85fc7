//! A person as the rules see them: the profile that administrators and the person edit, and the standing that moves
//! with each verification.
//! Refuses secrets in clear: PINs are keyed hashes, token keys stay sealed outside.

use crate::bypass::{Bypass, BypassEnd, BypassUse};
use crate::cache::CacheMark;
use crate::draft::Draft;
use crate::guesses::Guesses;
use crate::id::UserId;
use crate::lockout::Lockout;
use crate::method::{Method, Mode};
use crate::moment::Moment;
use crate::number::{Extension, PhoneNumber};
use crate::pin::{PinRules, PinState};
use crate::velocity::Velocity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The profile of a person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// The id outside.
    pub id: UserId,
    /// The canonical user name.
    pub name: String,
    /// Given name.
    #[serde(default)]
    pub first_name: String,
    /// Family name.
    #[serde(default)]
    pub last_name: String,
    /// Mail address.
    #[serde(default)]
    pub email: String,
    /// Free label; the scope of administrators and reports.
    #[serde(default)]
    pub group: String,
    /// Off: as if unknown.
    pub enabled: bool,
    /// Whether set-up is finished.
    pub set_up: bool,
    /// When the record was made.
    pub created_at: Moment,
    /// A block, which lives apart from `enabled`.
    #[serde(default)]
    pub block: Option<Block>,
    /// Earlier blocks, the oldest first; the last twenty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past_blocks: Vec<Block>,
    /// Primary phone.
    #[serde(default)]
    pub phone: Option<Phone>,
    /// Backup phone (calls only).
    #[serde(default)]
    pub backup_phone: Option<Phone>,
    /// Primary method.
    pub method: Method,
    /// Its mode.
    pub mode: Mode,
    /// The PIN and its history.
    #[serde(default)]
    pub pin: PinState,
    /// Shortest PIN for this person; only above the company's value.
    #[serde(default)]
    pub pin_min_length: Option<u8>,
    /// Whether the person may change the PIN; the company's value if unset.
    #[serde(default)]
    pub user_can_change_pin: Option<bool>,
    /// Language of texts, BCP 47.
    #[serde(default = "english")]
    pub language: String,
    /// What is to be set up or changed, and does not count yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Box<Draft>>,
}

/// A phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Phone {
    /// E.164.
    #[schema(value_type = String)]
    pub number: PhoneNumber,
    /// Dialled after the call is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub extension: Option<Extension>,
}

/// A block: every verification is denied until it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// When it began.
    pub since: Moment,
    /// When it ends by itself.
    pub until: Moment,
    /// Who began it: an administrator, or the person by a fraud report.
    #[serde(default)]
    pub by: String,
    /// Why.
    pub reason: String,
    /// Who ended it before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<BlockEnd>,
}

/// The end of a block before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockEnd {
    /// When.
    pub at: Moment,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Blocks that are remembered of one person.
const PAST_BLOCKS: usize = 20;

impl User {
    /// Whether a block is in force.
    pub fn blocked(&self, now: Moment) -> bool {
        self.block.as_ref().is_some_and(|block| now < block.until)
    }

    /// Whether the person may change the PIN: their own rule, or the company's.
    pub fn may_change_pin(&self, rules: &PinRules) -> bool {
        self.user_can_change_pin.unwrap_or(rules.user_can_change)
    }

    /// Both numbers, E.164: what a PIN must not be a part of.
    pub fn phone_digits(&self) -> Vec<String> {
        self.phone.iter().chain(&self.backup_phone).map(|phone| phone.number.to_string()).collect()
    }

    /// Begins a block; what was there before, over or not, is remembered (mfa-server.md §9.3).
    pub fn begin_block(&mut self, block: Block) {
        self.remember_block();
        self.block = Some(block);
    }

    /// Ends the block before its time, if one is in force.
    pub fn end_block(&mut self, end: BlockEnd) {
        if let Some(block) = self.block.as_mut().filter(|block| end.at < block.until) {
            block.ended = Some(end);
        }
        self.remember_block();
    }

    fn remember_block(&mut self) {
        self.past_blocks.extend(self.block.take());
        let over = self.past_blocks.len().saturating_sub(PAST_BLOCKS);
        self.past_blocks.drain(..over);
    }
}

/// What moves with each verification of a person. Bounded: every list in it has a limit.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// Denials in PIN modes.
    pub lockout: Lockout,
    /// Wrong codes.
    pub guesses: Guesses,
    /// Unanswered sends to this person.
    pub sends: Velocity,
    /// A one-time bypass.
    pub bypass: Option<Bypass>,
    /// Earlier ones, the oldest first; the last twenty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past_bypasses: Vec<Bypass>,
    /// Successes that still count for cache rules.
    pub cache: Vec<CacheMark>,
    /// When fraud was reported last.
    pub fraud_at: Option<Moment>,
}

/// Bypasses that are remembered of one person.
const PAST_BYPASSES: usize = 20;

impl Standing {
    /// Begins a bypass in place of the one before (mfa-server.md §10).
    pub fn begin_bypass(&mut self, bypass: Bypass) {
        self.end_bypass(bypass.started_at, BypassUse::Replaced);
        self.bypass = Some(bypass);
    }

    /// Ends the bypass and remembers it; one whose time is over was not used.
    pub fn end_bypass(&mut self, at: Moment, how: BypassUse) {
        let Some(mut bypass) = self.bypass.take() else { return };
        bypass.end = bypass.usable(at).then_some(BypassEnd { at, how });
        self.past_bypasses.push(bypass);
        let over = self.past_bypasses.len().saturating_sub(PAST_BYPASSES);
        self.past_bypasses.drain(..over);
    }
}

fn english() -> String {
    "en".into()
}
