//! Posted forms: read within a limit, and believed only with the token that the page gave out.
//! Refuses what another site's page sends, and what was made for another form.

use super::answer::Stop;
use super::guest::{Guest, unguessable};
use crate::body;
use actix_web::http::header::{HOST, ORIGIN};
use actix_web::{HttpRequest, web};
use engine::secret::Secret;

/// The pages whose forms are shown again to whoever had to sign in first, each with its main button. Nothing that counts without
/// being verified is among them: at a computer that others use too, somebody else may have typed it.
const KEPT: &[(&str, &[&str])] = &[
    ("/setup/text", &["text"]),
    ("/setup/phone", &["call"]),
    ("/account/phone", &["text", "call"]),
    ("/account/language", &["save"]),
];
/// What of them is.
const FIELDS: &[&str] =
    &["country", "phone", "extension", "backup-country", "backup-phone", "backup-extension", "page", "text", "call"];

/// The page of this path, if its form is shown again.
pub fn kept(path: &str) -> Option<&'static str> {
    KEPT.iter().map(|(kept, _)| *kept).find(|kept| *kept == path)
}

/// Bytes of the longest form.
const LONGEST: usize = 16 * 1024;

/// A form that one of our pages gave to this guest.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The form in a request.
    pub async fn read(request: &HttpRequest, guest: &Guest<'_>, payload: &mut web::Payload) -> Result<Self, Stop> {
        let body = body::read(payload, LONGEST).await.map_err(|_| Stop::form(guest))?;
        let form = Self(form_urlencoded::parse(&body).into_owned().collect());
        let ours = is_from_here(request, &guest.site.portal.url) && guest.has_token(&guest.path, form.field("form"));
        if !ours {
            return Err(Stop::form(guest));
        }
        let does = form.field("do");
        if KEPT.iter().any(|(path, main)| *path == guest.path && (does.is_empty() || main.contains(&does))) {
            guest.posts(form.0.iter().filter(|(name, _)| FIELDS.contains(&name.as_str())).cloned().collect());
        }
        Ok(form)
    }

    /// A field; empty if it is not there.
    pub fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// A field that is nobody's business.
    pub fn secret(&self, name: &str) -> Secret<String> {
        Secret::new(self.field(name).to_owned())
    }

    /// The key that makes it count once; what is none of ours counts by itself.
    pub fn once(&self) -> String {
        let once = self.field("once");
        let ours = once.len() == 22 && once.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if ours { once.to_owned() } else { unguessable::<16>() }
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

/// What browsers say of where a form comes from. Our pages send no referrer, and so some send `null` as origin. Over HTTP/2
/// the host is in the address; behind a proxy it may be another, and then the portal's own address counts.
fn is_from_here(request: &HttpRequest, portal: &str) -> bool {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let site = header("Sec-Fetch-Site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let host = authority.or(header(HOST.as_str())).unwrap_or_default();
    let own = |origin: &str| portal.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let origin = header(ORIGIN.as_str()).is_none_or(|origin| {
        let same = origin.split_once("://").is_some_and(|(_, rest)| rest == host);
        origin == "null" || same || (!origin.is_empty() && own(origin))
    });
    site && origin
}
