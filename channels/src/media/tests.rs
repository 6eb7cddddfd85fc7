//! Legs against each other and against a bare socket, over loopback.

use super::rtp::{self, Head};
use super::*;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Nothing here takes longer.
const BOUND: Duration = Duration::from_secs(10);

fn sounds(strict_source: bool) -> Arc<Sounds> {
    Sounds::start(MediaSettings { address: HERE, advertised: HERE, ports: 20_000..=60_000, strict_source }).unwrap()
}

async fn next(hears: &mut UnboundedReceiver<Heard>) -> Heard {
    tokio::time::timeout(BOUND, hears.recv()).await.unwrap().unwrap()
}

async fn key(hears: &mut UnboundedReceiver<Heard>) -> char {
    match next(hears).await {
        Heard::Key(key) => key,
        other @ (Heard::Played | Heard::Silent | Heard::Held | Heard::Resumed) => panic!("{other:?}"),
    }
}

/// Waits for what only shows by looking.
async fn until(mut is_so: impl FnMut() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(BOUND, wait).await.unwrap();
}

struct Two {
    one: Leg,
    one_hears: UnboundedReceiver<Heard>,
    other: Leg,
    other_hears: UnboundedReceiver<Heard>,
}

/// Two legs that have agreed; `change` is made to what the first is told.
fn two(sounds: &Arc<Sounds>, secure: bool, change: impl Fn(String) -> String) -> Two {
    let (one, one_hears) = sounds.open(secure).unwrap();
    let (other, other_hears) = sounds.open(secure).unwrap();
    let answer = other.take_offer(&one.offer()).unwrap();
    one.take_answer(change(String::from_utf8(answer).unwrap()).as_bytes()).unwrap();
    Two { one, one_hears, other, other_hears }
}

fn noise() -> Arc<[u8]> {
    (0..3999_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn contains(tape: &[u8], sound: &[u8]) -> bool {
    tape.windows(sound.len()).any(|window| window == sound)
}

#[tokio::test]
async fn what_is_played_is_heard_sample_by_sample() {
    for secure in [false, true] {
        let mut two = two(&sounds(true), secure, |answer| answer);
        two.one.connect();
        two.other.connect();
        let sound = noise();
        two.one.play(vec![Sound::Audio(Arc::clone(&sound))]);
        assert_eq!(next(&mut two.one_hears).await, Heard::Played);
        let tape = || two.other.line.talk().hearing.tape.clone();
        until(|| contains(&tape(), &sound)).await;
        assert_eq!(two.other.statistics().lost + two.other.statistics().duplicates, 0);
    }
}

#[tokio::test]
async fn dialled_keys_are_heard_as_events_and_as_tones() {
    for takes_events in [true, false] {
        let mut two = two(&sounds(true), false, |answer| match takes_events {
            true => answer,
            false => answer.replace(" 101\r\n", "\r\n").replace("a=rtpmap:101 telephone-event/8000\r\n", ""),
        });
        two.one.connect();
        two.other.connect();
        two.one.play(vec![Sound::Keys("1590,#".into())]);
        for expected in "1590#".chars() {
            assert_eq!(key(&mut two.other_hears).await, expected);
        }
        assert_eq!(next(&mut two.one_hears).await, Heard::Played);
        assert!(two.other_hears.try_recv().is_err());
    }
}

#[tokio::test]
async fn nothing_goes_out_before_the_answer_and_silence_after_it() {
    let (leg, _hears) = sounds(true).open(false).unwrap();
    let (peer, answer) = peer(0);
    leg.take_answer(answer.as_bytes()).unwrap();
    leg.play(vec![Sound::Audio(noise())]);
    // The threads have had their turn once a datagram was counted.
    let stranger = UdpSocket::bind((HERE, 0)).unwrap();
    stranger.send_to(b"x", leg.line.pair.sound.local_addr().unwrap()).unwrap();
    until(|| leg.statistics().strangers == 1).await;
    assert_eq!(leg.statistics().sent, 0);
    leg.stop();
    leg.connect();
    let mut bytes = [0; 300];
    for at in 0..3_u16 {
        let (length, _) = peer.recv_from(&mut bytes).unwrap();
        let packet = rtp::parse(&bytes[..length]).unwrap();
        assert_eq!((packet.payload, packet.head.marker), (&[0xff; 160][..], at == 0));
    }
}

/// A bare peer and its SDP.
fn peer(port_beside: u16) -> (UdpSocket, String) {
    let socket = UdpSocket::bind((HERE, 0)).unwrap();
    socket.set_read_timeout(Some(BOUND)).unwrap();
    let port = socket.local_addr().unwrap().port().wrapping_add(port_beside).max(1024);
    (
        socket,
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n"
        ),
    )
}

fn packet(sequence: u16) -> Vec<u8> {
    let mut bytes = vec![0xff; 172];
    let timestamp = u32::from(sequence) * 160;
    Head { marker: false, payload_type: 0, sequence, timestamp, ssrc: 9 }.write(&mut bytes);
    bytes
}

fn address(leg: &Leg) -> SocketAddr {
    leg.line.pair.sound.local_addr().unwrap()
}

#[tokio::test]
async fn a_strict_leg_drops_strangers() {
    let (leg, _hears) = sounds(true).open(false).unwrap();
    let (peer, answer) = peer(0);
    leg.take_answer(answer.as_bytes()).unwrap();
    leg.connect();
    let stranger = UdpSocket::bind((HERE, 0)).unwrap();
    stranger.send_to(&packet(1), address(&leg)).unwrap();
    until(|| leg.statistics().strangers == 1).await;
    peer.send_to(&packet(1), address(&leg)).unwrap();
    until(|| leg.statistics().received == 1).await;
    assert_eq!(peer.recv(&mut [0; 300]).unwrap(), 172);
}

#[tokio::test]
async fn a_leg_that_is_not_strict_sends_to_where_sound_comes_from() {
    let (leg, _hears) = sounds(false).open(false).unwrap();
    let (real, answer) = peer(1);
    leg.take_answer(answer.as_bytes()).unwrap();
    leg.connect();
    real.send_to(b"no sound", address(&leg)).unwrap();
    until(|| leg.statistics().broken == 1).await;
    let from = |leg: &Leg| leg.line.talk().hearing.address().unwrap();
    assert_ne!(from(&leg), real.local_addr().unwrap());
    for sequence in 1..=5 {
        real.send_to(&packet(sequence), address(&leg)).unwrap();
    }
    assert_eq!(real.recv(&mut [0; 300]).unwrap(), 172);
    assert_eq!(from(&leg), real.local_addr().unwrap());
}

#[tokio::test]
async fn a_hold_is_told_and_silences_us_until_it_is_over() {
    let mut two = two(&sounds(true), false, |answer| answer);
    two.one.connect();
    let hold = String::from_utf8(two.other.offer()).unwrap().replace("sendrecv", "sendonly");
    let answer = String::from_utf8(two.one.take_offer(hold.as_bytes()).unwrap()).unwrap();
    assert!(answer.contains("a=recvonly\r\n"), "{answer}");
    assert_eq!(next(&mut two.one_hears).await, Heard::Held);
    two.one.play(vec![]);
    two.one.take_offer(&two.other.offer()).unwrap();
    assert_eq!(next(&mut two.one_hears).await, Heard::Resumed);
    assert_eq!(next(&mut two.one_hears).await, Heard::Played);
}

#[tokio::test]
async fn a_dropped_leg_gives_its_ports_back_and_ends_its_channel() {
    let sounds = sounds(true);
    let (leg, mut hears) = sounds.open(false).unwrap();
    let there = address(&leg);
    drop(leg);
    assert!(tokio::time::timeout(BOUND, hears.recv()).await.unwrap().is_none());
    until(|| UdpSocket::bind(there).is_ok()).await;
}

#[tokio::test]
async fn a_key_in_info_counts_once_the_call_is_answered() {
    let mut two = two(&sounds(true), false, |answer| answer);
    assert_eq!(two.one.info("application/dtmf", b"1"), Ok(()));
    two.one.connect();
    assert_eq!(two.one.info("application/dtmf", b"2"), Ok(()));
    assert_eq!(two.one.info("text/plain", b"3"), Err(InfoRefused::Type));
    assert_eq!(key(&mut two.one_hears).await, '2');
    assert!(two.one_hears.try_recv().is_err());
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let settings = |advertised: &str, ports| MediaSettings {
        address: HERE,
        advertised: advertised.parse().unwrap(),
        ports,
        strict_source: true,
    };
    assert_eq!(Sounds::start(settings("::1", 20_000..=60_000)).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    assert_eq!(Sounds::start(settings("127.0.0.1", 9..=9)).unwrap_err().kind(), io::ErrorKind::AddrInUse);
}

#[test]
fn keys_are_not_shown() {
    let shown = format!("{:?}{:?}", Heard::Key('7'), Sound::Keys("7".into()));
    assert!(!shown.contains('7'), "{shown}");
}
