//! Calls over a SIP trunk, from the API to the durable outcome: the simulated phones answer, press keys, or do not.

mod stage;

use serde_json::json;
use stage::Stage;

const PHONE: &str = "+12025550141";

#[actix_web::test]
async fn a_call_with_a_pin_verifies() {
    let stage = Stage::calling().await;
    stage.called("alice", PHONE, "pin").await;
    stage.behave(PHONE, json!({ "on_call": "answer", "keys": "{pin}#", "pin": "2580" })).await;
    let started = stage.begin("alice").await;
    let ended = stage.end(&started, 40).await;
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("verified"), &json!("voice_pin_ok")), "{ended}");
    assert_eq!((&ended["status_code"], &ended["method"], &ended["mode"]), (&json!(1), &json!("voice"), &json!("pin")));
    let timeline = stage.timeline(&started).await;
    let way: Vec<_> =
        timeline.iter().map(String::as_str).filter(|what| *what != "started" && *what != "queued").collect();
    assert_eq!(way, ["sending", "called", "ringing", "answered", "pin_right", "settled"]);
    println!("{:#?}", stage.calls(PHONE).await);
}
