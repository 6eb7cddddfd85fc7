//! The set-up: its steps with their state, and where somebody belongs now.
//! Refuses to hold anybody: whatever the state, there is a page that leads on (portal.md §6).

use super::Pages;
use super::answer::{self, Stop};
use super::frame::Frame;
use super::guest::Guest;
use super::methods;
use crate::link::{Due, Visit};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// The page where a login belongs.
pub fn place(visit: &Visit) -> &'static str {
    match (visit.person.set_up, visit.signed_in, visit.due()) {
        (false, _, _) => "/setup",
        (true, Some(_), Some(Due::Pin)) => "/account/pin",
        (true, Some(_), _) => "/account",
        (true, None, _) => "/verify",
    }
}

/// Where somebody goes on who has just signed in: what is due comes first, and may be put off.
pub fn next(visit: &Visit, set_up: bool) -> &'static str {
    match visit.due() {
        Some(Due::Token) => "/setup/token",
        Some(Due::Questions) => "/setup/questions",
        Some(Due::Pin | Due::Proof(_)) => place(visit),
        None if set_up => "/setup/done",
        None => place(visit),
    }
}

/// The visit of somebody who is not set up yet; others are led to where they belong.
pub async fn visit(guest: &Guest<'_>) -> Result<Visit, Stop> {
    let visit = guest.visit().await?;
    if visit.person.set_up { Err(Stop::see(guest.pages, place(&visit))) } else { Ok(visit) }
}

/// The same, once what the company wants beside the password was shown.
pub async fn proved(guest: &Guest<'_>) -> Result<Visit, Stop> {
    let visit = visit(guest).await?;
    match visit.due() {
        Some(Due::Proof(_)) => Err(Stop::see(guest.pages, "/setup/proof")),
        Some(Due::Pin | Due::Token | Due::Questions) | None => Ok(visit),
    }
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Draft,
    Waiting,
    Done,
}

struct Step {
    text: &'static str,
    state: State,
}

impl Step {
    fn state_text(&self) -> &'static str {
        match self.state {
            State::Done => "setup-state-done",
            State::Waiting => "setup-state-waiting",
            State::Draft => "setup-state-draft",
            State::Open => "setup-state-open",
        }
    }

    /// In the style sheet.
    fn class(&self) -> &'static str {
        if self.state == State::Done { "done" } else { "" }
    }
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    f: Frame<'a>,
    steps: Vec<Step>,
    next: &'static str,
    /// Whether there is nothing that the person can do.
    stuck: bool,
}

/// `GET /setup`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = visit(&guest).await?;
        let (mut steps, mut next) = steps(&visit);
        if let Some(Due::Proof(_)) = visit.due() {
            steps.insert(0, Step { text: "setup-step-proof", state: State::Open });
            next = "/setup/proof";
        }
        let portal = &guest.site.portal;
        let extra =
            [(portal.prompt_oath_token, "setup-step-token"), (portal.questions_fallback, "setup-step-questions")];
        steps.extend(extra.iter().filter(|(on, _)| *on).map(|(_, text)| Step { text, state: State::Open }));
        let f = Frame::of(&guest, true, "setup");
        let stuck = visit.person.choices.is_empty() && !visit.person.usable;
        answer::page(&guest, StatusCode::OK, &SetupPage { f, steps, next, stuck })
    })
    .await
}

/// The steps with their state, and the page of the first that is not done.
fn steps(visit: &Visit) -> (Vec<Step>, &'static str) {
    let draft = visit.person.draft.as_ref();
    let method = methods::of(&visit.person);
    let asked = draft.is_some_and(|draft| draft.asked);
    let mut steps = vec![];
    let chooses = !visit.person.choices.is_empty();
    if chooses {
        let state = if draft.is_some() { State::Done } else { State::Open };
        steps.push(Step { text: "setup-step-method", state });
    }
    let entered = draft.is_some_and(|draft| draft.has_phone);
    let data = match (asked, entered) {
        (true, _) => State::Done,
        (false, true) => State::Draft,
        (false, false) => State::Open,
    };
    steps.push(Step { text: method.step(), state: data });
    steps.push(Step { text: "setup-step-check", state: if asked { State::Waiting } else { State::Open } });
    let next = if asked {
        "/verify"
    } else if chooses && (draft.is_none() || !visit.person.usable) {
        "/setup/method"
    } else {
        method.page()
    };
    (steps, next)
}
