//! How a page is answered: its headers, its cookie, the way to another page.
//! Refuses to be kept by anybody, to be framed, and to run anything that is not ours.

use super::Pages;
use super::frame::Frame;
use super::guest::{Guest, HANDLE, cookie, unguessable};
use crate::link::Away;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use askama::Template;
use engine::secret::Secret;

const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Headers of everything that the pages answer.
pub const HEADERS: [(&str, &str); 4] = [
    ("Content-Security-Policy", POLICY),
    ("Strict-Transport-Security", "max-age=31536000"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
];

/// A page that is answered before its handler came to its end.
pub struct Stop(Box<HttpResponse>);

impl Stop {
    /// The login has ended: to the sign-in page, which says so.
    pub fn ended(pages: &Pages) -> Self {
        Self(see(pages, "/?ended").into())
    }

    /// Too many requests from one address.
    pub fn many(guest: &Guest<'_>) -> Self {
        let page = error(guest, StatusCode::TOO_MANY_REQUESTS, "error-many").unwrap_or_else(|stop| *stop.0);
        Self(page.into())
    }

    /// To another page.
    pub fn see(pages: &Pages, path: &str) -> Self {
        Self(see(pages, path).into())
    }

    /// A form that is not one of this guest, or not of now.
    pub fn form(guest: &Guest<'_>) -> Self {
        let page = error(guest, StatusCode::FORBIDDEN, "error-form").unwrap_or_else(|stop| *stop.0);
        Self(page.into())
    }
}

/// The engine is away before the guest's language is known, or after: plain English in either case, as nothing can be asked.
impl From<Away> for Stop {
    fn from(cause: Away) -> Self {
        let reference = reference();
        tracing::warn!(%reference, %cause, "a page could not be answered");
        let body = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Countersign</title>\
             <h1>The service cannot be reached at the moment</h1>\
             <p>Nothing was changed. Try again in a minute.</p><p>Reference for the help desk: {reference}</p></html>"
        );
        let mut answer = with_headers(StatusCode::SERVICE_UNAVAILABLE);
        answer.insert_header((RETRY_AFTER, "60")).insert_header((CONTENT_TYPE, "text/html; charset=utf-8"));
        Self(answer.body(body).into())
    }
}

/// A handler's end, whichever it is.
pub async fn of(handler: impl Future<Output = Result<HttpResponse, Stop>>) -> HttpResponse {
    handler.await.unwrap_or_else(|Stop(answer)| *answer)
}

fn with_headers(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    for header in HEADERS {
        answer.insert_header(header);
    }
    answer.insert_header((CACHE_CONTROL, "no-store"));
    answer
}

/// A page.
pub fn page(guest: &Guest<'_>, status: StatusCode, template: &impl Template) -> Result<HttpResponse, Stop> {
    let body = template.render().map_err(|cause| {
        tracing::error!(%cause, "a page cannot be drawn");
        Stop(HttpResponse::InternalServerError().finish().into())
    })?;
    let mut answer = with_headers(status);
    if guest.is_new {
        answer.cookie(cookie(HANDLE, guest.handle.clone()));
    }
    Ok(answer.insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(body))
}

/// A line for a script.
pub fn plain(status: StatusCode, text: String) -> HttpResponse {
    with_headers(status).insert_header((CONTENT_TYPE, "text/plain; charset=utf-8")).body(text)
}

/// A page that says what is the matter.
pub fn error(guest: &Guest<'_>, status: StatusCode, key: &'static str) -> Result<HttpResponse, Stop> {
    let f = Frame::of(guest, false);
    let says = f.t(key);
    // Whoever asks too often must not fill the log too.
    let reference = if status == StatusCode::TOO_MANY_REQUESTS { String::new() } else { reference() };
    if !reference.is_empty() {
        tracing::warn!(%reference, path = guest.path, status = status.as_u16(), what = key, "a page was refused");
    }
    page(guest, status, &ErrorPage { f, says, reference })
}

/// By which the help desk finds in the log what somebody saw.
fn reference() -> String {
    let drawn = unguessable::<6>();
    format!("{}-{}", &drawn[..4], &drawn[4..])
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    f: Frame<'a>,
    says: String,
    reference: String,
}

/// To another page, after something was done.
pub fn see(pages: &Pages, path: &str) -> HttpResponse {
    with_headers(StatusCode::SEE_OTHER).insert_header((LOCATION, format!("{}{path}", pages.base()))).finish()
}

/// To another page with a new handle: what was known before opens nothing any more.
pub fn see_as(pages: &Pages, path: &str, handle: &Secret<String>) -> HttpResponse {
    with_headers(StatusCode::SEE_OTHER)
        .insert_header((LOCATION, format!("{}{path}", pages.base())))
        .cookie(cookie(HANDLE, handle.expose().clone()))
        .finish()
}
