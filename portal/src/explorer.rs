//! The API's description as OpenAPI, and a page to explore it.
//! Refuses outside resources: the page is served whole from here.

use crate::door::{Access, ROUTES};
use crate::problem::Problem;
use crate::{administration, people, shapes, tokens};
use actix_web::HttpResponse;
use serde_json::{Value, json};
use utoipa::OpenApi;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(OpenApi)]
#[openapi(
    info(title = "Countersign", description = "Verifies people through their phone."),
    components(schemas(
        shapes::StartBody,
        shapes::PlanRung,
        shapes::BatchBody,
        shapes::CheckBody,
        shapes::View,
        Problem,
        people::NewUser,
        people::UserChange,
        people::Phones,
        people::NewPin,
        people::Why,
        tokens::NewToken,
        tokens::OneCode,
        tokens::TwoCodes,
        administration::NewKey
    ))
)]
struct Schemas;

/// The request body's schema and a sentence, for each route that has one.
const BODIES: &[(&str, &str, &str)] = &[
    ("POST", "/v1/verifications", "StartBody"),
    ("POST", "/v1/verifications/batch", "BatchBody"),
    ("POST", "/v1/verifications/{id}/check", "CheckBody"),
    ("POST", "/v1/users", "NewUser"),
    ("PATCH", "/v1/users/{user}", "UserChange"),
    ("PUT", "/v1/users/{user}/phones", "Phones"),
    ("PUT", "/v1/users/{user}/pin", "NewPin"),
    ("POST", "/v1/users/{user}/block", "Why"),
    ("POST", "/v1/users/{user}/bypasses", "Why"),
    ("POST", "/v1/users/{user}/tokens", "NewToken"),
    ("POST", "/v1/users/{user}/tokens/{token}/activate", "OneCode"),
    ("POST", "/v1/users/{user}/tokens/{token}/resync", "TwoCodes"),
    ("POST", "/v1/api_keys", "NewKey"),
];

/// The OpenAPI document: every route of the door's table, so that none is missing.
pub fn openapi() -> Value {
    let mut document = serde_json::to_value(Schemas::openapi()).expect("the document is plain data");
    for (method, path, access) in ROUTES {
        document["paths"][path][method.to_lowercase()] = operation(method, path, *access);
    }
    document["components"]["securitySchemes"] = json!({ "api_key": { "type": "http", "scheme": "bearer" } });
    document
}

fn operation(method: &str, path: &str, access: Access) -> Value {
    let parameters: Vec<_> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let said = match access {
        Access::Open => "Open to everybody.".to_owned(),
        Access::Signed => "Open to the gateway, by its signature.".to_owned(),
        Access::Scope(scope) => format!("Needs a key with the scope `{scope}`."),
    };
    let mut operation = json!({
        "description": said,
        "parameters": parameters,
        "responses": {
            "2XX": { "description": "Done." },
            "default": { "description": "A problem (RFC 9457).", "content": { "application/problem+json": {
                "schema": { "$ref": "#/components/schemas/Problem" } } } }
        }
    });
    if let Access::Scope(_) = access {
        operation["security"] = json!([{ "api_key": [] }]);
    }
    if let Some((_, _, schema)) = BODIES.iter().find(|(verb, of, _)| *verb == method && *of == path) {
        let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
        operation["requestBody"] = json!({ "content": { "application/json": { "schema": schema } } });
    }
    operation
}

/// `GET /openapi.json`
pub async fn document() -> HttpResponse {
    HttpResponse::Ok().json(openapi())
}

/// `GET /docs`
pub async fn page() -> HttpResponse {
    file("text/html; charset=utf-8", include_str!("explorer/index.html"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described_and_every_schema_exists() {
        let document = openapi();
        for (method, path, _) in ROUTES {
            let operation = &document["paths"][path][method.to_lowercase()];
            assert!(operation.is_object(), "{method} {path}");
            if let Some(reference) = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str()
            {
                let name = reference.trim_start_matches("#/components/schemas/");
                assert!(document["components"]["schemas"][name].is_object(), "{name}");
            }
        }
    }
}
