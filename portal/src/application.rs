//! The HTTP application: built on a listener, so that a test can take port 0 and read which it got.
//! Refuses routes outside the table of the door.

use crate::link::InProcess;
use crate::pages::{self, Pages, PortalSettings};
use crate::state::{Gateways, Keys, Limits, State};
use crate::{
    administration, audit, callbacks, door, events, explorer, health, lines, outcomes, people, problem::Problem,
    prompts, questions, starts, tokens, trusted_ips, verifications,
};
use actix_web::dev::{Server, ServerHandle};
use actix_web::http::StatusCode;
use actix_web::http::header::ACCEPT;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Resource};
use actors::Engine;
use engine::trusted_ip::TrustedIp;
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::TcpListener;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

/// What the application is built from.
pub struct Settings {
    /// Workers of the HTTP server.
    pub workers: usize,
    /// Requests a second of one API key.
    pub per_key: NonZeroU32,
    /// Requests a second from one address.
    pub per_address: NonZeroU32,
    /// Reverse proxies, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<TrustedIp>,
    /// Certificate and key, where it speaks TLS.
    pub tls: Option<rustls::ServerConfig>,
    /// The user portal, unless it is switched off.
    pub portal: Option<PortalSettings>,
}

/// A server that is ready to run.
pub struct Application {
    server: Server,
    port: u16,
}

impl Application {
    /// Binds everything; nothing is served before [`Application::run`].
    pub fn build(
        listener: TcpListener,
        engine: Engine,
        gateways: Gateways,
        metrics: Option<PrometheusHandle>,
        settings: Settings,
    ) -> std::io::Result<Self> {
        let port = listener.local_addr()?.port();
        let limits = Arc::new(Limits::new(settings.per_key, settings.per_address));
        let pages = settings.portal.map(|portal| {
            let link = Arc::new(InProcess::new(engine.clone(), portal.directories.clone(), &portal.keys));
            web::Data::new(Pages::new(link, portal, settings.trusted_proxies.clone(), Arc::clone(&limits)))
        });
        let state = web::Data::new(State {
            engine,
            gateways,
            keys: Keys::default(),
            settings: Default::default(),
            trusted_proxies: settings.trusted_proxies,
            limits,
            metrics,
        });
        let kept = state.clone();
        actix_web::rt::spawn(async move {
            loop {
                actix_web::rt::time::sleep(Duration::from_secs(10)).await;
                kept.limits.forget_quiet_ones();
                // Where nobody asks for the metrics, what was measured would pile up.
                if let Some(metrics) = &kept.metrics {
                    metrics.run_upkeep();
                }
            }
        });
        let server = HttpServer::new(move || {
            let app = App::new().app_data(state.clone()).configure(routes);
            match &pages {
                Some(pages) => app.app_data(pages.clone()).service(web::scope(pages.base()).configure(pages::routes)),
                None => app,
            }
            .default_service(web::to(nothing_here))
        })
        .workers(settings.workers)
        .keep_alive(Duration::from_secs(75))
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(10)
        .disable_signals();
        let server = match settings.tls {
            Some(tls) => server.listen_rustls_0_23(listener, tls)?,
            None => server.listen(listener)?,
        };
        Ok(Self { server: server.run(), port })
    }

    /// The port that it got.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Stops it from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is stopped.
    pub async fn run(self) -> std::io::Result<()> {
        self.server.await
    }
}

fn at(path: &str) -> Resource {
    web::resource(path)
}

/// Every route. The door is on each, and knows to whom it is open.
fn routes(config: &mut ServiceConfig) {
    let door = || from_fn(door::door);
    config
        .service(at("/healthz").wrap(door()).get(health::live))
        .service(at("/readyz").wrap(door()).get(health::ready))
        .service(at("/metrics").wrap(door()).get(health::metrics))
        .service(at("/openapi.json").wrap(door()).get(explorer::document))
        .service(at("/docs").wrap(door()).get(explorer::page))
        .service(at("/docs/explorer.js").wrap(door()).get(explorer::script))
        .service(at("/docs/explorer.css").wrap(door()).get(explorer::style))
        .service(at("/callbacks/{gateway}/sms").wrap(door()).post(callbacks::inbound))
        .service(at("/callbacks/{gateway}/sms/status").wrap(door()).post(callbacks::status))
        .service(at("/callbacks/{gateway}/voice/answer").wrap(door()).post(callbacks::answered))
        .service(at("/callbacks/{gateway}/voice/gather").wrap(door()).post(callbacks::gathered))
        .service(at("/callbacks/{gateway}/voice/status").wrap(door()).post(callbacks::call_status))
        .service(at("/v1/verifications").wrap(door()).post(starts::start))
        .service(at("/v1/verifications/batch").wrap(door()).post(starts::batch))
        .service(at("/v1/verifications/{id}").wrap(door()).get(verifications::get))
        .service(at("/v1/verifications/{id}/check").wrap(door()).post(verifications::check))
        .service(at("/v1/verifications/{id}/cancel").wrap(door()).post(verifications::cancel))
        .service(at("/v1/verifications/{id}/resend").wrap(door()).post(verifications::resend))
        .service(at("/v1/verifications/{id}/timeline").wrap(door()).get(verifications::timeline))
        .service(at("/v1/verifications/{id}/events").wrap(door()).get(events::events))
        .service(at("/v1/outcomes").wrap(door()).get(outcomes::outcomes))
        .service(at("/v1/users").wrap(door()).get(people::list).post(people::create))
        .service(at("/v1/users/{user}").wrap(door()).get(people::get).patch(people::change).delete(people::remove))
        .service(at("/v1/users/{user}/phones").wrap(door()).put(people::set_phones))
        .service(at("/v1/users/{user}/pin").wrap(door()).put(people::put_pin))
        .service(at("/v1/users/{user}/password").wrap(door()).put(people::put_password))
        .service(at("/v1/users/{user}/enrollment_code").wrap(door()).post(people::make_code))
        .service(at("/v1/users/{user}/set_up").wrap(door()).get(people::set_up))
        .service(at("/v1/users/{user}/set_up/link").wrap(door()).post(people::send_link))
        .service(at("/v1/users/{user}/set_up/reopen").wrap(door()).post(people::reopen))
        .service(at("/v1/users/{user}/set_up/start_over").wrap(door()).post(people::start_over))
        .service(at("/v1/users/{user}/set_up/skip").wrap(door()).post(people::skip))
        .service(
            at("/v1/users/{user}/security_questions").wrap(door()).get(questions::of_person).delete(questions::clear),
        )
        .service(at("/v1/users/{user}/block").wrap(door()).post(people::block).delete(people::unblock))
        .service(at("/v1/users/{user}/lock").wrap(door()).delete(people::unlock))
        .service(
            at("/v1/users/{user}/bypasses")
                .wrap(door())
                .get(people::bypasses)
                .post(people::start_bypass)
                .delete(people::end_bypass),
        )
        .service(at("/v1/users/{user}/tokens").wrap(door()).get(tokens::list).post(tokens::create))
        .service(at("/v1/users/{user}/tokens/{token}").wrap(door()).delete(tokens::remove))
        .service(at("/v1/users/{user}/tokens/{token}/activate").wrap(door()).post(tokens::activate))
        .service(at("/v1/users/{user}/tokens/{token}/resync").wrap(door()).post(tokens::resync))
        .service(at("/v1/tokens").wrap(door()).post(tokens::create_free))
        .service(at("/v1/security_questions").wrap(door()).get(questions::list).post(questions::create))
        .service(at("/v1/security_questions/{id}").wrap(door()).put(questions::replace).delete(questions::remove))
        .service(at("/v1/prompts").wrap(door()).get(prompts::list))
        .service(
            at("/v1/prompts/{language}/{prompt}")
                .wrap(door())
                .get(prompts::show)
                .put(prompts::record)
                .delete(prompts::reset),
        )
        .service(at("/v1/lines").wrap(door()).get(lines::list))
        .service(at("/v1/settings").wrap(door()).get(administration::settings).put(administration::set_settings))
        .service(at("/v1/trusted_ips").wrap(door()).get(trusted_ips::list).post(trusted_ips::add))
        .service(at("/v1/trusted_ips/{entry}").wrap(door()).delete(trusted_ips::remove))
        .service(at("/v1/api_keys").wrap(door()).get(administration::list_keys).post(administration::create_key))
        .service(at("/v1/api_keys/{id}").wrap(door()).delete(administration::revoke_key))
        .service(at("/v1/audit").wrap(door()).get(audit::list));
}

/// Browsers ask for a page, programs do not.
async fn nothing_here(request: HttpRequest, pages: Option<web::Data<Pages>>) -> Result<HttpResponse, Problem> {
    let accepts = request.headers().get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    let a_page = accepts.contains("text/html");
    if let Some(pages) = pages.filter(|pages| a_page && request.path().starts_with(pages.base())) {
        return Ok(pages::nothing_here(request.clone(), pages).await);
    }
    let detail = "there is nothing at this address; /docs shows what there is";
    Err(Problem::new(StatusCode::NOT_FOUND, "not_found", detail))
}
