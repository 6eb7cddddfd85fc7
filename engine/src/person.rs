//! A person as the rules see them: the profile that administrators and the person edit, and the standing that moves
//! with each verification.
//! Refuses secrets in clear: PINs are keyed hashes, token keys stay sealed outside.

use crate::bypass::{Bypass, BypassEnd, BypassUse};
use crate::cache::CacheMark;
use crate::draft::{Before, Draft, Entered, Proof};
use crate::enrollment::EnrollmentCode;
use crate::guesses::Guesses;
use crate::id::UserId;
use crate::language::Languages;
use crate::lockout::Lockout;
use crate::method::{Method, Mode};
use crate::moment::Moment;
use crate::number::{Extension, PhoneNumber};
use crate::pin::{PinRules, PinState};
use crate::progress::Begun;
use crate::recent::Recent;
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
    /// When it was answered for the first time; until then it is not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup_verified_at: Option<Moment>,
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
    /// Language of whatever has none of its own in `languages`, BCP 47.
    #[serde(default = "english")]
    pub language: String,
    /// Languages of single methods.
    #[serde(default, skip_serializing_if = "Languages::is_empty")]
    pub languages: Languages,
    /// Language of the pages and mails, BCP 47; what the browser asks for if unset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_language: Option<String>,
    /// Language of the pages at the last sign-in: mails are in it where none was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_language: Option<String>,
    /// What counted before the phone was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Before>>,
    /// What made the last draft count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted: Option<Box<Proof>>,
    /// The mode of texts while another method counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_mode: Option<Mode>,
    /// The mode of calls while another method counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice_mode: Option<Mode>,
    /// The numbers that were entered at the portal.
    #[serde(default, skip_serializing_if = "Entered::is_nothing")]
    pub entered: Entered,
    /// Steps of the set-up that were put off.
    #[serde(default, skip_serializing_if = "PutOff::is_nothing")]
    pub put_off: PutOff,
    /// The first set-up, once it was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Begun>,
    /// When the set-up was opened again by an administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened_at: Option<Moment>,
    /// What the first set-up needs beside the password, where a code does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrollment_code: Option<EnrollmentCode>,
    /// Browsers in which the person signed in, as hashes of what they hold; the oldest first, the last ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// What is to be set up or changed, and does not count yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Box<Draft>>,
}

/// How often each step that nobody must take was put off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PutOff {
    /// A token beside the method.
    pub token: u8,
    /// Security questions.
    pub questions: u8,
}

/// How often somebody is reminded of such a step after signing in (portal.md §6, rule 4).
pub const REMINDERS: u8 = 3;

impl PutOff {
    /// Whether nothing was.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Browsers that are remembered of one person.
const PLACES: usize = 10;

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
    /// Somebody of this name, of whom nothing is known yet.
    pub fn begin(id: UserId, name: String, now: Moment) -> Self {
        Self {
            id,
            name,
            first_name: String::new(),
            last_name: String::new(),
            email: String::new(),
            group: String::new(),
            enabled: true,
            set_up: false,
            created_at: now,
            block: None,
            past_blocks: vec![],
            phone: None,
            backup_phone: None,
            backup_verified_at: None,
            method: Method::Sms,
            mode: Mode::TwoWayOtp,
            pin: PinState::default(),
            pin_min_length: None,
            user_can_change_pin: None,
            language: english(),
            languages: Languages::default(),
            page_language: None,
            seen_language: None,
            before: None,
            adopted: None,
            text_mode: None,
            voice_mode: None,
            entered: Entered::default(),
            put_off: PutOff::default(),
            begun: None,
            reopened_at: None,
            enrollment_code: None,
            places: vec![],
            draft: None,
        }
    }

    /// Whether a block is in force.
    pub fn blocked(&self, now: Moment) -> bool {
        self.block.as_ref().is_some_and(|block| now < block.until)
    }

    /// The pages are in this language now; `true` if they were in another one before.
    pub fn speaks(&mut self, language: &str) -> bool {
        let other = self.seen_language.as_deref() != Some(language);
        if other {
            self.seen_language = Some(language.to_owned());
        }
        other
    }

    /// Whether the person may change the PIN: their own rule, or the company's.
    pub fn may_change_pin(&self, rules: &PinRules) -> bool {
        self.user_can_change_pin.unwrap_or(rules.user_can_change)
    }

    /// The person signed in from a browser that holds this; `true` if it is a new one beside others.
    pub fn note_place(&mut self, place: String) -> bool {
        if self.places.contains(&place) {
            return false;
        }
        let others = !self.places.is_empty();
        self.places.push(place);
        self.places.drain(..self.places.len().saturating_sub(PLACES));
        others
    }

    /// Another backup phone, or none; one that is another one has not answered yet.
    pub fn set_backup(&mut self, phone: Option<Phone>) {
        if self.backup_phone != phone {
            (self.backup_phone, self.backup_verified_at) = (phone, None);
        }
    }

    /// The backup phone has answered under this number; `true` if that is news.
    pub fn backup_answered(&mut self, number: PhoneNumber, now: Moment) -> bool {
        let own = self.backup_phone.as_ref().is_some_and(|phone| phone.number == number);
        let news = own && self.backup_verified_at.is_none();
        if news {
            self.backup_verified_at = Some(now);
        }
        news
    }

    /// Who sets up calls is called in the language of their pages, unless somebody has set another one than the usual.
    pub fn is_called_in(&mut self, pages: String) {
        if self.languages.voice.is_none() && self.language == english() && !pages.is_empty() && pages != self.language {
            self.languages.voice = Some(pages);
        }
    }

    /// The language of a method.
    pub fn language_of(&self, method: Method) -> &str {
        self.languages.of(method).unwrap_or(&self.language)
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
    /// The last verifications.
    #[serde(default, skip_serializing_if = "Recent::is_empty")]
    pub recent: Recent,
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
