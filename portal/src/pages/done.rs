//! The end of the set-up: what counts from now on.
//! Refuses to be there before.

use super::answer;
use super::field::Way;
use super::frame::Frame;
use super::guest::Guest;
use super::{Pages, account, advice};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::method::Method;

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
        let says = match visit.person.method {
            Method::Oath => f.t("done-oath"),
            Method::Sms | Method::Voice | Method::App => {
                f.with("done-sms", "ending", account::ending(visit.person.phone.as_deref()))
            }
        };
        let advised = advice::of(&f, &visit);
        answer::page(&guest, StatusCode::OK, &DonePage { f, says, advised })
    })
    .await
}
