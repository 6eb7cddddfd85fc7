//! The API's description as data, and as a page to read and to try it.
//! Refuses outside resources: the page is served whole from here.

mod page;

use crate::openapi::openapi;
use actix_web::HttpResponse;
use std::sync::LazyLock;

static PAGE: LazyLock<String> = LazyLock::new(|| page::draw(&openapi()));

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// `GET /openapi.json`
pub async fn document() -> HttpResponse {
    HttpResponse::Ok().json(openapi())
}

/// `GET /docs`
pub async fn page() -> HttpResponse {
    file("text/html; charset=utf-8", PAGE.as_str())
}

/// `GET /docs/explorer.js`
pub async fn script() -> HttpResponse {
    file("text/javascript; charset=utf-8", include_str!("explorer/explorer.js"))
}

/// `GET /docs/explorer.css`
pub async fn style() -> HttpResponse {
    file("text/css; charset=utf-8", include_str!("explorer/explorer.css"))
}

fn file(kind: &'static str, content: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("Content-Security-Policy", POLICY))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(content)
}
