//! A peer's SDP, as an offer and as an answer, for plain and for secure sound.
//! Refuses an answer of ours that we would not take ourselves.

use channels::media::{Heard, Leg, MediaSettings, Sounds};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};
use tokio::sync::mpsc::UnboundedReceiver;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The sound of the calls that strangers' bytes are given to; no packet goes out, as no call is ever answered.
pub(crate) static SOUNDS: LazyLock<Arc<Sounds>> = LazyLock::new(|| {
    let settings = MediaSettings { address: HERE, advertised: HERE, ports: 20_000..=60_000, strict_source: true };
    Sounds::start(settings).expect("there are free ports")
});

static LEGS: LazyLock<[Leg; 2]> = LazyLock::new(|| [false, true].map(|secure| open(secure).0));

pub(crate) fn open(secure: bool) -> (Leg, UnboundedReceiver<Heard>) {
    SOUNDS.open(secure).expect("there are free ports")
}

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let taken = LEGS.each_ref().map(|leg| takes(leg, data));
    assert!(taken != [true, true] || lines(data) > 1, "one stream is plain or secure, not both");
    taken.contains(&true)
}

fn takes(leg: &Leg, data: &[u8]) -> bool {
    let is_answer = leg.take_answer(data);
    let answer = leg.take_offer(data);
    assert_eq!(is_answer.err(), answer.as_ref().err().cloned());
    let Ok(answer) = answer else { return false };
    assert_eq!(leg.take_offer(data).as_ref(), Ok(&answer), "the same offer again has the same answer");
    assert_eq!(lines(&answer), lines(data), "every stream is answered");
    let text = String::from_utf8(answer).expect("our SDP is text");
    let taken = text.lines().filter(|line| line.starts_with("m=") && line.split(' ').nth(1) != Some("0"));
    assert_eq!(taken.count(), 1, "{text}");
    leg.take_answer(text.as_bytes()).expect("we take what we say");
    true
}

fn lines(text: &[u8]) -> usize {
    text.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| line.starts_with(b"m=")).count()
}
