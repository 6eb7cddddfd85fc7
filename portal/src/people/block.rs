//! Block and lock of a person over HTTP.
//! Refuses a block, or its end, without a reason.

use super::{Answer, Why, edit, end_all};
use crate::body;
use crate::door::Caller;
use crate::state::State;
use actix_web::{HttpRequest, web};
use engine::bypass::BypassUse;
use engine::person::{Block, BlockEnd};
use engine::reason::Reason;
use serde::Deserialize;
use std::time::Duration;

const LONGEST_REASON: usize = 500;

/// `POST /v1/users/{user}/block`
pub async fn block(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let why: Why = body::json(&mut payload).await?;
    let by = caller.0.id.to_string();
    edit(&state, &user, caller, "user.block", move |user, standing, policy, now| {
        let days = why.days.unwrap_or(policy.fraud.block_days);
        if !(1..=3650).contains(&days) {
            return Err("a block lasts 1 to 3650 days".into());
        }
        check(&why.reason)?;
        standing.cache.clear();
        standing.end_bypass(now, BypassUse::Lost);
        let until = now + Duration::from_secs(u64::from(days) * 86_400);
        user.begin_block(Block { since: now, until, by, reason: why.reason, ended: None });
        Ok(())
    })
    .await?;
    end_all(&state, &user, Reason::Blocked).await
}

/// Why a block ends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    reason: String,
}

/// `DELETE /v1/users/{user}/block?reason=`
pub async fn unblock(request: HttpRequest, caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let Query { reason } = body::query(&request)?;
    let by = caller.0.id.to_string();
    edit(&state, &user, caller, "user.unblock", |user, _, _, at| {
        check(&reason)?;
        user.end_block(BlockEnd { at, by, reason });
        Ok(())
    })
    .await
}

/// Both directions are kept with their reason (mfa-server.md §9.3).
fn check(reason: &str) -> Result<(), String> {
    let inside = !reason.trim().is_empty() && reason.chars().count() <= LONGEST_REASON;
    if inside { Ok(()) } else { Err(format!("a block and its end need a reason of 1 to {LONGEST_REASON} characters")) }
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
