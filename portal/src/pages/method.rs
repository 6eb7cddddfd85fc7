//! The choice of the method.
//! Refuses methods that are not on offer.

use super::Pages;
use super::answer::{self, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::methods::Named;
use super::setup;
use crate::link::{Step, Visit};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "method.html")]
struct MethodPage<'a> {
    f: Frame<'a>,
    choices: Vec<Named>,
    chosen: Option<Named>,
    fault: bool,
}

fn draw(guest: &Guest<'_>, visit: &Visit, fault: bool) -> Result<HttpResponse, Stop> {
    let chosen = visit.person.draft.as_ref().map(|draft| Named(draft.method));
    let status = if fault { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let f = Frame::of(guest, true, "setup");
    answer::page(guest, status, &MethodPage { f, choices: choices(visit), chosen, fault })
}

fn choices(visit: &Visit) -> Vec<Named> {
    visit.person.choices.iter().copied().map(Named).collect()
}

/// `GET /setup/method`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = setup::visit(&guest).await?;
        if visit.person.choices.is_empty() {
            return Ok(answer::see(&pages, "/setup"));
        }
        draw(&guest, &visit, false)
    })
    .await
}

/// `POST /setup/method`
pub async fn choose(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let visit = setup::visit(&guest).await?;
        let word = form.field("method");
        let Some(named) = choices(&visit).into_iter().find(|choice| choice.word() == word) else {
            return draw(&guest, &visit, true);
        };
        let faults = pages.link.save(&guest.handle, Step::Method(named.0)).await?;
        if faults.is_empty() { Ok(answer::see(&pages, named.page())) } else { draw(&guest, &visit, true) }
    })
    .await
}
