//! The backup phone: one for calls alone, without a verification.
//! Refuses a number that is the phone itself.

use super::answer;
use super::field::{FormPage, Said};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::methods::Reached;
use super::phone::{self, Typed};
use super::{Pages, account, answer::Stop, trial};
use crate::link::{Change, Fault, Try, Visit};
use actix_web::{HttpRequest, HttpResponse, web};

async fn may(guest: &Guest<'_>) -> Result<Visit, Stop> {
    let (visit, _) = account::visit(guest).await?;
    if visit.person.may.change_backup { Ok(visit) } else { Err(Stop::see(guest.pages, "/account")) }
}

async fn draw(
    guest: &Guest<'_>,
    visit: &Visit,
    typed: &Typed,
    faults: &[Fault],
    said: Option<Said>,
) -> Result<HttpResponse, Stop> {
    let account = guest.pages.link.account(&guest.handle).await?.ok_or_else(|| Stop::ended(guest.pages))?;
    let mut page = FormPage::new(Frame::of(guest, true), "backup-title", "/account/backup");
    page.said = said;
    let backup = account.backup.as_deref().map(|phone| account::ending(Some(phone)));
    let (there, may) = (backup.is_some(), visit.person.may);
    page.lead
        .push(backup.map_or_else(|| page.f.t("backup-none"), |ending| page.f.with("backup-now", "ending", ending)));
    // The heading of the fields is the title of the page.
    page.fields.extend(phone::backup(&page.f, guest, &typed.backup, faults).into_iter().skip(1));
    page.button("backup-button", "backup");
    if there {
        page.lead.push(page.f.t(if account.backup_verified { "backup-verified" } else { "backup-unverified" }));
    }
    if may.test_backup {
        page.button("backup-test", "test");
    }
    if there {
        page.button("backup-remove", "backup-remove");
    }
    page.way("account-back", "/account");
    page.answer(guest)
}

/// `GET /account/backup`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = may(&guest).await?;
        let said = (request.query_string() == "saved").then(|| account::saved(&guest));
        draw(&guest, &visit, &Typed::saved(None, &guest, Reached::ByCall), &[], said).await
    })
    .await
}

/// `POST /account/backup`
pub async fn save(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let visit = may(&guest).await?;
        let typed = Typed::of(&form);
        if form.field("do") == "test" {
            let wait = pages.link.try_call(&guest.handle, &form.once(), Try::Backup).await?;
            return Ok(trial::begun(&pages, wait));
        }
        let removes = form.field("do") == "backup-remove";
        let backup = if removes { Default::default() } else { typed.backup.clone() };
        let faults = pages.link.change(&guest.handle, Change::Backup(backup)).await?;
        if !faults.is_empty() {
            return draw(&guest, &visit, &typed, &faults, None).await;
        }
        Ok(answer::see(&pages, "/account/backup?saved"))
    })
    .await
}
