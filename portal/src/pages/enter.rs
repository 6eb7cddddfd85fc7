//! A phone that is entered: saved as a draft, then texted or called; in the set-up and where the phone is changed.
//! Refuses a number to count before it has answered.

use super::answer::{self, Stop};
use super::field::FormPage;
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::methods::{self, Named, Reached};
use super::phone::{self, Typed};
use super::{Pages, account, setup, verify};
use crate::link::{Fault, Visit, Way};
use actix_web::{HttpRequest, HttpResponse, web};

fn fields(
    page: &mut FormPage<'_>,
    (guest, visit): (&Guest<'_>, &Visit),
    reached: Reached,
    typed: &Typed,
    faults: &[Fault],
) {
    let person = &visit.person;
    let draft = person.draft.as_ref().filter(|draft| draft.method == reached.method());
    let kept = !person.set_up && draft.is_some_and(|draft| draft.has_phone && draft.phone.is_none());
    page.fields = phone::number(&page.f, guest, reached, (typed, kept), faults);
    // Whoever changes the phone keeps the PIN, which has a page of its own; a first one is chosen here.
    if reached.mode(person).needs_pin() && (!person.set_up || !person.has_pin) {
        let kept = draft.is_some_and(|draft| draft.has_pin);
        page.fields.extend(phone::pin(&page.f, person, kept, faults));
    }
    if !person.set_up && person.may.change_backup {
        page.fields.extend(phone::backup(&page.f, guest, &typed.backup, faults));
    }
    page.button(reached.texts().button, reached.does());
}

fn draw(
    guest: &Guest<'_>,
    visit: &Visit,
    reached: Reached,
    typed: &Typed,
    faults: &[Fault],
) -> Result<HttpResponse, Stop> {
    let action = Named(reached.method()).page();
    let mut page = FormPage::new(Frame::of(guest, true), reached.texts().title, action);
    fields(&mut page, (guest, visit), reached, typed, faults);
    page.way("setup-back", "/setup");
    if !visit.person.choices.is_empty() {
        page.way("verify-another-method", "/setup/method");
    }
    page.later = true;
    page.answer(guest)
}

fn known(guest: &Guest<'_>, visit: &Visit, reached: Reached) -> Typed {
    Typed::saved(visit.person.draft.as_ref(), guest, reached)
}

/// `GET /setup/text`
pub async fn show_text(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    show(request, pages, Reached::ByText).await
}

/// `GET /setup/phone`
pub async fn show_call(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    show(request, pages, Reached::ByCall).await
}

async fn show(request: HttpRequest, pages: web::Data<Pages>, reached: Reached) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = setup::proved(&guest).await?;
        draw(&guest, &visit, reached, &known(&guest, &visit, reached), &[])
    })
    .await
}

/// `POST /setup/text`
pub async fn save_text(request: HttpRequest, pages: web::Data<Pages>, payload: web::Payload) -> HttpResponse {
    save(request, pages, payload, Reached::ByText).await
}

/// `POST /setup/phone`
pub async fn save_call(request: HttpRequest, pages: web::Data<Pages>, payload: web::Payload) -> HttpResponse {
    save(request, pages, payload, Reached::ByCall).await
}

async fn save(
    request: HttpRequest,
    pages: web::Data<Pages>,
    mut payload: web::Payload,
    reached: Reached,
) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let visit = setup::proved(&guest).await?;
        let typed = Typed::of(&form);
        let step = typed.step(&form, reached, visit.person.may.change_backup);
        let faults = pages.link.save(&guest.handle, step).await?;
        if !faults.is_empty() {
            return draw(&guest, &visit, reached, &typed, &faults);
        }
        let wait = pages.link.ask(&guest.handle, &form.once(), Way::Own).await?;
        Ok(verify::asked(&pages, wait))
    })
    .await
}

/// How the phone of somebody who is set up is reached, where they may change it.
pub fn changes(visit: &Visit) -> Option<Reached> {
    let person = &visit.person;
    let drafted = Reached::of(methods::of(person).0).or(Reached::of(person.method));
    drafted.filter(|_| person.may.change_phone)
}

/// The page of somebody who changes the phone, or takes a change back.
async fn change(
    guest: &Guest<'_>,
    visit: &Visit,
    reached: Option<Reached>,
    typed: &Typed,
    faults: &[Fault],
) -> Result<HttpResponse, Stop> {
    let account = guest.pages.link.account(&guest.handle).await?.ok_or_else(|| Stop::ended(guest.pages))?;
    let mut page = FormPage::new(Frame::of(guest, true), "phone-title", "/account/phone");
    if let Some(ending) = visit.person.phone.as_deref().map(|phone| account::ending(Some(phone))) {
        page.lead.push(page.f.with("phone-now", "ending", ending));
    }
    if let Some(reached) = reached {
        page.lead.push(page.f.t(reached.texts().how));
        fields(&mut page, (guest, visit), reached, typed, faults);
    }
    if let Some(before) = &account.before {
        let key = if before.by_call { "call-undo-about" } else { "phone-undo-about" };
        let text = page.f.with(key, "ending", account::ending(Some(&before.phone)));
        page.lead.push(format!("{text} ({})", page.f.clock(before.until)));
        page.button("phone-undo", "undo");
    }
    page.way("account-back", "/account");
    page.answer(guest)
}

/// `GET /account/phone`
pub async fn show_change(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (visit, _) = account::visit(&guest).await?;
        let reached = changes(&visit);
        let typed = known(&guest, &visit, reached.unwrap_or(Reached::ByText));
        change(&guest, &visit, reached, &typed, &[]).await
    })
    .await
}

/// `POST /account/phone`
pub async fn save_change(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let (visit, _) = account::visit(&guest).await?;
        let (link, typed) = (&pages.link, Typed::of(&form));
        let begun = if form.field("do") == "undo" {
            link.undo(&guest.handle).await?
        } else {
            // The form says what it was drawn for: another window may have chosen the other way since.
            let drawn = [Reached::ByText, Reached::ByCall].into_iter().find(|way| way.does() == form.field("do"));
            let reached = drawn.or(changes(&visit)).unwrap_or(Reached::ByText);
            let faults = link.save(&guest.handle, typed.step(&form, reached, false)).await?;
            if !faults.is_empty() {
                return change(&guest, &visit, Some(reached), &typed, &faults).await;
            }
            true
        };
        let wait = if begun { link.ask(&guest.handle, &form.once(), Way::Own).await? } else { None };
        Ok(verify::asked(&pages, wait))
    })
    .await
}
