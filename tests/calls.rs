//! Calls from the API to the durable outcome, over a SIP trunk and over a REST account: the simulated phones answer, press keys,
//! or do not.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use data_encoding::BASE64;
use reqwest::Method;
use serde_json::{Value, json};
use stage::Stage;

/// Called over the trunk.
const PHONE: &str = "+12025550141";
const BACKUP: &str = "+12025550142";
/// Called over the account that texts.
const FAR: &str = "+13035550143";

/// Somebody who does not wait for the end of the prompt.
fn presses(keys: Value) -> Value {
    json!({ "on_call": "answer", "answer_after_ms": 50, "after_ms": 600, "barge_in": true, "keys": keys, "pin": "2580" })
}

impl Stage {
    async fn ends(&self, name: &str, status: &str, reason: &str) -> Value {
        let started = self.begin(name).await;
        let ended = self.end(&started, 60).await;
        let timeline = self.timeline(&started).await;
        assert_eq!((&ended["status"], &ended["reason"]), (&json!(status), &json!(reason)), "{timeline:?}");
        ended
    }

    /// The sound that a phone heard in its last call, µ-law.
    async fn heard(&self, phone: &str) -> Vec<u8> {
        let call = self.calls(phone).await.pop().expect("a call");
        let wav = call["prompts"][0]["wav"].as_str().expect("it is there as sound").to_owned();
        let answer = self.client.get(format!("{}{wav}", self.simulators.url())).send().await.unwrap();
        sound_of(&answer.bytes().await.unwrap())
    }

    async fn line(&self, name: &str) -> Value {
        let lines = self.get("/v1/lines").await;
        lines["items"].as_array().unwrap().iter().find(|line| line["name"] == name).cloned().unwrap()
    }
}

/// The samples of a WAV file, as µ-law.
fn sound_of(wav: &[u8]) -> Vec<u8> {
    portal::calls::recording(wav).expect("a WAV file that we read").to_vec()
}

/// Where `all` has `part`, allowing for one sample of a hundred that differs.
fn has(all: &[u8], part: &[u8]) -> bool {
    let differ = |window: &[u8]| window.iter().zip(part).filter(|(one, other)| one != other).count();
    let begins =
        |window: &[u8]| window[..400].iter().zip(&part[..400]).filter(|(one, other)| one == other).count() > 380;
    all.windows(part.len()).any(|window| begins(window) && differ(window) * 100 < part.len())
}

#[actix_web::test]
async fn a_call_with_a_pin_verifies_and_what_is_heard_is_the_prompt() {
    let stage = Stage::calling().await;
    stage.called("alice", PHONE, "pin").await;
    stage.behave(PHONE, json!({ "on_call": "answer", "keys": "{pin}#", "pin": "2580" })).await;
    let started = stage.begin("alice").await;
    let ended = stage.end(&started, 60).await;
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("verified"), &json!("voice_pin_ok")), "{ended}");
    assert_eq!((&ended["status_code"], &ended["method"], &ended["mode"]), (&json!(1), &json!("voice"), &json!("pin")));
    let timeline = stage.timeline(&started).await;
    let way: Vec<_> =
        timeline.iter().map(String::as_str).filter(|what| *what != "started" && *what != "queued").collect();
    assert_eq!(way, ["sending", "called", "ringing", "answered", "pin_right", "settled"]);
    let log = stage.log();
    assert!(!log.contains("2580") && !log.contains(&PHONE[1..]), "neither the PIN nor the number is in the log");
    let heard = stage.heard(PHONE).await;
    let shown = stage.get("/v1/prompts/en/fraud_greeting_pin").await;
    let meant = sound_of(&BASE64.decode(shown["wav"].as_str().unwrap().as_bytes()).unwrap());
    // The prompt begins and ends with silence, which the far side does not keep.
    assert!(has(&heard, &meant[4000..meant.len() - 4000]), "{} of {} samples", heard.len(), meant.len());
}

#[actix_web::test]
async fn pound_verifies_over_the_trunk_and_over_the_account() {
    let stage = Stage::calling().await;
    stage.called("alice", PHONE, "standard").await;
    stage.called("bernard", FAR, "standard").await;
    for phone in [PHONE, FAR] {
        stage.behave(phone, presses(json!("#"))).await;
    }
    stage.ends("alice", "verified", "voice_ok").await;
    stage.ends("bernard", "verified", "voice_ok").await;
    assert_eq!(stage.calls(PHONE).await[0]["gateway"], "trunk");
    assert_eq!(stage.calls(FAR).await[0]["gateway"], "sms");
}

#[actix_web::test]
async fn a_pin_is_keyed_over_the_account_after_a_wrong_one() {
    let stage = Stage::calling().await;
    stage.called("alice", FAR, "pin").await;
    stage.behave(FAR, presses(json!(["9999#", "{pin}#"]))).await;
    stage.ends("alice", "verified", "voice_pin_ok").await;
}

#[actix_web::test]
async fn the_backup_phone_is_called_after_the_first_does_not_answer() {
    let stage = Stage::calling().await;
    stage.called("alice", PHONE, "standard").await;
    let phones = json!({ "phone": PHONE, "backup_phone": BACKUP });
    stage.call(Method::PUT, "/v1/users/name:alice/phones", Some(phones)).await;
    stage.behave(PHONE, json!({ "on_call": "busy" })).await;
    stage.behave(BACKUP, presses(json!("#"))).await;
    let ended = stage.ends("alice", "verified", "voice_ok").await;
    assert_eq!(ended["rung"], 2);
    assert_eq!((stage.calls(PHONE).await.len(), stage.calls(BACKUP).await.len()), (1, 1));
}

#[actix_web::test]
async fn every_ending_has_its_reason() {
    let stage = Stage::calling().await;
    let endings = [
        ("+12025550150", json!({ "on_call": "busy" }), "failed", "number_busy"),
        ("+12025550151", json!({ "on_call": "decline" }), "denied", "hung_up"),
        ("+12025550152", json!({ "on_call": "unreachable" }), "failed", "call_no_answer"),
        ("+12025550153", json!({ "on_call": "unallocated" }), "failed", "number_invalid"),
        ("+12025550154", json!({ "on_call": "answer", "hang_up": "after_answer" }), "denied", "hung_up"),
        ("+12025550155", presses(json!(["12#", "34#", "56#"])), "denied", "voice_bad_input"),
        (
            "+12025550156",
            json!({ "on_call": "answer", "report_fraud": true, "barge_in": true }),
            "denied",
            "fraud_voice",
        ),
        ("+13035550157", json!({ "on_call": "voicemail" }), "failed", "voicemail"),
        ("+13035550158", json!({ "on_call": "busy" }), "failed", "number_busy"),
    ];
    for (number, (phone, behaviour, ..)) in endings.iter().enumerate() {
        stage.called(&format!("p{number}"), phone, "standard").await;
        stage.behave(phone, behaviour.clone()).await;
    }
    let all = endings.iter().enumerate().map(|(number, (_, _, status, reason))| {
        let (stage, name) = (&stage, format!("p{number}"));
        async move { stage.ends(&name, status, reason).await }
    });
    futures_util::future::join_all(all).await;
    let blocked = stage.get("/v1/users/name:p6").await;
    assert!(blocked["blocked_until"].is_string(), "the report was confirmed: {blocked}");
}

#[actix_web::test]
async fn a_call_that_is_up_does_not_outlive_the_process_and_nobody_is_called_twice() {
    let mut stage = Stage::calling().await;
    stage.called("alice", PHONE, "standard").await;
    stage.behave(PHONE, json!({ "on_call": "answer" })).await;
    let started = stage.begin("alice").await;
    stage.until(&started, "answered").await;
    stage.kill();
    stage.serve().await;
    let ended = stage.end(&started, 30).await;
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("failed"), &json!("call_cut")));
    assert_eq!(stage.calls(PHONE).await.len(), 1);
}

#[actix_web::test]
async fn a_cancelled_call_is_taken_back() {
    let stage = Stage::calling().await;
    stage.called("alice", PHONE, "standard").await;
    let started = stage.begin("alice").await;
    stage.until(&started, "ringing").await;
    let path = format!("/v1/verifications/{}/cancel", started["id"].as_str().unwrap());
    stage.call(Method::POST, &path, None).await;
    for _ in 0..250 {
        if stage.calls(PHONE).await[0]["state"] == "ended" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it rings on: {:?}", stage.calls(PHONE).await);
}

#[actix_web::test]
async fn where_nobody_may_be_called_nothing_is_dialled() {
    let stage = Stage::calling().await;
    for (name, phone, reason) in [
        ("abroad", "+4915112345678", "country_not_allowed"),
        ("premium", "+19005550100", "number_invalid"),
        ("satellite", "+881612345678", "country_not_allowed"),
    ] {
        stage.called(name, phone, "standard").await;
        let started = stage.begin(name).await;
        assert_eq!(started["reason"], reason, "{started}");
        assert!(stage.calls(phone).await.is_empty());
    }
}

#[actix_web::test]
async fn a_trunk_that_does_not_know_us_says_so_and_the_account_calls() {
    let mut stage = Stage::calling().await;
    assert_eq!(stage.line("trunk").await["status"], "ok");
    std::fs::write(stage.home().join("trunk.password"), "another").unwrap();
    stage.kill();
    stage.serve().await;
    stage.called("alice", PHONE, "standard").await;
    stage.behave(PHONE, presses(json!("#"))).await;
    stage.ends("alice", "verified", "voice_ok").await;
    assert_eq!(stage.calls(PHONE).await[0]["gateway"], "sms");
    let trunk = stage.line("trunk").await;
    assert_eq!(trunk["status"], "trouble", "{trunk}");
    assert!(trunk["trouble"].as_str().is_some_and(|why| why.contains("password")), "{trunk}");
}
