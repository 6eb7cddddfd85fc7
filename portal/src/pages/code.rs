//! A code that is typed here: from a one-way text, a token or an authenticator app.
//! Refuses to split it over several boxes: a code can be pasted, and filled in by the phone.

use super::Pages;
use super::account;
use super::answer::{self, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::methods;
use super::verify::{OtherWays, again_in, awaits_input, concluded, is_old, left, may_send_again, said, unverified};
use crate::link::{Entered, Progress, Visit};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::method::Method;
use engine::reason::Status;

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'a> {
    f: Frame<'a>,
    says: String,
    left: String,
    steers: bool,
    sets_up: bool,
    step: &'static str,
    again: bool,
    again_in: Option<(String, u128)>,
    may_choose: bool,
    said: Option<&'static str>,
    error: Option<String>,
    other: OtherWays,
}

/// What is said beside the form: of what was posted before, or what is wrong with the code.
struct Words {
    said: Option<&'static str>,
    error: Option<String>,
}

fn draw(guest: &Guest<'_>, visit: &Visit, progress: &Progress, words: Words) -> Result<HttpResponse, Stop> {
    let Words { said, error } = words;
    let f = Frame::of(guest, true);
    let ending = account::ending(progress.to.as_deref());
    let says = match progress.method {
        Method::Oath => f.t("code-oath"),
        Method::Sms | Method::Voice | Method::App if progress.mode.needs_pin() => {
            f.with("code-text-pin", "ending", ending)
        }
        Method::Sms | Method::Voice | Method::App => f.with("code-text", "ending", ending),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (left, again, again_in) = (left(&f, progress), may_send_again(progress), again_in(&f, progress));
    answer::page(
        guest,
        status,
        &CodePage {
            steers: progress.steers,
            sets_up: !visit.person.set_up,
            step: methods::of(&visit.person).page(),
            may_choose: !visit.person.choices.is_empty(),
            said,
            f,
            says,
            left,
            again,
            again_in,
            error,
            other: OtherWays::of(visit, Some(progress)),
        },
    )
}

/// `GET /verify/code`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = unverified(&guest).await?;
        match pages.link.progress(&guest.handle, None).await?.filter(awaits_input) {
            Some(progress) => draw(&guest, &visit, &progress, Words { said: said(&request), error: None }),
            None => Ok(answer::see(&pages, "/verify")),
        }
    })
    .await
}

/// `POST /verify/code`
pub async fn enter(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let visit = unverified(&guest).await?;
        if is_old(&visit, &form) {
            return Ok(answer::see(&pages, "/verify?changed"));
        }
        let entered = pages.link.enter(&guest.handle, form.field("code")).await?;
        let Some(progress) = pages.link.progress(&guest.handle, None).await? else {
            return Ok(answer::see(&pages, "/verify"));
        };
        let f = Frame::of(&guest, true);
        let error = match entered {
            Entered::Judged | Entered::Ended if progress.status != Status::Pending => {
                return concluded(&pages, &guest).await;
            }
            Entered::Ended => return Ok(answer::see(&pages, "/verify")),
            Entered::Judged => f.count("code-wrong", "left", progress.attempts_left.unwrap_or_default().into()),
            Entered::NotACode => f.t("code-not-a-code"),
            Entered::Wait(wait) => f.count("code-wait", "seconds", wait.as_secs().max(1)),
        };
        draw(&guest, &visit, &progress, Words { said: None, error: Some(error) })
    })
    .await
}
