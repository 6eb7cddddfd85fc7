//! The languages of the pages, and of what people are sent.
//! Refuses a language that is not on offer.

use super::Pages;
use super::account;
use super::answer::{self, Stop};
use super::field::{Choice, Field, FormPage};
use super::form::Form;
use super::frame::Frame;
use super::guest::{Guest, LANGUAGE, cookie};
use crate::link::Change;
use actix_web::{HttpRequest, HttpResponse, web};
use engine::portal::LANGUAGES;

fn choices<'a>(guest: &Guest<'_>, tags: impl Iterator<Item = &'a str>, chosen: &str) -> Vec<Choice> {
    let known = tags.filter_map(|tag| guest.pages.language(tag));
    let choice = |language: &super::texts::Language| Choice {
        value: language.tag.into(),
        label: language.name(),
        language: language.tag.into(),
        chosen: language.tag == chosen,
        ..Choice::default()
    };
    known.map(choice).collect()
}

async fn may(guest: &Guest<'_>) -> Result<(), Stop> {
    let (visit, _) = account::visit(guest).await?;
    if visit.person.may.change_language { Ok(()) } else { Err(Stop::see(guest.pages, "/account")) }
}

/// `GET /account/language`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        may(&guest).await?;
        let account = pages.link.account(&guest.handle).await?.ok_or_else(|| Stop::ended(&pages))?;
        let mut page = FormPage::new(Frame::of(&guest, true), "language-title", "/account/language");
        let offered = guest.site.portal.languages.iter().map(String::as_str);
        let own = choices(&guest, offered, guest.language.tag);
        let mut sent = choices(&guest, LANGUAGES.iter().copied(), &account.text_language);
        // One that somebody else has set can stay.
        if !sent.iter().any(|choice| choice.chosen) {
            let (value, label) = (account.text_language.clone(), account.text_language.clone());
            sent.insert(0, Choice { value, label, chosen: true, ..Choice::default() });
        }
        page.fields = vec![
            Field { options: own, ..Field::of("choice", "page", page.f.t("language-pages")) },
            Field { options: sent, ..Field::of("choice", "text", page.f.t("language-texts")) },
        ];
        page.button("account-save", "save");
        page.way("account-back", "/account");
        page.answer(&guest)
    })
    .await
}

/// `POST /account/language`
pub async fn save(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        may(&guest).await?;
        let (page, text) = (form.field("page").to_owned(), form.field("text").to_owned());
        let saved = pages.link.change(&guest.handle, Change::Language { page: page.clone(), text }).await?;
        if !saved.is_empty() {
            return Err(Stop::form(&guest));
        }
        let mut answer = answer::see(&pages, "/account");
        // A cookie of ours that cannot be written would be one with bad characters; tags have none.
        let _ = answer.add_cookie(&cookie(LANGUAGE, page));
        Ok(answer)
    })
    .await
}
