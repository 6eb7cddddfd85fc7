//! The set-up: its steps with their state, and where somebody belongs now.
//! Refuses to hold anybody: whatever the state, there is a page that leads on (portal.md §6).

use super::Pages;
use super::answer::{self, Stop};
use super::frame::Frame;
use super::guest::Guest;
use super::methods;
use crate::link::Visit;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// The page where a login belongs.
pub fn place(visit: &Visit) -> &'static str {
    match (visit.person.set_up, visit.signed_in) {
        (false, _) => "/setup",
        (true, Some(_)) => "/account",
        (true, None) => "/verify",
    }
}

/// The visit of somebody who is not set up yet; others are led to where they belong.
pub async fn visit(guest: &Guest<'_>) -> Result<Visit, Stop> {
    let visit = guest.visit().await?;
    if visit.person.set_up { Err(Stop::see(guest.pages, place(&visit))) } else { Ok(visit) }
}

struct Step {
    text: &'static str,
    state: &'static str,
}

impl Step {
    fn state_text(&self) -> &'static str {
        match self.state {
            "done" => "setup-state-done",
            "waiting" => "setup-state-waiting",
            "draft" => "setup-state-draft",
            _ => "setup-state-open",
        }
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
        let (steps, next) = steps(&visit);
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
        steps.push(Step { text: "setup-step-method", state: if draft.is_some() { "done" } else { "open" } });
    }
    let entered = draft.is_some_and(|draft| draft.phone.is_some());
    let data = if asked {
        "done"
    } else if entered {
        "draft"
    } else {
        "open"
    };
    steps.push(Step { text: method.step(), state: data });
    steps.push(Step { text: "setup-step-check", state: if asked { "waiting" } else { "open" } });
    let next = if asked {
        "/verify"
    } else if chooses && (draft.is_none() || !visit.person.usable) {
        "/setup/method"
    } else {
        method.page()
    };
    (steps, next)
}
