//! Block and lock of a person over HTTP.
//! Refuses a block without a reason.

use super::{Answer, Why, edit};
use crate::body;
use crate::door::Caller;
use crate::state::State;
use actix_web::web;
use engine::person::Block;
use std::time::Duration;

/// `POST /v1/users/{user}/block`
pub async fn block(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let why: Why = body::json(&mut payload).await?;
    edit(&state, &user, caller, "user.block", move |user, standing, policy, now| {
        let days = why.days.unwrap_or(policy.fraud.block_days);
        if !(1..=3650).contains(&days) || why.reason.trim().is_empty() {
            return Err("a block needs a reason, and lasts 1 to 3650 days".into());
        }
        standing.cache.clear();
        standing.bypass = None;
        let until = now + Duration::from_secs(u64::from(days) * 86_400);
        user.block = Some(Block { since: now, until, reason: why.reason });
        Ok(())
    })
    .await
}

/// `DELETE /v1/users/{user}/block`
pub async fn unblock(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    edit(&state, &user, caller, "user.unblock", |user, _, _, _| {
        user.block = None;
        Ok(())
    })
    .await
}

/// `DELETE /v1/users/{user}/lock`
pub async fn unlock(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    edit(&state, &user, caller, "user.unlock", |_, standing, _, _| {
        standing.lockout.unlock();
        standing.guesses.succeeded();
        Ok(())
    })
    .await
}
