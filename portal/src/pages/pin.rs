//! Another PIN.
//! Refuses to change it without the current one, unless that was right a moment ago.

use super::Pages;
use super::answer::{self, Stop};
use super::field::{Field, FormPage, Said};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::{phone, setup};
use crate::link::{Due, PinFaults, Visit};
use actix_web::{HttpRequest, HttpResponse, web};

/// Whoever is signed in, also where nothing else is open before the PIN is another.
async fn visit(guest: &Guest<'_>) -> Result<Visit, Stop> {
    let visit = guest.visit().await?;
    let open = visit.signed_in.is_some() && visit.person.set_up && visit.person.may.change_pin;
    if open { Ok(visit) } else { Err(Stop::see(guest.pages, setup::place(&visit))) }
}

fn draw(guest: &Guest<'_>, visit: &Visit, faults: &PinFaults) -> Result<HttpResponse, Stop> {
    let mut page = FormPage::new(Frame::of(guest, true), "pin-title", "/account/pin");
    let due = visit.due() == Some(Due::Pin);
    if due {
        page.lead.push(page.f.t("pin-due"));
    } else {
        let current = Field::of("password", "current", page.f.t("pin-current"));
        let wrong = faults.current.then(|| page.f.t("pin-wrong"));
        page.fields.push(Field { auto: "current-password", keys: "numeric", ..current }.wrong(wrong));
    }
    page.fields.extend(phone::pin(&page.f, &visit.person, false, &faults.new));
    if let Some(until) = faults.locked_until {
        page.said = Some(Said { kind: "error", text: page.f.with("reason-locked-until", "time", page.f.clock(until)) });
    } else if faults.not_allowed {
        page.said = Some(Said { kind: "error", text: page.f.t("pin-not-allowed") });
    }
    page.button("account-save", "save");
    if !due {
        page.way("account-back", "/account");
    }
    page.answer(guest)
}

/// `GET /account/pin`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = visit(&guest).await?;
        draw(&guest, &visit, &PinFaults::default())
    })
    .await
}

/// `POST /account/pin`
pub async fn save(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let visit = visit(&guest).await?;
        let (current, pin, confirm) = (form.secret("current"), form.secret("pin"), form.secret("confirm"));
        let faults = pages.link.change_pin(&guest.handle, current, pin, confirm).await?;
        if faults.is_empty() { Ok(answer::see(&pages, "/account")) } else { draw(&guest, &visit, &faults) }
    })
    .await
}
