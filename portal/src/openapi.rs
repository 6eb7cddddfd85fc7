//! The API's description as OpenAPI 3.1, made from the table of routes and the shapes themselves.
//! Refuses facts of its own about a route: method, scope, bodies and problems are the table's.

use crate::codes::CODES;
use crate::problem::Problem;
use crate::routes::{Access, Content, ROUTES, Route};
use crate::{administration, audit, health, lines, people, prompts, questions, shapes, tokens, trusted_ips};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "Countersign", description = "Verifies people through their phone."),
    components(schemas(
        shapes::StartBody,
        shapes::BatchBody,
        shapes::BatchAnswer,
        shapes::CheckBody,
        shapes::View,
        shapes::TimelineEntry,
        people::NewUser,
        people::UserChange,
        people::UserView,
        people::BlockView,
        people::BypassView,
        people::Phones,
        people::NewPin,
        people::NewPassword,
        people::Pin,
        people::Why,
        tokens::NewToken,
        tokens::TokenView,
        tokens::OneCode,
        tokens::TwoCodes,
        administration::NewKey,
        administration::KeyView,
        audit::AuditLink,
        engine::question::Question,
        questions::QuestionView,
        questions::Questions,
        people::NewEnrollmentCode,
        people::SetUp,
        people::SetUpStep,
        engine::progress::State,
        people::SkippedStep,
        trusted_ips::NewTrustedIp,
        lines::View,
        prompts::View,
        prompts::NewRecording,
        engine::prompt::Prompt,
        trusted_ips::TrustedIpView,
        health::Health,
        health::Readiness,
        engine::policy::Policy,
        Problem
    ))
)]
struct Schemas;

/// One example of each schema that a body has.
const EXAMPLES: &str = include_str!("explorer/examples.json");

/// What parameters of the path and query mean.
const PARAMETERS: &[(&str, &str, &str)] = &[
    ("gateway", "string", "The gateway's name in the settings file."),
    ("id", "string", "The id, with its prefix."),
    ("user", "string", "`usr_…`, or `name:` and the user name."),
    ("token", "string", "`tok_…`"),
    ("language", "string", "A language that calls speak, BCP 47, such as `en` or `de`."),
    ("prompt", "string", "The role of a prompt, such as `greeting_pin`; the list has them all."),
    ("entry", "string", "The entry as it is listed, with `/` written `%2F`."),
    ("cursor", "string", "What `next_cursor` said; nothing at first."),
    ("limit", "integer", "The most items of a page, 1 to 1000; 100 if not given."),
    ("application", "string", "The application's name."),
    ("reason", "string", "Why; kept in the history, 1 to 500 characters."),
    ("wait", "integer", "Seconds to wait for an item where there is none yet, at most 60."),
];

/// What request headers mean.
const HEADERS: &[(&str, &str)] = &[
    (
        "Idempotency-Key",
        "1 to 255 printable characters. The same key with the same body is the same verification for 24 hours.",
    ),
    ("Prefer", "`wait=SECONDS`: answer when it has ended, or after so many seconds, at most 60 (RFC 7240)."),
    ("Last-Event-ID", "The `id` of the last event that arrived; the stream goes on after it."),
];

/// The OpenAPI document.
pub fn openapi() -> Value {
    let examples = examples();
    let mut document = serde_json::to_value(Schemas::openapi()).expect("the document is plain data");
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    for route in ROUTES {
        document["paths"][route.path][route.method.to_lowercase()] = operation(route, &examples);
    }
    document["webhooks"]["verification.settled"]["post"] = webhook(&examples);
    document["components"]["securitySchemes"] = json!({
        "api_key": { "type": "http", "scheme": "bearer", "description": "An API key, `csk_…`." },
        "gateway_signature": { "type": "apiKey", "in": "header", "name": "X-Twilio-Signature",
            "description": "The gateway signs what it sends with the account's auth token." },
    });
    document
}

fn examples() -> Map<String, Value> {
    serde_json::from_str(EXAMPLES).expect("the examples are JSON, a test reads them")
}

/// What is posted to the `callback_url` of a verification.
fn webhook(examples: &Map<String, Value>) -> Value {
    let header = |name: &str, says: &str| json!({ "name": name, "in": "header", "required": true, "description": says, "schema": { "type": "string" } });
    let schema = json!({ "type": "object", "required": ["type", "timestamp", "data"], "properties": {
        "type": { "const": "verification.settled" },
        "timestamp": { "type": "string", "description": "When it ended." },
        "data": reference("Verification"),
    } });
    let shown = json!({ "type": "verification.settled", "timestamp": "2026-01-05T08:01:00.000Z", "data": examples["Verification"] });
    json!({
        "summary": "The outcome of a verification, at least once; any 2xx takes it.",
        "parameters": [
            header("webhook-id", "The same for every try."),
            header("webhook-timestamp", "Unix seconds of this try."),
            header("webhook-signature", "`v1,` and the signature by the key's webhook secret (Standard Webhooks)."),
        ],
        "requestBody": { "required": true, "content": { "application/json": { "schema": schema, "example": shown } } },
        "responses": { "2XX": { "description": "Taken." } },
    })
}

fn operation(route: &Route, examples: &Map<String, Value>) -> Value {
    let mut operation = json!({
        "operationId": name(route),
        "summary": route.says,
        "tags": [group(route.path)],
        "parameters": parameters(route),
        "responses": responses(route, examples),
    });
    match route.access {
        Access::Open => operation["security"] = json!([]),
        Access::Signed => operation["security"] = json!([{ "gateway_signature": [] }]),
        Access::Scope(scope) => {
            operation["security"] = json!([{ "api_key": [scope] }]);
            operation["description"] = format!("Needs a key with the scope `{scope}`.").into();
        }
    }
    if let Some(content) = content(route.takes, examples) {
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation
}

/// `post_v1_verifications_id_check`
fn name(route: &Route) -> String {
    let words = route.path.split(['/', '{', '}', '.']).filter(|word| !word.is_empty());
    let words: Vec<_> = [route.method.to_lowercase()].into_iter().chain(words.map(str::to_owned)).collect();
    words.join("_")
}

/// The heading under which a route stands: the first word below the version, `callbacks`, or `operation` for the rest.
pub fn group(path: &str) -> &str {
    let mut words = path.split('/').skip(1);
    match (words.next(), words.next()) {
        (Some("v1"), Some(word)) => word,
        (Some("callbacks"), _) => "callbacks",
        (Some(_) | None, _) => "operation",
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let known = |name: &str| PARAMETERS.iter().find(|(known, _, _)| *known == name);
    let placed = |name: &str, place: &str| {
        let (_, kind, says) = known(name).expect("a test describes every route");
        json!({ "name": name, "in": place, "required": place == "path", "description": says, "schema": { "type": kind } })
    };
    let header = |name: &&str| {
        let (_, says) = HEADERS.iter().find(|(known, _)| known == name).expect("a test describes every route");
        json!({ "name": name, "in": "header", "description": says, "schema": { "type": "string" } })
    };
    let in_query = route.query.iter().map(|name| placed(name, "query"));
    in_path.map(|name| placed(name, "path")).chain(in_query).chain(route.headers.iter().map(header)).collect()
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn content(content: Content, examples: &Map<String, Value>) -> Option<Value> {
    let example = |schema: &str| examples.get(schema).cloned().unwrap_or_default();
    Some(match content {
        Content::Nothing => return None,
        Content::Json(schema) => {
            json!({ "application/json": { "schema": reference(schema), "example": example(schema) } })
        }
        Content::PageOf(schema) => {
            let page = json!({ "type": "object", "required": ["items", "next_cursor"], "properties": {
                "items": { "type": "array", "items": reference(schema) },
                "next_cursor": { "type": ["string", "null"],
                    "description": "Ask with it for what follows; null at the end of a list, never null in the feed." },
            } });
            let shown = json!({ "items": [example(schema)], "next_cursor": null });
            json!({ "application/json": { "schema": page, "example": shown } })
        }
        Content::Events(schemas) => {
            let any: Vec<_> = schemas.iter().map(|schema| reference(schema)).collect();
            let says = "The `data` of an event; `event: timeline` has an `id` and a TimelineEntry, `state` and `settled` a Verification.";
            json!({ "text/event-stream": { "schema": { "type": "string", "description": says,
                "contentMediaType": "application/json", "contentSchema": { "oneOf": any } } } })
        }
        Content::Text(kind @ "application/json") => json!({ (kind): { "schema": { "type": "object" } } }),
        Content::Text(kind) => json!({ (kind): { "schema": { "type": "string" } } }),
    })
}

fn responses(route: &Route, examples: &Map<String, Value>) -> Value {
    let mut responses = Map::new();
    for (status, body) in route.gives {
        let mut response = json!({ "description": if *status < 300 { "Done." } else { "Not now." } });
        if let Some(content) = content(*body, examples) {
            response["content"] = content;
        }
        if *status == 201 && route.headers.contains(&"Idempotency-Key") {
            response["headers"]["Location"] = json!({ "schema": { "type": "string" }, "description": "Its address." });
        }
        responses.insert(status.to_string(), response);
    }
    for (status, codes) in problems(route) {
        let response = problem(status, &codes);
        responses.entry(status.to_string()).or_insert_with(|| json!({ "description": "" }));
        let there = &mut responses[&status.to_string()];
        for (field, value) in response.as_object().into_iter().flatten() {
            match there[field].as_object_mut() {
                Some(there) => there.extend(value.as_object().cloned().unwrap_or_default()),
                None => there[field] = value.clone(),
            }
        }
    }
    Value::Object(responses)
}

/// The codes of a route's problems by their status.
fn problems(route: &Route) -> BTreeMap<u16, Vec<(&'static str, &'static str)>> {
    let codes = route.codes();
    let mut by_status = BTreeMap::<_, Vec<_>>::new();
    for (code, status, says) in CODES.iter().filter(|(code, _, _)| codes.contains(code)) {
        by_status.entry(*status).or_default().push((*code, *says));
    }
    by_status
}

fn problem(status: u16, codes: &[(&str, &str)]) -> Value {
    let words: Vec<_> = codes.iter().map(|(code, _)| *code).collect();
    let says: Vec<_> = codes.iter().map(|(code, says)| format!("`{code}`: {says}")).collect();
    let (code, detail) = codes[0];
    let mut response = json!({
        "description": says.join(" "),
        "content": { "application/problem+json": {
            "schema": { "allOf": [reference("Problem"), { "properties": { "code": { "enum": words } } }] },
            "example": { "type": format!("urn:countersign:problem:{code}"), "status": status, "code": code, "detail": detail },
        } },
    });
    if matches!(status, 429 | 503) {
        let says = "Seconds to wait before trying again.";
        response["headers"]["Retry-After"] = json!({ "description": says, "schema": { "type": "integer" } });
    }
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn every_route_is_described_with_what_it_takes_and_gives() {
        let document = openapi();
        for route in ROUTES {
            let operation = &document["paths"][route.path][route.method.to_lowercase()];
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{}", route.path);
            assert_eq!(operation["requestBody"].is_object(), route.takes != Content::Nothing, "{}", route.path);
            for (status, body) in route.gives {
                let response = &operation["responses"][status.to_string()];
                assert_eq!(response["content"].is_object(), *body != Content::Nothing, "{} {status}", route.path);
            }
        }
    }

    #[test]
    fn every_reference_resolves_and_every_body_has_an_example() {
        let document = openapi();
        let text = document.to_string();
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
        }
        let schemas = ROUTES.iter().flat_map(|route| {
            let answers = route.gives.iter().map(|(_, content)| *content);
            answers.chain([route.takes]).filter_map(|content| match content {
                Content::Json(schema) | Content::PageOf(schema) => Some(schema),
                Content::Nothing | Content::Events(_) | Content::Text(_) => None,
            })
        });
        let examples = examples();
        schemas.for_each(|schema| assert!(examples.contains_key(schema), "{schema} has no example"));
    }
}
