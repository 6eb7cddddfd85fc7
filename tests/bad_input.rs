//! What strangers, slips and broken gateways send: each has a clear answer, and nothing is lost.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;

const ALICE: &str = "+12025550131";
const GOOD: &str = r#"{"user":"alice","application":"vpn"}"#;

async fn raw(stage: &Stage, path: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
    stage::answered(stage.request(Method::POST, path).header("Content-Type", "application/json").body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_make_no_sense_are_told_why() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let check = |body: &'static str, status: u16, code: &'static str, part: &'static str| {
        let stage = &stage;
        async move {
            let (got, problem) = raw(stage, "/v1/verifications", body).await;
            assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{body}: {problem}");
            assert!(problem["detail"].as_str().unwrap().contains(part), "{body}: {problem}");
            assert_eq!(problem["type"], format!("urn:countersign:problem:{code}"));
        }
    };
    check("{", 400, "malformed_json", "EOF").await;
    check("[]", 400, "invalid_request", "must be a JSON object").await;
    check(r#" ["alice","vpn"]"#, 400, "invalid_request", "must be a JSON object").await;
    check(r#"{"user":"alice","application":"vpn"} {}"#, 400, "malformed_json", "one document").await;
    check(r#"{"user":"alice","user":"bob","application":"vpn"}"#, 400, "invalid_request", "duplicate field `user`")
        .await;
    check(r#"{"user":"alice","application":"vpn","client_ip":"1.2.3"}"#, 400, "invalid_request", "client_ip: ").await;
    check(r#"{"user":"alice","application":"vpn","language":"en_GB"}"#, 400, "invalid_request", "BCP 47").await;
    check(
        r#"{"user":"alice","application":"vpn","plan":[{"method":"sms","mode":"two_way_otp","contact":"backup"}]}"#,
        400,
        "invalid_request",
        "primary phone",
    )
    .await;
    check(r#"{"user":"alice"}"#, 400, "invalid_request", "application").await;
    check(r#"{"user":"alice","application":"vpn","usr":1}"#, 400, "invalid_request", "unknown field `usr`").await;
    check(r#"{"user":"","application":"vpn"}"#, 400, "invalid_request", "empty").await;
    check(r#"{"user":"alice","application":"vpn","ttl_seconds":0}"#, 400, "invalid_request", "1 to 900").await;
    check(r#"{"user":"alice","application":"vpn","method":"sms"}"#, 400, "invalid_request", "belong together").await;
    check(r#"{"user":"alice","application":"vpn","method":"sms","mode":"code"}"#, 400, "invalid_request", "none of")
        .await;
    let (status, problem) = raw(&stage, "/v1/verifications", vec![b' '; 10_000_000]).await;
    assert_eq!((status, problem["code"].as_str()), (413, Some("body_too_large")));
    let (status, _) = stage.call(Method::GET, "/v1/verifications/ver_nonsense", None).await;
    assert_eq!(status, 404);
    let (status, problem) = stage.call(Method::DELETE, "/v1/verifications", None).await;
    assert_eq!((status, problem["code"].as_str()), (405, Some("method_not_allowed")));
    for (query, part) in [
        ("limit=0", "limit: must be 1 to 1000"),
        ("limit=x", "limit: invalid digit"),
        ("page=2", "unknown field `page`"),
    ] {
        let (status, problem) = stage.call(Method::GET, &format!("/v1/users?{query}"), None).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("invalid_query")), "{query}");
        assert!(problem["detail"].as_str().unwrap().contains(part), "{problem}");
    }
    let (status, problem) = stage.call(Method::GET, "/nothing", None).await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("not_found")));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_cannot_be_verified_are_denied_like_anybody() {
    let stage = Stage::start().await;
    let nobody = stage.begin("nobody").await;
    assert_eq!((nobody["status"].as_str(), nobody["reason"].as_str()), (Some("denied"), Some("user_unknown")));
    assert!(stage.timeline(&nobody).await.contains(&"decided".to_owned()));
    stage.person("alice", ALICE, "two_way_otp").await;
    let body = json!({ "user": "alice", "application": "vpn", "method": "oath", "mode": "code" });
    assert_eq!(stage.post("/v1/verifications", body).await["reason"], "oath_not_allowed");
    stage.post("/v1/users", json!({ "name": "voice", "method": "voice", "mode": "standard", "set_up": true })).await;
    assert_eq!(stage.begin("voice").await["reason"], "call_not_placed");
    for bad in ["123", "hello", "+1 202 555", "+1202555012345"] {
        let new = json!({ "name": "bad", "phone": bad });
        let (status, problem) = stage.call(Method::POST, "/v1/users", Some(new)).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some("not_possible")), "{bad}: {problem}");
        assert!(problem["detail"].as_str().unwrap().starts_with("phone:"), "{problem}");
    }
    let weak = json!({ "name": "weak", "phone": ALICE, "method": "sms", "mode": "two_way_otp_pin", "pin": "1112" });
    let (_, problem) = stage.call(Method::POST, "/v1/users", Some(weak)).await;
    assert!(problem["detail"].as_str().unwrap().contains("repeating"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_verification_and_another_body_is_refused() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let send = |body: &'static str| {
        let request = stage.request(Method::POST, "/v1/verifications").header("Idempotency-Key", "k1").body(body);
        stage::answered(request)
    };
    let (_, first) = send(GOOD).await;
    let (_, again) = send(GOOD).await;
    assert_eq!(first["id"], again["id"]);
    let (status, problem) = send(r#"{"user":"alice","application":"mail"}"#).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("idempotency_key_reused")));
    stage.code(ALICE, 0).await;
    assert_eq!(stage.texts(ALICE).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_with_a_wrong_signature_changes_nothing() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    let started = stage.begin("alice").await;
    let code = stage.code(ALICE, 0).await;
    let form = [("MessageSid", "SM1"), ("From", ALICE), ("To", stage::OURS), ("Body", &code)];
    for signature in [None, Some("bm90IGEgc2lnbmF0dXJl")] {
        let mut request = stage.client.post(format!("{}/callbacks/sms/sms", stage.url)).form(&form);
        if let Some(signature) = signature {
            request = request.header("X-Twilio-Signature", signature);
        }
        let (status, problem) = stage::answered(request).await;
        assert_eq!((status, problem["code"].as_str()), (403, Some("signature_wrong")));
    }
    assert_eq!(stage.look(&started).await["status"], "pending");
    assert_eq!(stage.look(&started).await["attempts_left"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_oath_code_is_refused_and_a_settled_verification_takes_nothing() {
    let stage = Stage::start().await;
    stage.post("/v1/users", json!({ "name": "carol", "method": "oath", "mode": "code" })).await;
    let code = |counter| engine::oath::hotp::code(b"12345678901234567890", counter, 6, engine::oath::Algorithm::Sha1);
    let token = json!({ "serial": "1", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "settings": { "kind": "hotp" }, "code": code(0) });
    stage.post("/v1/users/name:carol/tokens", token).await;
    for reason in ["oath_ok", "oath_replayed"] {
        let started = stage.begin("carol").await;
        let check = format!("/v1/verifications/{}/check", started["id"].as_str().unwrap());
        assert_eq!(stage.post(&check, json!({ "code": code(1) })).await["reason"], reason);
    }
    let secret = json!({ "serial": "2", "secret": "GEZDGNBVGY3TQOJ0" });
    let (status, problem) = stage.call(Method::POST, "/v1/users/name:carol/tokens", Some(secret)).await;
    assert_eq!(status, 400);
    assert!(problem["detail"].as_str().unwrap().starts_with("secret:"), "{problem}");
    for (settings, part) in [
        (json!({ "kind": "hotp", "period_seconds": 30 }), "belongs to `totp`"),
        (json!({ "kind": "totp", "period_secnods": 30 }), "unknown field `period_secnods`"),
        (json!({ "kind": "totp", "period_seconds": 5 }), "must be 10 to 300"),
    ] {
        let token = json!({ "serial": "3", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "settings": settings });
        let (status, problem) = stage.call(Method::POST, "/v1/users/name:carol/tokens", Some(token)).await;
        assert_eq!(status, 400, "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with("settings") && detail.contains(part), "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_verification_takes_no_code_and_says_how_it_ended() {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "one_way_otp").await;
    let started =
        stage.post("/v1/verifications", json!({ "user": "alice", "application": "vpn", "ttl_seconds": 1 })).await;
    let code = stage.code(ALICE, 0).await;
    let ended = stage.end(&started, 10).await;
    assert_eq!(ended["status"], "failed");
    let check = format!("/v1/verifications/{}/check", started["id"].as_str().unwrap());
    let (status, problem) = stage.call(Method::POST, &check, Some(json!({ "code": code }))).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("settled")));
    assert!(problem["detail"].as_str().unwrap().contains(ended["reason"].as_str().unwrap()), "{problem}");
    assert_eq!(stage.look(&started).await, ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_misbehaves_leads_to_a_clear_end_and_never_to_a_second_text() {
    let error = |status: u16, code: u32, body: &str| json!({ "errors": [{ "probability": 1.0, "status": status, "code": code, "body": body }] });
    let cases = [
        (error(400, 21211, "json"), "number_invalid", "not_sent"),
        (error(400, 21610, "json"), "sms_not_sent", "not_sent"),
        (error(429, 20429, "json"), "sms_not_sent", "not_sent"),
        (error(500, 20500, "json"), "sms_no_reply", "send_uncertain"),
        (error(500, 20500, "html"), "sms_no_reply", "send_uncertain"),
        (error(503, 0, "empty"), "sms_no_reply", "send_uncertain"),
        // Nobody listens there, so it was surely not taken.
        (json!({ "refuse_connections": true }), "sms_not_sent", "not_sent"),
        (json!({ "silence": 1.0 }), "sms_no_reply", "send_uncertain"),
        (json!({ "accept_then_silence": 1.0 }), "sms_no_reply", "send_uncertain"),
    ];
    futures_util::future::join_all(cases.map(|(faults, reason, word)| misbehaves(faults, reason, word))).await;
}

/// Each on a stage of its own, since a line keeps away from a gateway that failed often.
async fn misbehaves(faults: Value, reason: &str, word: &str) {
    let stage = Stage::start().await;
    stage.person("alice", ALICE, "two_way_otp").await;
    stage.faults(faults.clone()).await;
    let body = json!({ "user": "alice", "application": "vpn", "ttl_seconds": 5 });
    let ended = stage.end(&stage.post("/v1/verifications", body).await, 15).await;
    assert_eq!((ended["status"].as_str(), ended["reason"].as_str()), (Some("failed"), Some(reason)), "{faults}");
    let words = stage.timeline(&ended).await;
    assert!(words.iter().any(|found| found == word), "{word} in {words:?}");
    assert!(stage.texts(ALICE).await.len() <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_after_the_time_is_told_how_it_ended() {
    let stage = Stage::start().await;
    stage.person("bob", ALICE, "one_way_otp").await;
    let body = json!({ "user": "bob", "application": "vpn", "ttl_seconds": 1 });
    let started = stage.post("/v1/verifications", body).await;
    let code = stage.code(ALICE, 0).await;
    let ended = stage.end(&started, 10).await;
    assert_eq!(ended["status"], "failed");
    let path = format!("/v1/verifications/{}", started["id"].as_str().unwrap());
    for call in ["check", "resend"] {
        let (status, problem) =
            stage.call(Method::POST, &format!("{path}/{call}"), Some(json!({ "code": code }))).await;
        assert_eq!((status, problem["code"].as_str()), (409, Some("settled")), "{call}: {problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(ended["reason"].as_str().unwrap()) && detail.contains("start a new one"), "{detail}");
    }
    let cancelled = stage.post(&format!("{path}/cancel"), json!({})).await;
    assert_eq!(cancelled, ended, "what has ended stays as it is");
}
