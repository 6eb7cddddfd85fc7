//! Every route against every kind of key: none is open by mistake, and a key sees and does only what it may.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use portal::door::{Access, ROUTES, Route, SCOPES};
use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn every_route_opens_to_its_scope_and_to_no_other() {
    let stage = Stage::start().await;
    let mut keys = vec![];
    for (scope, _) in SCOPES {
        let made = stage.post("/v1/api_keys", json!({ "name": scope, "scopes": [scope] })).await;
        keys.push((*scope, made["key"].as_str().unwrap().to_owned()));
    }
    let revoked = stage.post("/v1/api_keys", json!({ "name": "revoked", "scopes": ["admin"] })).await;
    let path = format!("/v1/api_keys/{}", revoked["id"].as_str().unwrap());
    assert_eq!(stage.call(Method::DELETE, &path, None).await.0, 204);
    let bad = [
        None,
        Some("csk_wrong".to_owned()),
        Some("nonsense".to_owned()),
        Some(revoked["key"].as_str().unwrap().to_owned()),
    ];
    let mut checked = 0;
    for Route { method, path, access, .. } in ROUTES {
        let Access::Scope(wanted) = access else { continue };
        for key in &bad {
            assert_eq!(status(&stage, method, path, key.as_deref()).await, 401, "{method} {path} {key:?}");
        }
        for (scope, key) in &keys {
            let got = status(&stage, method, path, Some(key)).await;
            let open = scope == wanted || *scope == "admin";
            assert_eq!(got != 403, open, "{method} {path} with a key of `{scope}`: {got}");
            assert_ne!(got, 401, "{method} {path}");
            checked += 1;
        }
    }
    assert!(checked > 200, "{checked}");
}

/// Ids in the path are of nobody, bodies are empty: what counts is whether the door opens.
async fn status(stage: &Stage, method: &str, path: &str, key: Option<&str>) -> u16 {
    let path = path.replace("{id}", "ver_x").replace("{user}", "name:nobody").replace("{token}", "tok_x");
    let mut request = stage.client.request(method.parse().unwrap(), format!("{}{path}", stage.url)).body("[]");
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_sees_only_what_it_started_and_speaks_only_for_its_applications() {
    let stage = Stage::start().await;
    stage.person("alice", "+12025550151", "two_way_otp").await;
    let vpn = key(&stage, json!({ "name": "k", "scopes": ["verify"], "applications": ["vpn"] })).await;
    let mail = key(&stage, json!({ "name": "k", "scopes": ["verify"], "applications": ["mail"] })).await;
    let all = json!({ "name": "k", "scopes": ["verify", "verifications.all"], "applications": ["vpn"] });
    let watcher = key(&stage, all).await;
    let as_key = |key: &str, method: Method, path: &str| {
        stage.client.request(method, format!("{}{path}", stage.url)).bearer_auth(key)
    };
    let body = json!({ "user": "alice", "application": "vpn" });
    let (status, problem) = stage::answered(as_key(&mail, Method::POST, "/v1/verifications").json(&body)).await;
    assert_eq!((status, problem["code"].as_str()), (403, Some("application_not_allowed")));
    let (_, started) = stage::answered(as_key(&vpn, Method::POST, "/v1/verifications").json(&body)).await;
    let id = started["id"].as_str().unwrap();
    for part in ["", "/timeline", "/events"] {
        let path = format!("/v1/verifications/{id}{part}");
        assert_eq!(as_key(&mail, Method::GET, &path).send().await.unwrap().status(), 404, "{path}");
    }
    for part in ["check", "cancel", "resend"] {
        let path = format!("/v1/verifications/{id}/{part}");
        let answer = as_key(&mail, Method::POST, &path).json(&json!({ "code": "1" })).send().await.unwrap();
        assert!([400, 404].contains(&answer.status().as_u16()), "{path}");
    }
    let path = format!("/v1/verifications/{id}");
    assert_eq!(as_key(&watcher, Method::GET, &path).send().await.unwrap().status(), 200);
    assert_eq!(as_key(&vpn, Method::POST, &format!("{path}/cancel")).send().await.unwrap().status(), 200);
    for (key, sees) in [(&vpn, 1), (&mail, 0), (&watcher, 1)] {
        let (_, feed) = stage::answered(as_key(key, Method::GET, "/v1/outcomes")).await;
        assert_eq!(feed["items"].as_array().unwrap().len(), sees);
    }
}

async fn key(stage: &Stage, wanted: Value) -> String {
    stage.post("/v1/api_keys", wanted).await["key"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_cannot_grant_more_than_it_has() {
    let stage = Stage::start().await;
    let made =
        stage.post("/v1/api_keys", json!({ "name": "k", "scopes": ["keys", "verify"], "applications": ["vpn"] })).await;
    let key = made["key"].as_str().unwrap();
    for (body, expected) in [
        (json!({ "name": "x", "scopes": ["admin"], "applications": ["vpn"] }), 403),
        (json!({ "name": "x", "scopes": ["verify"] }), 403),
        (json!({ "name": "x", "scopes": ["verify"], "applications": ["mail"] }), 403),
        (json!({ "name": "x", "scopes": ["everything"], "applications": ["vpn"] }), 400),
        (json!({ "name": "x", "scopes": ["verify"], "applications": ["vpn"] }), 201),
    ] {
        let request = stage.client.post(format!("{}/v1/api_keys", stage.url)).bearer_auth(key).json(&body);
        assert_eq!(request.send().await.unwrap().status().as_u16(), expected, "{body}");
    }
}
