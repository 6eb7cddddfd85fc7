//! The password of a local account over HTTP.
//! Refuses one that is guessed first, and to show or keep any.

use super::{Answer, amend, find, named};
use crate::audit;
use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::state::State;
use actix_web::{HttpResponse, web};
use actors::{PasswordRecord, Person};
use directory::password;
use engine::moment::Moment;
use engine::policy::Policy;
use engine::secret::Secret;
use serde::Deserialize;
use store::{Expect, Kind, Operation};

/// `PUT /v1/users/{user}/password`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// 8 characters at least, 256 bytes at most; not one that is guessed first.
    password: String,
}

/// `PUT /v1/users/{user}/password`
pub async fn put_password(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let new: NewPassword = body::json(&mut payload).await?;
    let password = Secret::new(new.password);
    let name = named(&state, &user).await?;
    let whom = find(&state, &name).await?.id.to_string();
    let faults: Vec<_> = password::faults(password.expose(), &name).iter().map(ToString::to_string).collect();
    if !faults.is_empty() {
        return Err(Problem::bad("invalid_request", format!("password: {}", faults.join("; "))));
    }
    let busy = |busy: directory::hash::Busy| Problem::unavailable("busy", &busy.to_string());
    let hash = directory::hash::make(password).await.map_err(busy)?;
    let (key, owner) = (name.clone(), name.clone());
    let engine = &state.engine;
    let logins = engine.read(move |store| store.children(Kind::Login, &owner)).await;
    let logins = logins.map_err(|why| Problem::refused(why, engine.now()))?;
    let amendment = move |person: &mut Person, _: &Policy, now: Moment| {
        person.user.as_ref().ok_or("nobody is there")?;
        let record = PasswordRecord { hash, set_at: now };
        let mut operations =
            vec![Operation::put(key, &record, Expect::Any), audit::link(now, &caller, "user.password", &whom)];
        // Whoever knew the old password has no login any more.
        operations.extend(logins.into_iter().map(|login| Operation::delete(Kind::Login, login.key.id, Expect::Any)));
        Ok(operations)
    };
    amend(&state, &name, amendment).await?;
    Ok(HttpResponse::NoContent().finish())
}
