//! Streams of keys as networks deliver them, through the whole receiving side.

use super::super::g711::SILENCE;
use super::super::keys::{event, number, tone};
use super::super::rtp::Head;
use super::super::sdp;
use super::*;

const PEER: &str = "127.0.0.1:4000";
const KEYS: &str = "1590#55*";

/// A datagram, and when it comes in ms.
type Datagram = (u64, Vec<u8>);

fn packet(payload_type: u8, sequence: u16, timestamp: u32, marker: bool, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 12];
    Head { marker, payload_type, sequence, timestamp, ssrc: 77 }.write(&mut bytes);
    bytes.extend(payload);
    bytes
}

/// How the keys are sent.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Events,
    Tones,
    /// The tones, and events beside them with numbers between.
    Both,
    /// A timestamp of its own in each packet.
    Broken,
}

/// Each key for 100 ms with a gap of 100 ms, after half a second of silence; the count goes over its end.
fn stream(way: Way, events: u8) -> Vec<Datagram> {
    let (mut datagrams, mut sequence, mut clock) = (Vec::new(), 65_500_u16, u32::MAX - 9000);
    let mut push = |time: u64, payload_type, timestamp, marker, payload: &[u8]| {
        datagrams.push((time, packet(payload_type, sequence, timestamp, marker, payload)));
        sequence = sequence.wrapping_add(1);
    };
    for tick in 0..25 + 10 * KEYS.len() {
        let time = 20 * tick as u64;
        let mut samples = [SILENCE; 160];
        let (key, at) = (tick.checked_sub(25).map(|tick| tick / 10), (tick.wrapping_sub(25) % 10) as u8);
        let key = key.map(|at| number(KEYS.as_bytes()[at].into()).unwrap());
        let begun = clock.wrapping_sub(u32::from(at) * 160);
        match key {
            Some(key) if way != Way::Tones && at < event::PACKETS => {
                let sent = event::sent(key, at);
                push(time, events, if way == Way::Broken { clock } else { begun }, sent.is_first, &sent.payload);
            }
            Some(_) | None => {}
        }
        if let Some(key) = key.filter(|_| matches!(way, Way::Tones | Way::Both)) {
            tone::write(key, at, &mut samples);
        }
        if key.is_none() || at >= event::PACKETS || matches!(way, Way::Tones | Way::Both) {
            push(time, 0, clock, false, &samples);
        }
        clock = clock.wrapping_add(160);
    }
    datagrams
}

fn agreed(strict: bool, events: u8) -> Hearing {
    let text = format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 {events}\r\n\
         a=rtpmap:{events} telephone-event/8000\r\n"
    );
    let mut hearing = Hearing::new(strict);
    hearing.agree(&sdp::read(text.as_bytes(), false, [127, 0, 0, 1].into()).unwrap().remote);
    hearing.counts_keys = true;
    hearing
}

/// What is heard of datagrams, and a second after them.
fn heard(mut datagrams: Vec<Datagram>, events: u8) -> (String, Statistics) {
    let (mut hearing, mut counts) = (agreed(true, events), Statistics::default());
    datagrams.sort_by_key(|(time, _)| *time);
    for (time, mut datagram) in datagrams {
        let now = Duration::from_millis(time);
        hearing.tick(now, &mut counts);
        hearing.take(&mut datagram, PEER.parse().unwrap(), now, &mut counts);
    }
    hearing.tick(Duration::from_secs(60), &mut counts);
    (hearing.pressed.iter().collect(), counts)
}

fn is_event(datagram: &[u8]) -> bool {
    datagram.len() == 16
}

type Impair = fn(usize, Datagram) -> Vec<Datagram>;

#[test]
fn events_survive_the_network() {
    let cases: [(&str, Impair); 10] = [
        ("clean", |_, one| vec![one]),
        ("everything twice", |_, one| vec![one.clone(), one]),
        ("twice, the second much later", |_, one| vec![one.clone(), (one.0 + 150, one.1)]),
        ("a tenth lost", |at, one| if at % 10 == 3 { vec![] } else { vec![one] }),
        ("a third lost", |at, one| if at % 3 == 1 { vec![] } else { vec![one] }),
        ("first packets lost", |_, one| if one.1[1] & 0x80 != 0 { vec![] } else { vec![one] }),
        ("no end packets", |_, one| if is_event(&one.1) && one.1[13] & 0x80 != 0 { vec![] } else { vec![one] }),
        ("every third late by 70 ms", |at, one| vec![(if at % 3 == 0 { one.0 + 70 } else { one.0 }, one.1)]),
        ("late by up to 150 ms", |at, one| vec![(one.0 + (at as u64 * 37) % 150, one.1)]),
        ("all of it at once", |at, one| {
            let is_end = is_event(&one.1) && one.1[13] & 0x80 != 0;
            let late = (one.0 + (at as u64 * 37) % 90, one.1);
            if at % 10 == 3 || is_end { vec![] } else { vec![late.clone(), late] }
        }),
    ];
    for way in [Way::Events, Way::Both, Way::Broken] {
        for events in [101, 96] {
            for (name, impair) in cases {
                let datagrams = stream(way, events).into_iter().enumerate().flat_map(|(at, one)| impair(at, one));
                assert_eq!(heard(datagrams.collect(), events).0, KEYS, "{name}");
            }
        }
    }
}

#[test]
fn tones_alone_are_heard_though_events_were_agreed() {
    assert_eq!(heard(stream(Way::Tones, 101), 101).0, KEYS);
}

/// A packet of a tone may be lost, but not so that less than 40 ms in a row are left of a key.
#[test]
fn tones_survive_losses() {
    let datagrams = stream(Way::Tones, 101).into_iter().enumerate().filter(|(at, _)| at % 10 != 7);
    assert_eq!(heard(datagrams.map(|(_, one)| one).collect(), 101).0, KEYS);
}

#[test]
fn our_own_number_is_heard_beside_the_peers() {
    assert_eq!(heard(stream(Way::Events, 101), 96).0, KEYS);
    assert_eq!(heard(stream(Way::Events, 97), 96).0, "");
}

#[test]
fn statistics_count_what_the_network_did() {
    let clean = stream(Way::Events, 101);
    let all = clean.len() as u64;
    let without: Vec<_> = clean.iter().enumerate().filter(|(at, _)| at % 20 != 9).map(|(_, one)| one.clone()).collect();
    let (left, lost) = (without.len() as u64, all - without.len() as u64);
    assert_eq!(heard(without, 101).1, Statistics { received: left, lost, ..Statistics::default() });
    let twice = clean.into_iter().flat_map(|one| [one.clone(), one]).collect();
    let expected = Statistics { received: 2 * all, duplicates: all, ..Statistics::default() };
    assert_eq!(heard(twice, 101).1, expected);
}

#[test]
fn a_new_source_of_the_peer_is_heard_from_its_first_packet() {
    let mut datagrams = stream(Way::Events, 101);
    let half = datagrams.len() / 2;
    let other = |bytes: &mut Vec<u8>| (bytes[2], bytes[3], bytes[11]) = (bytes[2] ^ 0x55, bytes[3], 1);
    datagrams[half..].iter_mut().for_each(|(_, bytes)| other(bytes));
    let (keys, counts) = heard(datagrams, 101);
    assert!(keys.len() >= KEYS.len() && counts.lost == 0, "{keys}");
}

#[test]
fn hostile_datagrams_are_counted_and_change_nothing() {
    let (mut hearing, mut counts) = (agreed(true, 101), Statistics::default());
    let good = packet(0, 5, 800, false, &[SILENCE; 160]);
    let mut take = |hearing: &mut Hearing, mut bytes: Vec<u8>, from: &str| {
        hearing.take(&mut bytes, from.parse().unwrap(), Duration::ZERO, &mut counts)
    };
    assert!(!take(&mut hearing, good.clone(), "127.0.0.2:4000"));
    assert!(!take(&mut hearing, good.clone(), "127.0.0.1:4001"));
    assert!(!take(&mut hearing, vec![], PEER));
    assert!(!take(&mut hearing, vec![0; 172], PEER));
    assert!(!take(&mut hearing, vec![0x80, 200, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0], PEER));
    assert!(!take(&mut hearing, packet(55, 5, 800, false, b"?"), PEER));
    assert!(!take(&mut hearing, packet(0, 5, 800, false, &[SILENCE; 961]), PEER));
    assert!(take(&mut hearing, good, PEER));
    assert!(take(&mut hearing, packet(55, 6, 800, false, b"?"), PEER));
    assert!(take(&mut hearing, packet(13, 7, 800, false, b"?"), PEER));
    assert_eq!((counts.strangers, counts.broken, counts.received), (2, 5, 3));
}

/// A call whose peer may be elsewhere than it said, and packets from there.
struct Elsewhere(Hearing, Statistics);

impl Elsewhere {
    fn new() -> Self {
        Self(agreed(false, 101), Statistics::default())
    }

    fn take(&mut self, payload_type: u8, sequence: u16, from: &str, at: u64) -> bool {
        let mut bytes = packet(payload_type, sequence, 0, false, &[SILENCE; 160]);
        self.0.take(&mut bytes, from.parse().unwrap(), Duration::from_millis(at), &mut self.1)
    }

    /// Which of these packets are taken.
    fn taken(&mut self, sequences: impl IntoIterator<Item = u16>, from: &str, at: u64) -> Vec<u16> {
        sequences.into_iter().filter(|sequence| self.take(0, *sequence, from, at)).collect()
    }

    fn is_at(&self, place: &str) -> bool {
        self.0.address() == Some(place.parse().unwrap())
    }
}

const MOVED_TO: &str = "127.0.0.1:5000";
const STRANGER: &str = "127.0.0.9:9";

#[test]
fn a_peer_elsewhere_is_found_after_packets_in_a_row() {
    let mut call = Elsewhere::new();
    assert!(!call.take(55, 1, STRANGER, 0));
    assert_eq!(call.taken(1..=4, MOVED_TO, 0), [0_u16; 0]);
    assert!(call.is_at(PEER));
    assert_eq!(call.taken([6, 7, 8, 9, 10, 11], MOVED_TO, 0), [10, 11], "one was lost");
    assert!(call.is_at(MOVED_TO));
    assert_eq!(call.1.strangers, 8);
}

#[test]
fn a_peer_that_was_found_stays_until_it_falls_silent() {
    let mut call = Elsewhere::new();
    assert_eq!(call.taken(1..=5, MOVED_TO, 0), [5]);
    assert_eq!(call.taken(1..=9, STRANGER, 999), [0_u16; 0]);
    assert_eq!(call.taken(10..=14, STRANGER, 1000), [14]);
    assert!(call.is_at(STRANGER));
}

#[test]
fn the_place_that_the_peer_said_takes_the_call_back() {
    let mut call = Elsewhere::new();
    assert_eq!(call.taken(1..=5, STRANGER, 0), [5]);
    assert_eq!(call.taken(40..=40, PEER, 20), [40]);
    assert!(call.is_at(PEER));
    assert_eq!(call.taken(6..=20, STRANGER, 40), [0_u16; 0]);
}

#[test]
fn a_stranger_presses_no_key_with_a_few_packets() {
    let (mut hearing, mut counts) = (agreed(false, 101), Statistics::default());
    for (at, payload) in (0..3).map(|at| event::sent(number('#').unwrap(), at).payload).enumerate() {
        let mut bytes = packet(101, at as u16, 0, at == 0, &payload);
        hearing.take(&mut bytes, STRANGER.parse().unwrap(), Duration::ZERO, &mut counts);
    }
    hearing.tick(Duration::from_secs(60), &mut counts);
    assert_eq!((hearing.pressed.len(), counts.strangers), (0, 3));
}

#[test]
fn what_came_before_the_answer_is_forgotten_with_it() {
    let mut call = Elsewhere::new();
    call.0.counts_keys = false;
    assert_eq!(call.taken(1..=5, STRANGER, 0), [5]);
    let key = |sequence, payload: &[u8]| packet(101, sequence, 0, false, payload);
    let end = event::sent(number('#').unwrap(), event::PACKETS - 1).payload;
    // It waits for the packet before it.
    assert!(call.0.take(&mut key(7, &end), STRANGER.parse().unwrap(), Duration::ZERO, &mut call.1));
    call.0.connect(Duration::from_millis(1), &mut call.1);
    call.0.tick(Duration::from_secs(1), &mut call.1);
    assert!(call.is_at(PEER) && call.0.pressed.is_empty());
}

#[test]
fn our_own_keys_come_back_as_nobodys() {
    for (deaf, expected) in [(true, ""), (false, KEYS)] {
        let (mut hearing, mut counts) = (agreed(true, 101), Statistics::default());
        for (time, mut datagram) in stream(Way::Tones, 101) {
            let now = Duration::from_millis(time);
            if deaf {
                hearing.deafen(now);
            }
            hearing.tick(now, &mut counts);
            hearing.take(&mut datagram, PEER.parse().unwrap(), now, &mut counts);
        }
        hearing.tick(Duration::from_secs(60), &mut counts);
        assert_eq!(hearing.pressed.iter().collect::<String>(), expected);
    }
}
