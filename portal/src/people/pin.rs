//! The PIN of a person over HTTP.
//! Refuses to show it but once, on the answer that made it.

use super::{Answer, edit, find, named};
use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use engine::moment::Moment;
use engine::person::User;
use engine::pin::{self, PinHash};
use engine::policy::Policy;
use serde::{Deserialize, Serialize};

/// `PUT /v1/users/{user}/pin`: without `pin` one is generated.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPin {
    pin: Option<String>,
    change_required: Option<bool>,
}

/// A PIN that was set, shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Pin {
    /// Its digits.
    pin: String,
}

pub(super) fn set_pin(
    user: &mut User,
    pin: &str,
    keys: &[pin::PinKey],
    policy: &Policy,
    required: bool,
    now: Moment,
) -> Result<(), String> {
    let phones = user.phone_digits();
    let phones: Vec<_> = phones.iter().map(String::as_str).collect();
    let used = |pin: &str| user.pin.used(keys, user.id, pin);
    pin::check_new(pin, &policy.pin, user.pin_min_length, &phones, used).map_err(|faults| {
        let words: Vec<_> = faults.iter().map(|fault| format!("{}: {fault}", fault.as_str())).collect();
        format!("pin: {}", words.join("; "))
    })?;
    let key = keys.first().ok_or("no PIN key is configured")?;
    let hash = PinHash::make(key, actors::random::bytes(), user.id, pin);
    user.pin.set(hash, &policy.pin, now, required);
    Ok(())
}

/// Whether a new PIN must be changed at the first verification: only by somebody who may (mfa-server.md §5.3).
pub(super) fn change_required(user: &User, wanted: Option<bool>, policy: &Policy) -> Result<bool, String> {
    match (user.may_change_pin(&policy.pin), wanted) {
        (true, wanted) => Ok(wanted.unwrap_or(policy.pin.change_required_on_create)),
        (false, Some(true)) => Err("the person may not change the PIN, so a change cannot be required".into()),
        (false, Some(false) | None) => Ok(false),
    }
}

/// `PUT /v1/users/{user}/pin`
pub async fn put_pin(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let new: NewPin = body::json(&mut payload).await?;
    let name = named(&state, &user).await?;
    let found = find(&state, &name).await?;
    let policy = state.engine.policy();
    let pin = match new.pin {
        Some(pin) => pin,
        None => generated(&found, state.engine.pin_keys(), &policy)?,
    };
    let (keys, shown) = (state.engine.pin_keys().to_vec(), pin.clone());
    let required = new.change_required;
    edit(&state, &user, caller, "user.pin", move |user, standing, policy, now| {
        standing.cache.clear();
        let required = change_required(user, required, policy)?;
        set_pin(user, &pin, &keys, policy, required, now)
    })
    .await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(Pin { pin: shown }))
}

fn generated(user: &User, keys: &[pin::PinKey], policy: &Policy) -> Result<String, Problem> {
    let phones = user.phone_digits();
    let phones: Vec<_> = phones.iter().map(String::as_str).collect();
    let used = |pin: &str| user.pin.used(keys, user.id, pin);
    let random = || u64::from_be_bytes(actors::random::bytes());
    let pin = pin::generate(random, &policy.pin, user.pin_min_length, &phones, used);
    let none =
        || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_possible", "no PIN passes the rules; look at [pin]");
    pin.map(|pin| pin.expose().clone()).ok_or_else(none)
}
