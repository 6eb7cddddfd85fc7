//! The end of the set-up: what counts from now on.
//! Refuses to be there before.

use super::Pages;
use super::account;
use super::answer;
use super::frame::Frame;
use super::guest::Guest;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::method::Method;

#[derive(Template)]
#[template(path = "done.html")]
struct DonePage<'a> {
    f: Frame<'a>,
    says: String,
}

/// `GET /setup/done`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (visit, _) = account::visit(&guest).await?;
        let f = Frame::of(&guest, true, "setup");
        let says = match visit.person.method {
            Method::Oath => f.t("done-oath"),
            Method::Sms | Method::Voice | Method::App => {
                f.with("done-sms", "ending", account::ending(visit.person.phone.as_deref()))
            }
        };
        answer::page(&guest, StatusCode::OK, &DonePage { f, says })
    })
    .await
}
