//! People over HTTP: who is meant, how a person is shown, and how one is changed at home.
//! Refuses what belongs to one part of a person: each part has its file.

mod block;
mod bypass;
mod enrollment_code;
mod password;
mod phones;
mod pin;
mod profile;
mod set_up;

pub use block::{block, unblock, unlock};
pub use bypass::{BypassView, bypasses, end_bypass, start_bypass};
pub use enrollment_code::{NewEnrollmentCode, make_code};
pub use password::{NewPassword, put_password};
pub use phones::{Phones, set_phones};
pub use pin::{NewPin, Pin, put_pin};
pub use profile::{NewUser, UserChange, change, create, get, list, remove};
pub use set_up::{SetUp, SetUpStep, SkippedStep, reopen, send_link, set_up, skip, start_over};

use crate::audit;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::time;
use crate::state::State;
use actix_web::HttpResponse;
use actors::{Person, UserNameRecord};
use engine::id::UserId;
use engine::language::Languages;
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::person::{Block, Phone, Standing, User};
use engine::policy::Policy;
use engine::reason::Reason;
use engine::user_name;
use serde::{Deserialize, Serialize};
use store::Operation;

type Answer = Result<HttpResponse, Problem>;
type Change = Result<Vec<Operation>, String>;

/// A block, its end, or a bypass.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// Why; kept in the history.
    reason: String,
    /// Days of a block, 1 to 3650; seconds of a bypass, 30 to 3600.
    days: Option<u32>,
    seconds: Option<u32>,
}

/// A person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// `usr_…`
    id: String,
    /// The canonical user name.
    name: String,
    first_name: String,
    last_name: String,
    email: String,
    /// Free label; the scope of administrators and reports.
    group: String,
    /// Off: as if unknown.
    enabled: bool,
    /// Whether set-up is finished.
    set_up: bool,
    phone: Option<Phone>,
    backup_phone: Option<Phone>,
    /// Whether the backup phone has answered yet.
    backup_verified: bool,
    /// Primary method.
    method: Method,
    /// Its mode.
    mode: Mode,
    /// BCP 47, of whatever has none in `languages`.
    language: String,
    languages: Languages,
    /// Fewest digits of this person's PIN; null is the company's value.
    pin_min_length: Option<u8>,
    /// Whether the person may change the PIN; null is the company's value.
    user_can_change_pin: Option<bool>,
    /// The end of a block; null without one.
    blocked_until: Option<String>,
    /// Every block that is remembered, the oldest first, with the one in force.
    blocks: Vec<BlockView>,
    /// UTC, RFC 3339.
    created_at: String,
}

/// A block of a person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Block)]
pub struct BlockView {
    /// UTC, RFC 3339.
    since: String,
    /// When it ends, or would have ended, by itself.
    until: String,
    /// The API key that began it, or `the person` by a fraud report.
    by: String,
    reason: String,
    /// When it was ended before its time; null otherwise.
    ended_at: Option<String>,
    ended_by: Option<String>,
    end_reason: Option<String>,
}

impl From<&Block> for BlockView {
    fn from(block: &Block) -> Self {
        let ended = block.ended.as_ref();
        Self {
            since: time(block.since),
            until: time(block.until),
            by: block.by.clone(),
            reason: block.reason.clone(),
            ended_at: ended.map(|end| time(end.at)),
            ended_by: ended.map(|end| end.by.clone()),
            end_reason: ended.map(|end| end.reason.clone()),
        }
    }
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.name.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            email: user.email.clone(),
            group: user.group.clone(),
            enabled: user.enabled,
            set_up: user.set_up,
            phone: user.phone.clone(),
            backup_phone: user.backup_phone.clone(),
            method: user.method,
            mode: user.mode,
            language: user.language.clone(),
            languages: user.languages.clone(),
            backup_verified: user.backup_verified_at.is_some(),
            pin_min_length: user.pin_min_length,
            user_can_change_pin: user.user_can_change_pin,
            blocked_until: user.block.as_ref().map(|block| time(block.until)),
            blocks: user.past_blocks.iter().chain(&user.block).map(BlockView::from).collect(),
            created_at: time(user.created_at),
        }
    }
}

/// Changes profile and standing together, with a link in the audit chain, and shows the person.
async fn edit(
    state: &State,
    user: &str,
    caller: Caller,
    act: &'static str,
    change: impl FnOnce(&mut User, &mut Standing, &Policy, Moment) -> Result<(), String> + Send + 'static,
) -> Answer {
    let name = named(state, user).await?;
    let key = name.clone();
    let amendment = move |person: &mut Person, policy: &Policy, now: Moment| -> Change {
        let user = person.user.as_mut().ok_or("nobody is there")?;
        change(&mut user.value, &mut person.standing.value, policy, now)?;
        let whom = user.value.id.to_string();
        Ok(vec![user.write(&key), person.standing.write(&key), audit::link(now, &caller, act, &whom)])
    };
    amend(state, &name, amendment).await?;
    Ok(HttpResponse::Ok().json(UserView::from(&find(state, &name).await?)))
}

/// Ends what the person has in flight, and shows them.
async fn end_all(state: &State, user: &str, reason: Reason) -> Answer {
    let name = named(state, user).await?;
    let engine = &state.engine;
    engine.end_all(&name, reason).await.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::Ok().json(UserView::from(&find(state, &name).await?)))
}

/// Changes a person at home.
pub async fn amend(
    state: &State,
    name: &str,
    amendment: impl FnOnce(&mut Person, &Policy, Moment) -> Change + Send + 'static,
) -> Result<(), Problem> {
    let engine = &state.engine;
    engine.amend(name, Box::new(amendment)).await.map_err(|why| Problem::refused(why, engine.now()))
}

/// `usr_…`, or `name:` and the user name, as the canonical name of somebody who exists.
pub async fn named(state: &State, user: &str) -> Result<String, Problem> {
    let engine = &state.engine;
    if let Some(name) = user.strip_prefix("name:") {
        let name = user_name::canonical(name, &engine.policy().domains);
        let name = name.map_err(|fault| Problem::bad("invalid_request", format!("user: {fault}")))?;
        find(state, &name).await?;
        return Ok(name);
    }
    let id: UserId = user.parse().map_err(|_| Problem::not_found("person"))?;
    let found = engine.document::<UserNameRecord>(&id.to_string()).await;
    let found = found.map_err(|why| Problem::refused(why, engine.now()))?;
    found.map(|found| found.value.name).ok_or_else(|| Problem::not_found("person"))
}

async fn find(state: &State, name: &str) -> Result<User, Problem> {
    let engine = &state.engine;
    let found = engine.document::<User>(name).await.map_err(|why| Problem::refused(why, engine.now()))?;
    found.map(|found| found.value).ok_or_else(|| Problem::not_found("person"))
}
