//! Tokens: an authenticator app by its key, a token by its serial number; in the set-up as a method or as a step beside it, and
//! looked after later.
//! Refuses to show a key once it counts.

use super::answer::{self, Stop};
use super::field::{Field, Said};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::{Pages, account, setup};
use crate::link::{AppKey, Due, Proved, Removed, TakenToken, TokenCode, Visit};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::id::TokenId;
use qrcode::QrCode;
use qrcode::render::svg;

/// Where the page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Area {
    /// The method that is set up.
    SetUp,
    /// A step beside it, which may be put off.
    Beside,
    /// Looked after later.
    Account,
}

/// An app's key as it is shown.
struct Shown {
    picture: String,
    uri: String,
    key: String,
}

impl From<AppKey> for Shown {
    fn from(app: AppKey) -> Self {
        let (uri, key) = (app.uri.expose(), app.key.expose());
        Self { picture: picture(uri), uri: uri.clone(), key: in_fours(key) }
    }
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

/// A token that counts.
struct Owned {
    id: String,
    name: String,
    added: String,
}

#[derive(Template)]
#[template(path = "token.html")]
struct TokenPage<'a> {
    f: Frame<'a>,
    title: &'static str,
    action: &'static str,
    said: Option<Said>,
    owned: Vec<Owned>,
    faults: Vec<(&'static str, String)>,
    own: Option<Vec<Field>>,
    app: Option<Shown>,
    app_fields: Vec<Field>,
    taken: Vec<Field>,
    area: Area,
    may_choose: bool,
}

/// What is wrong, and with which form of the page; and what was typed.
#[derive(Default)]
struct Trouble {
    form: &'static str,
    fault: Option<String>,
    serial: String,
    token: String,
    /// Whether the next code is wanted too.
    next: bool,
    said: Option<Said>,
}

async fn draw(guest: &Guest<'_>, visit: &Visit, area: Area, trouble: Trouble) -> Result<HttpResponse, Stop> {
    let f = Frame::of(guest, true);
    let may = visit.person.may;
    let app = if may.own_app { guest.pages.link.app_key(&guest.handle).await? } else { None };
    let fault = |form: &str| trouble.fault.clone().filter(|_| trouble.form == form);
    let status = if trouble.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (title, action) = match area {
        Area::SetUp => (if app.is_some() { "app-title" } else { "token-title" }, "/setup/token"),
        Area::Beside => ("token-beside-title", "/setup/token"),
        Area::Account => ("tokens-title", "/account/token"),
    };
    let owned = if area == Area::Account { owned(guest, &f).await? } else { vec![] };
    let page = TokenPage {
        title,
        action,
        own: (!owned.is_empty()).then(|| own_fields(&f, &owned, &trouble, fault("own"))),
        owned,
        faults: trouble.fault.iter().map(|fault| (field_of(trouble.form), fault.clone())).collect(),
        app_fields: vec![Field::code("code", f.t("app-code")).wrong(fault("app"))],
        taken: if may.take_token { taken_fields(&f, &trouble, fault("serial")) } else { vec![] },
        app: app.map(Shown::from),
        area,
        may_choose: !visit.person.choices.is_empty(),
        said: trouble.said,
        f,
    };
    answer::page(guest, status, &page)
}

/// The field at which the fault of a form stands.
fn field_of(form: &str) -> &'static str {
    match form {
        "own" => "own-code",
        "serial" => "serial-code",
        _ => "code",
    }
}

async fn owned(guest: &Guest<'_>, f: &Frame<'_>) -> Result<Vec<Owned>, Stop> {
    let account = guest.pages.link.account(&guest.handle).await?.ok_or_else(|| Stop::ended(guest.pages))?;
    let shown = account.tokens.into_iter().map(|token| Owned {
        id: token.id.to_string(),
        name: if token.serial.is_empty() {
            f.t("token-own-app")
        } else {
            f.with("token-serial-is", "serial", token.serial)
        },
        added: f.clock(token.added_at),
    });
    Ok(shown.collect())
}

fn own_fields(f: &Frame<'_>, owned: &[Owned], trouble: &Trouble, fault: Option<String>) -> Vec<Field> {
    let options = owned.iter().map(|token| super::field::Choice {
        value: token.id.clone(),
        label: format!("{}, {}", token.name, token.added),
        chosen: token.id == trouble.token,
        ..Default::default()
    });
    let which = Field { options: options.collect(), ..Field::of("choice", "token", f.t("token-which")) };
    let code = Field { required: false, ..Field::code("own-code", f.t("token-code")) };
    let next = Field { required: false, ..Field::code("own-next", f.t("token-next")) };
    vec![which, code.wrong(fault), next.hinting(f.t("token-next-hint"))]
}

fn taken_fields(f: &Frame<'_>, trouble: &Trouble, fault: Option<String>) -> Vec<Field> {
    let serial = Field { required: true, longest: 128, ..Field::of("text", "serial", f.t("token-serial")) };
    let mut fields = vec![
        serial.holding(&trouble.serial).hinting(f.t("token-serial-hint")),
        Field::code("serial-code", f.t("token-code")).wrong(fault),
    ];
    if trouble.next {
        fields.push(Field::code("serial-next", f.t("token-next")).hinting(f.t("token-next-hint")));
    }
    fields
}

/// What is said of a code that did not do; `None` if it did.
fn wrong(f: &Frame<'_>, proved: &Proved, key: &'static str) -> Option<String> {
    match proved {
        Proved::Right(_) => None,
        Proved::Wrong => Some(f.t(key)),
        Proved::OutOfDate => Some(f.t("token-out-of-date")),
        Proved::TooMany => Some(f.t("token-too-many")),
        Proved::NotACode => Some(f.t("code-not-a-code")),
        Proved::Wait(wait) => Some(f.count("code-wait", "seconds", wait.as_secs().max(1))),
    }
}

/// Who may be here in the set-up: as a method, or as a step beside one that is verified.
async fn in_set_up(guest: &Guest<'_>) -> Result<(Visit, Area), Stop> {
    let visit = guest.visit().await?;
    match (visit.person.set_up, visit.due()) {
        (true, Some(Due::Token)) => Ok((visit, Area::Beside)),
        (true, _) => Err(Stop::see(guest.pages, setup::place(&visit))),
        (false, Some(Due::Proof(_))) => Err(Stop::see(guest.pages, "/setup/proof")),
        (false, _) if visit.person.usable || !visit.person.choices.is_empty() => Ok((visit, Area::SetUp)),
        (false, _) => Err(Stop::see(guest.pages, "/setup")),
    }
}

/// `GET /setup/token`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (visit, area) = in_set_up(&guest).await?;
        if !is_offered(&guest, &visit).await? {
            return Ok(answer::see(&pages, "/setup"));
        }
        draw(&guest, &visit, area, Trouble::default()).await
    })
    .await
}

/// Whether there is anything on the page for this person.
async fn is_offered(guest: &Guest<'_>, visit: &Visit) -> Result<bool, Stop> {
    let may = visit.person.may;
    let by_app = may.own_app && guest.pages.link.app_key(&guest.handle).await?.is_some();
    let set_for_another = !visit.person.set_up && visit.person.choices.is_empty() && !by_app;
    Ok(by_app || (may.take_token && !(set_for_another && visit.person.method != engine::method::Method::Oath)))
}

/// What a posted first code comes to.
async fn first_code(guest: &Guest<'_>, form: &Form) -> Result<(Proved, Trouble), Stop> {
    let link = &guest.pages.link;
    let f = Frame::of(guest, true);
    if form.field("do") == "serial" {
        let serial = form.field("serial").to_owned();
        let token = TakenToken {
            serial: serial.clone(),
            code: form.field("serial-code").to_owned(),
            next: form.field("serial-next").to_owned(),
        };
        let asked = !token.next.is_empty();
        let proved = link.take_token(&guest.handle, token).await?;
        let next = asked || matches!(proved, Proved::OutOfDate);
        let fault = wrong(&f, &proved, "token-wrong");
        return Ok((proved, Trouble { form: "serial", fault, serial, next, ..Trouble::default() }));
    }
    let proved = link.prove_app(&guest.handle, form.field("code")).await?;
    let fault = wrong(&f, &proved, "app-wrong");
    Ok((proved, Trouble { form: "app", fault, ..Trouble::default() }))
}

/// `POST /setup/token`
pub async fn prove(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let (visit, area) = in_set_up(&guest).await?;
        if area == Area::Beside && form.field("do") == "skip" {
            if pages.link.is_first(&guest.handle, &form.once()).await? {
                pages.link.put_off(&guest.handle, Due::Token).await?;
            }
            let next = if visit.is_due(Due::Questions) { "/setup/questions" } else { "/setup/done" };
            return Ok(answer::see(&pages, next));
        }
        let (proved, trouble) = first_code(&guest, &form).await?;
        match proved {
            Proved::Right(Some(handle)) => {
                let next = pages.link.visit(handle.expose()).await?;
                let next = next.map_or("/", |visit| setup::next(&visit, true));
                Ok(answer::see_as(&pages, next, &handle))
            }
            Proved::Right(None) => Ok(answer::see(&pages, setup::next(&guest.visit().await?, true))),
            Proved::Wrong | Proved::OutOfDate | Proved::NotACode | Proved::Wait(_) | Proved::TooMany => {
                draw(&guest, &visit, area, trouble).await
            }
        }
    })
    .await
}

/// `GET /account/token`
pub async fn show_owned(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (visit, _) = account::visit(&guest).await?;
        if !visit.person.may.tokens {
            return Ok(answer::see(&pages, "/account"));
        }
        let key = match request.query_string() {
            "right" => Some("token-right"),
            "added" => Some("token-added"),
            "removed" => Some("token-removed"),
            _ => None,
        };
        let f = Frame::of(&guest, true);
        let said = key.map(|key| Said { kind: "note", text: f.t(key) });
        draw(&guest, &visit, Area::Account, Trouble { said, ..Trouble::default() }).await
    })
    .await
}

/// `POST /account/token`
pub async fn change(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let (visit, _) = account::visit(&guest).await?;
        let f = Frame::of(&guest, true);
        let token: Option<TokenId> = form.field("token").parse().ok();
        let trouble = match (form.field("do"), token) {
            ("remove", Some(token)) => {
                let key = match pages.link.remove_token(&guest.handle, token).await? {
                    Removed::Gone => return Ok(answer::see(&pages, "/account/token?removed")),
                    Removed::LastOne => "token-last",
                    Removed::NotAllowed => "account-needs-strong",
                };
                Trouble { form: "own", fault: Some(f.t(key)), token: token.to_string(), ..Trouble::default() }
            }
            ("check" | "resync", Some(token)) => {
                let next = if form.field("do") == "resync" { form.field("own-next") } else { "" };
                let code = form.field("own-code").to_owned();
                let typed = TokenCode { token, code, next: next.to_owned() };
                let proved = pages.link.token_code(&guest.handle, typed).await?;
                let Some(fault) = wrong(&f, &proved, "app-wrong") else {
                    return Ok(answer::see(&pages, "/account/token?right"));
                };
                Trouble { form: "own", fault: Some(fault), token: token.to_string(), ..Trouble::default() }
            }
            _ => {
                let (proved, trouble) = first_code(&guest, &form).await?;
                if let Proved::Right(_) = proved {
                    return Ok(answer::see(&pages, "/account/token?added"));
                }
                trouble
            }
        };
        draw(&guest, &visit, Area::Account, trouble).await
    })
    .await
}
