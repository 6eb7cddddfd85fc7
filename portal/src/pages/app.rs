//! An authenticator app: a picture and its key, and the first code.
//! Refuses to show the key once it counts.

use super::Pages;
use super::answer::{self, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::setup;
use crate::link::{Proved, Visit};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use qrcode::QrCode;
use qrcode::render::svg;

#[derive(Template)]
#[template(path = "app.html")]
struct AppPage<'a> {
    f: Frame<'a>,
    picture: String,
    uri: String,
    key: String,
    may_choose: bool,
    error: Option<String>,
}

async fn draw(guest: &Guest<'_>, visit: &Visit, error: Option<String>) -> Result<HttpResponse, Stop> {
    let app = guest.pages.link.app_key(&guest.handle).await?;
    let Some(app) = app else { return Ok(answer::see(guest.pages, "/setup")) };
    let f = Frame::of(guest, true, "setup");
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = AppPage {
        f,
        picture: picture(app.uri.expose()),
        uri: app.uri.expose().clone(),
        key: in_fours(app.key.expose()),
        may_choose: !visit.person.choices.is_empty(),
        error,
    };
    answer::page(guest, status, &page)
}

/// The picture, without the XML declaration that has no place inside a page.
fn picture(uri: &str) -> String {
    let code = QrCode::new(uri.as_bytes())
        .map(|code| code.render::<svg::Color<'_>>().min_dimensions(200, 200).dark_color(svg::Color("#000000")).build());
    let svg = code.unwrap_or_default();
    svg.find("<svg").map(|start| svg[start..].to_owned()).unwrap_or_default()
}

fn in_fours(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    chars.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

/// `GET /setup/token`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = setup::visit(&guest).await?;
        draw(&guest, &visit, None).await
    })
    .await
}

/// `POST /setup/token`
pub async fn prove(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let visit = setup::visit(&guest).await?;
        let f = Frame::of(&guest, true, "setup");
        let error = match pages.link.prove_app(&guest.handle, form.field("code")).await? {
            Proved::Right(handle) => return Ok(answer::see_as(&pages, "/setup/done", &handle)),
            Proved::Wrong => f.t("app-wrong"),
            Proved::NotACode => f.t("code-not-a-code"),
            Proved::Wait(wait) => f.count("code-wait", "seconds", wait.as_secs().max(1)),
        };
        draw(&guest, &visit, Some(error)).await
    })
    .await
}
