//! The end of the set-up: what counts from now on.
//! Refuses to be there before.

use super::answer;
use super::field::Way;
use super::frame::Frame;
use super::guest::Guest;
use super::methods::Named;
use super::{Pages, account, advice};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "done.html")]
struct DonePage<'a> {
    f: Frame<'a>,
    says: String,
    advised: Vec<Way>,
}

/// `GET /setup/done`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (visit, _) = account::visit(&guest).await?;
        let f = Frame::of(&guest, true);
        let ending = account::ending(visit.person.phone.as_deref());
        let says = f.with(Named(visit.person.method).done(), "ending", ending);
        let advised = advice::of(&f, &visit);
        answer::page(&guest, StatusCode::OK, &DonePage { f, says, advised })
    })
    .await
}
