//! The page at `/` where a tester sees the phones and plays their owners.
//! It loads nothing from elsewhere and runs no inline script.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; media-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page's routes.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(|| file("text/html; charset=utf-8", include_str!("page/index.html"))))
        .route("/page.js", web::get().to(|| file("text/javascript; charset=utf-8", include_str!("page/page.js"))))
        .route("/page.css", web::get().to(|| file("text/css; charset=utf-8", include_str!("page/page.css"))))
        .route("/icon.svg", web::get().to(|| file("image/svg+xml", include_str!("page/icon.svg"))));
}

async fn file(kind: &'static str, content: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("Content-Security-Policy", POLICY))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("Cache-Control", "no-cache"))
        .body(content)
}
