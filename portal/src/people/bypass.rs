//! The one-time bypass of a person over HTTP.
//! Refuses one for people who are blocked or locked.

use super::{Answer, Why, edit};
use crate::body;
use crate::door::Caller;
use crate::state::State;
use actix_web::web;
use engine::bypass::{self, Bypass};

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
        standing.bypass = Some(Bypass::start(seconds, now, &by, &why.reason).map_err(|fault| fault.to_string())?);
        Ok(())
    })
    .await
}

/// `DELETE /v1/users/{user}/bypasses`
pub async fn end_bypass(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    edit(&state, &user, caller, "user.bypass_end", |_, standing, _, _| {
        standing.bypass = None;
        Ok(())
    })
    .await
}
