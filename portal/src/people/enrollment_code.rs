//! The code that a person needs for the first set-up, where an administrator gives it, over HTTP.
//! Refuses to show it but once, on the answer that made it.

use super::{Answer, edit};
use crate::door::Caller;
use crate::state::State;
use actix_web::{HttpResponse, web};
use engine::enrollment::EnrollmentCode;
use serde::Serialize;

/// A code, shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NewEnrollmentCode {
    /// Eight digits, good for seven days, once.
    code: String,
}

/// `POST /v1/users/{user}/enrollment_code`
pub async fn make_code(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let code = EnrollmentCode::digits(|| u64::from_be_bytes(actors::random::bytes()));
    let (keys, made) = (state.engine.pin_keys().to_vec(), code.clone());
    edit(&state, &user, caller, "user.enrollment_code", move |user, _, _, now| {
        if user.set_up {
            return Err("the person is set up already".into());
        }
        let key = keys.first().ok_or("no PIN key is configured")?;
        user.enrollment_code = Some(EnrollmentCode::by_hand(key, actors::random::bytes(), user.id, &made, now));
        Ok(())
    })
    .await?;
    let answer = NewEnrollmentCode { code: code.expose().clone() };
    Ok(HttpResponse::Created().insert_header(("Cache-Control", "no-store")).json(answer))
}
