//! The OpenAPI document against a running engine: what comes back is what the document says.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use portal::door::ROUTES;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use stage::Stage;
use std::cell::RefCell;
use std::collections::BTreeSet;

const ALICE: &str = "+12025550141";

/// Checks answers against the document, and counts them.
struct Contract<'a> {
    stage: &'a Stage,
    document: Value,
    seen: RefCell<BTreeSet<(String, u16)>>,
    checked: RefCell<usize>,
}

impl<'a> Contract<'a> {
    async fn new(stage: &'a Stage) -> Self {
        let document: Value = stage.get("/openapi.json").await;
        Self { stage, document, seen: RefCell::default(), checked: RefCell::default() }
    }

    /// A call of the route `method path`, with the values of its parameters in their order.
    async fn call(&self, route: &str, values: &[&str], body: Option<Value>, expected: u16) -> Value {
        let (method, path) = route.split_once(' ').unwrap();
        let mut address = path.to_owned();
        for value in values {
            let (before, rest) = address.split_once('{').unwrap();
            let after = rest.split_once('}').unwrap().1;
            address = format!("{before}{value}{after}");
        }
        let mut request = self.stage.request(Method::from_bytes(method.as_bytes()).unwrap(), &address);
        if let Some(body) = body {
            self.fits(&self.operation(route)["requestBody"]["content"]["application/json"]["schema"], &body, route);
            request = request.json(&body);
        }
        self.answer(route, request, expected).await
    }

    /// As `call`, of a request as it is.
    async fn answer(&self, route: &str, request: RequestBuilder, expected: u16) -> Value {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let kind = answer.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
        let waits = answer.headers().contains_key("retry-after");
        let text = answer.text().await.unwrap();
        assert_eq!(status, expected, "{route}: {text}");
        let response = &self.operation(route)["responses"][status.to_string()];
        assert!(response.is_object(), "{route} answers {status}, which is not described");
        assert_eq!(
            waits,
            matches!(status, 429 | 503) && kind.as_deref() == Some("application/problem+json"),
            "{route}"
        );
        *self.checked.borrow_mut() += 1;
        self.seen.borrow_mut().insert((route.to_owned(), status));
        let Some(kind) = kind else {
            assert!(response["content"].is_null() && text.is_empty(), "{route} {status}: a body was described");
            return Value::Null;
        };
        let media = kind.split(';').next().unwrap();
        assert!(response["content"][media].is_object(), "{route} {status}: {media} is not described");
        if !media.ends_with("json") {
            return Value::String(text);
        }
        let body: Value = serde_json::from_str(&text).unwrap();
        self.fits(&response["content"][media]["schema"], &body, &format!("{route} {status}"));
        body
    }

    fn operation(&self, route: &str) -> &Value {
        let (method, path) = route.split_once(' ').unwrap();
        let operation = &self.document["paths"][path][method.to_lowercase()];
        assert!(operation.is_object(), "{route} is not described");
        operation
    }

    /// Every example is as its schema says.
    fn examples(&self) {
        for route in ROUTES {
            let operation = &self.document["paths"][route.path][route.method.to_lowercase()];
            let answers = operation["responses"].as_object().unwrap().values();
            for of in answers.chain([&operation["requestBody"]]) {
                for body in of["content"].as_object().into_iter().flatten().map(|(_, body)| body) {
                    if !body["example"].is_null() {
                        self.fits(&body["schema"], &body["example"], &format!("the example of {}", route.path));
                    }
                }
            }
        }
    }

    fn fits(&self, schema: &Value, body: &Value, of: &str) {
        let mut whole = schema.clone();
        if whole.is_object() {
            whole["components"] = self.document["components"].clone();
            for schema in whole["components"]["schemas"].as_object_mut().unwrap().values_mut() {
                close(schema);
            }
        }
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        let faults: Vec<_> = validator.iter_errors(body).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{of}: {body} is not as described: {faults:?}");
    }
}

/// A client must take fields that it does not know; this test must not.
fn close(schema: &mut Value) {
    if schema["properties"].is_object() {
        schema["additionalProperties"] = json!(false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_document_says_is_what_comes() {
    let stage = Stage::start().await;
    let contract = Contract::new(&stage).await;
    contract.examples();
    for route in ["GET /healthz", "GET /readyz", "GET /openapi.json", "GET /docs", "GET /docs/explorer.js"] {
        contract.call(route, &[], None, 200).await;
    }
    contract.call("GET /docs/explorer.css", &[], None, 200).await;
    contract.call("GET /metrics", &[], None, 200).await;
    people(&contract).await;
    tokens(&contract).await;
    questions(&contract).await;
    prompts(&contract).await;
    verifications(&contract).await;
    administration(&contract).await;
    callbacks(&contract).await;
    let (seen, checked) = (contract.seen.borrow(), *contract.checked.borrow());
    assert!(checked >= 60, "only {checked} calls were compared");
    for route in ROUTES {
        let name = format!("{} {}", route.method, route.path);
        let well = seen.iter().any(|(of, status)| *of == name && *status < 300);
        assert!(well || route.path.starts_with("/callbacks"), "{name} never answered well here");
    }
}

async fn people(contract: &Contract<'_>) {
    let new = json!({ "name": "alice", "phone": ALICE, "method": "sms", "mode": "one_way_otp" });
    let alice = contract.call("POST /v1/users", &[], Some(new.clone()), 201).await;
    let id = alice["id"].as_str().unwrap();
    contract.call("POST /v1/users", &[], Some(new), 422).await;
    contract.call("POST /v1/users", &[], Some(json!({ "name": "" })), 400).await;
    contract.call("GET /v1/users", &[], None, 200).await;
    contract.call("GET /v1/users/{user}", &[id], None, 200).await;
    contract.call("GET /v1/users/{user}", &["name:nobody"], None, 404).await;
    contract.call("PATCH /v1/users/{user}", &[id], Some(json!({ "group": "sales" })), 200).await;
    contract.call("PATCH /v1/users/{user}", &[id], Some(json!({ "mode": "code" })), 422).await;
    contract.call("PUT /v1/users/{user}/phones", &[id], Some(json!({ "phone": ALICE })), 200).await;
    contract.call("PUT /v1/users/{user}/pin", &[id], Some(json!({})), 200).await;
    contract.call("PUT /v1/users/{user}/pin", &[id], Some(json!({ "pin": "1111" })), 422).await;
    let password = json!({ "password": "yellow duck in the rain" });
    contract.call("PUT /v1/users/{user}/password", &[id], Some(password), 204).await;
    contract.call("PUT /v1/users/{user}/password", &[id], Some(json!({ "password": "P@ssw0rd" })), 400).await;
    contract.call("GET /v1/users/{user}/security_questions", &[id], None, 200).await;
    contract.call("DELETE /v1/users/{user}/security_questions", &[id], None, 204).await;
    contract.call("POST /v1/users/{user}/enrollment_code", &[id], None, 422).await;
    let new = json!({ "name": "nina", "email": "nina@example.com", "set_up": false });
    contract.call("POST /v1/users", &[], Some(new), 201).await;
    contract.call("POST /v1/users/{user}/enrollment_code", &["name:nina"], None, 201).await;
    contract.call("GET /v1/users/{user}/set_up", &["name:nina"], None, 200).await;
    contract.call("POST /v1/users/{user}/set_up/link", &["name:nina"], None, 422).await;
    contract.stage.offers(json!({ "allow_enrollment": true, "url": "https://mfa.example.com" })).await;
    contract.call("POST /v1/users/{user}/set_up/link", &["name:nina"], None, 200).await;
    contract.call("POST /v1/users/{user}/set_up/reopen", &["name:nina"], None, 200).await;
    contract.call("POST /v1/users/{user}/set_up/start_over", &["name:nina"], None, 200).await;
    contract.call("POST /v1/users/{user}/set_up/skip", &["name:nina"], Some(json!({ "step": "token" })), 200).await;
    contract.call("POST /v1/users/{user}/set_up/skip", &["name:nina"], Some(json!({ "step": "phone" })), 422).await;
    contract.call("POST /v1/users/{user}/block", &[id], Some(json!({ "reason": "test" })), 200).await;
    contract.call("DELETE /v1/users/{user}/block", &[id], None, 400).await;
    let end = contract.stage.request(Method::DELETE, &format!("/v1/users/{id}/block?reason=test"));
    contract.answer("DELETE /v1/users/{user}/block", end, 200).await;
    contract.call("DELETE /v1/users/{user}/lock", &[id], None, 200).await;
    contract.call("POST /v1/users/{user}/bypasses", &[id], Some(json!({ "reason": "test" })), 200).await;
    contract.call("DELETE /v1/users/{user}/bypasses", &[id], None, 200).await;
    contract.call("GET /v1/users/{user}/bypasses", &[id], None, 200).await;
}

async fn prompts(contract: &Contract<'_>) {
    let (language, prompt) = ("en", "greeting_pin");
    let shown = contract.call("GET /v1/prompts/{language}/{prompt}", &[language, prompt], None, 200).await;
    let own = json!({ "wav": shown["wav"] });
    let (put, path) = ("PUT /v1/prompts/{language}/{prompt}", [language, prompt]);
    let recorded = contract.call(put, &path, Some(own), 200).await;
    assert_eq!(recorded["seconds"], shown["seconds"], "what was made is a recording that can be used");
    assert!(recorded["recorded_at"].is_string() && shown["recorded_at"].is_null());
    contract.call(put, &path, Some(json!({ "wav": "no Base64!" })), 400).await;
    contract.call(put, &path, Some(json!({ "wav": "AAAA" })), 422).await;
    contract.call("GET /v1/prompts", &[], None, 200).await;
    contract.call("DELETE /v1/prompts/{language}/{prompt}", &path, None, 204).await;
    contract.call("GET /v1/prompts/{language}/{prompt}", &["xx", prompt], None, 404).await;
    contract.call("GET /v1/lines", &[], None, 200).await;
}

async fn questions(contract: &Contract<'_>) {
    let question = json!({ "language": "en", "text": "First pet?", "active": true });
    let made = contract.call("POST /v1/security_questions", &[], Some(question.clone()), 201).await;
    let id = made["id"].as_str().unwrap();
    let blank = json!({ "language": "en", "text": " ", "active": true });
    contract.call("POST /v1/security_questions", &[], Some(blank), 400).await;
    contract.call("GET /v1/security_questions", &[], None, 200).await;
    contract.call("PUT /v1/security_questions/{id}", &[id], Some(question), 200).await;
    contract.call("DELETE /v1/security_questions/{id}", &[id], None, 204).await;
    contract.call("DELETE /v1/security_questions/{id}", &[id], None, 404).await;
}

async fn tokens(contract: &Contract<'_>) {
    let code = |counter| engine::oath::hotp::code(b"12345678901234567890", counter, 6, engine::oath::Algorithm::Sha1);
    let user = "name:alice";
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let new = json!({ "serial": "1", "secret": secret, "settings": { "kind": "hotp" } });
    let token = contract.call("POST /v1/users/{user}/tokens", &[user], Some(new), 201).await;
    let id = token["id"].as_str().unwrap();
    let short = json!({ "serial": "2", "secret": "A" });
    contract.call("POST /v1/users/{user}/tokens", &[user], Some(short), 400).await;
    contract.call("GET /v1/users/{user}/tokens", &[user], None, 200).await;
    let free = json!({ "serial": "3", "secret": secret });
    contract.call("POST /v1/tokens", &[], Some(free), 201).await;
    let activate = "POST /v1/users/{user}/tokens/{token}/activate";
    contract.call(activate, &[user, id], Some(json!({ "code": "abc" })), 422).await;
    contract.call(activate, &[user, id], Some(json!({ "code": code(0) })), 200).await;
    let resync = "POST /v1/users/{user}/tokens/{token}/resync";
    contract.call(resync, &[user, id], Some(json!({ "first": code(7), "second": code(8) })), 200).await;
    contract.call("DELETE /v1/users/{user}/tokens/{token}", &[user, id], None, 204).await;
}

async fn verifications(contract: &Contract<'_>) {
    let start = "POST /v1/verifications";
    let body = json!({ "user": "alice", "application": "vpn", "metadata": { "a": 1 } });
    let started = contract.call(start, &[], Some(body.clone()), 201).await;
    let id = started["id"].as_str().unwrap();
    contract.call(start, &[], Some(json!({ "user": "alice", "application": "" })), 400).await;
    let broken = contract.stage.request(Method::POST, "/v1/verifications").body("{");
    contract.answer(start, broken, 400).await;
    let keyed = |body: &Value| {
        contract.stage.request(Method::POST, "/v1/verifications").header("Idempotency-Key", "k").json(body)
    };
    contract.answer(start, keyed(&body), 201).await;
    contract.answer(start, keyed(&json!({ "user": "bob", "application": "vpn" })), 422).await;
    let batch = json!({ "verifications": [body, { "user": "nobody", "application": "vpn" }, { "user": "", "application": "vpn" }] });
    contract.call("POST /v1/verifications/batch", &[], Some(batch), 200).await;
    contract.call("GET /v1/verifications/{id}", &[id], None, 200).await;
    contract.call("GET /v1/verifications/{id}", &["ver_x"], None, 404).await;
    contract.stage.until(&started, "sent").await;
    contract.call("POST /v1/verifications/{id}/resend", &[id], None, 429).await;
    let check = "POST /v1/verifications/{id}/check";
    contract.call(check, &[id], Some(json!({ "code": "word" })), 400).await;
    contract.call(check, &[id], Some(json!({ "code": "1" })), 200).await;
    contract.call("GET /v1/verifications/{id}/timeline", &[id], None, 200).await;
    contract.call("POST /v1/verifications/{id}/cancel", &[id], None, 200).await;
    contract.call(check, &[id], Some(json!({ "code": "1" })), 409).await;
    contract.call("GET /v1/verifications/{id}/events", &[id], None, 200).await;
    contract.call("GET /v1/outcomes", &[], None, 200).await;
    let wrong = contract.stage.request(Method::GET, "/v1/outcomes?cursor=x");
    contract.answer("GET /v1/outcomes", wrong, 400).await;
    resend(contract).await;
}

/// A gap of half a minute stands before a resend, so one that answers well waits for it.
async fn resend(contract: &Contract<'_>) {
    let number = "+12025550142";
    contract.stage.person("rita", number, "two_way_otp").await;
    let started = contract.stage.begin("rita").await;
    contract.stage.until(&started, "sent").await;
    let id = started["id"].as_str().unwrap();
    let route = "POST /v1/verifications/{id}/resend";
    let refused = contract.call(route, &[id], None, 429).await;
    let seconds: u64 = refused["detail"].as_str().unwrap().split(' ').rev().nth(1).unwrap().parse().unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
    contract.call(route, &[id], None, 200).await;
}

async fn administration(contract: &Contract<'_>) {
    let settings = contract.call("GET /v1/settings", &[], None, 200).await;
    contract.call("PUT /v1/settings", &[], Some(settings), 200).await;
    contract.call("PUT /v1/settings", &[], Some(json!({ "sms": { "otp_digits": 9 } })), 422).await;
    let made = contract.call("POST /v1/api_keys", &[], Some(json!({ "name": "k", "scopes": ["verify"] })), 201).await;
    let as_made = |method: Method, path: &str| {
        let url = format!("{}{path}", contract.stage.url);
        contract.stage.client.request(method, url).bearer_auth(made["key"].as_str().unwrap())
    };
    contract.answer("GET /v1/users", as_made(Method::GET, "/v1/users"), 403).await;
    contract.call("POST /v1/api_keys", &[], Some(json!({ "name": "k", "scopes": ["all"] })), 400).await;
    contract.call("GET /v1/api_keys", &[], None, 200).await;
    contract.call("DELETE /v1/api_keys/{id}", &[made["id"].as_str().unwrap()], None, 204).await;
    contract.answer("GET /v1/users", as_made(Method::GET, "/v1/users"), 401).await;
    let add = "POST /v1/trusted_ips";
    let entry = |entry: &str| Some(json!({ "application": "vpn", "entry": entry }));
    contract.call(add, &[], entry("192.0.2.7/24"), 201).await;
    contract.call(add, &[], entry("192.0.2.0/24"), 409).await;
    contract.call(add, &[], entry("nowhere"), 400).await;
    contract.call(add, &[], entry("0.0.0.0/0"), 422).await;
    contract.call("GET /v1/trusted_ips", &[], None, 200).await;
    let remove = "DELETE /v1/trusted_ips/{entry}";
    contract.call(remove, &["192.0.2.0%2F24"], None, 400).await;
    contract.call(remove, &["192.0.2.0%2F24?application=vpn"], None, 204).await;
    contract.call(remove, &["192.0.2.0%2F24?application=vpn"], None, 404).await;
    contract.call("GET /v1/audit", &[], None, 200).await;
    contract.call("DELETE /v1/users/{user}", &["name:rita"], None, 204).await;
}

async fn callbacks(contract: &Contract<'_>) {
    for path in ["/callbacks/{gateway}/sms", "/callbacks/{gateway}/sms/status"] {
        contract.call(&format!("POST {path}"), &["sms"], None, 403).await;
        contract.call(&format!("POST {path}"), &["nowhere"], None, 404).await;
    }
}
