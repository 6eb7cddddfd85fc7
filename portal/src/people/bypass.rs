//! The one-time bypass of a person over HTTP.
//! Refuses one for people who are blocked or locked.

use super::{Answer, Why, edit, named};
use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::{Page, time};
use crate::state::State;
use actix_web::{HttpResponse, web};
use engine::bypass::{self, Bypass, BypassUse};
use engine::person::Standing;
use serde::Serialize;

/// A bypass, past or present.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Bypass)]
pub struct BypassView {
    /// UTC, RFC 3339.
    started_at: String,
    /// When its time was, or is, over.
    ends_at: String,
    /// The API key that began it.
    by: String,
    reason: String,
    /// When it ended before its time; null also where it was never used.
    ended_at: Option<String>,
    /// `used`, `ended`, `replaced` by another, or `lost` by a block or lock.
    how: Option<&'static str>,
    /// The application that was passed by it.
    application: Option<String>,
    /// The API key that ended it.
    ended_by: Option<String>,
}

impl From<&Bypass> for BypassView {
    fn from(bypass: &Bypass) -> Self {
        let (how, application, ended_by) = match bypass.end.as_ref().map(|end| &end.how) {
            None => (None, None, None),
            Some(BypassUse::Used { application }) => (Some("used"), Some(application.clone()), None),
            Some(BypassUse::Ended { by }) => (Some("ended"), None, Some(by.clone())),
            Some(BypassUse::Replaced) => (Some("replaced"), None, None),
            Some(BypassUse::Lost) => (Some("lost"), None, None),
        };
        Self {
            started_at: time(bypass.started_at),
            ends_at: time(bypass.ends_at()),
            by: bypass.by.clone(),
            reason: bypass.reason.clone(),
            ended_at: bypass.end.as_ref().map(|end| time(end.at)),
            how,
            application,
            ended_by,
        }
    }
}

/// `GET /v1/users/{user}/bypasses`: the oldest first, with the one that can be used now.
pub async fn bypasses(_: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let name = named(&state, &user).await?;
    let engine = &state.engine;
    let found = engine.document::<Standing>(&name).await.map_err(|why| Problem::refused(why, engine.now()))?;
    let standing = found.map(|found| found.value).unwrap_or_default();
    let items: Vec<_> = standing.past_bypasses.iter().chain(&standing.bypass).map(BypassView::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// `POST /v1/users/{user}/bypasses`
pub async fn start_bypass(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let why: Why = body::json(&mut payload).await?;
    let by = caller.0.id.to_string();
    edit(&state, &user, caller, "user.bypass", move |user, standing, _, now| {
        if user.blocked(now) || standing.lockout.locked_until(now).is_some() {
            return Err("the person is blocked or locked; end that first".into());
        }
        let seconds = why.seconds.unwrap_or(bypass::DEFAULT_SECONDS);
        standing.begin_bypass(Bypass::start(seconds, now, &by, &why.reason).map_err(|fault| fault.to_string())?);
        Ok(())
    })
    .await
}

/// `DELETE /v1/users/{user}/bypasses`
pub async fn end_bypass(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let by = caller.0.id.to_string();
    edit(&state, &user, caller, "user.bypass_end", |_, standing, _, now| {
        standing.end_bypass(now, BypassUse::Ended { by });
        Ok(())
    })
    .await
}
