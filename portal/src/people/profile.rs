//! The profile of a person over HTTP: made, listed, shown, changed, removed.
//! Refuses two people of one name.

use super::phones::pair;
use super::pin::{change_required, set_pin};
use super::{Answer, Change, UserView, amend, edit, end_all, find, named};
use crate::audit;
use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::{LANGUAGE, Page};
use crate::state::State;
use actix_web::{HttpRequest, HttpResponse, web};
use actors::{Person, UserNameRecord, Versioned};
use engine::id::UserId;
use engine::language::{self, Languages};
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::person::{Standing, User};
use engine::pin;
use engine::policy::Policy;
use engine::reason::Reason;
use engine::user_name;
use serde::{Deserialize, Deserializer};
use store::{Expect, Kind, Operation};

/// `POST /v1/users`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// User name, unique in its canonical form.
    name: String,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    group: String,
    /// As people write it; `x` before an extension.
    phone: Option<String>,
    backup_phone: Option<String>,
    method: Option<Method>,
    mode: Option<Mode>,
    pin: Option<String>,
    /// Whether the PIN must be changed at the first verification; the policy's value if unset.
    pin_change_required: Option<bool>,
    /// Fewest digits of this person's PIN, 4 to 16; counts only above the company's value.
    pin_min_length: Option<u8>,
    /// Whether the person may change the PIN; the company's value if unset.
    user_can_change_pin: Option<bool>,
    /// BCP 47, of whatever has none in `languages`.
    language: Option<String>,
    languages: Option<Languages>,
    enabled: Option<bool>,
    /// Whether set-up is finished; by default it is when the method has what it needs.
    set_up: Option<bool>,
}

/// `PATCH /v1/users/{user}`: what is given is changed.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    group: Option<String>,
    method: Option<Method>,
    mode: Option<Mode>,
    /// BCP 47, of whatever has none in `languages`.
    language: Option<String>,
    /// In place of those that were there.
    languages: Option<Languages>,
    enabled: Option<bool>,
    set_up: Option<bool>,
    /// Fewest digits of this person's PIN from the next one on, 4 to 16; null is the company's value.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u8>)]
    pin_min_length: Option<Option<u8>>,
    /// Whether the person may change the PIN; null is the company's value.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    user_can_change_pin: Option<Option<bool>>,
}

/// A field that is there, be it null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(field).map(Some)
}

/// The person's own least length, if no company could ask for it.
fn check_length(least: Option<u8>) -> Result<(), String> {
    let (shortest, longest) = (pin::SHORTEST, pin::LONGEST);
    let inside = least.is_none_or(|least| (shortest..=longest).contains(&least));
    if inside { Ok(()) } else { Err(format!("pin_min_length: must be {shortest} to {longest}")) }
}

fn check_language(tag: Option<&str>, of: Option<&Languages>) -> Result<(), String> {
    if !tag.is_none_or(language::is_tag) {
        return Err(LANGUAGE.into());
    }
    if of.is_none_or(Languages::are_tags) { Ok(()) } else { Err("languages: each must be a BCP 47 tag".into()) }
}

/// `POST /v1/users`
pub async fn create(caller: Caller, state: web::Data<State>, mut payload: web::Payload) -> Answer {
    let new: NewUser = body::json(&mut payload).await?;
    let engine = &state.engine;
    let name = user_name::canonical(&new.name, &engine.policy().domains);
    let name = name.map_err(|fault| Problem::bad("invalid_request", format!("name: {fault}")))?;
    let id = UserId::from_bits(actors::random::bits());
    let keys = engine.pin_keys().to_vec();
    let key = name.clone();
    let amendment = move |person: &mut Person, policy: &Policy, now: Moment| -> Change {
        if person.user.is_some() {
            return Err(format!("there is a person `{key}` already; change it with PATCH"));
        }
        let user = build(new, id, key.clone(), &keys, policy, now)?;
        let mut user = Versioned { version: 0, value: user };
        let index = UserNameRecord { name: key.clone() };
        let operations = vec![
            user.write(&key),
            Operation::put(id.to_string(), &index, Expect::Absent),
            audit::link(now, &caller, "user.create", &id.to_string()),
        ];
        person.user = Some(user);
        Ok(operations)
    };
    amend(&state, &name, amendment).await?;
    let user = find(&state, &name).await?;
    for phone in user.phone.iter().chain(&user.backup_phone) {
        engine.number_enrolled(phone.number).await.map_err(|why| Problem::refused(why, engine.now()))?;
    }
    Ok(HttpResponse::Created().json(UserView::from(&user)))
}

fn build(
    new: NewUser,
    id: UserId,
    name: String,
    keys: &[pin::PinKey],
    policy: &Policy,
    now: Moment,
) -> Result<User, String> {
    let (method, mode) = match (new.method, new.mode) {
        (Some(method), Some(mode)) if method.has(mode) => (method, mode),
        (Some(method), Some(mode)) => return Err(format!("mode `{mode}` is none of method `{method}`")),
        (None, None) => (Method::Sms, Mode::TwoWayOtp),
        _ => return Err("`method` and `mode` belong together: give both or neither".into()),
    };
    check_length(new.pin_min_length)?;
    check_language(new.language.as_deref(), new.languages.as_ref())?;
    let (primary, backup) = pair(new.phone.as_deref(), new.backup_phone.as_deref())?;
    let mut user = User {
        first_name: new.first_name,
        last_name: new.last_name,
        email: new.email,
        group: new.group,
        enabled: new.enabled.unwrap_or(true),
        phone: primary,
        backup_phone: backup,
        method,
        mode,
        pin_min_length: new.pin_min_length,
        user_can_change_pin: new.user_can_change_pin,
        language: new.language.unwrap_or_else(|| "en".into()),
        languages: new.languages.unwrap_or_default(),
        ..User::begin(id, name, now)
    };
    if let Some(pin) = &new.pin {
        let required = change_required(&user, new.pin_change_required, policy)?;
        set_pin(&mut user, pin, keys, policy, required, now)?;
    }
    let complete = match method {
        Method::Sms | Method::Voice => user.phone.is_some() && (!mode.needs_pin() || new.pin.is_some()),
        Method::Oath => true,
        Method::App => false,
    };
    user.set_up = new.set_up.unwrap_or(complete);
    Ok(user)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

/// `GET /v1/users`
pub async fn list(request: HttpRequest, _: Caller, state: web::Data<State>) -> Answer {
    let query: ListQuery = body::query(&request)?;
    let limit = body::limit(query.limit)?;
    let engine = &state.engine;
    let records = engine.read(move |store| store.list(Kind::User, query.cursor.as_deref(), limit)).await;
    let records = records.map_err(|why| Problem::refused(why, engine.now()))?;
    let next_cursor = (records.len() == limit).then(|| records.last().map(|record| record.key.id.clone())).flatten();
    let users = records.iter().map(<User as store::Document>::from_record);
    let items = users.map(|user| user.map(|user| UserView::from(&user))).collect::<Result<Vec<_>, _>>();
    let items = items.map_err(|cause| Problem::refused(cause.into(), engine.now()))?;
    Ok(HttpResponse::Ok().json(Page { items, next_cursor }))
}

/// `GET /v1/users/{user}`
pub async fn get(_: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let name = named(&state, &user).await?;
    Ok(HttpResponse::Ok().json(UserView::from(&find(&state, &name).await?)))
}

/// `PATCH /v1/users/{user}`
pub async fn change(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let change: UserChange = body::json(&mut payload).await?;
    let switched_off = change.enabled == Some(false);
    let shown = edit(&state, &user, caller, "user.change", move |user, standing, _, _| {
        let (method, mode) = (change.method.unwrap_or(user.method), change.mode.unwrap_or(user.mode));
        if !method.has(mode) {
            return Err(format!("mode `{mode}` is none of method `{method}`"));
        }
        if (method, mode) != (user.method, user.mode) || change.enabled == Some(false) {
            standing.cache.clear();
        }
        (user.method, user.mode) = (method, mode);
        check_length(change.pin_min_length.flatten())?;
        check_language(change.language.as_deref(), change.languages.as_ref())?;
        if let Some(languages) = change.languages {
            user.languages = languages;
        }
        user.pin_min_length = change.pin_min_length.unwrap_or(user.pin_min_length);
        user.user_can_change_pin = change.user_can_change_pin.unwrap_or(user.user_can_change_pin);
        user.enabled = change.enabled.unwrap_or(user.enabled);
        if let Some(set_up) = change.set_up.filter(|set_up| *set_up != user.set_up) {
            (user.set_up, user.begun) = (set_up, None);
        }
        let fields = [
            (&mut user.first_name, change.first_name),
            (&mut user.last_name, change.last_name),
            (&mut user.email, change.email),
            (&mut user.group, change.group),
            (&mut user.language, change.language),
        ];
        for (field, value) in fields {
            if let Some(value) = value {
                *field = value;
            }
        }
        Ok(())
    })
    .await?;
    if switched_off { end_all(&state, &user, Reason::UserDisabled).await } else { Ok(shown) }
}

/// `DELETE /v1/users/{user}`
pub async fn remove(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let name = named(&state, &user).await?;
    let key = name.clone();
    let amendment = move |person: &mut Person, _: &Policy, now: Moment| -> Change {
        let user = person.user.take().ok_or("nobody is there")?;
        let name_of_account = key.clone();
        let mut operations = vec![
            Operation::delete(Kind::User, key.clone(), Expect::Version(user.version)),
            Operation::delete(Kind::Standing, key, Expect::Any),
            Operation::delete(Kind::UserName, user.value.id.to_string(), Expect::Any),
            Operation::delete(Kind::Password, name_of_account.clone(), Expect::Any),
            Operation::delete(Kind::Answers, name_of_account, Expect::Any),
            audit::link(now, &caller, "user.remove", &user.value.id.to_string()),
        ];
        for token in person.tokens.drain(..) {
            let serial = crate::tokens::serial_key(&token.value.manufacturer, &token.value.serial);
            operations.push(Operation::delete(Kind::Token, token.value.id.to_string(), Expect::Any));
            operations.push(Operation::delete(Kind::TokenSerial, serial, Expect::Any));
        }
        person.standing = Versioned { version: 0, value: Standing::default() };
        Ok(operations)
    };
    amend(&state, &name, amendment).await?;
    let engine = &state.engine;
    let ended = engine.end_all(&name, Reason::UserUnknown).await;
    ended.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::NoContent().finish())
}
