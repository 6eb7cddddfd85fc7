//! One text of help for each part of the portal.
//! Refuses to need a login.

use super::Pages;
use super::answer;
use super::frame::Frame;
use super::guest::Guest;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage<'a> {
    f: Frame<'a>,
    says: String,
    back: &'static str,
}

/// `GET /help/{page}`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>, name: web::Path<String>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (help, key, back) = match name.as_str() {
            "verify" => ("verify", "help-verify", "/verify"),
            "setup" => ("setup", "help-setup", "/setup"),
            "account" => ("account", "help-account", "/account"),
            "sign-in" => ("sign-in", "help-sign-in", "/"),
            _ => return answer::error(&guest, StatusCode::NOT_FOUND, "error-not-found"),
        };
        let f = Frame::of(&guest, false, help);
        let says = f.t(key);
        answer::page(&guest, StatusCode::OK, &HelpPage { f, says, back })
    })
    .await
}
