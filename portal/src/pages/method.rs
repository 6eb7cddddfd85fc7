//! The choice of the method, in the set-up and later.
//! Refuses methods that are not on offer.

use super::answer::{self, Stop};
use super::field::{Choice, Field, FormPage};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::methods::Named;
use super::{Pages, account, setup, verify};
use crate::link::{Step, Visit, Way};
use actix_web::{HttpRequest, HttpResponse, web};

fn page<'a>(guest: &'a Guest<'a>, visit: &Visit, action: &'static str, fault: bool) -> FormPage<'a> {
    let person = &visit.person;
    let mut page = FormPage::new(Frame::of(guest, true), "method-title", action);
    let chosen = person.draft.as_ref().map(|draft| draft.method).or(person.set_up.then_some(person.method));
    let f = &page.f;
    let options = choices(visit).into_iter().map(|named| Choice {
        value: named.word().to_owned(),
        label: f.t(named.name()),
        about: f.t(named.about()),
        chosen: chosen == Some(named.0),
        ..Choice::default()
    });
    let field = Field { options: options.collect(), ..Field::of("radio", "method", f.t("method-legend")) };
    let faults = fault.then(|| f.t("method-fault"));
    page.fields.push(field.wrong(faults));
    page.button("method-button", "choose");
    page
}

fn choices(visit: &Visit) -> Vec<Named> {
    visit.person.choices.iter().copied().map(Named).collect()
}

fn chosen(visit: &Visit, form: &Form) -> Option<Named> {
    choices(visit).into_iter().find(|choice| choice.word() == form.field("method"))
}

fn draw(guest: &Guest<'_>, visit: &Visit, fault: bool) -> Result<HttpResponse, Stop> {
    let mut page = page(guest, visit, "/setup/method", fault);
    page.way("setup-back", "/setup");
    page.later = true;
    page.answer(guest)
}

/// `GET /setup/method`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = setup::proved(&guest).await?;
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
        let visit = setup::proved(&guest).await?;
        let Some(named) = chosen(&visit, &form) else { return draw(&guest, &visit, true) };
        let faults = pages.link.save(&guest.handle, Step::Method(named.0)).await?;
        if faults.is_empty() { Ok(answer::see(&pages, named.page())) } else { draw(&guest, &visit, true) }
    })
    .await
}

fn draw_change(guest: &Guest<'_>, visit: &Visit, fault: bool) -> Result<HttpResponse, Stop> {
    let mut page = page(guest, visit, "/account/method", fault);
    page.way("account-back", "/account");
    page.answer(guest)
}

/// `GET /account/method`
pub async fn show_change(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (visit, _) = account::visit(&guest).await?;
        if visit.person.choices.is_empty() {
            return Ok(answer::see(&pages, "/account"));
        }
        draw_change(&guest, &visit, false)
    })
    .await
}

/// `POST /account/method`: a method that is set up already is shown to work; another one is set up first.
pub async fn change(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let (visit, _) = account::visit(&guest).await?;
        let Some(named) = chosen(&visit, &form) else { return draw_change(&guest, &visit, true) };
        if named.0 == visit.person.method {
            return Ok(answer::see(&pages, "/account"));
        }
        if !pages.link.save(&guest.handle, Step::Method(named.0)).await?.is_empty() {
            return draw_change(&guest, &visit, true);
        }
        if !visit.person.ready.contains(&named.0) {
            return Ok(answer::see(&pages, named.change_page()));
        }
        let wait = pages.link.ask(&guest.handle, &form.once(), Way::Own).await?;
        Ok(verify::asked(&pages, wait))
    })
    .await
}
