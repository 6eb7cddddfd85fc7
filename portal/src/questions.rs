//! The catalogue of security questions over HTTP, and the answers of a person.
//! Refuses to show an answer, and to remove a question that somebody has answered.

use crate::audit;
use crate::body;
use crate::door::Caller;
use crate::people::{amend, named};
use crate::problem::Problem;
use crate::shapes::{Page, time};
use crate::state::State;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use actors::{AnswersRecord, Engine, Person, QuestionRecord, Refused, Versioned};
use engine::id::QuestionId;
use engine::language;
use engine::moment::Moment;
use engine::policy::Policy;
use engine::question::{CHOSEN, Question};
use serde::Serialize;
use store::{Document, Expect, Key, Kind, Operation, ReadError, Store};

type Answer = Result<HttpResponse, Problem>;

/// The most questions.
const MOST: usize = 1000;
/// Answers that are looked through at once.
const PAGE: usize = 1000;

/// A question of the catalogue.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = QuestionOfCatalogue)]
pub struct QuestionView {
    /// `qst_…`
    id: String,
    /// Language of its text, BCP 47.
    language: String,
    /// As people read it.
    text: String,
    /// Whether it can be chosen.
    active: bool,
    /// UTC, RFC 3339.
    created_at: String,
}

/// Which questions a person has answered.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Questions {
    /// `qst_…`
    answered: Vec<String>,
}

fn view(id: QuestionId, record: &QuestionRecord) -> QuestionView {
    let Question { language, text, active } = record.question.clone();
    QuestionView { id: id.to_string(), language, text, active, created_at: time(record.created_at) }
}

/// Every question, the oldest first.
pub async fn all(engine: &Engine) -> Result<Vec<(QuestionId, QuestionRecord)>, Refused> {
    let records = engine.read(|store| store.list(Kind::Question, None, MOST)).await?;
    let read = records.iter().filter_map(|record| Some((record.key.id.parse().ok()?, record)));
    let read = read.map(|(id, record)| Ok((id, QuestionRecord::from_record(record)?)));
    let mut questions = read.collect::<Result<Vec<_>, ReadError>>()?;
    questions.sort_by_key(|(id, record)| (record.created_at, *id));
    Ok(questions)
}

/// Whether somebody has answered enough questions that are still used. Blocking.
pub fn are_answered(store: &dyn Store, answers: &AnswersRecord) -> Result<bool, ReadError> {
    for chosen in &answers.chosen {
        let question = store.get(&Key::new(Kind::Question, chosen.question.to_string()))?;
        let question = question.as_ref().map(QuestionRecord::from_record).transpose()?;
        if !question.is_some_and(|one| one.question.active) {
            return Ok(false);
        }
    }
    Ok(answers.chosen.len() >= CHOSEN)
}

/// What is wrong with the catalogue for these languages, if everybody is to answer four questions in their own.
pub async fn gap(engine: &Engine, languages: &[String]) -> Result<Option<String>, Refused> {
    Ok(gap_in(&all(engine).await?, languages))
}

fn gap_in(questions: &[(QuestionId, QuestionRecord)], languages: &[String]) -> Option<String> {
    let active = |language: &str| {
        questions.iter().filter(|(_, one)| one.question.active && one.question.language == language).count()
    };
    let short = languages.iter().find(|language| active(language) < CHOSEN);
    short.map(|language| format!("needs {CHOSEN} active questions in `{language}`: there are {}", active(language)))
}

/// Nobody must be asked for four questions where there are fewer: `change` is made where enough stay.
async fn keeps_enough(
    state: &State,
    change: impl FnOnce(&mut Vec<(QuestionId, QuestionRecord)>),
) -> Result<(), Problem> {
    let portal = &state.engine.policy().portal;
    if !portal.questions_fallback {
        return Ok(());
    }
    let mut questions = all(&state.engine).await.map_err(refused(state))?;
    let before = gap_in(&questions, &portal.languages);
    change(&mut questions);
    match gap_in(&questions, &portal.languages) {
        Some(gap) if before.is_none() => {
            let detail = format!("portal.questions_fallback is on and {gap}; make another one first");
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_possible", detail))
        }
        Some(_) | None => Ok(()),
    }
}

fn check(question: &Question) -> Result<(), Problem> {
    let length = question.text.chars().count();
    let plain = (1..=200).contains(&length) && !question.text.chars().any(char::is_control);
    if !plain || question.text.trim().is_empty() {
        return Err(Problem::bad("invalid_request", "text: must have 1 to 200 characters in one line"));
    }
    if !language::is_tag(&question.language) {
        return Err(Problem::bad("invalid_request", "language: must be a language tag such as `en`"));
    }
    Ok(())
}

fn refused(state: &State) -> impl Fn(Refused) -> Problem + use<'_> {
    |why| Problem::refused(why, state.engine.now())
}

/// `GET /v1/security_questions`
pub async fn list(_: Caller, state: web::Data<State>) -> Answer {
    let questions = all(&state.engine).await.map_err(refused(&state))?;
    let items: Vec<_> = questions.iter().map(|(id, record)| view(*id, record)).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// `POST /v1/security_questions`
pub async fn create(caller: Caller, state: web::Data<State>, mut payload: web::Payload) -> Answer {
    let question: Question = body::json(&mut payload).await?;
    check(&question)?;
    let engine = &state.engine;
    if engine.read(|store| store.count(Kind::Question)).await.map_err(refused(&state))? >= MOST as u64 {
        let full = format!("there are {MOST} questions; remove one that nobody has answered");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_possible", full));
    }
    let (id, now) = (QuestionId::from_bits(actors::random::bits()), engine.now());
    let record = QuestionRecord { question, created_at: now };
    let operations = vec![
        Operation::put(id.to_string(), &record, Expect::Absent),
        audit::link(now, &caller, "question.create", &id.to_string()),
    ];
    engine.commit(operations).await.map_err(refused(&state))?;
    Ok(HttpResponse::Created().json(view(id, &record)))
}

async fn find(state: &State, id: &str) -> Result<(QuestionId, Versioned<QuestionRecord>), Problem> {
    let id: QuestionId = id.parse().map_err(|_| Problem::not_found("question"))?;
    let found = state.engine.document::<QuestionRecord>(&id.to_string()).await.map_err(refused(state))?;
    found.map(|found| (id, found)).ok_or_else(|| Problem::not_found("question"))
}

/// `PUT /v1/security_questions/{id}`
pub async fn replace(
    caller: Caller,
    state: web::Data<State>,
    id: web::Path<String>,
    mut payload: web::Payload,
) -> Answer {
    let question: Question = body::json(&mut payload).await?;
    check(&question)?;
    let (id, mut found) = find(&state, &id).await?;
    found.value.question = question;
    let record = found.value.clone();
    keeps_enough(&state, |all| all.iter_mut().filter(|(own, _)| *own == id).for_each(|(_, one)| *one = record.clone()))
        .await?;
    let link = audit::link(state.engine.now(), &caller, "question.change", &id.to_string());
    let operations = vec![found.write(&id.to_string()), link];
    state.engine.commit(operations).await.map_err(refused(&state))?;
    Ok(HttpResponse::Ok().json(view(id, &found.value)))
}

/// `DELETE /v1/security_questions/{id}`
pub async fn remove(caller: Caller, state: web::Data<State>, id: web::Path<String>) -> Answer {
    let (id, found) = find(&state, &id).await?;
    if state.engine.read(move |store| is_used(store, id)).await.map_err(refused(&state))? {
        let detail = "somebody has answered it: set `active` to false, and it is offered to nobody any more";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_possible", detail));
    }
    keeps_enough(&state, |all| all.retain(|(own, _)| *own != id)).await?;
    let operations = vec![
        Operation::delete(Kind::Question, id.to_string(), Expect::Version(found.version)),
        audit::link(state.engine.now(), &caller, "question.remove", &id.to_string()),
    ];
    state.engine.commit(operations).await.map_err(refused(&state))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Blocking.
fn is_used(store: &dyn Store, id: QuestionId) -> Result<bool, ReadError> {
    let mut after: Option<String> = None;
    loop {
        let page = store.list(Kind::Answers, after.as_deref(), PAGE)?;
        for record in &page {
            if AnswersRecord::from_record(record)?.chosen.iter().any(|chosen| chosen.question == id) {
                return Ok(true);
            }
        }
        match page.last() {
            Some(last) => after = Some(last.key.id.clone()),
            None => return Ok(false),
        }
    }
}

/// `GET /v1/users/{user}/security_questions`
pub async fn of_person(_: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let name = named(&state, &user).await?;
    let found = state.engine.document::<AnswersRecord>(&name).await.map_err(refused(&state))?;
    let chosen = found.map(|found| found.value.chosen).unwrap_or_default();
    let answered = chosen.iter().map(|chosen| chosen.question.to_string()).collect();
    Ok(HttpResponse::Ok().json(Questions { answered }))
}

/// `DELETE /v1/users/{user}/security_questions`: the person chooses again.
pub async fn clear(caller: Caller, state: web::Data<State>, user: web::Path<String>) -> Answer {
    let name = named(&state, &user).await?;
    let key = name.clone();
    let amendment = move |person: &mut Person, _: &Policy, now: Moment| {
        let whom = person.user.as_ref().ok_or("nobody is there")?.value.id.to_string();
        Ok(vec![
            Operation::delete(Kind::Answers, key, Expect::Any),
            audit::link(now, &caller, "user.questions_clear", &whom),
        ])
    };
    amend(&state, &name, amendment).await?;
    Ok(HttpResponse::NoContent().finish())
}
