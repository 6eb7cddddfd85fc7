//! Stories of the control API: its shapes, what a reset forgets, and who is not served.
//! Mistakes in what is sent have a file of their own.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use reqwest::Method;
use serde_json::{Value, json};
use stage::{Answer, GATEWAY, OURS, PHONE, SID, Stage};

#[tokio::test]
async fn a_phone_has_the_shape_of_the_contract() {
    let stage = Stage::start().await;
    stage.text(PHONE, "code 123456").await;
    stage.reply(PHONE, "hi").await;
    let phone = stage.get(&format!("/sim/v1/phones/{PHONE}")).await;
    assert_eq!((&phone["number"], &phone["calls"], &phone["opted_out"]), (&json!(PHONE), &json!([]), &json!([])));
    let texts = phone["texts"].as_array().unwrap();
    let shown: Vec<Value> = texts
        .iter()
        .map(|text| json!([text["direction"], text["from"], text["to"], text["body"], text["code"]]))
        .collect();
    assert_eq!(shown[0], json!(["in", OURS, PHONE, "code 123456", "123456"]));
    assert_eq!(shown[1], json!(["out", PHONE, OURS, "hi", null]));
    for text in texts {
        assert!(text["id"].as_str().unwrap().starts_with("SM"));
        assert!(text["at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{text}");
    }
    let expected = json!({
        "reply": null, "pin": null, "after_ms": 300, "jitter_ms": 0, "times": 1, "wrong_first": 0, "receive": true,
        "delivery_error": null, "report_fraud": false, "on_call": "ring", "answer_after_ms": 300, "keys": [], "barge_in": false,
        "key_style": "event", "extension": null, "hang_up": null, "hang_up_after_ms": 1000, "hold": null,
    });
    assert_eq!(phone["behaviour"], expected);
}

#[tokio::test]
async fn looking_at_a_phone_makes_none() {
    let stage = Stage::start().await;
    assert_eq!(stage.get(&format!("/sim/v1/phones/{PHONE}")).await["texts"], json!([]));
    let list = stage.get("/sim/v1/phones").await;
    assert_eq!((&list["items"], &list["total"]), (&json!([]), &json!(0)));
    stage.text(PHONE, "1").await;
    stage.text("+12025550124", "2").await;
    stage.text(PHONE, "3").await;
    let list = stage.get("/sim/v1/phones?limit=1&texts=1").await;
    assert_eq!((&list["total"], &list["items"][0]["number"]), (&json!(2), &json!(PHONE)));
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["texts"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["texts"][0]["body"], "3");
}

#[tokio::test]
async fn numbers_are_read_with_or_without_their_plus() {
    let stage = Stage::start().await;
    stage.text(PHONE, "x").await;
    for spelling in [PHONE, "%2B12025550123", "12025550123"] {
        let phone = stage.get(&format!("/sim/v1/phones/{spelling}")).await;
        assert_eq!((&phone["number"], phone["texts"].as_array().unwrap().len()), (&json!(PHONE), 1), "{spelling}");
    }
}

#[tokio::test]
async fn a_gateway_shows_all_but_its_token() {
    let stage = Stage::with(|settings| settings.accounts[0].auth_token = "never-shown".to_owned()).await;
    let list = stage.call(Method::GET, "/sim/v1/gateways", None).await;
    let gateway = &list.json()["items"][0];
    assert_eq!(
        (&gateway["name"], &gateway["kind"], &gateway["account_sid"]),
        (&json!("sms"), &json!("twilio"), &json!(SID))
    );
    assert_eq!(gateway["numbers"], json!([OURS]));
    assert!(!list.text.contains("never-shown"));
    let no_faults = json!({
        "errors": [], "throttle_per_second": null, "delay_ms": 0, "silence": 0.0, "accept_then_silence": 0.0,
        "duplicate_callbacks": 0.0, "lost_receipts": 0.0, "late_callbacks": 0.0, "refuse_connections": false,
    });
    assert_eq!(gateway["faults"], no_faults);
    assert_eq!(list.header("cache-control"), "no-store");
}

#[tokio::test]
async fn another_sites_page_is_refused_everywhere() {
    let stage = Stage::start().await;
    let calls = [
        (Method::GET, "/sim/v1/phones"),
        (Method::GET, "/sim/v1/phones/+12025550123"),
        (Method::POST, "/sim/v1/phones/+12025550123/reply"),
        (Method::POST, "/sim/v1/phones/+12025550123/answer"),
        (Method::POST, "/sim/v1/phones/+12025550123/decline"),
        (Method::POST, "/sim/v1/phones/+12025550123/hang_up"),
        (Method::POST, "/sim/v1/phones/+12025550123/keys"),
        (Method::GET, "/sim/v1/calls/call_1"),
        (Method::GET, "/sim/v1/calls/call_1/prompts/0.wav"),
        (Method::PUT, "/sim/v1/phones/+12025550123/behaviour"),
        (Method::DELETE, "/sim/v1/phones/+12025550123/behaviour"),
        (Method::GET, "/sim/v1/behaviour"),
        (Method::PUT, "/sim/v1/behaviour"),
        (Method::GET, "/sim/v1/gateways"),
        (Method::GET, "/sim/v1/gateways/sms"),
        (Method::GET, "/sim/v1/gateways/sms/faults"),
        (Method::PUT, "/sim/v1/gateways/sms/faults"),
        (Method::PUT, "/sim/v1/gateways/sms/sms_url"),
        (Method::GET, "/sim/v1/gateways/sms/messages"),
        (Method::POST, "/sim/v1/reset"),
    ];
    for (method, path) in calls {
        let call = || stage.client.request(method.clone(), stage.url(path)).header("content-type", "application/json");
        for (name, value) in [("origin", "https://example.com"), ("origin", "null"), ("host", "example.com")] {
            let answer = Answer::of(call().header(name, value).body("{}")).await;
            stage::assert_problem(&answer, 403, "foreign_page");
        }
    }
    // Our own page says its origin too.
    let own = stage.client.get(stage.url("/sim/v1/phones")).header("origin", stage.simulators.url());
    assert_eq!(Answer::of(own).await.status, 200);
}

#[tokio::test]
async fn a_reset_forgets_all_but_the_webhook() {
    let stage = Stage::start().await;
    stage.behave(PHONE, json!({ "reply": "x", "after_ms": 0 })).await;
    stage.put("/sim/v1/behaviour", json!({ "reply": "y" })).await;
    stage.faults(json!({ "delay_ms": 1 })).await;
    stage.text(PHONE, "x").await;
    stage.receiver.next().await;
    stage.settled().await;
    stage.reset().await;
    let gateway = stage.get(GATEWAY).await;
    assert_eq!(
        (&gateway["accepted"], &gateway["replies"], &gateway["faults"]["delay_ms"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(gateway["sms_url"], stage.receiver.url("/sms"));
    assert_eq!(stage.get("/sim/v1/phones").await["total"], 0);
    assert_eq!(stage.get("/sim/v1/behaviour").await["reply"], Value::Null);
    assert_eq!(stage.list(&[]).await.json()["messages"], json!([]));
}
