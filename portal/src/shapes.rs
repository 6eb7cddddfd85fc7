//! The shapes that requests and answers have outside.
//! Refuses unknown fields, and holds nothing secret in answers but a key or PIN on the one page that made it.

use crate::problem::Problem;
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::policy::Policy;
use engine::reason::{Reason, Status};
use engine::timeline::Entry;
use engine::verification::{Purpose, Verification};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What is said of a language that is none.
pub const LANGUAGE: &str = "language: must be a BCP 47 tag such as `en` or `en-GB`";

/// `POST /v1/verifications`
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartBody {
    /// User name, in any of its forms.
    pub user: String,
    /// The application that asks.
    pub application: String,
    /// What it is for.
    #[serde(default)]
    #[schema(default = "sign_in")]
    pub purpose: Purpose,
    /// Method, together with `mode`; the person's own if neither this nor `plan` is given.
    pub method: Option<Method>,
    /// Mode of `method`.
    pub mode: Option<Mode>,
    /// The ladder, instead of `method` and `mode`; at most 8 rungs.
    pub plan: Option<Vec<PlanRung>>,
    /// Whether the client can ask for a code; needed by one-way texts and OATH. Default true.
    #[serde(default = "yes")]
    pub can_input: bool,
    /// The person's own address; believed only from keys marked for it.
    #[schema(value_type = Option<String>)]
    pub client_ip: Option<IpAddr>,
    /// A shorter life, 1 to 900 seconds; never longer than the policy's. A request that joins one in flight waits no longer
    /// than this: its answer is then `failed`, `timeout`, while the verification runs on for the others.
    pub ttl_seconds: Option<u32>,
    /// Language of texts, BCP 47.
    pub language: Option<String>,
    /// What fills places of the caller's own, `<$name$>`, in the company's text: at most 8 names of `a-z`, `0-9` and `_`,
    /// values of at most 64 characters without control characters.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub message: std::collections::BTreeMap<String, String>,
    /// Where the outcome is posted to, signed with the key's webhook secret: an `https` address on the public internet.
    pub callback_url: Option<String>,
    /// What the caller wants back: a JSON object of at most 2048 bytes.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// One rung of a wished ladder.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRung {
    /// Method.
    pub method: Method,
    /// Mode.
    pub mode: Mode,
    /// Which of the person's phones; the primary one by default. Only a call may go to the backup phone.
    pub contact: Option<Contact>,
}

/// One of a person's phones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// The phone that is asked first.
    Primary,
    /// The one that is called when nobody answers there.
    Backup,
}

const fn yes() -> bool {
    true
}

/// `POST /v1/verifications/batch`
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchBody {
    /// Up to 1,000 requests; each may carry an `idempotency_key` of its own.
    #[schema(value_type = Vec<Object>)]
    pub verifications: Vec<serde_json::Value>,
}

/// `POST /v1/verifications/{id}/check`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// The code that was typed, with the PIN behind it where the mode has one.
    pub code: String,
}

/// A verification.
#[derive(Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Verification)]
pub struct View {
    /// `ver_…`
    id: String,
    /// `pending`, then one of `verified`, `denied`, `failed`, `cancelled`.
    status: Status,
    /// Why it ended, a stable word; null while pending.
    reason: Option<&'static str>,
    /// The classic number of the reason.
    status_code: Option<u16>,
    /// The person's canonical name.
    user: String,
    /// The application that asked.
    application: String,
    /// What it is for.
    purpose: Purpose,
    /// The method of the rung in progress; null where nobody was contacted.
    method: Option<Method>,
    /// Its mode.
    mode: Option<Mode>,
    /// Counted from 1; null where nobody was contacted.
    rung: Option<u8>,
    /// Wrong codes that are left; null where none is awaited.
    attempts_left: Option<u8>,
    /// The code to show at sign-in, for number matching.
    display_code: Option<String>,
    /// UTC, RFC 3339.
    created_at: String,
    /// When it ends by itself.
    expires_at: String,
    /// When it ended; null while pending.
    settled_at: Option<String>,
    /// What the caller gave.
    #[schema(value_type = Object)]
    metadata: serde_json::Value,
    /// Where the person sets up first, as answer to a start that ended with `setup_unfinished`: `portal.url`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    set_up_url: Option<String>,
}

impl View {
    /// The answer to a start.
    pub fn of_start(of: &Verification, policy: &Policy) -> Self {
        let url = &policy.portal.url;
        let there = of.reason() == Some(Reason::SetupUnfinished) && !url.is_empty();
        Self { set_up_url: there.then(|| url.clone()), ..Self::from(of) }
    }
}

impl From<&Verification> for View {
    fn from(of: &Verification) -> Self {
        let rung = of.rung();
        let (settled_at, index) = match of.stage {
            engine::verification::Stage::Settled { at, rung, .. } => (Some(time(at)), rung),
            engine::verification::Stage::Waiting => (None, 0),
            engine::verification::Stage::Reserving(leg)
            | engine::verification::Stage::Queued(leg)
            | engine::verification::Stage::Sending(leg)
            | engine::verification::Stage::Awaiting(leg)
            | engine::verification::Stage::Calling(leg, _) => (None, leg.rung),
        };
        Self {
            id: of.id.to_string(),
            status: of.status(),
            reason: of.reason().map(engine::reason::Reason::as_str),
            status_code: of.reason().map(engine::reason::Reason::code),
            user: of.user.to_string(),
            application: of.application.to_string(),
            purpose: of.purpose,
            method: rung.map(|rung| rung.method),
            mode: rung.map(|rung| rung.mode),
            rung: rung.map(|_| index + 1),
            attempts_left: of.attempts_left(),
            display_code: None,
            created_at: time(of.created_at),
            expires_at: time(of.expires_at),
            settled_at,
            metadata: serde_json::from_str(&of.metadata).unwrap_or_default(),
            set_up_url: None,
        }
    }
}

/// The body of an outcome webhook.
pub fn webhook(of: &Verification) -> String {
    let view = View::from(of);
    serde_json::json!({ "type": "verification.settled", "timestamp": view.settled_at.clone(), "data": view })
        .to_string()
}

/// The answers of a batch, in the order of the requests.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BatchAnswer {
    /// One for each request.
    pub items: Vec<BatchItem>,
}

/// What became of one request of a batch.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchItem {
    /// It was started.
    Verification(Box<View>),
    /// It was refused.
    Problem(Problem),
}

/// One happening of a verification.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TimelineEntry {
    /// When; UTC, RFC 3339.
    pub at: String,
    /// What, a stable word in the past tense.
    pub what: String,
    /// The rung, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rung: Option<u8>,
    /// The gateway line, where one took part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// A sentence, or what the gateway answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl TimelineEntry {
    /// An entry of the store, with the moment of its row.
    pub fn new(at: Moment, entry: Entry) -> Self {
        Self {
            at: time(at),
            what: entry.what.into_owned(),
            rung: entry.rung,
            line: entry.line.map(String::from),
            detail: entry.detail.map(String::from),
        }
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Ask with it for what follows; null at the end of a list, never null in the feed.
    pub next_cursor: Option<String>,
}

/// UTC, RFC 3339, milliseconds.
pub fn time(moment: Moment) -> String {
    let millis = i64::try_from(moment.millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}
