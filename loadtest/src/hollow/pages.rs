//! The hollow portal: what somebody is answered who enrols by text, each page as long as the real one, with a text between.
//! Refuses to know anybody: the cookie says whose phone it is.

use super::{State, Waiter, phone};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use std::time::Duration;
use tokio::sync::oneshot;

const COOKIE: &str = "__Host-countersign";
const PLACE: &str = "__Host-countersign-place";
/// How long the portal holds the answer for who has no script.
const HELD: Duration = Duration::from_secs(20);
/// Headers of every answer of the portal.
const HEADERS: [(&str, &str); 4] = [
    (
        "Content-Security-Policy",
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("Strict-Transport-Security", "max-age=31536000"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
];
/// Bytes of each page of the portal, in English, with what is not set.
const SIGN_IN: usize = 1173;
const SETUP: usize = 1524;
const TEXT: usize = 1928;
const VERIFY: usize = 1715;
const DONE: usize = 1100;

/// Every page of an enrolment by text.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/").get(sign_in).post(signed_in))
        .service(web::resource("/setup").get(async || page("/setup", SETUP)))
        .service(web::resource("/setup/text").get(async || page("/setup/text", TEXT)).post(text))
        .service(web::resource("/verify").get(async || page("/verify", VERIFY)).post(verified))
        .service(web::resource("/setup/done").get(async || page("/setup/done", DONE)));
}

fn answer(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    for header in HEADERS {
        answer.insert_header(header);
    }
    answer.insert_header((CACHE_CONTROL, "no-store"));
    answer
}

/// A page with a form to `action`.
fn page(action: &str, length: usize) -> HttpResponse {
    answer(StatusCode::OK).insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(drawn(action, length))
}

fn drawn(action: &str, length: usize) -> String {
    let mut page = format!(
        "<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"form\" value=\"{:x<43}\">\
         <input type=\"hidden\" name=\"once\" value=\"{:x<22}\"></form>",
        "", ""
    );
    page.extend(std::iter::repeat_n('x', length.saturating_sub(page.len())));
    page
}

/// To the next page.
fn see(path: &str) -> HttpResponseBuilder {
    let mut answer = answer(StatusCode::SEE_OTHER);
    answer.insert_header((LOCATION, path));
    answer
}

fn cookie(name: &str, whose: &str) -> (&'static str, String) {
    ("Set-Cookie", format!("{name}={whose:0>43}; HttpOnly; SameSite=Lax; Secure; Path=/"))
}

async fn sign_in() -> HttpResponse {
    let mut page = answer(StatusCode::OK);
    page.append_header(cookie(COOKIE, ""))
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(drawn("/", SIGN_IN))
}

async fn signed_in(body: web::Bytes) -> HttpResponse {
    let name = form_urlencoded::parse(&body).find(|(field, _)| field == "name").map(|(_, name)| name.into_owned());
    let person = name.as_deref().map_or("", |name| name.trim_start_matches("person"));
    see("/setup").append_header(cookie(COOKIE, person)).append_header(cookie(PLACE, person)).finish()
}

/// The phone of the person whom the cookie names.
fn phone_of(request: &HttpRequest) -> String {
    let cookie = request.cookie(COOKIE);
    phone(cookie.as_ref().map_or("", |cookie| cookie.value()))
}

/// The text goes out while the next page is asked for.
async fn text(state: web::Data<State>, request: HttpRequest, _body: web::Bytes) -> HttpResponse {
    let phone = phone_of(&request);
    let (tell, told) = oneshot::channel();
    state.waiting().insert(phone.clone(), Waiter::Request(tell));
    state.asked().insert(phone.clone(), told);
    // One that is not taken is never answered, and so is lost in the report.
    actix_web::rt::spawn(async move { state.send(&phone).await.is_ok() });
    see("/verify").finish()
}

async fn verified(state: web::Data<State>, request: HttpRequest, _body: web::Bytes) -> HttpResponse {
    let phone = phone_of(&request);
    let told = state.asked().remove(&phone);
    let answered = match told {
        Some(told) => matches!(tokio::time::timeout(HELD, told).await, Ok(Ok(()))),
        None => false,
    };
    match request.cookie(COOKIE) {
        Some(held) if answered => see("/setup/done").append_header(cookie(COOKIE, held.value())).finish(),
        Some(_) | None => see("/verify").finish(),
    }
}
