//! A phone for texts: entered, saved as a draft, then texted.
//! Refuses to lose what was typed: the form comes back as it was, with what is wrong beside it.

use super::Pages;
use super::answer::{self, Stop};
use super::form::Form;
use super::frame::Frame;
use super::guest::Guest;
use super::setup;
use crate::link::{Fault, Step, Visit};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use engine::number::NumberFault;
use engine::pin::PinFault;
use engine::reason::Reason;

struct Told {
    field: &'static str,
    says: String,
}

#[derive(Template)]
#[template(path = "text.html")]
struct TextPage<'a> {
    f: Frame<'a>,
    countries: &'a [String],
    country: String,
    phone: String,
    with_pin: bool,
    pin_kept: bool,
    least: u8,
    may_choose: bool,
    faults: Vec<Told>,
}

impl TextPage<'_> {
    fn wrong(&self, field: &str) -> bool {
        self.faults.iter().any(|fault| fault.field == field)
    }
}

fn draw(
    guest: &Guest<'_>,
    visit: &Visit,
    (country, phone): (String, String),
    faults: &[Fault],
) -> Result<HttpResponse, Stop> {
    let f = Frame::of(guest, true, "setup");
    let person = &visit.person;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let faults = faults.iter().map(|fault| told(&f, *fault)).collect();
    let draft = person.draft.as_ref();
    let page = TextPage {
        countries: &guest.site.countries,
        country,
        phone,
        with_pin: draft.map_or(person.mode, |draft| draft.mode).needs_pin(),
        pin_kept: draft.is_some_and(|draft| draft.has_pin),
        least: person.shortest_pin,
        may_choose: !person.choices.is_empty(),
        faults,
        f,
    };
    answer::page(guest, status, &page)
}

/// `GET /setup/text`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let visit = setup::visit(&guest).await?;
        let phone = visit.person.draft.as_ref().and_then(|draft| draft.phone.clone()).unwrap_or_default();
        let codes = guest.site.countries.iter();
        let own = codes.filter(|code| phone.strip_prefix('+').is_some_and(|digits| digits.starts_with(*code)));
        let country = own.max_by_key(|code| code.len()).or(guest.site.countries.first()).cloned().unwrap_or_default();
        draw(&guest, &visit, (country, phone), &[])
    })
    .await
}

/// `POST /setup/text`
pub async fn save(request: HttpRequest, pages: web::Data<Pages>, mut payload: web::Payload) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let form = Form::read(&request, &guest, &mut payload).await?;
        let visit = setup::visit(&guest).await?;
        let (country, phone) = (form.field("country").to_owned(), form.field("phone").to_owned());
        let step = Step::Text {
            country: country.clone(),
            phone: phone.clone(),
            pin: form.secret("pin"),
            confirm: form.secret("confirm"),
        };
        let faults = pages.link.save(&guest.handle, step).await?;
        if !faults.is_empty() {
            return draw(&guest, &visit, (country, phone), &faults);
        }
        pages.link.ask(&guest.handle, &form.once()).await?;
        Ok(answer::see(&pages, "/verify"))
    })
    .await
}

fn told(f: &Frame<'_>, fault: Fault) -> Told {
    let (field, key) = match fault {
        Fault::PhoneMissing => ("phone", "fault-phone-missing"),
        Fault::Phone(NumberFault::Format | NumberFault::Extension) => ("phone", "fault-phone-format"),
        Fault::Phone(NumberFault::CountryCode) => ("phone", "fault-phone-country"),
        Fault::Phone(NumberFault::Length) => ("phone", "fault-phone-length"),
        Fault::PhoneRefused(Reason::CountryNotAllowed) => ("phone", "fault-phone-country-refused"),
        Fault::PhoneRefused(_) => ("phone", "fault-phone-refused"),
        Fault::PhoneTooOften => ("phone", "fault-phone-often"),
        Fault::PinMissing => ("pin", "fault-pin-missing"),
        Fault::Pin(PinFault::Length { least }) => {
            return Told { field: "pin", says: f.with("fault-pin-length", "least", least) };
        }
        Fault::Pin(PinFault::TooLong) => ("pin", "fault-pin-too-long"),
        Fault::Pin(PinFault::NotDigits) => ("pin", "fault-pin-not-digits"),
        Fault::Pin(PinFault::Repeating) => ("pin", "fault-pin-repeating"),
        Fault::Pin(PinFault::Sequential) => ("pin", "fault-pin-sequential"),
        Fault::Pin(PinFault::PhoneSubset) => ("pin", "fault-pin-phone"),
        Fault::Pin(PinFault::History) => ("pin", "fault-pin-history"),
        Fault::PinMismatch => ("pin", "fault-pin-mismatch"),
        Fault::Method => ("phone", "method-fault"),
    };
    Told { field, says: f.t(key) }
}
