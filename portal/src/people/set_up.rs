//! The first set-up of a person over HTTP: how far it is, and what a help desk does about it (portal.md §6, rule 11).
//! Refuses to open, link to or start over one that is finished; what nobody must do may be skipped at any time.

use super::{Answer, amend, find, named};
use crate::audit;
use crate::body;
use crate::door::Caller;
use crate::problem::Problem;
use crate::shapes::time;
use crate::state::State;
use actix_web::{HttpResponse, web};
use actors::{AnswersRecord, Doors, Person, Refused, TokenRecord, Told, first_reminder};
use engine::moment::Moment;
use engine::notice::Notice;
use engine::person::{REMINDERS, User};
use engine::policy::Policy;
use engine::progress::{self, Has, State as StepState, Step};
use engine::question::CHOSEN;
use engine::setup::window_closes_at;
use serde::{Deserialize, Serialize};
use store::{Document, Expect, Key, Kind, Operation, ReadError, Store};

/// How far the first set-up of a person is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SetUp {
    /// Whether a method counts.
    finished: bool,
    /// The first step that is left, counted from 1; null where none is.
    step: Option<usize>,
    /// How many steps there are.
    of: usize,
    /// The steps in their order.
    steps: Vec<SetUpStep>,
    /// Whether the person may go on with it now.
    open: bool,
    /// When it closes to the person, by `portal.enrollment_window_days`.
    closes_at: Option<String>,
    /// When it was begun: at the first sign-in, or by a link, or anew; null where it was not, or is finished.
    begun_at: Option<String>,
    /// When the person was last at it, to five minutes.
    last_active_at: Option<String>,
    /// Reminders that were mailed.
    reminders_sent: u8,
    /// When the next one is due, if the person does not go on by then.
    next_reminder_at: Option<String>,
}

/// A step of a set-up.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SetUpStep {
    /// `proof`, `method`, `phone` or `authenticator`, `check`, `token`, `questions`.
    step: &'static str,
    state: StepState,
}

/// `POST /v1/users/{user}/set_up/skip`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkippedStep {
    /// `token` or `questions`.
    step: String,
}

/// What a person has beside the record. Blocking.
fn has(store: &dyn Store, user: &User) -> Result<Has, ReadError> {
    let tokens = store.children(Kind::Token, &user.name)?;
    let tokens: Vec<_> = tokens.iter().map(TokenRecord::from_record).collect::<Result<_, _>>()?;
    let answers = store.get(&Key::new(AnswersRecord::KIND, &*user.name))?;
    let answers = answers.as_ref().map(AnswersRecord::from_record).transpose()?.unwrap_or_default();
    Ok(Has {
        // Nothing is saved before it was shown.
        proved: user.draft.is_some(),
        token: tokens.iter().any(|token| token.activated),
        answers: answers.chosen.len() >= CHOSEN,
    })
}

fn view(user: &User, has: Has, policy: &Policy, now: Moment) -> SetUp {
    let steps = progress::steps(user, has, policy, now);
    let closes_at = window_closes_at(user, policy);
    let portal = &policy.portal;
    let begun = user.begun.as_ref().filter(|_| !user.set_up);
    let next = begun.and_then(|begun| (0..).map_while(|nth| begun.reminder_at(nth)).find(|due| *due > now));
    SetUp {
        finished: user.set_up,
        step: steps.iter().position(|(_, state)| !state.is_over()).map(|place| place + 1),
        of: steps.len(),
        steps: steps.iter().map(|(step, state)| SetUpStep { step: step.as_str(), state: *state }).collect(),
        open: !user.set_up && refusal(user, policy, now).is_none() && portal.allow_log_in,
        closes_at: closes_at.filter(|_| !user.set_up).map(time),
        begun_at: begun.map(|begun| time(begun.at)),
        last_active_at: begun.and_then(|begun| begun.seen_at).map(time),
        reminders_sent: begun.map_or(0, |begun| begun.reminders),
        next_reminder_at: next.map(time),
    }
}

/// Why the person would not get on with the set-up after signing in.
fn refusal(user: &User, policy: &Policy, now: Moment) -> Option<&'static str> {
    if !user.enabled || user.blocked(now) {
        Some("the person is off or blocked; end that first")
    } else if !policy.portal.allow_enrollment {
        Some("portal.allow_enrollment is off")
    } else if window_closes_at(user, policy).is_some_and(|closes| now >= closes) {
        Some("the time for the set-up is over (portal.enrollment_window_days); reopen it first")
    } else {
        None
    }
}

async fn shown(state: &State, name: &str) -> Answer {
    let engine = &state.engine;
    let user = find(state, name).await?;
    let of = user.clone();
    let has = engine.read(move |store| has(store, &of)).await;
    let has = has.map_err(|why| Problem::refused(why, engine.now()))?;
    Ok(HttpResponse::Ok().json(view(&user, has, &engine.policy(), engine.now())))
}

/// Changes a set-up that is not finished, with a link in the audit chain, and shows it.
async fn edit(
    state: &State,
    user: &str,
    caller: Caller,
    act: &'static str,
    change: impl FnOnce(&mut User, &Policy, Moment) -> Result<Vec<Operation>, String> + Send + 'static,
) -> Answer {
    let name = named(state, user).await?;
    let key = name.clone();
    let amendment = move |person: &mut Person, policy: &Policy, now: Moment| {
        let user = person.user.as_mut().ok_or("nobody is there")?;
        let mut operations = change(&mut user.value, policy, now)?;
        let whom = user.value.id.to_string();
        operations.extend([user.write(&key), audit::link(now, &caller, act, &whom)]);
        Ok(operations)
    };
    amend(state, &name, amendment).await?;
    state.engine.tell();
    shown(state, &name).await
}

fn unfinished(user: &User) -> Result<(), String> {
    if user.set_up { Err("the set-up of the person is finished".into()) } else { Ok(()) }
}

/// `GET /v1/users/{user}/set_up`
pub async fn set_up(_: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let name = named(&state, &user).await?;
    shown(&state, &name).await
}

/// `POST /v1/users/{user}/set_up/link`: mails where the person signs in and sets up; it signs nobody in.
pub async fn send_link(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let doors = state.engine.doors();
    edit(&state, &user, caller, "user.set_up_link", move |user, policy, now| {
        unfinished(user)?;
        let letter = letter(user, doors, policy, now)?;
        user.begin_set_up(now);
        Ok(std::iter::once(letter).chain(first_reminder(user)).collect())
    })
    .await
}

fn letter(user: &User, doors: Doors, policy: &Policy, now: Moment) -> Result<Operation, String> {
    let missing = if !doors.mail {
        Some("there is no gateway for mail; add one to the settings file")
    } else if !policy.mail.send_to_users {
        Some("mail.send_to_users is off")
    } else if policy.portal.url.is_empty() {
        Some("portal.url is not set, so there is no link")
    } else {
        refusal(user, policy, now)
    };
    if let Some(missing) = missing {
        return Err(missing.into());
    }
    let letter = doors.mail(user, policy, Notice::SetUpLink, &Told::default(), now);
    letter.ok_or_else(|| "the person has no mail address".into())
}

/// `POST /v1/users/{user}/set_up/reopen`: its time begins anew.
pub async fn reopen(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    edit(&state, &user, caller, "user.set_up_reopen", |user, _, now| {
        unfinished(user)?;
        user.reopened_at = Some(now);
        user.begin_set_up(now);
        Ok(first_reminder(user).into_iter().collect())
    })
    .await
}

/// `POST /v1/users/{user}/set_up/start_over`: what was entered is gone, what is out is called off, and whoever is at it signs in
/// again.
pub async fn start_over(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let engine = &state.engine;
    let name = named(&state, &user).await?;
    let proof = find(&state, &name).await?.draft.and_then(|draft| draft.proof);
    let logins = engine.read(move |store| store.children(Kind::Login, &name)).await;
    let logins = logins.map_err(|why| Problem::refused(why, engine.now()))?;
    let shown = edit(&state, &user, caller, "user.set_up_start_over", move |user, _, now| {
        unfinished(user)?;
        user.start_over(now);
        let ended = logins.into_iter().map(|login| Operation::delete(Kind::Login, login.key.id, Expect::Any));
        Ok(ended.chain(first_reminder(user)).collect())
    })
    .await?;
    if let Some(proof) = proof {
        match engine.cancel(proof).await {
            Ok(_) | Err(Refused::NotFound) => {}
            Err(why) => return Err(Problem::refused(why, engine.now())),
        }
    }
    Ok(shown)
}

/// `POST /v1/users/{user}/set_up/skip`: the person is not reminded of the step any more.
pub async fn skip(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let skipped: SkippedStep = body::json(&mut payload).await?;
    edit(&state, &user, caller, "user.set_up_skip", move |user, _, _| {
        if skipped.step == Step::Token.as_str() {
            user.put_off.token = REMINDERS;
        } else if skipped.step == Step::Questions.as_str() {
            user.put_off.questions = REMINDERS;
        } else {
            return Err(format!("step: `{}` cannot be skipped; `token` and `questions` can", skipped.step));
        }
        Ok(vec![])
    })
    .await
}
