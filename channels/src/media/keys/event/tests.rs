//! Events that come one by one, in the order in which the window lets them through.

use super::*;

/// Sequence, timestamp, key, and a marker where there is one.
type Sent = (u16, u32, u8, bool);

fn head(sequence: u16, timestamp: u32, marker: bool, ssrc: u32) -> Head {
    Head { marker, payload_type: 101, sequence, timestamp, ssrc }
}

/// What is told of packets that come 20 ms after each other.
fn told(packets: &[Sent]) -> String {
    let mut events = Events::default();
    let told = packets.iter().zip(0..).filter_map(|((sequence, timestamp, key, marker), at)| {
        let payload = [*key, 10, 0, 160];
        events.take(head(*sequence, *timestamp, *marker, 1), &payload, Duration::from_millis(20 * at))
    });
    told.collect()
}

#[test]
fn every_impairment_tells_each_key_once() {
    let late = u32::MAX - 99;
    let cases: [(&str, &[Sent], &str); 17] = [
        ("clean", &[(1, 800, 5, true), (2, 800, 5, false), (3, 800, 5, false)], "5"),
        ("first packet lost", &[(2, 800, 5, false), (3, 800, 5, false)], "5"),
        ("all but one lost", &[(9, 800, 11, false)], "#"),
        ("marker in every packet", &[(1, 800, 5, true), (2, 800, 5, true)], "5"),
        ("two keys", &[(1, 800, 5, true), (2, 800, 5, false), (9, 2400, 6, true)], "56"),
        ("no end packet between", &[(1, 800, 5, true), (2, 960, 6, true)], "56"),
        ("the same key twice", &[(1, 800, 5, true), (2, 800, 5, false), (9, 2400, 5, true)], "55"),
        ("twice, markers lost", &[(2, 800, 5, false), (3, 800, 5, false), (4, 1600, 5, false)], "55"),
        ("held for 9 s", &[(1, 800, 5, true), (2, 800, 5, false), (3, 66_335, 5, false), (4, 66_335, 5, false)], "5"),
        ("another key where a held one would go on", &[(1, 800, 5, true), (3, 66_335, 6, false)], "56"),
        ("a timestamp in each", &[(1, 0, 5, true), (2, 160, 5, false), (3, 320, 5, false), (5, 640, 5, false)], "5"),
        ("a timestamp in each, two keys", &[(1, 0, 5, true), (2, 160, 5, false), (3, 320, 6, false)], "56"),
        ("a timestamp in each, twice", &[(1, 0, 5, true), (2, 160, 5, false), (3, 320, 5, true)], "55"),
        ("an older key never heard of", &[(5, 2400, 6, true), (3, 1600, 5, false)], "65"),
        ("a much older one", &[(5, 9600, 6, true), (3, 1600, 5, false)], "6"),
        ("the clock goes over its end", &[(1, late, 5, true), (2, late, 5, false), (9, 1500, 6, true)], "56"),
        ("other events", &[(1, 800, 16, true), (2, 1600, 255, true), (3, 2400, 15, true)], "D"),
    ];
    for (name, packets, expected) in cases {
        assert_eq!(told(packets), expected, "{name}");
    }
}

#[test]
fn another_source_is_another_key() {
    let mut events = Events::default();
    let mut take = |ssrc, at| events.take(head(1, 800, true, ssrc), &[5, 10, 0, 160], Duration::from_millis(at));
    assert_eq!(take(1, 0), Some('5'));
    assert_eq!(take(2, 20), Some('5'));
    assert_eq!(take(1, 40), None);
}

#[test]
fn a_clock_that_begins_anew_after_a_second_is_believed() {
    let mut events = Events::default();
    let mut take =
        |timestamp, at| events.take(head(1, timestamp, true, 1), &[5, 10, 0, 160], Duration::from_millis(at));
    assert_eq!(take(1_000_000, 0), Some('5'));
    assert_eq!(take(800, 999), None);
    assert_eq!(take(800, 1000), Some('5'));
}

#[test]
fn short_packets_are_no_events_and_longer_ones_are() {
    let mut events = Events::default();
    assert_eq!(events.take(head(1, 800, true, 1), &[5, 10, 0], Duration::ZERO), None);
    assert_eq!(events.take(head(1, 800, true, 1), &[5, 10, 0, 160, 9], Duration::ZERO), Some('5'));
}

#[test]
fn what_is_sent_grows_and_ends_three_times() {
    let packets: Vec<_> = (0..PACKETS).map(|tick| sent(11, tick).payload).collect();
    let growing = [[11, 10, 0, 160], [11, 10, 1, 64], [11, 10, 1, 224], [11, 10, 2, 128]];
    assert_eq!(packets[..4], growing);
    assert_eq!(packets[4..], [[11, 0x8a, 3, 32]; 3]);
    assert!(sent(11, 0).is_first && !sent(11, 1).is_first);
}
