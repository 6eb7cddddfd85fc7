//! Stories of the simulated carrier, told by a caller of few lines: calls that end in every way, what is heard and pressed, and what is
//! counted against a caller.
//! They hold that the carrier is strict where carriers are.
#![allow(clippy::unwrap_used, reason = "a test")]

mod stage;

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use simulators::sip::{Challenge, Ringing, Transport};
use simulators::{Settings, SipGateway};
use stage::caller::Caller;
use stage::{OURS, PHONE, Stage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const TRUNK: &str = "/sim/v1/gateways/sip";

/// A carrier that asks for no password, unless `change` wants it.
async fn stage(change: impl FnOnce(&mut SipGateway)) -> Stage {
    let mut gateway = SipGateway { challenge: Challenge::None, pause_ms: 300, ..SipGateway::default() };
    change(&mut gateway);
    Stage::with(|settings: &mut Settings| settings.sip = vec![gateway]).await
}

async fn caller(stage: &Stage) -> Caller {
    Caller::new(stage.simulators.sip_address("sip", Transport::Udp).unwrap()).await
}

async fn phone(stage: &Stage) -> Value {
    stage.get(&format!("/sim/v1/phones/{PHONE}")).await["calls"][0].clone()
}

/// Waits until the phone's first call is in this state.
async fn call_until(stage: &Stage, state: &str) -> Value {
    let path = format!("/sim/v1/phones/{PHONE}");
    stage.until(&path, |phone| phone["calls"][0]["state"] == state).await["calls"][0].clone()
}

async fn violations(stage: &Stage) -> Value {
    stage.get(TRUNK).await["violations"].clone()
}

#[tokio::test]
async fn a_prompt_is_heard_and_answered_with_keys() {
    let stage = stage(|_| ()).await;
    stage
        .behave(
            PHONE,
            json!({ "on_call": "answer", "answer_after_ms": 0, "keys": "{pin}#", "pin": "24", "after_ms": 0 }),
        )
        .await;
    let mut caller = caller(&stage).await;
    let answer = caller.call().await;
    assert!(answer.body().contains("a=rtpmap:101 telephone-event/8000"), "{}", answer.text);
    caller.speak(&answer, 0x80, (1, 25)).await;
    assert_eq!(caller.hear_keys(3).await, "24#");
    caller.send("BYE", "", "").await;
    caller.hear_code(200).await;
    let call = call_until(&stage, "ended").await;
    assert_eq!((&call["from"], &call["keys"], &call["end"]), (&json!(OURS), &json!("24#"), &json!("caller_hung_up")));
    assert_eq!(call["prompts"].as_array().unwrap().len(), 1, "{call}");
    assert_eq!(call["prompts"][0]["milliseconds"], 500);
    let wav = stage.client.get(stage.url(call["prompts"][0]["wav"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(wav.headers()["content-type"], "audio/wav");
    let wav = wav.bytes().await.unwrap();
    assert_eq!((wav.len(), &wav[..4], i16::from_le_bytes([wav[44], wav[45]])), (44 + 8_000, &b"RIFF"[..], 32_124));
    let gateway = stage.get(TRUNK).await;
    assert_eq!((&gateway["violations"], &gateway["happened"]["byes_heard"]), (&json!({}), &json!(1)), "{gateway}");
    assert_eq!((&gateway["in_call"], &gateway["most_in_call"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn each_refusal_has_its_status() {
    let stage = stage(|_| ()).await;
    let cases = [
        (json!({ "on_call": "busy" }), 486, "busy"),
        (json!({ "on_call": "decline", "answer_after_ms": 50 }), 603, "declined"),
        (json!({ "on_call": "unreachable" }), 480, "unreachable"),
        (json!({ "on_call": "unallocated" }), 404, "unallocated"),
    ];
    for (place, (behaviour, code, end)) in cases.into_iter().enumerate() {
        stage.behave(PHONE, behaviour).await;
        let mut caller = caller(&stage).await;
        caller.invite("").await;
        caller.hear_code(code).await;
        caller.ack_refusal().await;
        let phone = stage.get(&format!("/sim/v1/phones/{PHONE}")).await;
        assert_eq!(phone["calls"][place]["end"], end, "{code}");
    }
    assert_eq!(stage.get(TRUNK).await["refused"], json!({ "404": 1, "480": 1, "486": 1, "603": 1 }));
    assert_eq!(violations(&stage).await, json!({}));
}

#[tokio::test]
async fn who_may_not_call_rings_no_phone() {
    let stage = stage(|_| ()).await;
    let mut foreign = caller(&stage).await;
    foreign.from = "+12025559999".to_owned();
    foreign.invite("").await;
    foreign.hear_code(403).await;
    let mut lost = caller(&stage).await;
    lost.to = lost.to.replace(PHONE, "extension");
    lost.invite("").await;
    lost.hear_code(404).await;
    let mut deaf = caller(&stage).await;
    let offer = deaf.offer().replace("RTP/AVP 0 8 101", "RTP/AVP 18");
    deaf.send("INVITE", "", &offer).await;
    deaf.hear_code(488).await;
    let mut hasty = caller(&stage).await;
    hasty.invite("Supported: timer\r\nSession-Expires: 60\r\n").await;
    assert_eq!(hasty.hear_code(422).await.field("Min-SE"), "90");
    let mut fancy = caller(&stage).await;
    fancy.invite("Require: timer, magic\r\n").await;
    assert_eq!(fancy.hear_code(420).await.field("Unsupported"), "magic");
    let mut chatty = caller(&stage).await;
    chatty.send("INVITE", "Content-Type: text/plain\r\n", "hello").await;
    chatty.hear_code(415).await;
    assert_eq!(stage.get("/sim/v1/phones").await["total"], 0);
}

#[tokio::test]
async fn a_call_is_cancelled_while_it_rings() {
    let stage = stage(|_| ()).await;
    let mut caller = caller(&stage).await;
    caller.invite("").await;
    caller.hear_code(180).await;
    caller.send("CANCEL", "", "").await;
    assert_eq!(caller.hear_code(200).await.field("CSeq"), "1 CANCEL");
    assert_eq!(caller.hear_code(487).await.field("CSeq"), "1 INVITE");
    caller.ack_refusal().await;
    assert_eq!(call_until(&stage, "ended").await["end"], "cancelled");
    assert_eq!(violations(&stage).await, json!({}));
}

#[tokio::test]
async fn a_tester_has_the_phone_in_hand() {
    let stage = stage(|_| ()).await;
    let act = |what: &'static str| stage.call(Method::POST, what, None);
    stage::assert_problem(&act("/sim/v1/phones/+12025550123/answer").await, 409, "no_call");
    let mut caller = caller(&stage).await;
    caller.invite("").await;
    caller.hear_code(180).await;
    assert_eq!(call_until(&stage, "ringing").await["answered_at"], Value::Null);
    stage::assert_problem(&act("/sim/v1/phones/+12025550123/hang_up").await, 409, "no_call");
    assert_eq!(act("/sim/v1/phones/+12025550123/answer").await.status, 202);
    caller.hear_code(200).await;
    caller.send("ACK", "", "").await;
    let keys = |keys: &str| stage.call(Method::POST, "/sim/v1/phones/+12025550123/keys", Some(json!({ "keys": keys })));
    stage::assert_problem(&keys("12x").await, 400, "invalid_request");
    assert_eq!(keys("9*").await.status, 202);
    assert_eq!(caller.hear_keys(2).await, "9*");
    assert_eq!(act("/sim/v1/phones/+12025550123/hang_up").await.status, 202);
    let bye = caller.hear_request("BYE").await;
    caller.answer(&bye, "").await;
    let call = call_until(&stage, "ended").await;
    assert_eq!((&call["end"], &call["keys"]), (&json!("hung_up"), &json!("9*")));
    let path = format!("/sim/v1/calls/{}/prompts/0.wav", call["id"].as_str().unwrap());
    stage::assert_problem(&stage.call(Method::GET, &path, None).await, 404, "not_found");
}

#[tokio::test]
async fn keys_by_info_and_by_tones() {
    let stage = stage(|_| ()).await;
    let keyed =
        |style: &str| json!({ "on_call": "answer", "keys": "5", "barge_in": true, "after_ms": 0, "key_style": style });
    stage.behave(PHONE, keyed("info")).await;
    let mut one = caller(&stage).await;
    one.call().await;
    let info = one.hear_request("INFO").await;
    assert!(info.body().starts_with("Signal=5\r\n"), "{}", info.text);
    one.answer(&info, "").await;
    one.send("BYE", "", "").await;
    one.hear_code(200).await;
    stage.behave(PHONE, keyed("tone")).await;
    let mut other = caller(&stage).await;
    let answer = other.call().await;
    assert!(!answer.body().contains("telephone-event"), "{}", answer.text);
    while other.listen().await.1.iter().all(|byte| *byte == 0xFF) {}
}

#[tokio::test]
async fn the_attendant_hears_events_and_info() {
    let stage = stage(|_| ()).await;
    let behaviour = json!({ "on_call": "answer", "extension": "42", "keys": "#", "barge_in": true, "after_ms": 0 });
    stage.behave(PHONE, behaviour).await;
    let mut caller = caller(&stage).await;
    let answer = caller.call().await;
    caller.send("INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=4\r\nDuration=100\r\n").await;
    caller.hear_code(200).await;
    let port = answer.body().split("m=audio ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    for _ in 0..3 {
        let event = [0x80, 101, 0, 1, 0, 0, 0, 9, 0, 0, 0, 7, 2, 0x8A, 3, 32];
        caller.sound.send_to(&event, format!("127.0.0.1:{port}")).await.unwrap();
    }
    assert_eq!(caller.hear_keys(1).await, "#");
    caller.send("INFO", "Content-Type: text/plain\r\n", "x").await;
    caller.hear_code(415).await;
}

#[tokio::test]
async fn the_phone_holds_and_resumes() {
    let stage = stage(|_| ()).await;
    let behaviour = json!({ "on_call": "answer", "answer_after_ms": 0, "hold": { "after_ms": 50, "for_ms": 100 } });
    stage.behave(PHONE, behaviour).await;
    let mut caller = caller(&stage).await;
    caller.call().await;
    for direction in ["sendonly", "sendrecv"] {
        let invite = caller.hear_request("INVITE").await;
        assert!(invite.body().contains(&format!("a={direction}\r\n")), "{}", invite.text);
        let answer = caller.offer() + if direction == "sendonly" { "a=recvonly\r\n" } else { "" };
        caller.answer(&invite, &answer).await;
        let ack = caller.hear_request("ACK").await;
        assert_eq!(ack.field("CSeq").split(' ').next(), invite.field("CSeq").split(' ').next());
    }
    assert_eq!(violations(&stage).await, json!({}));
}

#[tokio::test]
async fn sessions_and_changes_are_answered() {
    let stage = stage(|_| ()).await;
    stage.behave(PHONE, json!({ "on_call": "answer", "answer_after_ms": 0 })).await;
    let mut caller = caller(&stage).await;
    caller.invite("Supported: timer\r\nSession-Expires: 1800\r\n").await;
    assert_eq!(caller.hear_code(200).await.field("Session-Expires"), "1800;refresher=uac");
    caller.send("ACK", "", "").await;
    let hold = caller.offer() + "a=sendonly\r\n";
    caller.send("INVITE", "", &hold).await;
    let held = caller.hear_code(200).await;
    assert!(held.body().contains("a=recvonly"), "{}", held.text);
    caller.send("ACK", "", "").await;
    caller.send("UPDATE", "Supported: timer\r\nSession-Expires: 900\r\n", "").await;
    assert_eq!(caller.hear_code(200).await.field("Session-Expires"), "900;refresher=uac");
    caller.send("OPTIONS", "", "").await;
    caller.hear_code(200).await;
    caller.number -= 2;
    caller.send("INFO", "", "").await;
    caller.hear_code(500).await;
    assert_eq!(violations(&stage).await, json!({ "old_number": 1 }));
}

#[tokio::test]
async fn early_media_is_told_reliably() {
    let stage = stage(|gateway| {
        gateway.reliable = true;
        gateway.ringing = Ringing::EarlyMedia;
    })
    .await;
    stage.behave(PHONE, json!({ "on_call": "answer", "answer_after_ms": 0 })).await;
    let mut caller = caller(&stage).await;
    caller.invite("Supported: 100rel\r\n").await;
    let progress = caller.hear_code(183).await;
    assert!(progress.body().contains("m=audio"), "{}", progress.text);
    assert!(caller.listen().await.1.iter().any(|byte| *byte != 0xFF), "it rings");
    // Without an acknowledgement it comes again, and no answer does.
    assert_eq!(caller.hear().await.text, progress.text);
    let rseq = progress.field("RSeq").to_owned();
    caller.send("PRACK", "RAck: 1 1 INVITE\r\n", "").await;
    caller.hear_code(481).await;
    caller.send("PRACK", &format!("RAck: {rseq} 1 INVITE\r\n"), "").await;
    assert_eq!(caller.hear_code(200).await.field("CSeq"), "3 PRACK");
    let answer = caller.hear_code(200).await;
    assert_eq!((answer.field("CSeq"), answer.body()), ("1 INVITE", ""));
    caller.number = 1;
    caller.send("ACK", "", "").await;
    assert_eq!(violations(&stage).await, json!({ "wrong_prack": 1 }));
}

#[tokio::test]
async fn an_ack_that_is_wrong_is_counted() {
    let stage = stage(|_| ()).await;
    stage.behave(PHONE, json!({ "on_call": "answer", "answer_after_ms": 0 })).await;
    let mut one = caller(&stage).await;
    one.invite("").await;
    one.hear_code(200).await;
    // Within the INVITE's own transaction, where an ACK of a 200 does not belong.
    let text = one.text("ACK", "", "");
    one.raw(&text).await;
    one.send("BYE", "", "").await;
    one.hear_code(200).await;
    let mut other = caller(&stage).await;
    other.number = 1;
    other.branch = "z9hG4bKnever".to_owned();
    other.dialog = "<sip:nobody@test>;tag=never".to_owned();
    let stray = other.text("ACK", "", "");
    other.raw(&stray).await;
    other.send("BYE", "", "").await;
    other.hear_code(481).await;
    assert_eq!(violations(&stage).await, json!({ "wrong_ack": 1, "stray_ack": 1, "no_dialog": 1 }));
}

#[tokio::test]
async fn what_is_sent_again_is_answered_again() {
    let stage = stage(|_| ()).await;
    let mut caller = caller(&stage).await;
    caller.send("OPTIONS", "", "").await;
    let first = caller.hear().await;
    caller.dialog.clear();
    caller.target.clear();
    let again = caller.text("OPTIONS", "", "");
    caller.raw(&again).await;
    assert_eq!(caller.hear().await.text, first.text);
    assert_eq!(stage.get(TRUNK).await["happened"], json!({ "options": 1, "repeated": 1 }));
}

#[tokio::test]
async fn faults_do_what_they_say() {
    let stage = stage(|_| ()).await;
    stage.behave(PHONE, json!({ "on_call": "answer", "answer_after_ms": 0 })).await;
    let faults = |faults: Value| stage.put("/sim/v1/gateways/sip/faults", faults);
    faults(json!({ "statuses": [{ "probability": 1, "status": 503, "retry_after": 7, "cause": 34 }] })).await;
    let mut refused = caller(&stage).await;
    refused.invite("").await;
    let told = refused.hear_code(503).await;
    assert_eq!((told.field("Retry-After"), told.field("Reason")), ("7", "Q.850;cause=34"));
    faults(json!({ "lost_ok": 1 })).await;
    let mut waiting = caller(&stage).await;
    waiting.invite("").await;
    waiting.hear_code(180).await;
    stage.until(TRUNK, |gateway| gateway["happened"]["answered"] == 1).await;
    faults(json!({})).await;
    waiting.hear_code(200).await;
    waiting.send("ACK", "", "").await;
    faults(json!({ "silence": 1 })).await;
    let mut ignored = caller(&stage).await;
    ignored.invite("").await;
    stage.until(TRUNK, |gateway| gateway["happened"]["silenced"] == 1).await;
    faults(json!({ "network": { "only": "to_phone" } })).await;
    let bad = json!({ "network": { "loss": 7 } });
    stage::assert_problem(
        &stage.call(Method::PUT, "/sim/v1/gateways/sip/faults", Some(bad)).await,
        400,
        "invalid_request",
    );
    assert_eq!(stage.get("/sim/v1/gateways/sip/faults").await["network"]["only"], "to_phone");
    stage.reset().await;
    assert_eq!(stage.get("/sim/v1/gateways/sip/faults").await["network"]["only"], Value::Null);
    // What a reset forgets hangs up.
    waiting.hear_request("BYE").await;
}

#[tokio::test]
async fn a_stream_has_to_say_how_long_its_messages_are() {
    let stage = stage(|_| ()).await;
    let address = stage.simulators.sip_address("sip", Transport::Tcp).unwrap();
    let caller = caller(&stage).await;
    let options = caller.text("OPTIONS", "", "").replace("branch=", "branch=z9hG4bKs").replace("/UDP", "/TCP");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("\r\n\r\n{options}").as_bytes()).await.unwrap();
    let mut told = vec![0; 4_096];
    let length = stream.read(&mut told[..2]).await.unwrap();
    assert_eq!(&told[..length], b"\r\n", "a pong");
    let length = stream.read(&mut told).await.unwrap();
    assert!(told[..length].starts_with(b"SIP/2.0 200 OK"), "{}", String::from_utf8_lossy(&told[..length]));
    stream.write_all(options.replace("Content-Length: 0\r\n", "").as_bytes()).await.unwrap();
    assert_eq!(stream.read(&mut told).await.unwrap(), 0, "closed");
    assert_eq!(violations(&stage).await, json!({ "malformed": 1 }));
}

#[tokio::test]
async fn tls_shows_the_certificate_of_the_run() {
    let stage = stage(|_| ()).await;
    let pem = stage.call(Method::GET, "/sim/v1/gateways/sip/certificate", None).await.text;
    assert_eq!(Some(pem.as_str()), stage.simulators.sip_certificate("sip"));
    let mut roots = rustls::RootCertStore::empty();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    roots.add(data_encoding::BASE64.decode(body.as_bytes()).unwrap().into()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let address = stage.simulators.sip_address("sip", Transport::Tls).unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap();
    let caller = caller(&stage).await;
    let options = caller.text("OPTIONS", "", "").replace("branch=", "branch=z9hG4bKs").replace("/UDP", "/TLS");
    stream.write_all(options.as_bytes()).await.unwrap();
    let mut told = vec![0; 4_096];
    let length = stream.read(&mut told).await.unwrap();
    assert!(told[..length].starts_with(b"SIP/2.0 200 OK"));
}

#[tokio::test]
async fn nothing_outlives_a_stop_in_a_call() {
    let stage = stage(|_| ()).await;
    stage.behave(PHONE, json!({ "on_call": "answer", "answer_after_ms": 0 })).await;
    let mut caller = caller(&stage).await;
    caller.call().await;
    call_until(&stage, "answered").await;
    assert_eq!(phone(&stage).await["state"], "answered");
    let udp = stage.simulators.sip_address("sip", Transport::Udp).unwrap();
    stage.simulators.stop().await;
    std::net::UdpSocket::bind(udp).expect("the port is free again");
    while tokio::time::timeout(Duration::from_millis(200), caller.listen()).await.is_ok() {}
}
