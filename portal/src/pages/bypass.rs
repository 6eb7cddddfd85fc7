//! A one-time bypass: the next sign-in passes without a verification.
//! Refuses to be started without saying in words what it does.

use super::Pages;
use super::account;
use super::answer::{self, Stop};
use super::field::{Field, FormPage, Said};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use crate::link::{BypassRefused, Visit};
use actix_web::{HttpRequest, HttpResponse, web};

async fn draw(guest: &Guest<'_>, visit: &Visit, refused: Option<BypassRefused>) -> Result<HttpResponse, Stop> {
    let account = guest.pages.link.account(&guest.handle).await?.ok_or_else(|| Stop::ended(guest.pages))?;
    let mut page = FormPage::new(Frame::of(guest, true), "bypass-title", "/account/bypass");
    let rules = &guest.site.portal;
    page.lead.push(page.f.t("bypass-about"));
    if let Some(bypass) = account.bypass {
        page.lead.push(page.f.count("bypass-left", "seconds", bypass.left.as_secs().max(1)));
        page.button("bypass-cancel", "cancel");
    }
    if visit.person.may.bypass {
        if rules.prompt_bypass_seconds {
            let seconds = Field::of("text", "seconds", page.f.t("bypass-seconds"));
            let fault = (refused == Some(BypassRefused::Seconds)).then(|| page.f.t("bypass-seconds-fault"));
            let seconds = Field { keys: "numeric", longest: 4, ..seconds };
            page.fields.push(seconds.holding(&rules.bypass_seconds.to_string()).wrong(fault));
        } else {
            page.lead.push(page.f.count("bypass-for", "seconds", rules.bypass_seconds.into()));
        }
        let reason = Field { longest: 200, ..Field::of("text", "reason", page.f.t("bypass-reason")) };
        page.fields.push(reason);
        page.button("bypass-start", "start");
    }
    let key = match refused {
        Some(BypassRefused::NotAllowed) => Some("account-needs-strong"),
        Some(BypassRefused::TooMany) => Some("bypass-too-many"),
        Some(BypassRefused::Locked) => Some("reason-locked"),
        Some(BypassRefused::Seconds) | None => None,
    };
    page.said = key.map(|key| Said { kind: "error", text: page.f.t(key) });
    page.way("account-back", "/account");
    page.answer(guest)
}

async fn may(guest: &Guest<'_>) -> Result<Visit, Stop> {
    let (visit, _) = account::visit(guest).await?;
    if guest.site.portal.allow_bypass { Ok(visit) } else { Err(Stop::see(guest.pages, "/account")) }
}

/// `GET /account/bypass`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = may(&guest).await?;
        draw(&guest, &visit, None).await
    })
    .await
}

/// `POST /account/bypass`
pub async fn change(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let visit = may(&guest).await?;
        if form.field("do") == "cancel" {
            pages.link.cancel_bypass(&guest.handle).await?;
            return Ok(answer::see(&pages, "/account/bypass"));
        }
        if !pages.link.is_first(&guest.handle, &form.once()).await? {
            return Ok(answer::see(&pages, "/account/bypass"));
        }
        let typed = form.field("seconds").trim();
        let seconds = if typed.is_empty() { None } else { Some(typed.parse().unwrap_or(0)) };
        match pages.link.start_bypass(&guest.handle, seconds, form.field("reason")).await? {
            Ok(()) => Ok(answer::see(&pages, "/account/bypass")),
            Err(refused) => draw(&guest, &visit, Some(refused)).await,
        }
    })
    .await
}
