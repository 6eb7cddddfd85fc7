//! Home: how the account is protected, and the ways to change it.
//! Refuses full numbers, and ways that are not on offer.

use super::Pages;
use super::answer::{self, Stop};
use super::field::{Said, Way};
use super::frame::Frame;
use super::guest::Guest;
use super::history::{self, Row};
use super::methods::Named;
use super::{advice, enter, setup};
use crate::link::{Account, Due, Visit};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::login::Strength;

/// Verifications that stand on Home.
const LAST: usize = 5;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    f: Frame<'a>,
    hello: String,
    facts: Vec<(String, String)>,
    strong: bool,
    /// A change that waits for its verification.
    waits: bool,
    ways: Vec<Way>,
    advised: Vec<Way>,
    rows: Vec<Row>,
    history: bool,
}

/// The visit of somebody who is signed in; others are led to where they belong.
pub async fn visit(guest: &Guest<'_>) -> Result<(Visit, Strength), Stop> {
    let visit = guest.visit().await?;
    match visit.signed_in {
        Some(strength) if visit.person.set_up && visit.due() != Some(Due::Pin) => Ok((visit, strength)),
        _ => Err(Stop::see(guest.pages, setup::place(&visit))),
    }
}

/// The last two digits of a masked number.
pub fn ending(masked: Option<&str>) -> String {
    masked.unwrap_or_default().chars().filter(char::is_ascii_digit).collect()
}

/// That something was saved.
pub fn saved(guest: &Guest<'_>) -> Said {
    Said { kind: "note", text: Frame::of(guest, true).t("account-saved") }
}

fn facts(f: &Frame<'_>, visit: &Visit, account: &Account) -> Vec<(String, String)> {
    let person = &visit.person;
    let numbered = |masked: &str| f.with("account-phone-ending", "ending", ending(Some(masked)));
    let mut facts = vec![(f.t("account-method"), f.t(Named(person.method).name()))];
    let phone = f.t(Named(person.method).phone_of_account());
    facts.extend(person.phone.as_deref().map(|number| (phone, numbered(number))));
    let backup = |phone: &str| match account.backup_verified {
        true => numbered(phone),
        false => f.with("account-backup-unverified", "ending", ending(Some(phone))),
    };
    facts.extend(account.backup.as_deref().map(|phone| (f.t("account-backup"), backup(phone))));
    facts.push((f.t("account-tokens"), person.tokens.to_string()));
    if let Some(bypass) = account.bypass {
        let seconds = bypass.left.as_secs().max(1);
        facts.push((f.t("account-bypass"), f.count("bypass-left", "seconds", seconds)));
    }
    facts
}

fn ways(f: &Frame<'_>, visit: &Visit, account: &Account) -> Vec<Way> {
    let (may, person) = (visit.person.may, &visit.person);
    let phone = enter::changes(visit).is_some() || account.before.is_some();
    let all = [
        (!person.choices.is_empty(), "account-change-method", "/account/method"),
        (phone, "account-change-phone", "/account/phone"),
        (may.change_backup, "account-change-backup", "/account/backup"),
        (may.change_pin, "account-change-pin", "/account/pin"),
        (may.tokens, "account-change-tokens", "/account/token"),
        (may.change_questions, "account-change-questions", "/account/questions"),
        (may.change_language, "account-change-language", "/account/language"),
        (may.bypass || account.bypass.is_some(), "account-change-bypass", "/account/bypass"),
        (true, "account-change-sessions", "/account/sessions"),
        (may.history, "account-change-history", "/account/history"),
    ];
    let on = all.into_iter().filter(|(on, _, _)| *on);
    on.map(|(_, key, path)| Way { label: f.t(key), path: path.into() }).collect()
}

/// `GET /account`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let (visit, strength) = visit(&guest).await?;
        let account = pages.link.account(&guest.handle).await?.ok_or_else(|| Stop::ended(&pages))?;
        let f = Frame::of(&guest, true);
        let rows = history::rows(&guest, &f, LAST).await?;
        let person = &visit.person;
        let page = AccountPage {
            hello: if person.first_name.is_empty() { person.name.clone() } else { person.first_name.clone() },
            facts: facts(&f, &visit, &account),
            strong: strength == Strength::Strong,
            waits: person.draft.is_some(),
            ways: ways(&f, &visit, &account),
            advised: advice::of(&f, &visit),
            history: person.may.history,
            rows,
            f,
        };
        answer::page(&guest, StatusCode::OK, &page)
    })
    .await
}
