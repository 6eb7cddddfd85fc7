//! Who looks at a page: the handle in the cookie, the language, the address.
//! Refuses to trust a cookie with more than finding the login.

use super::Pages;
use super::answer::Stop;
use super::texts::Language;
use crate::link::{End, Fields, Site, Visit};
use crate::origin;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use actix_web::{HttpRequest, HttpResponse};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::cell::{Cell, OnceCell};
use std::net::IpAddr;
use subtle::ConstantTimeEq;

/// The cookie of the login; before that, of the visit.
pub const HANDLE: &str = "__Host-countersign";
/// The cookie of the chosen language.
pub const LANGUAGE: &str = "__Host-countersign-language";
/// The cookie by which a browser is known again; it opens nothing.
const PLACE: &str = "__Host-countersign-place";
/// How long that is kept.
const KEPT: Duration = Duration::days(400);
/// Characters of a handle.
const LENGTH: usize = 43;

/// Somebody at a page.
pub struct Guest<'a> {
    /// The pages.
    pub pages: &'a Pages,
    /// What the portal offers now.
    pub site: Site,
    /// The language of the page.
    pub language: &'a Language,
    /// What the browser has, or will have.
    pub handle: String,
    /// Whether the browser does not have it yet.
    pub is_new: bool,
    /// The path below the base.
    pub path: String,
    /// Where from.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub agent: String,
    /// What the browser holds to be known again, or will hold.
    pub place: String,
    /// Whether nothing is posted.
    reads: bool,
    /// What is posted, as far as it would be kept.
    posted: OnceCell<Fields>,
    /// What was posted when the login before had ended.
    kept: OnceCell<Fields>,
    /// When the login ends if nothing more is done.
    ends: Cell<Option<End>>,
}

impl<'a> Guest<'a> {
    /// The guest of a request, within the limit of their address.
    pub async fn of(request: &HttpRequest, pages: &'a Pages) -> Result<Self, Stop> {
        let address = origin::of(request, &pages.trusted_proxies);
        let site = pages.link.site().await?;
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let chosen = request.cookie(LANGUAGE).filter(|_| site.portal.allow_select_language);
        let chosen = chosen.as_ref().map(Cookie::value);
        let language = pages.texts.choose(&site.portal.languages, chosen, header(ACCEPT_LANGUAGE));
        let known = request.cookie(HANDLE).map(|cookie| cookie.value().to_owned()).filter(|value| is_handle(value));
        let place = request.cookie(PLACE).map(|cookie| cookie.value().to_owned()).filter(|value| is_handle(value));
        let path = request.path().strip_prefix(pages.base()).unwrap_or_default();
        let guest = Self {
            pages,
            site,
            language,
            is_new: known.is_none(),
            handle: known.unwrap_or_else(unguessable::<32>),
            path: if path.is_empty() { "/".into() } else { path.to_owned() },
            address,
            agent: header(USER_AGENT).to_owned(),
            place: place.unwrap_or_else(unguessable::<32>),
            reads: request.method() == Method::GET,
            posted: OnceCell::new(),
            kept: OnceCell::new(),
            ends: Cell::new(None),
        };
        match pages.limits.address(address) {
            Ok(()) => Ok(guest),
            Err(_) => Err(Stop::many(&guest)),
        }
    }

    /// The login and its person, or the way to the sign-in page.
    pub async fn visit(&self) -> Result<Visit, Stop> {
        let link = &self.pages.link;
        let Some(visit) = link.visit(&self.handle).await? else {
            if let Some(posted) = self.posted.get() {
                link.keep_typed(&self.handle, &self.path, posted).await?;
            }
            let blocked = link.is_blocked(&self.handle).await?;
            return Err(if blocked { Stop::see(self.pages, "/?blocked") } else { Stop::ended(self.pages) });
        };
        if visit.typed.as_ref() == Some(&self.path) {
            if self.reads {
                let _ = self.kept.set(link.typed(&self.handle).await?);
            } else {
                link.drop_typed(&self.handle).await?;
            }
        }
        self.ends.set(visit.ends);
        Ok(visit)
    }

    /// This is posted.
    pub fn posts(&self, fields: Fields) {
        let _ = self.posted.set(fields);
    }

    /// What was posted to this page when the login before had ended.
    pub fn typed_before(&self) -> &[(String, String)] {
        self.kept.get().map_or(&[], Vec::as_slice)
    }

    /// When the login ends if nothing more is done; known once the visit is.
    pub fn ends(&self) -> Option<End> {
        self.ends.get()
    }

    /// An answer with which the browser will be known again, and has the language that the person chose.
    pub fn known_as(&self, mut answer: HttpResponse, visit: &Visit) -> HttpResponse {
        let mut place = cookie(PLACE, self.place.clone());
        place.set_max_age(KEPT);
        let language = visit.person.language.clone().map(|tag| cookie(LANGUAGE, tag));
        for cookie in std::iter::once(place).chain(language) {
            // A cookie of ours that cannot be written would be one with bad characters; these have none.
            let _ = answer.add_cookie(&cookie);
        }
        answer
    }

    /// What a form of this guest carries for a path: nobody else can make it, and it fits no other form.
    pub fn form_token(&self, path: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.pages.settings.keys.form).expect("any length is a key");
        mac.update(self.handle.as_bytes());
        mac.update(path.as_bytes());
        BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
    }

    /// Whether a form carries it.
    pub fn has_token(&self, path: &str, token: &str) -> bool {
        !self.is_new && bool::from(self.form_token(path).as_bytes().ct_eq(token.as_bytes()))
    }
}

/// So many random bytes, as a text for forms and cookies.
pub fn unguessable<const N: usize>() -> String {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    BASE64URL_NOPAD.encode(&bytes)
}

fn is_handle(value: &str) -> bool {
    value.len() == LENGTH && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A cookie that only this site gets, over TLS, and that no script reads. It goes with the browser's session.
pub fn cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value).path("/").secure(true).http_only(true).same_site(SameSite::Lax).finish()
}
