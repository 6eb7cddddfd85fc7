//! Home: how the account is protected.
//! Refuses full numbers.

use super::Pages;
use super::answer::{self, Stop};
use super::frame::Frame;
use super::guest::Guest;
use super::methods::Named;
use super::setup;
use crate::link::Visit;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::login::Strength;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    f: Frame<'a>,
    hello: &'a str,
    method: &'static str,
    phone: Option<String>,
    tokens: usize,
    strong: bool,
}

/// The visit of somebody who is signed in; others are led to where they belong.
pub async fn visit(guest: &Guest<'_>) -> Result<(Visit, Strength), Stop> {
    let visit = guest.visit().await?;
    match visit.signed_in {
        Some(strength) if visit.person.set_up => Ok((visit, strength)),
        _ => Err(Stop::see(guest.pages, setup::place(&visit))),
    }
}

/// The last two digits of a masked number.
pub fn ending(masked: Option<&str>) -> String {
    masked.unwrap_or_default().chars().filter(char::is_ascii_digit).collect()
}

/// `GET /account`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (visit, strength) = visit(&guest).await?;
        let person = &visit.person;
        let f = Frame::of(&guest, true, "account");
        let phone = person.phone.as_deref().map(|phone| f.with("account-phone-ending", "ending", ending(Some(phone))));
        let page = AccountPage {
            hello: if person.first_name.is_empty() { &person.name } else { &person.first_name },
            method: Named(person.method).name(),
            phone,
            tokens: person.tokens,
            strong: strength == Strength::Strong,
            f,
        };
        answer::page(&guest, StatusCode::OK, &page)
    })
    .await
}
