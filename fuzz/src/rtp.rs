//! Datagrams that reach a call: each has a byte for the ms since the one before, a byte for its length, and its bytes. The
//! first byte of all says whether the sound is secure.
//! Refuses a key that no event names, and a datagram that is not counted.

use crate::sdp;
use channels::media::{Heard, Leg};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

const PEER: ([u8; 4], u16) = ([127, 0, 0, 1], 9);

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let (secure, mut rest) = data.split_first().map_or((false, data), |(first, rest)| (first & 1 == 1, rest));
    let (leg, mut heard) = answered(secure);
    let (mut at, mut count, mut events) = (Duration::ZERO, 0, 0);
    while let Some((milliseconds, datagram, after)) = datagram(rest) {
        at += Duration::from_millis(milliseconds.into());
        leg.replay(&mut datagram.to_vec(), SocketAddr::from(PEER), at);
        count += 1;
        events += usize::from(datagram.len() >= 16);
        rest = after;
    }
    counted(&leg, count);
    assert!(keys(&mut heard) <= events);
    leg.statistics().received > 0
}

fn counted(leg: &Leg, count: u64) {
    let counts = leg.statistics();
    assert_eq!(counts.received + counts.broken + counts.strangers, count);
    assert!(counts.duplicates + counts.late <= counts.received);
}

/// A call with a peer that sends both laws, and events as 101.
fn answered(secure: bool) -> (Leg, UnboundedReceiver<Heard>) {
    let (leg, heard) = sdp::open(secure);
    let (protocol, key) = match secure {
        true => ("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:4fl6DT4BjgvmT6MsBt5BOQ7Gda1Jiv7rtpYLOqvm\r\n"),
        false => ("RTP/AVP", ""),
    };
    let head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
    let text =
        format!("{head}m=audio 9 {protocol} 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n{key}a=sendonly\r\n");
    leg.take_answer(text.as_bytes()).expect("it is a right answer");
    // The peer holds us, so that nothing is sent to it.
    leg.connect();
    (leg, heard)
}

fn datagram(rest: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [milliseconds, length, rest @ ..] = rest else { return None };
    let (datagram, after) = rest.split_at(usize::from(*length).min(rest.len()));
    Some((*milliseconds, datagram, after))
}

/// How many keys were told. All of them are keys.
fn keys(heard: &mut UnboundedReceiver<Heard>) -> usize {
    let mut count = 0;
    while let Ok(heard) = heard.try_recv() {
        match heard {
            Heard::Key(key) => {
                assert!("0123456789*#ABCD".contains(key));
                count += 1;
            }
            Heard::Played | Heard::Silent | Heard::Held | Heard::Resumed => {}
        }
    }
    count
}
