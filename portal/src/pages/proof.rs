//! What the first set-up needs beside the password.
//! Refuses to show a whole mail address.

use super::Pages;
use super::answer::{self, Stop};
use super::field::{Field, FormPage};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::setup;
use crate::link::{Due, Mailed, Proof};
use actix_web::{HttpRequest, HttpResponse, web};

/// Which proof is due; whoever needs none goes on.
async fn due(guest: &Guest<'_>) -> Result<Proof, Stop> {
    match setup::visit(guest).await?.due() {
        Some(Due::Proof(proof)) => Ok(proof),
        Some(Due::Pin | Due::Token | Due::Questions) | None => Err(Stop::see(guest.pages, "/setup")),
    }
}

async fn draw(guest: &Guest<'_>, proof: Proof, fault: bool) -> Result<HttpResponse, Stop> {
    let mut page = FormPage::new(Frame::of(guest, true), "proof-title", "/setup/proof");
    page.lead.push(match proof {
        Proof::Administrator => page.f.t("proof-administrator"),
        Proof::Mail => match guest.pages.link.send_proof(&guest.handle, false).await? {
            Some(Mailed { not_before: Some(at), .. }) => page.f.with("proof-later", "time", page.f.clock(at)),
            Some(Mailed { mailbox, not_before: None }) => page.f.with("proof-mail", "mailbox", mailbox),
            None => page.f.t("proof-no-mailbox"),
        },
    });
    let wrong = fault.then(|| page.f.t("proof-wrong"));
    page.fields.push(Field::code("code", page.f.t("proof-code")).wrong(wrong));
    page.button("code-button", "prove");
    if proof == Proof::Mail {
        page.button("verify-resend", "resend");
    }
    page.way("setup-back", "/setup");
    page.later = true;
    page.answer(guest)
}

/// `GET /setup/proof`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let proof = due(&guest).await?;
        draw(&guest, proof, false).await
    })
    .await
}

/// `POST /setup/proof`
pub async fn prove(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let proof = due(&guest).await?;
        if form.field("do") == "resend" {
            pages.link.send_proof(&guest.handle, true).await?;
            return Ok(answer::see(&pages, "/setup/proof"));
        }
        if pages.link.prove(&guest.handle, form.field("code")).await? {
            return Ok(answer::see(&pages, "/setup"));
        }
        draw(&guest, proof, true).await
    })
    .await
}
