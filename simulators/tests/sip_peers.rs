//! Stories of the simulated carrier with programs of others as its callers: SIPp and baresip.
//! They hold that those have nothing to complain about, and that the carrier has nothing to complain about them.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use std::net::SocketAddr;

use serde_json::{Value, json};
use simulators::sip::Transport;
use simulators::{Settings, SipGateway};
use stage::peer::{Baresip, sipp};
use stage::{PHONE, Stage};

const TRUNK: &str = "/sim/v1/gateways/sip";

async fn stage(change: impl FnOnce(&mut SipGateway)) -> Stage {
    let mut gateway = SipGateway { pause_ms: 300, ..SipGateway::default() };
    change(&mut gateway);
    Stage::with(|settings: &mut Settings| settings.sip = vec![gateway]).await
}

fn address(stage: &Stage, transport: Transport) -> SocketAddr {
    stage.simulators.sip_address("sip", transport).unwrap()
}

/// Counts of the carrier once it carries no call.
async fn settled(stage: &Stage) -> Value {
    stage.until(TRUNK, |gateway| gateway["in_call"] == 0).await
}

#[tokio::test]
async fn sipp_calls_over_datagrams_and_streams() {
    let stage = stage(|_| ()).await;
    stage.behave(PHONE, json!({ "on_call": "answer", "answer_after_ms": 50 })).await;
    sipp("answered", address(&stage, Transport::Udp), &[]).await.unwrap();
    sipp("answered", address(&stage, Transport::Tcp), &["-t", "t1"]).await.unwrap();
    let gateway = settled(&stage).await;
    assert_eq!((&gateway["violations"], &gateway["happened"]["answered"]), (&json!({}), &json!(2)), "{gateway}");
    assert_eq!(gateway["happened"]["challenged"], 2);
}

#[tokio::test]
async fn sipp_knows_the_old_digest_and_hears_busy() {
    let stage = stage(|gateway| gateway.qop = false).await;
    stage.behave(PHONE, json!({ "on_call": "busy" })).await;
    sipp("busy", address(&stage, Transport::Udp), &[]).await.unwrap();
    assert_eq!(stage.get(TRUNK).await["violations"], json!({}));
}

#[tokio::test]
async fn sipp_is_refused_with_a_wrong_password() {
    let stage = stage(|_| ()).await;
    sipp("wrong_password", address(&stage, Transport::Udp), &["-ap", "guessed"]).await.unwrap();
    let gateway = stage.get(TRUNK).await;
    assert_eq!(
        (&gateway["violations"], &gateway["happened"]["rang"]),
        (&json!({ "wrong_credentials": 1 }), &Value::Null)
    );
}

#[tokio::test]
async fn sipp_cancels() {
    let stage = stage(|_| ()).await;
    sipp("cancel", address(&stage, Transport::Udp), &[]).await.unwrap();
    let gateway = stage.get(TRUNK).await;
    assert_eq!((&gateway["violations"], &gateway["happened"]["cancelled"]), (&json!({}), &json!(1)), "{gateway}");
}

#[tokio::test]
async fn sipp_hears_keys_by_info_and_the_hanging_up() {
    let stage = stage(|_| ()).await;
    let behaviour = json!({
        "on_call": "answer", "keys": "7#", "key_style": "info", "barge_in": true, "after_ms": 100,
        "hang_up": "after_answer", "hang_up_after_ms": 1_500,
    });
    stage.behave(PHONE, behaviour).await;
    sipp("keys", address(&stage, Transport::Udp), &[]).await.unwrap();
    let gateway = stage.until(TRUNK, |gateway| gateway["happened"]["byes_sent"] == 1).await;
    assert_eq!(gateway["violations"], json!({}));
}

#[tokio::test]
async fn two_hundred_calls_at_once() {
    let stage = stage(|_| ()).await;
    stage
        .put("/sim/v1/behaviour", json!({ "on_call": "answer", "answer_after_ms": 0, "keys": "#", "barge_in": true }))
        .await;
    let many = ["-m", "200", "-l", "200", "-r", "400"];
    sipp("answered", address(&stage, Transport::Udp), &many).await.unwrap();
    let gateway = settled(&stage).await;
    assert_eq!((&gateway["happened"]["answered"], &gateway["happened"]["byes_heard"]), (&json!(200), &json!(200)));
    assert!(gateway["most_in_call"].as_u64().unwrap() > 50, "{gateway}");
    assert_eq!(gateway["violations"], json!({}));
}

#[tokio::test]
async fn baresip_hears_the_keys_of_the_phone() {
    for (transport, word) in [(Transport::Udp, "udp"), (Transport::Tcp, "tcp")] {
        let stage = stage(|_| ()).await;
        let behaviour = json!({ "on_call": "answer", "answer_after_ms": 100, "keys": "12#", "after_ms": 0 });
        stage.behave(PHONE, behaviour).await;
        let server = address(&stage, transport);
        let mut baresip = Baresip::start(server, word).await;
        stage.until(TRUNK, |gateway| gateway["happened"]["registered"].as_u64() >= Some(1)).await;
        baresip.tell("dial", &format!("sip:{PHONE}@{server};transport={word}")).await;
        baresip.hear("CALL_ESTABLISHED").await;
        for key in ["1", "2", "#"] {
            assert_eq!(baresip.hear("CALL_DTMF_START").await["param"], key, "{word}");
        }
        // It has said a tone for a second, which the phone took for a prompt.
        baresip.tell("hangup", "").await;
        let path = format!("/sim/v1/phones/{PHONE}");
        let phone = stage.until(&path, |phone| phone["calls"][0]["state"] == "ended").await;
        let call = &phone["calls"][0];
        assert_eq!((&call["end"], &call["keys"]), (&json!("caller_hung_up"), &json!("12#")));
        let heard = call["prompts"].as_array().unwrap().iter().map(|prompt| prompt["milliseconds"].as_u64().unwrap());
        assert!(heard.sum::<u64>() > 400, "{call}");
        assert_eq!(settled(&stage).await["violations"], json!({}), "{word}");
    }
}

#[tokio::test]
async fn baresip_dials_an_extension() {
    let stage = stage(|_| ()).await;
    let behaviour = json!({ "on_call": "answer", "extension": "42#", "keys": "9", "barge_in": true, "after_ms": 0 });
    stage.behave(PHONE, behaviour).await;
    let server = address(&stage, Transport::Udp);
    let mut baresip = Baresip::start(server, "udp").await;
    stage.until(TRUNK, |gateway| gateway["happened"]["registered"].as_u64() >= Some(1)).await;
    baresip.tell("dial", &format!("sip:{PHONE}@{server}")).await;
    baresip.hear("CALL_ESTABLISHED").await;
    for key in ["4", "2", "#"] {
        baresip.tell("sndcode", key).await;
    }
    assert_eq!(baresip.hear("CALL_DTMF_START").await["param"], "9");
    assert_eq!(stage.get(TRUNK).await["happened"]["keys_heard"], 3);
}
