//! The user portal: pages that people sign in, enrol and look after their methods with (portal.md).
//! Refuses store, actors and rules: everything is asked over the link, and said in the person's language.

mod account;
mod answer;
mod app;
mod assets;
mod code;
mod done;
mod form;
mod frame;
mod guest;
mod help;
mod language;
mod method;
mod methods;
mod setup;
mod sign_in;
mod text;
mod texts;
mod verify;

use crate::link::EngineLink;
use crate::state::Limits;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use engine::trusted_ip::TrustedIp;
use std::sync::Arc;
use texts::Texts;

/// What the pages are built with.
#[derive(Debug, Clone)]
pub struct PortalSettings {
    /// Before every path: empty, or `/mfa` and the like.
    pub base_path: String,
    /// Signs forms.
    pub form_key: [u8; 32],
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
        .service(at("/language").post(language::choose))
        .service(at("/verify").get(verify::show).post(verify::act))
        .service(at("/verify/events").get(verify::events))
        .service(at("/verify/code").get(code::show).post(code::enter))
        .service(at("/setup").get(setup::show))
        .service(at("/setup/method").get(method::show).post(method::choose))
        .service(at("/setup/text").get(text::show).post(text::save))
        .service(at("/setup/token").get(app::show).post(app::prove))
        .service(at("/setup/done").get(done::show))
        .service(at("/account").get(account::show))
        .service(at("/help/{page}").get(help::show))
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
