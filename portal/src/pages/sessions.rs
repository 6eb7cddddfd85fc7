//! Where somebody is signed in, and the way out of all of it.
//! Refuses to name a login by anything that would open it.

use super::Pages;
use super::account;
use super::answer::{self, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use crate::agent;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

struct Place {
    name: String,
    address: String,
    since: String,
    seen: String,
    own: bool,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage<'a> {
    f: Frame<'a>,
    places: Vec<Place>,
    done: bool,
}

/// `GET /account/sessions`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        account::visit(&guest).await?;
        let account = pages.link.account(&guest.handle).await?.ok_or_else(|| Stop::ended(&pages))?;
        let f = Frame::of(&guest, true);
        let places = account.places.into_iter().map(|place| Place {
            name: agent::in_words(&place.agent).unwrap_or_else(|| f.t("sessions-unknown")),
            address: place.address,
            since: f.clock(place.since),
            seen: f.clock(place.seen_at),
            own: place.own,
        });
        let places = places.collect();
        let done = request.query_string() == "done";
        answer::page(&guest, StatusCode::OK, &SessionsPage { places, done, f })
    })
    .await
}

/// `POST /account/sessions`
pub async fn end(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        account::visit(&guest).await?;
        let own = form.field("do") == "all";
        pages.link.sign_out_others(&guest.handle, own).await?;
        Ok(answer::see(&pages, if own { "/?signed-out" } else { "/account/sessions?done" }))
    })
    .await
}
