//! The first set-up of a person over HTTP: how far it is, and what a help desk does about it (portal.md §6, rule 11).
//! Refuses to open, link to or start over one that is finished; what nobody must do may be skipped at any time.

use super::{Answer, amend, find, named};
use crate::audit;
use crate::body;
use crate::door::Caller;
use crate::own_app::drop_pending;
use crate::problem::Problem;
use crate::questions::are_answered;
use crate::shapes::time;
use crate::state::State;
use actix_web::{HttpResponse, web};
use actors::{AnswersRecord, Doors, Person, Refused, TokenRecord, Told, next_reminder, would_be_reminded};
use engine::moment::Moment;
use engine::notice::Notice;
use engine::person::{REMINDERS, User};
use engine::policy::Policy;
use engine::progress::{self, Has, State as StepState, Step};
use engine::reason::Status;
use engine::setup::{closed, window_closes_at};
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
    /// Whether the person may go on with it now, from an address that may.
    open: bool,
    /// When it closes to the person, by `portal.enrollment_window_days`.
    closes_at: Option<String>,
    /// When it was begun: at the first sign-in, or by a link, or anew; null where it was not, or is finished.
    begun_at: Option<String>,
    /// When the person was last at it, to five minutes.
    last_active_at: Option<String>,
    /// Reminders that were mailed.
    reminders_sent: u8,
    /// When the next one is due at the earliest; null where none would be sent as things stand.
    next_reminder_at: Option<String>,
}

/// A step of a set-up.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SetUpStep {
    /// `method`, `phone` or `authenticator`, `check`, `token`, `questions`.
    step: &'static str,
    state: StepState,
    /// When what is saved of it was saved, or was sent for verification.
    at: Option<String>,
}

/// `POST /v1/users/{user}/set_up/skip`
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkippedStep {
    /// `token` or `questions`.
    step: String,
}

/// What a person has beside the record. A code that is asked for beside the password counts for one login, and so is no step here.
/// Blocking.
fn has(store: &dyn Store, user: &User, proof: Option<Status>) -> Result<Has, ReadError> {
    let tokens = store.children(Kind::Token, &user.name)?;
    let tokens: Vec<_> = tokens.iter().map(TokenRecord::from_record).collect::<Result<_, _>>()?;
    let answers = store.get(&Key::new(AnswersRecord::KIND, &*user.name))?;
    let answers = answers.as_ref().map(AnswersRecord::from_record).transpose()?.unwrap_or_default();
    Ok(Has {
        proved: None,
        proof,
        token: tokens.iter().any(|token| token.activated),
        answers: are_answered(store, &answers)?,
    })
}

fn view(user: &User, has: Has, asked_at: Option<Moment>, (doors, policy): (Doors, &Policy), now: Moment) -> SetUp {
    let steps = progress::steps(user, has, policy, doors.reach(), now);
    let closes_at = window_closes_at(user, policy);
    let begun = user.begun.as_ref().filter(|_| !user.set_up);
    let next =
        begun.filter(|_| would_be_reminded(user, doors, policy, now)).and_then(|begun| begun.reminder_after(now));
    let saved_at = user.draft.as_ref().map(|draft| draft.saved_at);
    let at = |(step, state)| match (step, state) {
        (Step::Method | Step::Details(_), StepState::Done | StepState::Draft) => saved_at,
        (Step::Check, StepState::Waiting | StepState::Done) => asked_at,
        _ => None,
    };
    let shown = |one: &(Step, StepState)| SetUpStep { step: one.0.as_str(), state: one.1, at: at(*one).map(time) };
    SetUp {
        finished: user.set_up,
        step: steps.iter().position(|(_, state)| !state.is_over()).map(|place| place + 1),
        of: steps.len(),
        steps: steps.iter().map(shown).collect(),
        open: !user.set_up && closed(user, policy, doors.reach(), now).is_none(),
        closes_at: closes_at.filter(|_| !user.set_up).map(time),
        begun_at: begun.map(|begun| time(begun.at)),
        last_active_at: begun.and_then(|begun| begun.seen_at).map(time),
        reminders_sent: begun.map_or(0, |begun| begun.reminders),
        next_reminder_at: next.map(time),
    }
}

async fn shown(state: &State, name: &str) -> Answer {
    let engine = &state.engine;
    let refused = |why| Problem::refused(why, engine.now());
    let user = find(state, name).await?;
    let asked = match user.draft.as_ref().and_then(|draft| draft.proof).filter(|_| !user.set_up) {
        Some(proof) => match engine.look(proof, None).await {
            Ok(verification) => Some(verification),
            // Its outcome was removed at the end of its retention.
            Err(Refused::NotFound) => None,
            Err(why) => return Err(refused(why)),
        },
        None => None,
    };
    let (of, status) = (user.clone(), asked.as_ref().map(|asked| asked.status()));
    let has = engine.read(move |store| has(store, &of, status)).await.map_err(refused)?;
    let asked_at = asked.map(|asked| asked.created_at);
    Ok(HttpResponse::Ok().json(view(&user, has, asked_at, (engine.doors(), &engine.policy()), engine.now())))
}

/// Changes a person's set-up, with a link in the audit chain, and shows it.
async fn edit(
    state: &State,
    user: &str,
    caller: Caller,
    act: &'static str,
    change: impl FnOnce(&mut Person, &Policy, Moment) -> Result<Vec<Operation>, String> + Send + 'static,
) -> Answer {
    let name = named(state, user).await?;
    let key = name.clone();
    let amendment = move |person: &mut Person, policy: &Policy, now: Moment| {
        let mut operations = change(person, policy, now)?;
        let user = person.user.as_mut().ok_or("nobody is there")?;
        let whom = user.value.id.to_string();
        operations.extend([user.write(&key), audit::link(now, &caller, act, &whom)]);
        Ok(operations)
    };
    amend(state, &name, amendment).await?;
    state.engine.tell();
    shown(state, &name).await
}

fn unfinished(person: &mut Person) -> Result<&mut User, String> {
    let user = person.user.as_mut().ok_or("nobody is there")?;
    if user.value.set_up { Err("the set-up of the person is finished".into()) } else { Ok(&mut user.value) }
}

/// `GET /v1/users/{user}/set_up`
pub async fn set_up(_: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let name = named(&state, &user).await?;
    shown(&state, &name).await
}

/// `POST /v1/users/{user}/set_up/link`: mails where the person signs in and sets up; it signs nobody in.
pub async fn send_link(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let doors = state.engine.doors();
    edit(&state, &user, caller, "user.set_up_link", move |person, policy, now| {
        let user = unfinished(person)?;
        let letter = letter(user, doors, policy, now)?;
        user.begin_set_up(now);
        Ok(std::iter::once(letter).chain(next_reminder(user, now)).collect())
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
        None
    };
    if let Some(missing) = missing {
        return Err(missing.into());
    }
    if let Some(closed) = closed(user, policy, doors.reach(), now) {
        return Err(closed.to_string());
    }
    let letter = doors.mail(user, policy, Notice::SetUpLink, &Told::default(), now);
    letter.ok_or_else(|| "the person has no mail address".into())
}

/// `POST /v1/users/{user}/set_up/reopen`: its time begins anew.
pub async fn reopen(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    edit(&state, &user, caller, "user.set_up_reopen", |person, _, now| {
        let user = unfinished(person)?;
        user.reopened_at = Some(now);
        user.begin_set_up(now);
        Ok(next_reminder(user, now).into_iter().collect())
    })
    .await
}

/// `POST /v1/users/{user}/set_up/start_over`: what was entered is gone, what is out is called off, and whoever is at it signs in
/// again.
pub async fn start_over(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let (tell, told) = std::sync::mpsc::channel();
    let shown = edit(&state, &user, caller, "user.set_up_start_over", move |person, _, now| {
        let user = unfinished(person)?;
        // Whoever asked waits for the change, so the other end is there.
        let _ = tell.send(user.draft.as_ref().and_then(|draft| draft.proof));
        user.start_over(now);
        let reminder = next_reminder(user, now);
        Ok(drop_pending(person, 0).into_iter().chain(reminder).collect())
    })
    .await?;
    if let Some(proof) = told.try_recv().ok().flatten()
        && let Err(cause) = state.engine.cancel(proof).await
    {
        tracing::warn!(verification = %proof, %cause, "what was out for a set-up that starts over could not be called off");
    }
    let name = named(&state, &user).await?;
    end_logins(&state, &name).await?;
    Ok(shown)
}

/// After the change: a login that is made meanwhile knows nothing of before, and signs in again.
async fn end_logins(state: &State, name: &str) -> Result<(), Problem> {
    let (engine, owner) = (&state.engine, name.to_owned());
    let refused = |why| Problem::refused(why, engine.now());
    let logins = engine.read(move |store| store.children(Kind::Login, &owner)).await.map_err(refused)?;
    let ends = logins.into_iter().map(|login| Operation::delete(Kind::Login, login.key.id, Expect::Any)).collect();
    engine.commit(ends).await.map_err(refused)
}

/// `POST /v1/users/{user}/set_up/skip`: the person is not reminded of the step any more.
pub async fn skip(
    caller: Caller,
    state: web::Data<State>,
    user: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let skipped: SkippedStep = body::json(&mut payload).await?;
    let act = match skipped.step.as_str() {
        "token" => "user.set_up_skip_token",
        "questions" => "user.set_up_skip_questions",
        _ => "user.set_up_skip",
    };
    edit(&state, &user, caller, act, move |person, _, _| {
        let user = &mut person.user.as_mut().ok_or("nobody is there")?.value;
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
