//! A password of the directory that has expired: changed here, where the directory lets people do that.
//! Refuses to keep a password between two pages: the old one is typed again.

use super::Pages;
use super::answer::{self, Stop};
use super::field::{Field, FormPage, Said};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::sign_in;
use crate::link::{PasswordChange, PasswordChanged};
use actix_web::{HttpRequest, HttpResponse, web};
use std::time::Duration;

/// What is the matter.
#[derive(Clone, Copy, Default)]
pub struct Matter {
    /// The error to say.
    pub error: Option<&'static str>,
    /// How long to wait.
    pub wait: Option<Duration>,
    /// The two new ones differ.
    pub differ: bool,
    /// The directory refuses the new one.
    pub refused: bool,
}

/// The page, with the name as it was typed.
pub fn draw(guest: &Guest<'_>, name: &str, matter: Matter) -> Result<HttpResponse, Stop> {
    let mut page = FormPage::new(Frame::of(guest, false), "password-title", "/password");
    page.lead.push(page.f.t("password-lead"));
    let field = |name: &str, key: &str, auto: &'static str| {
        let kind = if auto == "username" { "text" } else { "password" };
        Field { auto, longest: 256, required: true, ..Field::of(kind, name, page.f.t(key)) }
    };
    let refused = matter.refused.then(|| page.f.t("password-refused"));
    let differ = matter.differ.then(|| page.f.t("password-differ"));
    page.fields = vec![
        field("name", "sign-in-name", "username").holding(name),
        field("password", "password-old", "current-password"),
        field("new", "password-new", "new-password").wrong(refused.into_iter().chain(differ)),
        field("again", "password-again", "new-password"),
    ];
    let wait = matter.wait.map(|wait| page.f.count("sign-in-wait", "seconds", wait.as_secs().max(1)));
    page.said = matter.error.map(|key| page.f.t(key)).or(wait).map(|text| Said { kind: "error", text });
    page.button("password-button", "change");
    page.way("error-back", "/");
    page.answer(guest)
}

/// `GET /password`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        draw(&guest, "", Matter::default())
    })
    .await
}

/// `POST /password`: what follows is a sign-in with the new one.
pub async fn change(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let name = form.field("name");
        if form.field("new") != form.field("again") || form.field("new").is_empty() {
            return draw(&guest, name, Matter { differ: true, ..Matter::default() });
        }
        let change = PasswordChange { attempt: sign_in::attempt(&guest, &form), new: form.secret("new") };
        let error = match pages.link.change_password(change).await? {
            PasswordChanged::Done => {
                let mut attempt = sign_in::attempt(&guest, &form);
                attempt.password = form.secret("new");
                return sign_in::enter(&guest, &form, attempt).await;
            }
            PasswordChanged::Refused => return draw(&guest, name, Matter { refused: true, ..Matter::default() }),
            PasswordChanged::Wrong => "sign-in-wrong",
            PasswordChanged::NotHere => "password-not-here",
            PasswordChanged::Wait(wait) => {
                return draw(&guest, name, Matter { wait: Some(wait), ..Matter::default() });
            }
        };
        draw(&guest, name, Matter { error: Some(error), ..Matter::default() })
    })
    .await
}
