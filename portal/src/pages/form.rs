//! Posted forms: read within a limit, and believed only with the token that the page gave out.
//! Refuses what another site's page sends, and what was made for another form.

use super::answer::Stop;
use super::guest::Guest;
use crate::body;
use actix_web::http::header::{HOST, ORIGIN};
use actix_web::{HttpRequest, web};
use engine::secret::Secret;

/// Bytes of the longest form.
const LONGEST: usize = 16 * 1024;

/// A form that one of our pages gave to this guest.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The form in a request.
    pub async fn read(request: &HttpRequest, guest: &Guest<'_>, payload: &mut web::Payload) -> Result<Self, Stop> {
        let body = body::read(payload, LONGEST).await.map_err(|_| Stop::form(guest))?;
        let form = Self(form_urlencoded::parse(&body).into_owned().collect());
        let ours = is_from_here(request) && guest.has_token(&guest.path, form.field("form"));
        if ours { Ok(form) } else { Err(Stop::form(guest)) }
    }

    /// A field; empty if it is not there.
    pub fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// A field that is nobody's business.
    pub fn secret(&self, name: &str) -> Secret<String> {
        Secret::new(self.field(name).to_owned())
    }

    /// The key that makes it count once.
    pub fn once(&self) -> &str {
        self.field("once")
    }
}

/// Passwords and PINs were in it.
impl Drop for Form {
    fn drop(&mut self) {
        for (_, value) in self.0.drain(..) {
            drop(Secret::new(value));
        }
    }
}

/// What browsers say of where a form comes from. Our pages send no referrer, and so some send `null` as origin.
fn is_from_here(request: &HttpRequest) -> bool {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let site = header("Sec-Fetch-Site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let host = header(HOST.as_str()).unwrap_or_default();
    let origin = header(ORIGIN.as_str())
        .is_none_or(|origin| origin == "null" || origin.split_once("://").is_some_and(|(_, rest)| rest == host));
    site && origin
}
