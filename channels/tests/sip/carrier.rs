//! Calls through kamailio: passwords, registration, and the way within a call.
//! Refuses a phone that is reached without it.

use crate::call::{listen, place, settings};
use crate::edge::{Edge, PASSWORD, USER};
use crate::phone::Phone;
use channels::call::{CallEnd, VoiceGateway};
use channels::sip::{Sip, SipSettings};
use engine::secret::Secret;
use std::time::Duration;

const RING: Duration = Duration::from_secs(20);

fn account(edge: &Edge, password: &str) -> SipSettings {
    SipSettings { user: USER.into(), password: Secret::new(password.into()), ..settings(edge.port) }
}

#[tokio::test]
async fn a_call_goes_through_a_password_and_a_recorded_route() {
    let mut phone = Phone::start("udp").await;
    let edge = Edge::start(phone.port).await;
    let sip = Sip::start(account(&edge, PASSWORD)).unwrap();
    let mut call = place(&sip, RING);
    phone.event("CALL_INCOMING").await;
    phone.command("accept", "").await;
    call.answered().await;
    call.say(4000, listen(5000));
    phone.press("4711#").await;
    assert_eq!(call.keys().await, ("4711".into(), true));
    call.say(100, None);
    assert_eq!(call.end().await, CallEnd::Done);
    phone.event("CALL_CLOSED").await;
    for method in ["ACK", "BYE"] {
        assert!(edge.log().contains(&format!("loose {method}")), "{method} took the recorded route: {}", edge.log());
    }
}

#[tokio::test]
async fn the_person_hangs_up_through_the_carrier() {
    let mut phone = Phone::start("udp").await;
    let edge = Edge::start(phone.port).await;
    let sip = Sip::start(account(&edge, PASSWORD)).unwrap();
    let mut call = place(&sip, RING);
    phone.event("CALL_INCOMING").await;
    phone.command("accept", "").await;
    call.answered().await;
    call.say(4000, listen(5000));
    phone.command("hangup", "").await;
    assert_eq!(call.end().await, CallEnd::HungUp);
}

#[tokio::test]
async fn a_ringing_call_is_taken_back_through_the_carrier() {
    let mut phone = Phone::start("udp").await;
    let edge = Edge::start(phone.port).await;
    let sip = Sip::start(account(&edge, PASSWORD)).unwrap();
    let call = place(&sip, Duration::from_secs(2));
    phone.event("CALL_INCOMING").await;
    assert_eq!(call.end().await, CallEnd::NoAnswer);
    phone.event("CALL_CLOSED").await;
}

#[tokio::test]
async fn a_wrong_password_is_told_once_and_ends_the_call() {
    let phone = Phone::start("udp").await;
    let edge = Edge::start(phone.port).await;
    let sip = Sip::start(account(&edge, "wrong")).unwrap();
    let end = place(&sip, RING).end().await;
    assert!(matches!(&end, CallEnd::GatewayRefused { cause } if cause.contains("wrong user or password")), "{end:?}");
    assert!(sip.trouble().unwrap().contains("wrong user or password"));
}

#[tokio::test]
async fn a_registration_is_made_or_its_refusal_told() {
    let edge = Edge::start(1).await;
    let register =
        |password: &str| SipSettings { register: Some(Duration::from_secs(120)), ..account(&edge, password) };
    let wrong = Sip::start(register("wrong")).unwrap();
    until(|| wrong.trouble().is_some()).await;
    assert!(wrong.trouble().unwrap().contains("registration refused: wrong user or password"));
    let right = Sip::start(register(PASSWORD)).unwrap();
    until(|| edge.log().contains(&format!("registered {USER}"))).await;
    assert_eq!(right.trouble(), None);
}

#[tokio::test]
async fn whoever_stops_waiting_for_a_call_hangs_it_up() {
    let mut phone = Phone::start("udp").await;
    let edge = Edge::start(phone.port).await;
    let sip =
        Sip::start(SipSettings { keep_alive: Some(Duration::from_secs(30)), ..account(&edge, PASSWORD) }).unwrap();
    let mut call = place(&sip, RING);
    phone.event("CALL_INCOMING").await;
    phone.command("accept", "").await;
    call.answered().await;
    call.forget();
    phone.event("CALL_CLOSED").await;
}

async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it did not come to that");
}
