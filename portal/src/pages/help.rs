//! One text of help for each page of the portal.
//! Refuses to need a login.

use super::answer;
use super::frame::Frame;
use super::guest::Guest;
use super::{Pages, setup};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// What there is help on: its word, its text, and the pages that it is about, in the set-up or anywhere, and in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic(&'static (&'static str, &'static str, &'static str, &'static str));

const TOPICS: &[(&str, &str, &str, &str)] = &[
    ("sign-in", "help-sign-in", "/", ""),
    ("password", "help-password", "/password", ""),
    ("verify", "help-verify", "/verify", ""),
    ("code", "help-code", "/verify/code", ""),
    ("answers", "help-answers", "/verify/questions", ""),
    ("setup", "help-setup", "/setup", ""),
    ("proof", "help-proof", "/setup/proof", ""),
    ("done", "help-done", "/setup/done", ""),
    ("method", "help-method", "/setup/method", "/account/method"),
    ("phone", "help-phone", "/setup/text", "/account/phone"),
    ("call", "help-call", "/setup/phone", ""),
    ("token", "help-token", "/setup/token", "/account/token"),
    ("questions", "help-questions", "/setup/questions", "/account/questions"),
    ("account", "help-account", "", "/account"),
    ("backup", "help-backup", "", "/account/backup"),
    ("trial", "help-trial", "", "/account/call"),
    ("pin", "help-pin", "", "/account/pin"),
    ("language", "help-language", "", "/account/language"),
    ("bypass", "help-bypass", "", "/account/bypass"),
    ("sessions", "help-sessions", "", "/account/sessions"),
    ("history", "help-history", "", "/account/history"),
];

impl Topic {
    /// The help on the page of a path; on signing in where there is none of its own.
    pub fn of(path: &str) -> Self {
        let own = |(_, _, one, other): &&(&str, &str, &str, &str)| path == *one || path == *other;
        let of_list = || TOPICS.iter().find(|(word, ..)| *word == "history" && path.starts_with("/account/history/"));
        Self(TOPICS.iter().find(own).or_else(of_list).unwrap_or(&TOPICS[0]))
    }

    /// In addresses.
    pub const fn word(self) -> &'static str {
        self.0.0
    }
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage<'a> {
    f: Frame<'a>,
    says: String,
    back: &'static str,
}

/// `GET /help/{page}`
pub async fn show(request: HttpRequest, pages: web::Data<Pages>, name: web::Path<String>) -> HttpResponse {
    answer::of(async {
        let guest = Guest::of(&request, &pages).await?;
        let Some((_, key, one, other)) = TOPICS.iter().find(|(word, ..)| *word == name.as_str()) else {
            return answer::error(&guest, StatusCode::NOT_FOUND, "error-not-found");
        };
        let visit = pages.link.visit(&guest.handle).await?;
        let back = match &visit {
            Some(visit) if visit.person.set_up && !other.is_empty() => other,
            Some(visit) if one.is_empty() => setup::place(visit),
            Some(_) | None if one.is_empty() => "/",
            Some(_) | None => one,
        };
        let f = Frame::of(&guest, visit.is_some());
        let says = f.t(key);
        answer::page(&guest, StatusCode::OK, &HelpPage { f, says, back })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_has_its_own_help() {
        let words = |paths: &[&'static str]| paths.iter().map(|path| Topic::of(path).word()).collect::<Vec<_>>();
        assert_eq!(words(&["/", "/verify", "/setup/text", "/account/phone"]), ["sign-in", "verify", "phone", "phone"]);
        assert_eq!(words(&["/account/history/ver_a", "/nowhere"]), ["history", "sign-in"]);
    }
}
