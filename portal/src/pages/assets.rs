//! Style, script and icon: the only files that pages load.
//! Refuses anything from elsewhere.

use super::Pages;
use super::answer::HEADERS;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const FILES: [(&str, &str, &str); 3] = [
    ("portal.css", "text/css; charset=utf-8", include_str!("assets/portal.css")),
    ("portal.js", "text/javascript; charset=utf-8", include_str!("assets/portal.js")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let hash = FILES.iter().fold(Sha256::new(), |hash, (_, _, content)| hash.chain_update(content));
    HEXLOWER.encode(&hash.finalize()[..6])
});

/// Changes with any of the files, so that each may be kept for ever.
pub fn version() -> &'static str {
    &VERSION
}

/// `GET /assets/logo`: the company's own picture.
pub async fn logo(pages: web::Data<Pages>) -> HttpResponse {
    let site = pages.link.site().await;
    let picture = site.ok().and_then(|site| BASE64.decode(site.portal.logo.as_bytes()).ok());
    let Some(picture) = picture.filter(|picture| !picture.is_empty()) else {
        return HttpResponse::NotFound().finish();
    };
    let mut answer = HttpResponse::Ok();
    for header in HEADERS {
        answer.insert_header(header);
    }
    answer
        .insert_header((CONTENT_TYPE, "image/png"))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(picture)
}

/// `GET /assets/{name}`
pub async fn get(name: web::Path<String>) -> HttpResponse {
    let Some((_, kind, content)) = FILES.into_iter().find(|(own, _, _)| *own == name.as_str()) else {
        return HttpResponse::NotFound().finish();
    };
    let mut answer = HttpResponse::Ok();
    for header in HEADERS {
        answer.insert_header(header);
    }
    answer
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(content)
}
