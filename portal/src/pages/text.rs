//! A phone for texts: entered, saved as a draft, then texted; in the set-up and where the phone is changed.
//! Refuses a number to count before it has answered.

use super::answer::{self, Stop};
use super::field::FormPage;
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::phone::{self, Typed};
use super::{Pages, account, setup, verify};
use crate::link::{Fault, Visit, Way};
use actix_web::{HttpRequest, HttpResponse, web};
use engine::method::Method;

fn fields(page: &mut FormPage<'_>, guest: &Guest<'_>, visit: &Visit, typed: &Typed, faults: &[Fault]) {
    let person = &visit.person;
    let draft = person.draft.as_ref();
    let kept = !person.set_up && draft.is_some_and(|draft| draft.has_phone && draft.phone.is_none());
    page.fields = phone::number(&page.f, guest, typed, kept, faults);
    // Whoever changes the phone keeps the PIN, which has a page of its own.
    if !person.set_up && draft.map_or(person.mode, |draft| draft.mode).needs_pin() {
        let kept = draft.is_some_and(|draft| draft.has_pin);
        page.fields.extend(phone::pin(&page.f, person, kept, faults));
    }
    if !person.set_up && person.may.change_backup {
        page.fields.extend(phone::backup(&page.f, guest, &typed.backup, faults));
    }
    page.button("text-button", "text");
}

fn draw(guest: &Guest<'_>, visit: &Visit, typed: &Typed, faults: &[Fault]) -> Result<HttpResponse, Stop> {
    let mut page = FormPage::new(Frame::of(guest, true), "text-title", "/setup/text");
    fields(&mut page, guest, visit, typed, faults);
    page.way("setup-back", "/setup");
    if !visit.person.choices.is_empty() {
        page.way("verify-another-method", "/setup/method");
    }
    page.later = true;
    page.answer(guest)
}

fn known(guest: &Guest<'_>, visit: &Visit) -> Typed {
    Typed::saved(visit.person.draft.as_ref(), &guest.site.countries)
}

/// `GET /setup/text`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = setup::proved(&guest).await?;
        draw(&guest, &visit, &known(&guest, &visit), &[])
    })
    .await
}

/// `POST /setup/text`
pub async fn save(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let visit = setup::proved(&guest).await?;
        let typed = Typed::of(&form);
        let faults = pages.link.save(&guest.handle, typed.step(&form, visit.person.may.change_backup)).await?;
        if !faults.is_empty() {
            return draw(&guest, &visit, &typed, &faults);
        }
        let wait = pages.link.ask(&guest.handle, &form.once(), Way::Own).await?;
        Ok(verify::asked(&pages, wait))
    })
    .await
}

/// The page of somebody who changes the phone, or takes a change back.
async fn change(guest: &Guest<'_>, visit: &Visit, typed: &Typed, faults: &[Fault]) -> Result<HttpResponse, Stop> {
    let account = guest.pages.link.account(&guest.handle).await?.ok_or_else(|| Stop::ended(guest.pages))?;
    let person = &visit.person;
    let mut page = FormPage::new(Frame::of(guest, true), "phone-title", "/account/phone");
    if let Some(ending) = person.phone.as_deref().map(|phone| account::ending(Some(phone))) {
        page.lead.push(page.f.with("phone-now", "ending", ending));
    }
    if takes_texts(visit) {
        page.lead.push(page.f.t("phone-how"));
        fields(&mut page, guest, visit, typed, faults);
    }
    if let Some((before, until)) = &account.before {
        let text = page.f.with("phone-undo-about", "ending", account::ending(Some(before)));
        page.lead.push(format!("{text} ({})", page.f.clock(*until)));
        page.button("phone-undo", "undo");
    }
    page.way("account-back", "/account");
    page.answer(guest)
}

/// Whether the person's phone is one for texts that they may change.
pub fn takes_texts(visit: &Visit) -> bool {
    let person = &visit.person;
    let by_text =
        person.method == Method::Sms || person.draft.as_ref().is_some_and(|draft| draft.method == Method::Sms);
    by_text && person.may.change_phone
}

/// `GET /account/phone`
pub async fn show_change(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (visit, _) = account::visit(&guest).await?;
        change(&guest, &visit, &known(&guest, &visit), &[]).await
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
            let faults = link.save(&guest.handle, typed.step(&form, false)).await?;
            if !faults.is_empty() {
                return change(&guest, &visit, &typed, &faults).await;
            }
            true
        };
        let wait = if begun { link.ask(&guest.handle, &form.once(), Way::Own).await? } else { None };
        Ok(verify::asked(&pages, wait))
    })
    .await
}
