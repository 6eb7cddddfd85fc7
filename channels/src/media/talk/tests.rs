//! A call's sound on a clock of the test.

use super::*;
use crate::media::rtp::Head;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const PEER: &str = "127.0.0.1:4000";

struct Call {
    talk: Talk,
    hears: UnboundedReceiver<Heard>,
    now: Duration,
    sequence: u16,
}

fn sdp(lines: &str) -> Vec<u8> {
    let head =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 101\r\n";
    format!("{head}a=rtpmap:101 telephone-event/8000\r\n{lines}").into_bytes()
}

impl Call {
    fn agreed() -> Self {
        let (heard, hears) = unbounded_channel();
        let local = Local::new([127, 0, 0, 1].into(), 6000, 1, None);
        let mut talk = Talk::new(local, Speaking::new(1, 1, 1, None), true, heard);
        talk.take_answer(&sdp(""), Duration::ZERO).unwrap();
        Self { talk, hears, now: Duration::ZERO, sequence: 0 }
    }

    fn answered() -> Self {
        let mut call = Self::agreed();
        call.talk.connect(call.now);
        call
    }

    /// Lets so many ms go by; how many packets were sent.
    fn wait(&mut self, milliseconds: u64) -> usize {
        let mut sent = 0;
        for _ in 0..milliseconds / 20 {
            self.now += Duration::from_millis(20);
            self.talk.tick(self.now, &mut |_, _| {
                sent += 1;
                true
            });
        }
        sent
    }

    fn packet(&mut self, payload_type: u8, payload: &[u8]) {
        let mut bytes = vec![0; 12];
        let timestamp = u32::from(self.sequence) * 1600;
        Head { marker: false, payload_type, sequence: self.sequence, timestamp, ssrc: 1 }.write(&mut bytes);
        bytes.extend(payload);
        self.sequence += 1;
        self.talk.take(&mut bytes, PEER.parse().unwrap(), self.now);
    }

    fn heard(&mut self) -> Vec<Heard> {
        std::iter::from_fn(|| self.hears.try_recv().ok()).collect()
    }
}

#[test]
fn before_the_answer_nothing_is_sent_and_no_key_counts() {
    let mut call = Call::agreed();
    call.packet(101, &[1, 10, 0, 160]);
    assert_eq!((call.wait(100), call.heard()), (0, vec![]));
    call.talk.connect(call.now);
    assert_eq!((call.wait(100), call.heard()), (5, vec![]));
    call.packet(101, &[2, 10, 0, 160]);
    assert_eq!(call.heard(), [Heard::Key('2')]);
}

#[test]
fn a_peer_that_falls_silent_is_told_once_each_time() {
    let mut call = Call::answered();
    call.wait(29_980);
    assert_eq!(call.heard(), []);
    call.wait(60_000);
    assert_eq!(call.heard(), [Heard::Silent]);
    call.packet(0, &[0xff; 160]);
    call.wait(29_980);
    assert_eq!(call.heard(), []);
    call.wait(20);
    assert_eq!(call.heard(), [Heard::Silent]);
}

#[test]
fn a_call_that_is_not_answered_or_on_hold_is_not_silent() {
    let mut call = Call::agreed();
    call.wait(60_000);
    assert_eq!(call.heard(), []);
    call.talk.connect(call.now);
    for lines in ["a=sendonly\r\n", "a=inactive\r\n", "c=IN IP4 0.0.0.0\r\n"] {
        call.talk.take_offer(&sdp(lines), call.now).unwrap();
        assert_eq!((call.wait(60_000), call.heard()), (0, vec![Heard::Held]), "{lines}");
        call.talk.take_offer(&sdp(""), call.now).unwrap();
        assert_eq!((call.wait(20_000), call.heard()), (1000, vec![Heard::Resumed]), "{lines}");
    }
    call.wait(10_000);
    assert_eq!(call.heard(), [Heard::Silent]);
}

#[test]
fn what_is_played_waits_for_the_end_of_a_hold() {
    let mut call = Call::answered();
    call.talk.play(vec![Sound::Silence(Duration::from_millis(100))]);
    call.wait(60);
    call.talk.take_offer(&sdp("a=inactive\r\n"), call.now).unwrap();
    call.wait(5000);
    call.talk.take_offer(&sdp(""), call.now).unwrap();
    assert_eq!(call.heard(), [Heard::Held, Heard::Resumed]);
    call.wait(20);
    assert_eq!(call.heard(), []);
    call.wait(20);
    assert_eq!(call.heard(), [Heard::Played]);
}

#[test]
fn an_offer_that_is_refused_changes_nothing() {
    let mut call = Call::answered();
    let g729 = String::from_utf8(sdp("")).unwrap().replace("AVP 0 101", "AVP 18");
    assert_eq!(call.talk.take_offer(g729.as_bytes(), call.now), Err(SdpRefused::NoCodec));
    assert_eq!(call.wait(100), 5);
}

#[test]
fn sound_moves_to_where_the_peer_moves() {
    let mut call = Call::answered();
    call.packet(0, &[0xff; 160]);
    let moved = String::from_utf8(sdp("")).unwrap().replace("4000", "4444");
    call.talk.take_offer(moved.as_bytes(), call.now).unwrap();
    let mut to = None;
    call.talk.tick(call.now, &mut |_, address| {
        to = Some(address);
        true
    });
    assert_eq!(to, Some("127.0.0.1:4444".parse().unwrap()));
    call.packet(0, &[0xff; 160]);
    assert_eq!(call.talk.counts.strangers, 1);
}

#[test]
fn the_first_source_of_keys_is_the_only_one() {
    let mut call = Call::answered();
    assert_eq!(call.talk.info("application/dtmf-relay", b"Signal=5\r\n"), Ok(()));
    call.packet(101, &[5, 10, 0, 160]);
    assert_eq!(call.heard(), [Heard::Key('5')]);
}

#[test]
fn what_the_system_does_not_take_is_counted() {
    let mut call = Call::answered();
    call.talk.tick(call.now, &mut |_, _| false);
    assert_eq!((call.talk.counts.sent, call.talk.counts.unsent), (0, 1));
}
