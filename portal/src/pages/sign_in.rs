//! Name and password, and the way out.
//! Refuses to show a method before the password was right.

use super::answer::{self, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::{Pages, password, setup};
use crate::link::{Attempt, Conclusion, SignIn, Way};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::secret::Secret;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    f: Frame<'a>,
    name: String,
    note: Option<String>,
    error: Option<String>,
    off: bool,
}

/// `GET /`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        if let Some(visit) = guest.pages.link.visit(&guest.handle).await? {
            return Ok(answer::see(&pages, setup::place(&visit)));
        }
        let f = Frame::of(&guest, false);
        let note = match request.query_string() {
            "ended" => Some(f.t("sign-in-ended")),
            "signed-out" => Some(f.t("sign-in-signed-out")),
            "blocked" => Some(f.t("reason-blocked")),
            "stopped" => Some(f.t("sign-in-stopped")),
            _ => None,
        };
        draw(&guest, StatusCode::OK, "", note, None)
    })
    .await
}

fn draw(
    guest: &Guest<'_>,
    status: StatusCode,
    name: &str,
    note: Option<String>,
    error: Option<String>,
) -> Result<HttpResponse, Stop> {
    let f = Frame::of(guest, false);
    let off = !guest.site.portal.allow_log_in;
    let error = error.or_else(|| off.then(|| f.t("sign-in-off")));
    answer::page(guest, status, &SignInPage { f, name: name.to_owned(), note, error, off })
}

/// The attempt in a posted form.
pub fn attempt(guest: &Guest<'_>, form: &Form) -> Attempt {
    Attempt {
        name: form.field("name").to_owned(),
        password: form.secret("password"),
        address: guest.address,
        agent: guest.agent.clone(),
        place: guest.place.clone(),
        handle: guest.handle.clone(),
        language: guest.language.tag.to_owned(),
    }
}

/// `POST /`
pub async fn sign_in(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        enter(&guest, &form, attempt(&guest, &form)).await
    })
    .await
}

/// What comes of an attempt.
pub async fn enter(guest: &Guest<'_>, form: &Form, attempt: Attempt) -> Result<HttpResponse, Stop> {
    let f = Frame::of(guest, false);
    let refused = match guest.pages.link.sign_in(attempt).await? {
        SignIn::Accepted(handle) => return accepted(guest, form, &handle).await,
        SignIn::PasswordExpired { here: true } => {
            return password::draw(guest, form.field("name"), password::Matter::default());
        }
        SignIn::PasswordExpired { here: false } => f.t("sign-in-expired"),
        SignIn::Wrong => f.t("sign-in-wrong"),
        SignIn::Wait(wait) => f.count("sign-in-wait", "seconds", wait.as_secs().max(1)),
        SignIn::Off => f.t("sign-in-off"),
        SignIn::NotSetUp => f.t("sign-in-not-set-up"),
        SignIn::SetUpClosed => f.t("sign-in-closed"),
        SignIn::SetUpElsewhere => f.t("sign-in-elsewhere"),
        SignIn::Blocked => f.t("reason-blocked"),
    };
    draw(guest, StatusCode::UNPROCESSABLE_ENTITY, form.field("name"), None, Some(refused))
}

/// The verification starts at once (portal.md §4.1, row 7).
async fn accepted(guest: &Guest<'_>, form: &Form, handle: &Secret<String>) -> Result<HttpResponse, Stop> {
    let link = &guest.pages.link;
    let visit = link.visit(handle.expose()).await?.ok_or_else(|| Stop::ended(guest.pages))?;
    let place = setup::place(&visit);
    if place == "/verify" {
        link.ask(handle.expose(), &form.once(), Way::Own).await?;
        // A rule may have let the person pass.
        if let Conclusion::SignedIn { handle, .. } = link.conclude(handle.expose()).await? {
            let next = link.visit(handle.expose()).await?.map_or("/", |visit| setup::next(&visit, false));
            return Ok(guest.known_as(answer::see_as(guest.pages, next, &handle), &visit));
        }
    }
    let next = if visit.person.set_up { place } else { setup::next(&visit, false) };
    Ok(guest.known_as(answer::see_as(guest.pages, next, handle), &visit))
}

/// `POST /sign-out`
pub async fn sign_out(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        Form::read(&request, &guest, &mut payload).await?;
        pages.link.sign_out(&guest.handle).await?;
        Ok(answer::see(&pages, "/?signed-out"))
    })
    .await
}
