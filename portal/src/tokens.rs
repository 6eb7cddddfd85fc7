//! OATH tokens of a person over HTTP.
//! Refuses to show a token's key again, and to count a token before one right code.

use crate::audit;
use crate::body;
use crate::door::Caller;
use crate::people::{amend, named};
use crate::problem::Problem;
use crate::shapes::Page;
use crate::state::State;
use actix_web::{HttpResponse, web};
use actors::{Person, TokenRecord, TokenSerialRecord, Versioned};
use engine::id::TokenId;
use engine::moment::Moment;
use engine::oath::{self, TokenSettings, TokenState, Verdict, Windows};
use engine::policy::Policy;
use engine::secret::Secret;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{Expect, Kind, Operation};

type Answer = Result<HttpResponse, Problem>;
type Change = Result<Vec<Operation>, String>;

/// `POST /v1/users/{user}/tokens`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Serial number on the device.
    serial: String,
    #[serde(default)]
    manufacturer: String,
    #[serde(default)]
    model: String,
    /// Base32 (RFC 4648), at least 80 bits.
    secret: String,
    /// `{"kind": "totp", "period_seconds": 30}` or `{"kind": "hotp"}`, with `algorithm` and `digits`.
    #[serde(default)]
    settings: TokenSettings,
    /// HOTP: the counter of the next code.
    #[serde(default)]
    counter: u64,
    /// A current code; without it the token counts only after `activate`.
    code: Option<String>,
}

/// `POST …/activate`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OneCode {
    code: String,
}

/// `POST …/resync`: two codes that follow each other.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TwoCodes {
    first: String,
    second: String,
}

/// The key of the record that keeps manufacturer and serial number unique.
pub fn serial_key(manufacturer: &str, serial: &str) -> String {
    format!("{}\u{1f}{}", manufacturer.to_lowercase(), serial.to_lowercase())
}

/// Under which a token that nobody has is found by its serial number. No user name begins so.
pub fn free_parent(serial: &str) -> String {
    format!("\u{1f}{}", serial.trim().to_lowercase())
}

/// A token, without its key.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Token)]
pub struct TokenView {
    /// `tok_…`
    id: String,
    serial: String,
    manufacturer: String,
    model: String,
    /// Kind, hash and digits.
    settings: TokenSettings,
    /// Whether a right code was seen; before that the token does not count.
    activated: bool,
}

fn view(token: &TokenRecord) -> TokenView {
    TokenView {
        id: token.id.to_string(),
        serial: token.serial.clone(),
        manufacturer: token.manufacturer.clone(),
        model: token.model.clone(),
        settings: token.settings,
        activated: token.activated,
    }
}

/// `GET /v1/users/{user}/tokens`
pub async fn list(_: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let items: Vec<_> = tokens(&state, &named(&state, &user).await?).await?.iter().map(view).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

async fn tokens(state: &State, name: &str) -> Result<Vec<TokenRecord>, Problem> {
    let (engine, name) = (&state.engine, name.to_owned());
    let found = engine.read(move |store| store.children(Kind::Token, &name)).await;
    let found = found.map_err(|why| Problem::refused(why, engine.now()))?;
    let tokens = found.iter().map(<TokenRecord as store::Document>::from_record).collect::<Result<_, _>>();
    tokens.map_err(|cause| Problem::refused(cause.into(), engine.now()))
}

/// `POST /v1/users/{user}/tokens`
pub async fn create(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let new: NewToken = body::json(&mut payload).await?;
    let name = named(&state, &user).await?;
    let secret = checked(&new)?;
    let id = TokenId::from_bits(actors::random::bits());
    let sealed_key = state.engine.vault().seal(&id.to_string(), secret.expose());
    let owner = name.clone();
    let amendment = move |person: &mut Person, policy: &Policy, now: Moment| -> Change {
        let whom = person.user.as_ref().ok_or("nobody is there")?.value.id.to_string();
        let mut record = TokenRecord {
            id,
            serial: new.serial,
            manufacturer: new.manufacturer,
            model: new.model,
            user: Some(owner.clone()),
            sealed_key,
            settings: new.settings,
            state: TokenState { next: new.counter, ..TokenState::default() },
            activated: false,
            login: None,
            taken_at: None,
            created_at: now,
        };
        if let Some(code) = &new.code {
            accept(&mut record, &secret, code, policy, now)?;
        }
        let serial = serial_key(&record.manufacturer, &record.serial);
        let mut token = Versioned { version: 0, value: record };
        let operations = vec![
            token.write(&id.to_string()).under(Some(owner)),
            Operation::put(serial, &TokenSerialRecord { token: id }, Expect::Absent),
            audit::link(now, &caller, "token.assign", &whom),
        ];
        person.tokens.push(token);
        person.standing.value.cache.clear();
        Ok(operations)
    };
    amend(&state, &name, amendment).await?;
    let made = tokens(&state, &name).await?.into_iter().find(|token| token.id == id);
    Ok(HttpResponse::Created().json(made.as_ref().map(view)))
}

fn accept(
    token: &mut TokenRecord,
    secret: &Secret<Vec<u8>>,
    code: &str,
    policy: &Policy,
    now: Moment,
) -> Result<(), String> {
    let windows = Windows { steps: policy.oath.window_steps, look_ahead: policy.oath.look_ahead, ..Windows::default() };
    match oath::check(&token.settings, &token.state, secret, code, now, &windows) {
        Verdict::Accepted(state) => {
            (token.state, token.activated) = (state, true);
            Ok(())
        }
        Verdict::Replayed => Err("the code was used already; wait for the next one".into()),
        Verdict::OutOfDate => Err("the code is of another time; resync the token with two codes".into()),
        Verdict::Wrong => Err("the code is not one of this token; check secret, digits and algorithm".into()),
    }
}

/// `POST /v1/users/{user}/tokens/{token}/activate`
pub async fn activate(
    caller: Caller,
    state: web::Data<State>,
    path: web::Path<(String, String)>,
    mut payload: web::Payload,
) -> Answer {
    let OneCode { code } = body::json(&mut payload).await?;
    edit(&state, &path, caller, "token.activate", move |token, secret, policy, now| {
        accept(token, secret, &code, policy, now)
    })
    .await
}

/// `POST /v1/users/{user}/tokens/{token}/resync`
pub async fn resync(
    caller: Caller,
    state: web::Data<State>,
    path: web::Path<(String, String)>,
    mut payload: web::Payload,
) -> Answer {
    let TwoCodes { first, second } = body::json(&mut payload).await?;
    edit(&state, &path, caller, "token.resync", move |token, secret, _, now| {
        let found = oath::resync(&token.settings, &token.state, secret, &first, &second, now, &Windows::default());
        (token.state, token.activated) = (found.map_err(|fault| fault.to_string())?, true);
        Ok(())
    })
    .await
}

/// `DELETE /v1/users/{user}/tokens/{token}`
pub async fn remove(caller: Caller, state: web::Data<State>, path: web::Path<(String, String)>) -> Answer {
    let (user, token) = path.into_inner();
    let name = named(&state, &user).await?;
    let id: TokenId = token.parse().map_err(|_| Problem::not_found("token"))?;
    let amendment = move |person: &mut Person, _: &Policy, now: Moment| -> Change {
        let index = person.tokens.iter().position(|token| token.value.id == id).ok_or("there is no such token")?;
        let token = person.tokens.remove(index);
        let whom = person.user.as_ref().map(|user| user.value.id.to_string()).unwrap_or_default();
        Ok(vec![
            Operation::delete(Kind::Token, id.to_string(), Expect::Version(token.version)),
            Operation::delete(
                Kind::TokenSerial,
                serial_key(&token.value.manufacturer, &token.value.serial),
                Expect::Any,
            ),
            audit::link(now, &caller, "token.remove", &whom),
        ])
    };
    amend(&state, &name, amendment).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /v1/tokens`: one that nobody has yet; whoever has it in hand takes it at the portal by a code of it.
pub async fn create_free(caller: Caller, state: web::Data<State>, mut payload: web::Payload) -> Answer {
    let new: NewToken = body::json(&mut payload).await?;
    let secret = checked(&new)?;
    let (id, engine) = (TokenId::from_bits(actors::random::bits()), &state.engine);
    let record = TokenRecord {
        id,
        sealed_key: engine.vault().seal(&id.to_string(), secret.expose()),
        serial: new.serial.trim().to_owned(),
        manufacturer: new.manufacturer,
        model: new.model,
        user: None,
        settings: new.settings,
        state: TokenState { next: new.counter, ..TokenState::default() },
        activated: false,
        login: None,
        taken_at: None,
        created_at: engine.now(),
    };
    let serial = serial_key(&record.manufacturer, &record.serial);
    let operations = vec![
        Operation::put(id.to_string(), &record, Expect::Absent).under(Some(free_parent(&record.serial))),
        Operation::put(serial, &TokenSerialRecord { token: id }, Expect::Absent),
        audit::link(engine.now(), &caller, "token.import", &id.to_string()),
    ];
    engine.commit(operations).await.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::Created().json(view(&record)))
}

fn checked(new: &NewToken) -> Result<Secret<Vec<u8>>, Problem> {
    if let Some((field, right)) = new.settings.problems().first() {
        return Err(Problem::bad("invalid_request", format!("settings.{field}: {right}")));
    }
    let plain = |text: &str| text.len() <= 128 && !text.chars().any(char::is_control);
    if new.serial.trim().is_empty() || !plain(&new.serial) || !plain(&new.manufacturer) {
        return Err(Problem::bad("invalid_request", "serial: must have 1 to 128 bytes, manufacturer at most 128"));
    }
    oath::base32::parse(&new.secret).map_err(|fault| Problem::bad("invalid_request", format!("secret: {fault}")))
}

async fn edit(
    state: &State,
    path: &(String, String),
    caller: Caller,
    act: &'static str,
    change: impl FnOnce(&mut TokenRecord, &Secret<Vec<u8>>, &Policy, Moment) -> Result<(), String> + Send + 'static,
) -> Answer {
    let name = named(state, &path.0).await?;
    let id: TokenId = path.1.parse().map_err(|_| Problem::not_found("token"))?;
    let vault = Arc::clone(state.engine.vault());
    let owner = name.clone();
    let amendment = move |person: &mut Person, policy: &Policy, now: Moment| -> Change {
        let whom = person.user.as_ref().map(|user| user.value.id.to_string()).unwrap_or_default();
        let token = person.tokens.iter_mut().find(|token| token.value.id == id).ok_or("there is no such token")?;
        let secret = vault.open(&id.to_string(), &token.value.sealed_key)?;
        change(&mut token.value, &secret, policy, now)?;
        Ok(vec![token.write(&id.to_string()).under(Some(owner)), audit::link(now, &caller, act, &whom)])
    };
    amend(state, &name, amendment).await?;
    let found = tokens(state, &name).await?.into_iter().find(|token| token.id == id);
    Ok(HttpResponse::Ok().json(found.as_ref().map(view)))
}
