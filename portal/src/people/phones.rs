//! The phones of a person over HTTP.
//! Refuses the same number twice. Who enters a number says that it is good and wants texts.

use super::{Answer, edit};
use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::state::State;
use actix_web::web;
use engine::number;
use engine::person::Phone;
use serde::Deserialize;

/// `PUT /v1/users/{user}/phones`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Phones {
    phone: Option<String>,
    backup_phone: Option<String>,
}

fn phone(text: Option<&str>) -> Result<Option<Phone>, String> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let (number, extension) = number::parse(text, "1").map_err(|fault| format!("phone: {fault}"))?;
    Ok(Some(Phone { number, extension }))
}

/// Both phones of a person, which must not be the same one.
pub(super) fn pair(primary: Option<&str>, backup: Option<&str>) -> Result<(Option<Phone>, Option<Phone>), String> {
    let (primary, backup) = (phone(primary)?, phone(backup)?);
    let same = primary.is_some() && primary == backup;
    if same { Err("the backup phone must be another than the primary phone".into()) } else { Ok((primary, backup)) }
}

/// `PUT /v1/users/{user}/phones`
pub async fn set_phones(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let phones: Phones = body::json(&mut payload).await?;
    let entered = [phone(phones.phone.as_deref()), phone(phones.backup_phone.as_deref())];
    let shown = edit(&state, &user, caller, "user.phones", move |user, standing, _, _| {
        let (new, backup) = pair(phones.phone.as_deref(), phones.backup_phone.as_deref())?;
        standing.cache.clear();
        user.phone = new;
        user.set_backup(backup);
        Ok(())
    })
    .await?;
    let engine = &state.engine;
    for number in entered.into_iter().flatten().flatten().map(|phone| phone.number) {
        engine.number_entered(number).await.map_err(|why| Problem::refused(why, engine.now()))?;
    }
    Ok(shown)
}
