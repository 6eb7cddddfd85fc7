//! The verification machine: a ladder of rungs, each with its own deadline, that settles exactly once.
//! Refuses to act: `next` says what follows, the shell stores it and then does it.

mod calling;
mod entered;
mod event;
mod settled;
mod stage;
mod step;
mod talk;
#[cfg(test)]
mod tests;

pub use event::{CallEnded, Door, Effect, Event, Mark, ReceiptState, Refusal, Verdict};
pub use stage::{Leg, Stage};
pub use talk::{Dialling, FraudReports, Keyed, Listens, NewPin, Saying, Talk, Turn};

use crate::id::{ApiKeyId, AttemptId, UserId, VerificationId};
use crate::method::{Method, Mode};
use crate::moment::Moment;
use crate::number::PhoneNumber;
use crate::reason::{Reason, Status};
use crate::velocity::ResendGaps;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// Most sends of one rung: resends that the person asked for and changes of line together.
pub const MAX_SENDS: u8 = 12;
/// Most resends of one rung.
pub const MAX_RESENDS: u8 = 5;

/// One step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// How.
    pub method: Method,
    /// In which variant.
    pub mode: Mode,
    /// Where to, for methods that contact somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PhoneNumber>,
    /// How long it may last, in seconds.
    pub seconds: u32,
    /// Digits of our codes, so that a change of the settings leaves those that are out as they are; 0 where a token makes them.
    #[serde(default = "usual_digits")]
    pub digits: u8,
    /// Wrong codes until it is denied, per code.
    pub tries: u8,
    /// Wrong answers in PIN modes until it is denied, over the whole verification.
    pub all_tries: u8,
    /// Whether it is there because another rung did not succeed.
    #[serde(default)]
    pub fallback: bool,
    /// Gaps between the texts that the person asks for.
    #[serde(default, skip_serializing_if = "ResendGaps::are_usual")]
    pub resend_gaps: ResendGaps,
    /// For calls: how they are placed and how long they last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialling: Option<Box<Dialling>>,
}

const fn usual_digits() -> u8 {
    6
}

/// One attempt to prove presence of one person for one application: who and how is fixed, only `stage` moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// The canonical user name.
    pub user: Box<str>,
    /// The person; `None` if nobody of this name exists.
    pub user_id: Option<UserId>,
    /// The application that asks.
    pub application: Box<str>,
    /// The API key that started it.
    pub caller: ApiKeyId,
    /// What it is for.
    pub purpose: Purpose,
    /// The ladder, in order; empty if a rule ended it before anybody was contacted.
    pub rungs: Box<[Rung]>,
    /// When it was started.
    pub created_at: Moment,
    /// When it ends at the latest.
    pub expires_at: Moment,
    /// The person's own address, where the caller may tell it.
    pub client_ip: Option<IpAddr>,
    /// What requests of the same sign-in have in common; `None` never joins.
    pub joins: Option<Arc<str>>,
    /// Language of texts, BCP 47.
    pub language: Box<str>,
    /// Where the outcome is posted to.
    pub callback_url: Option<Box<str>>,
    /// What fills the caller's own places in the text: name and value.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub message: Box<[(Box<str>, Box<str>)]>,
    /// What the caller wants back, a JSON object.
    pub metadata: Box<str>,
    /// Progress.
    pub stage: Stage,
}

/// What a verification is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A sign-in.
    #[default]
    SignIn,
    /// The end of a set-up.
    Activation,
    /// A change of a method or number.
    Change,
    /// The help desk makes sure who is calling.
    CallerCheck,
    /// A test.
    Test,
}

impl Purpose {
    /// Whether it proves what a person has begun to set up or to change: that is the portal's business alone.
    pub const fn proves_a_draft(self, caller: ApiKeyId) -> bool {
        match self {
            Self::Activation | Self::Change => caller.bits() == ApiKeyId::PORTAL.bits(),
            Self::SignIn | Self::CallerCheck | Self::Test => false,
        }
    }
}

/// Why a text cannot be sent again now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResendRefusal {
    /// Nothing that could be sent again is awaited.
    NothingSent,
    /// Sent too often already.
    TooOften,
    /// Not before this.
    TooSoon(Moment),
}

impl Verification {
    /// Pending, or how it ended.
    pub const fn status(&self) -> Status {
        match self.stage {
            Stage::Settled { reason, .. } => reason.status(),
            Stage::Waiting
            | Stage::Reserving(_)
            | Stage::Queued(_)
            | Stage::Sending(_)
            | Stage::Awaiting(_)
            | Stage::Calling(..) => Status::Pending,
        }
    }

    /// Why it ended.
    pub const fn reason(&self) -> Option<Reason> {
        match self.stage {
            Stage::Settled { reason, .. } => Some(reason),
            Stage::Waiting
            | Stage::Reserving(_)
            | Stage::Queued(_)
            | Stage::Sending(_)
            | Stage::Awaiting(_)
            | Stage::Calling(..) => None,
        }
    }

    /// The only clock: when `Tick` means something. `None` once settled.
    pub const fn deadline(&self) -> Option<Moment> {
        match self.stage {
            Stage::Waiting => Some(self.expires_at),
            Stage::Reserving(leg)
            | Stage::Queued(leg)
            | Stage::Sending(leg)
            | Stage::Awaiting(leg)
            | Stage::Calling(leg, _) => Some(leg.until),
            Stage::Settled { .. } => None,
        }
    }

    /// The leg in progress.
    pub const fn leg(&self) -> Option<Leg> {
        self.stage.leg()
    }

    /// The rung in progress; once settled, the last one tried.
    pub fn rung(&self) -> Option<&Rung> {
        let index = match self.stage {
            Stage::Waiting => 0,
            Stage::Reserving(leg)
            | Stage::Queued(leg)
            | Stage::Sending(leg)
            | Stage::Awaiting(leg)
            | Stage::Calling(leg, _) => leg.rung,
            Stage::Settled { rung, .. } => rung,
        };
        self.rungs.get(usize::from(index))
    }

    /// Wrong codes that are still forgiven; `None` where no code is awaited.
    pub fn attempts_left(&self) -> Option<u8> {
        let leg = self.leg()?;
        let rung = self.rung()?;
        Some(rung.tries.saturating_sub(leg.wrong).min(rung.all_tries.saturating_sub(leg.wrong_in_all)))
    }

    /// As somebody sees it who joined it and waits no longer than until `until`: it may run on without them
    /// (specs/mfa-server.md §11.2).
    #[must_use]
    pub fn for_joiner(mut self, until: Moment, now: Moment) -> Self {
        if !self.stage.is_settled() && now >= until {
            let rung = self.leg().map_or(0, |leg| leg.rung);
            self.stage = Stage::Settled { reason: Reason::Timeout, at: until, rung };
        }
        self.expires_at = self.expires_at.min(until);
        self
    }

    /// The send in progress.
    pub fn attempt(&self) -> Option<AttemptId> {
        self.leg().map(|leg| self.attempt_of(leg))
    }

    /// Whether somebody is contacted by it, so that another prompt must wait.
    pub fn prompts(&self) -> bool {
        self.rungs.iter().any(|rung| rung.method.prompts())
    }

    /// Whether the person may have the text sent again now.
    pub fn may_resend(&self, now: Moment) -> Result<(), ResendRefusal> {
        let Stage::Awaiting(leg) = self.stage else { return Err(ResendRefusal::NothingSent) };
        let rung = self.rung().filter(|rung| rung.method == Method::Sms && now < leg.until);
        let rung = rung.ok_or(ResendRefusal::NothingSent)?;
        if leg.resends >= MAX_RESENDS || leg.send >= MAX_SENDS {
            return Err(ResendRefusal::TooOften);
        }
        let free = leg.sent_at + rung.resend_gaps.before(leg.resends);
        if now < free { Err(ResendRefusal::TooSoon(free)) } else { Ok(()) }
    }

    const fn attempt_of(&self, leg: Leg) -> AttemptId {
        AttemptId { verification: self.id, rung: leg.rung, send: leg.send }
    }

    fn rung_end(&self, rung: &Rung, now: Moment) -> Moment {
        (now + Duration::from_secs(u64::from(rung.seconds))).min(self.expires_at)
    }
}
