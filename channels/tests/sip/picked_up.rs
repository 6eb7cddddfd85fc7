//! baresip picks up, presses keys, hangs up, declines, or does nothing.
//! Refuses a carrier in between.

use crate::call::{listen, place, settings};
use crate::phone::Phone;
use channels::call::{CallEnd, News, Order};
use channels::sip::Sip;
use std::time::Duration;

const RING: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_phone_picks_up_and_its_keys_arrive() {
    let mut phone = Phone::start("udp").await;
    let sip = Sip::start(settings(phone.port)).unwrap();
    let mut call = place(&sip, RING);
    assert!(matches!(call.news().await, News::Placed { provider_id } if !provider_id.is_empty()));
    assert!(matches!(call.news().await, News::Ringing));
    phone.event("CALL_INCOMING").await;
    phone.command("accept", "").await;
    call.answered().await;
    call.say(5000, listen(5000));
    phone.press("12*3#").await;
    assert_eq!(call.keys().await, ("12*3".into(), true), "{}", phone.log());
    call.say(300, None);
    assert_eq!(call.end().await, CallEnd::Done);
    phone.event("CALL_CLOSED").await;
    assert!(phone.loudest() > 1000, "our words arrive: {}", phone.loudest());
}

#[tokio::test]
async fn the_person_hangs_up() {
    let mut phone = Phone::start("udp").await;
    let sip = Sip::start(settings(phone.port)).unwrap();
    let mut call = place(&sip, RING);
    phone.event("CALL_INCOMING").await;
    phone.command("accept", "").await;
    call.answered().await;
    call.say(5000, listen(5000));
    phone.command("hangup", "").await;
    assert_eq!(call.end().await, CallEnd::HungUp);
}

#[tokio::test]
async fn the_person_declines() {
    let mut phone = Phone::start("udp").await;
    let sip = Sip::start(settings(phone.port)).unwrap();
    let call = place(&sip, RING);
    phone.event("CALL_INCOMING").await;
    phone.command("hangup", "").await;
    assert_eq!(call.end().await, CallEnd::Busy, "baresip declines with 486");
}

#[tokio::test]
async fn nobody_picks_up_and_the_call_is_taken_back() {
    let mut phone = Phone::start("udp").await;
    let sip = Sip::start(settings(phone.port)).unwrap();
    let call = place(&sip, Duration::from_secs(2));
    phone.event("CALL_INCOMING").await;
    assert_eq!(call.end().await, CallEnd::NoAnswer);
    phone.event("CALL_CLOSED").await;
}

#[tokio::test]
async fn an_order_to_hang_up_takes_a_ringing_call_back() {
    let mut phone = Phone::start("udp").await;
    let sip = Sip::start(settings(phone.port)).unwrap();
    let call = place(&sip, RING);
    phone.event("CALL_INCOMING").await;
    call.orders.send(Order::HangUp).unwrap();
    assert_eq!(call.end().await, CallEnd::Done);
    phone.event("CALL_CLOSED").await;
}

#[tokio::test]
async fn over_tcp_the_same_call_goes() {
    let mut phone = Phone::start("tcp").await;
    let mut settings = settings(phone.port);
    settings.transport = channels::sip::Carrier::Tcp;
    let sip = Sip::start(settings).unwrap();
    let mut call = place(&sip, RING);
    phone.event("CALL_INCOMING").await;
    phone.command("accept", "").await;
    call.answered().await;
    call.say(3000, listen(5000));
    phone.press("7#").await;
    assert_eq!(call.keys().await, ("7".into(), true));
    phone.command("hangup", "").await;
    assert_eq!(call.end().await, CallEnd::HungUp);
}
