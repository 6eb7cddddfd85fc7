//! The languages of the pages, and of what people are sent.
//! Refuses a language that is not on offer.

use super::Pages;
use super::answer::{self, Stop};
use super::field::{Choice, Field, FormPage};
use super::form::Form;
use super::frame::Frame;
use super::guest::{Guest, LANGUAGE, cookie};
use super::{account, trial};
use crate::calls::{SpokenLanguage, languages};
use crate::link::{Change, May, Try};
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

async fn may(guest: &Guest<'_>) -> Result<May, Stop> {
    let may = account::visit(guest).await?.0.person.may;
    if may.change_language { Ok(may) } else { Err(Stop::see(guest.pages, "/account")) }
}

/// Languages that calls speak, by their own names.
fn spoken(chosen: &str) -> Vec<Choice> {
    let choice = |language: &SpokenLanguage| Choice {
        value: language.tag.into(),
        label: language.name.into(),
        language: language.tag.into(),
        chosen: language.tag == chosen,
        ..Choice::default()
    };
    with_own(languages().iter().map(choice).collect(), chosen)
}

/// One that somebody else has set can stay.
fn with_own(mut choices: Vec<Choice>, own: &str) -> Vec<Choice> {
    if !choices.iter().any(|choice| choice.chosen) {
        choices.insert(0, Choice { value: own.into(), label: own.into(), chosen: true, ..Choice::default() });
    }
    choices
}

/// `GET /account/language`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let may = may(&guest).await?;
        let account = pages.link.account(&guest.handle).await?.ok_or_else(|| Stop::ended(&pages))?;
        let mut page = FormPage::new(Frame::of(&guest, true), "language-title", "/account/language");
        let offered = guest.site.portal.languages.iter().map(String::as_str);
        let own = choices(&guest, offered, guest.language.tag);
        let sent = choices(&guest, LANGUAGES.iter().copied(), &account.text_language);
        let sent = with_own(sent, &account.text_language);
        page.fields = vec![
            Field { options: own, ..Field::of("choice", "page", page.f.t("language-pages")) },
            Field { options: sent, ..Field::of("choice", "text", page.f.t("language-texts")) },
        ];
        if may.calls {
            let said = Field::of("choice", "call", page.f.t("language-calls"));
            let hint = if may.hear { page.f.t("language-hear-about") } else { String::new() };
            page.fields.push(Field { options: spoken(&account.call_language), ..said }.hinting(hint));
        }
        page.button("account-save", "save");
        if may.hear {
            page.button("language-hear", "hear");
        }
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
        let may = may(&guest).await?;
        let call = form.field("call").to_owned();
        if form.field("do") == "hear" {
            let wait = pages.link.try_call(&guest.handle, &form.once(), Try::Sample(call)).await?;
            return Ok(trial::begun(&pages, wait));
        }
        let (page, text) = (form.field("page").to_owned(), form.field("text").to_owned());
        let call = (may.calls && !call.is_empty()).then_some(call);
        let saved = pages.link.change(&guest.handle, Change::Language { page: page.clone(), text, call }).await?;
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
