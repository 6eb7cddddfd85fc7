//! People over HTTP: profile, phones, PIN, block, lock and bypass.
//! Refuses to show a PIN but once, on the answer that made it.

use crate::audit;
use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::{Page, time};
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use actors::{Person, UserNameRecord, Versioned};
use engine::bypass::{self, Bypass};
use engine::id::UserId;
use engine::method::{Method, Mode};
use engine::moment::Moment;
use engine::number;
use engine::person::{Block, Phone, Standing, User};
use engine::pin::{self, PinHash, PinState};
use engine::policy::Policy;
use engine::user_name;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::{Expect, Kind, Operation};

type Answer = Result<HttpResponse, Problem>;
type Change = Result<Vec<Operation>, String>;

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
    #[schema(value_type = Option<String>)]
    method: Option<Method>,
    #[schema(value_type = Option<String>)]
    mode: Option<Mode>,
    pin: Option<String>,
    /// Whether the PIN must be changed at the first verification; the policy's value if unset.
    pin_change_required: Option<bool>,
    language: Option<String>,
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
    #[schema(value_type = Option<String>)]
    method: Option<Method>,
    #[schema(value_type = Option<String>)]
    mode: Option<Mode>,
    language: Option<String>,
    enabled: Option<bool>,
    set_up: Option<bool>,
}

/// `PUT /v1/users/{user}/phones`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Phones {
    phone: Option<String>,
    backup_phone: Option<String>,
}

/// `PUT /v1/users/{user}/pin`: without `pin` one is generated.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPin {
    pin: Option<String>,
    change_required: Option<bool>,
}

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
#[derive(Debug, Serialize)]
struct UserView {
    id: String,
    name: String,
    first_name: String,
    last_name: String,
    email: String,
    group: String,
    enabled: bool,
    set_up: bool,
    phone: Option<Phone>,
    backup_phone: Option<Phone>,
    method: Method,
    mode: Mode,
    language: String,
    blocked_until: Option<String>,
    created_at: String,
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
            blocked_until: user.block.as_ref().map(|block| time(block.until)),
            created_at: time(user.created_at),
        }
    }
}

fn phone(text: Option<&str>) -> Result<Option<Phone>, String> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    let (number, extension) = number::parse(text, "1").map_err(|fault| format!("phone: {fault}"))?;
    Ok(Some(Phone { number, extension }))
}

fn set_pin(
    user: &mut User,
    pin: &str,
    keys: &[pin::PinKey],
    policy: &Policy,
    required: bool,
    now: Moment,
) -> Result<(), String> {
    let phones: Vec<_> = user.phone.iter().chain(&user.backup_phone).map(|phone| phone.number.to_string()).collect();
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
    Ok(HttpResponse::Created().json(UserView::from(&find(&state, &name).await?)))
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
    let mut user = User {
        id,
        name,
        first_name: new.first_name,
        last_name: new.last_name,
        email: new.email,
        group: new.group,
        enabled: new.enabled.unwrap_or(true),
        set_up: true,
        created_at: now,
        block: None,
        phone: phone(new.phone.as_deref())?,
        backup_phone: phone(new.backup_phone.as_deref())?,
        method,
        mode,
        pin: PinState::default(),
        pin_min_length: None,
        user_can_change_pin: None,
        language: new.language.unwrap_or_else(|| "en".into()),
    };
    if let Some(pin) = &new.pin {
        let required = new.pin_change_required.unwrap_or(policy.pin.change_required_on_create);
        set_pin(&mut user, pin, keys, policy, required, now)?;
    }
    let complete = match method {
        Method::Sms => user.phone.is_some() && (!mode.needs_pin() || new.pin.is_some()),
        Method::Oath => true,
        Method::Voice | Method::App => false,
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
    let limit = query.limit.unwrap_or(100).clamp(1, 1000);
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
    edit(&state, &user, caller, "user.change", move |user, standing, _, _| {
        let (method, mode) = (change.method.unwrap_or(user.method), change.mode.unwrap_or(user.mode));
        if !method.has(mode) {
            return Err(format!("mode `{mode}` is none of method `{method}`"));
        }
        if (method, mode) != (user.method, user.mode) || change.enabled == Some(false) {
            standing.cache.clear();
        }
        (user.method, user.mode) = (method, mode);
        user.enabled = change.enabled.unwrap_or(user.enabled);
        user.set_up = change.set_up.unwrap_or(user.set_up);
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
    .await
}

/// `DELETE /v1/users/{user}`
pub async fn remove(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let name = named(&state, &user).await?;
    let key = name.clone();
    let amendment = move |person: &mut Person, _: &Policy, now: Moment| -> Change {
        let user = person.user.take().ok_or("nobody is there")?;
        let mut operations = vec![
            Operation::delete(Kind::User, key.clone(), Expect::Version(user.version)),
            Operation::delete(Kind::Standing, key, Expect::Any),
            Operation::delete(Kind::UserName, user.value.id.to_string(), Expect::Any),
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
    Ok(HttpResponse::NoContent().finish())
}

/// `PUT /v1/users/{user}/phones`
pub async fn set_phones(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let phones: Phones = body::json(&mut payload).await?;
    edit(&state, &user, caller, "user.phones", move |user, standing, _, _| {
        let (new, backup) = (phone(phones.phone.as_deref())?, phone(phones.backup_phone.as_deref())?);
        if new.is_some() && new == backup {
            return Err("the backup phone must be another than the primary phone".into());
        }
        standing.cache.clear();
        (user.phone, user.backup_phone) = (new, backup);
        Ok(())
    })
    .await
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
        None => generated(&found, &policy)?,
    };
    let (keys, shown) = (state.engine.pin_keys().to_vec(), pin.clone());
    let required = new.change_required;
    edit(&state, &user, caller, "user.pin", move |user, standing, policy, now| {
        standing.cache.clear();
        let required = required.unwrap_or(policy.pin.change_required_on_create);
        set_pin(user, &pin, &keys, policy, required, now)
    })
    .await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(serde_json::json!({ "pin": shown })))
}

fn generated(user: &User, policy: &Policy) -> Result<String, Problem> {
    let phones: Vec<_> = user.phone.iter().map(|phone| phone.number.to_string()).collect();
    let phones: Vec<_> = phones.iter().map(String::as_str).collect();
    let random = || u64::from_be_bytes(actors::random::bytes());
    let pin = pin::generate(random, &policy.pin, user.pin_min_length, &phones, |_| false);
    let none =
        || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_possible", "no PIN passes the rules; look at [pin]");
    pin.map(|pin| pin.expose().clone()).ok_or_else(none)
}

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
