//! Packets as they leave.

use super::*;
use crate::media::Sound;
use crate::media::rtp;
use crate::media::sdp;

fn remote(lines: &str) -> Remote {
    let head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
    sdp::read(format!("{head}{lines}").as_bytes(), false, [127, 0, 0, 1].into()).unwrap().remote
}

fn speaking(sounds: Vec<Sound>) -> Speaking {
    let mut speaking = Speaking::new(7, 65_534, u32::MAX - 159, None);
    speaking.player.play(sounds);
    speaking
}

/// Of each packet: type, number, time since the first, marker, and the payload.
type Seen = (u8, u16, u32, bool, Vec<u8>);

fn sent(speaking: &mut Speaking, remote: &Remote, ticks: usize) -> Vec<Seen> {
    let mut seen = Vec::new();
    for _ in 0..ticks {
        speaking.tick(remote, &mut |bytes| {
            let packet = rtp::parse(bytes).unwrap();
            let head = packet.head;
            assert_eq!(head.ssrc, 7);
            let number = head.sequence.wrapping_sub(65_534);
            seen.push((
                head.payload_type,
                number,
                head.timestamp.wrapping_add(160),
                head.marker,
                packet.payload.to_vec(),
            ));
        });
    }
    seen
}

#[test]
fn silence_and_sound_follow_each_other_over_the_ends_of_the_counts() {
    for (lines, number, byte, silence) in
        [("m=audio 4000 RTP/AVP 0\r\n", 0, 0x80, 0xff), ("m=audio 4000 RTP/AVP 8\r\n", 8, 0xaa, 0xd5)]
    {
        let remote = remote(lines);
        let mut speaking = speaking(vec![]);
        let mut seen = sent(&mut speaking, &remote, 2);
        speaking.player.play(vec![Sound::Audio(vec![0x80; 200].into())]);
        seen.extend(sent(&mut speaking, &remote, 3));
        let mut half = vec![silence; 160];
        half[..40].fill(byte);
        let (quiet, full) = (vec![silence; 160], vec![byte; 160]);
        let expected = [
            (number, 0, 0, true, quiet.clone()),
            (number, 1, 160, false, quiet.clone()),
            (number, 2, 320, true, full),
            (number, 3, 480, false, half),
            (number, 4, 640, false, quiet),
        ];
        assert_eq!(seen, expected);
    }
}

#[test]
fn a_key_has_one_timestamp_while_the_clock_goes_on() {
    let remote = remote("m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n");
    let seen = sent(&mut speaking(vec![Sound::Keys("5".into())]), &remote, 11);
    let heads: Vec<_> = seen.iter().map(|(kind, number, time, marker, _)| (*kind, *number, *time, *marker)).collect();
    let events = (0..7).map(|number| (96, number, 0, number == 0));
    let sound = (7..11).map(|number| (0, number, u32::from(number) * 160, false));
    assert_eq!(heads, events.chain(sound).collect::<Vec<_>>());
    assert!(seen[..7].iter().all(|(.., payload)| payload[0] == 5 && payload.len() == 4));
}

#[test]
fn without_events_a_key_is_two_tones() {
    let seen = sent(&mut speaking(vec![Sound::Keys("5".into())]), &remote("m=audio 4000 RTP/AVP 0\r\n"), 10);
    let loud = |(.., payload): &Seen| payload.iter().any(|byte| *byte & 0x7f < 0x20);
    assert!(seen[..5].iter().all(loud) && !seen[5..].iter().any(loud));
}

#[test]
fn packets_are_as_long_as_the_peer_wants() {
    for (milliseconds, ticks, lengths) in [(10, 2, vec![80; 4]), (30, 3, vec![240; 2]), (60, 6, vec![480; 2])] {
        let remote = remote(&format!("m=audio 4000 RTP/AVP 0\r\na=ptime:{milliseconds}\r\n"));
        let seen = sent(&mut speaking(vec![]), &remote, ticks);
        assert_eq!(seen.iter().map(|(.., payload)| payload.len()).collect::<Vec<_>>(), lengths);
        let times = seen.iter().map(|(_, _, time, ..)| *time).collect::<Vec<_>>();
        assert_eq!(times, (0..lengths.len() as u32).map(|at| at * lengths[0] as u32).collect::<Vec<_>>());
    }
}

#[test]
fn what_waits_for_a_packet_goes_out_before_a_key() {
    let remote = remote("m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\na=ptime:30\r\n");
    let sounds = vec![Sound::Audio(vec![1; 160].into()), Sound::Keys("5".into())];
    let seen = sent(&mut speaking(sounds), &remote, 2);
    let short: Vec<_> = seen.iter().map(|(kind, _, time, _, payload)| (*kind, *time, payload.len())).collect();
    assert_eq!(short, [(0, 0, 160), (96, 160, 4)]);
}

#[test]
fn after_a_rest_the_clock_has_gone_on_and_a_spurt_begins() {
    let remote = remote("m=audio 4000 RTP/AVP 0\r\n");
    let mut speaking = speaking(vec![]);
    sent(&mut speaking, &remote, 1);
    speaking.rest();
    let seen = sent(&mut speaking, &remote, 1);
    assert_eq!((seen[0].1, seen[0].2, seen[0].3), (1, 320, true));
}
