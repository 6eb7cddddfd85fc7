//! The set-up: its steps with their state, and where somebody belongs now.
//! Refuses to hold anybody: whatever the state, there is a page that leads on (portal.md §6).

use super::Pages;
use super::answer::{self, Stop};
use super::frame::Frame;
use super::guest::Guest;
use super::{form, methods};
use crate::link::{Due, Visit};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::progress::{State, Step};

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
    if let Some(path) = visit.typed.as_deref().and_then(form::kept).filter(|path| leads_to(visit, path)) {
        return path;
    }
    match visit.due() {
        Some(Due::Token) => "/setup/token",
        Some(Due::Questions) => "/setup/questions",
        Some(Due::Pin | Due::Proof(_)) => place(visit),
        None if set_up => "/setup/done",
        None => place(visit),
    }
}

/// Whether somebody who has just signed in can go on at this form.
fn leads_to(visit: &Visit, path: &str) -> bool {
    match (visit.person.set_up, visit.due()) {
        (false, due) => matches!(path, "/setup/text" | "/setup/phone") && due.is_none(),
        (true, Some(Due::Pin)) => false,
        (true, _) if path == "/setup/questions" => visit.is_due(Due::Questions),
        (true, _) => visit.signed_in.is_some() && path.starts_with("/account/"),
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

/// A step as the page names it.
struct Line {
    text: &'static str,
    state: State,
}

impl Line {
    const fn of((step, state): (Step, State)) -> Self {
        let text = match step {
            Step::Proof => "setup-step-proof",
            Step::Method => "setup-step-method",
            Step::Details(method) => methods::Named(method).step(),
            Step::Check => "setup-step-check",
            Step::Token => "setup-step-token",
            Step::Questions => "setup-step-questions",
        };
        Self { text, state }
    }

    const fn state_text(&self) -> &'static str {
        match self.state {
            State::Done => "setup-state-done",
            State::Waiting => "setup-state-waiting",
            State::Draft => "setup-state-draft",
            State::Open => "setup-state-open",
            State::Skipped => "setup-state-skipped",
        }
    }

    /// In the style sheet.
    const fn class(&self) -> &'static str {
        if self.state.is_over() { "done" } else { "" }
    }
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    f: Frame<'a>,
    steps: Vec<Line>,
    next: &'static str,
    /// Whether there is nothing that the person can do.
    stuck: bool,
}

/// `GET /setup`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = visit(&guest).await?;
        let steps = visit.steps.iter().copied().map(Line::of).collect();
        let next = first_left(&visit);
        let f = Frame::of(&guest, true);
        let stuck = visit.person.choices.is_empty() && !visit.person.usable;
        answer::page(&guest, StatusCode::OK, &SetupPage { f, steps, next, stuck })
    })
    .await
}

/// The page of the first step that is left.
fn first_left(visit: &Visit) -> &'static str {
    let draft = visit.person.draft.as_ref();
    let chooses = !visit.person.choices.is_empty();
    if let Some(Due::Proof(_)) = visit.due() {
        "/setup/proof"
    } else if draft.is_some_and(|draft| draft.asked) {
        "/verify"
    } else if chooses && (draft.is_none() || !visit.person.usable) {
        "/setup/method"
    } else {
        methods::of(&visit.person).page()
    }
}
