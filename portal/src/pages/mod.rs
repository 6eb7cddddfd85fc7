//! The user portal: pages that people sign in, enrol and look after their methods with (portal.md).
//! Refuses store, actors and rules: everything is asked over the link, and said in the person's language.

mod account;
mod advice;
mod answer;
mod assets;
mod backup;
mod bypass;
mod code;
mod done;
mod enter;
mod field;
mod form;
mod frame;
mod guest;
mod help;
mod history;
mod language;
mod languages;
mod method;
mod methods;
mod news;
mod password;
mod phone;
mod pin;
mod proof;
mod questions;
mod sessions;
mod setup;
mod sign_in;
mod stay;
pub(crate) mod texts;
mod token;
mod trial;
mod verify;

use crate::link::{Directories, EngineLink, PortalKeys};
use crate::state::Limits;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use engine::trusted_ip::TrustedIp;
use std::sync::Arc;
use texts::{Language, Texts};

/// What the pages are built with.
#[derive(Clone)]
pub struct PortalSettings {
    /// Before every path: empty, or `/mfa` and the like.
    pub base_path: String,
    /// Keys of the portal's own.
    pub keys: PortalKeys,
    /// Where names and passwords are known, beside the local accounts.
    pub directories: Directories,
}

/// What every page reaches.
pub struct Pages {
    link: Arc<dyn EngineLink>,
    settings: PortalSettings,
    texts: Texts,
    trusted_proxies: Vec<TrustedIp>,
    limits: Arc<Limits>,
}

impl Pages {
    /// Pages over a link.
    pub fn new(
        link: Arc<dyn EngineLink>,
        settings: PortalSettings,
        trusted_proxies: Vec<TrustedIp>,
        limits: Arc<Limits>,
    ) -> Self {
        Self { link, settings, texts: Texts::read(), trusted_proxies, limits }
    }

    /// The language of a tag.
    fn language(&self, tag: &str) -> Option<&Language> {
        self.texts.language(tag)
    }

    /// Before every path.
    pub fn base(&self) -> &str {
        &self.settings.base_path
    }
}

/// Every page below the base path.
pub fn routes(config: &mut ServiceConfig) {
    let at = |path: &str| web::resource(path.to_owned());
    config
        .service(at("/").get(sign_in::show).post(sign_in::sign_in))
        .service(at("/sign-out").post(sign_in::sign_out))
        .service(at("/stay").get(stay::stay))
        .service(at("/language").post(language::choose))
        .service(at("/verify").get(verify::show).post(verify::act))
        .service(at("/verify/events").get(verify::events))
        .service(at("/verify/code").get(code::show).post(code::enter))
        .service(at("/verify/questions").get(questions::show_asked).post(questions::answer))
        .service(at("/password").get(password::show).post(password::change))
        .service(at("/setup").get(setup::show))
        .service(at("/setup/proof").get(proof::show).post(proof::prove))
        .service(at("/setup/method").get(method::show).post(method::choose))
        .service(at("/setup/text").get(enter::show_text).post(enter::save_text))
        .service(at("/setup/phone").get(enter::show_call).post(enter::save_call))
        .service(at("/setup/token").get(token::show).post(token::prove))
        .service(at("/setup/questions").get(questions::show).post(questions::save))
        .service(at("/setup/done").get(done::show))
        .service(at("/account").get(account::show))
        .service(at("/account/method").get(method::show_change).post(method::change))
        .service(at("/account/phone").get(enter::show_change).post(enter::save_change))
        .service(at("/account/backup").get(backup::show).post(backup::save))
        .service(at("/account/call").get(trial::show).post(trial::act))
        .service(at("/account/call/events").get(trial::events))
        .service(at("/account/pin").get(pin::show).post(pin::save))
        .service(at("/account/language").get(languages::show).post(languages::save))
        .service(at("/account/questions").get(questions::show_change).post(questions::save_change))
        .service(at("/account/token").get(token::show_owned).post(token::change))
        .service(at("/account/bypass").get(bypass::show).post(bypass::change))
        .service(at("/account/sessions").get(sessions::show).post(sessions::end))
        .service(at("/account/history").get(history::show))
        .service(at("/account/history/{id}").get(history::show_one).post(history::report))
        .service(at("/help/{page}").get(help::show))
        .service(at("/assets/logo").get(assets::logo))
        .service(at("/assets/{name}").get(assets::get));
}

/// A path below the base where no page is.
pub async fn nothing_here(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    answer::of(async {
        let guest = guest::Guest::of(&request, &pages).await?;
        answer::error(&guest, actix_web::http::StatusCode::NOT_FOUND, "error-not-found")
    })
    .await
}
