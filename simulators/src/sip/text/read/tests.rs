//! What strangers may send: whole, compact, folded, cut, huge and damaged messages.
//! It refuses to look for panics alone: what is taken must survive its own text.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::sip::text::frame::{Frame, Framer};

const PLAIN: &str = "INVITE sip:+12025550123@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1;rport\r\n\
    From: <sip:+12025550100@x>;tag=a\r\nTo: <sip:+12025550123@x>\r\nCall-ID: 1@x\r\nCSeq: 1 INVITE\r\nContent-Length: 4\r\n\r\nbody";

fn replaced(from: &str, to: &str) -> Result<Message, Malformed> {
    datagram(PLAIN.replace(from, to).as_bytes())
}

#[test]
fn a_whole_message() {
    let message = datagram(PLAIN.as_bytes()).expect("valid");
    assert_eq!(
        (message.method(), message.uri(), message.body.as_slice()),
        ("INVITE", "sip:+12025550123@127.0.0.1", &b"body"[..])
    );
    assert_eq!(message.first("call-id"), Some("1@x"));
    assert_eq!(datagram(&message.bytes()).expect("its own text").bytes(), message.bytes());
    let status = datagram(b"SIP/2.0 180 Ringing Now\r\nTo: x\r\n\r\n").expect("valid");
    assert_eq!(status.start, Start::Status { code: 180, reason: "Ringing Now".to_owned() });
}

#[test]
fn compact_and_folded() {
    let compact = "BYE sip:a SIP/2.0\r\nv : SIP/2.0/UDP h\r\nF: x\r\ni:\t1\r\nl: 0\r\nSubject: a\r\n  b\r\n\tc\r\n\r\n";
    let message = datagram(compact.as_bytes()).expect("valid");
    assert_eq!(message.first("Via"), Some("SIP/2.0/UDP h"));
    assert_eq!(
        (message.first("From"), message.first("Call-ID"), message.first("Subject")),
        (Some("x"), Some("1"), Some("a b c"))
    );
}

#[test]
fn what_is_cut_or_damaged_is_refused() {
    for length in 0..PLAIN.len() {
        assert!(datagram(&PLAIN.as_bytes()[..length]).is_err(), "{length}");
    }
    let cases = [
        (replaced("SIP/2.0\r\nVia", "SIP/3.0\r\nVia"), Malformed::FirstLine),
        (replaced("INVITE sip", "INV ITE sip"), Malformed::FirstLine),
        (replaced("To:", "To"), Malformed::Field),
        (replaced("To:", ":"), Malformed::Field),
        (replaced("To:", "T o:"), Malformed::Field),
        (replaced("tag=a\r\n", "tag=a\n"), Malformed::BareLine),
        (replaced("Length: 4", "Length: four"), Malformed::Length),
        (replaced("Length: 4", "Length: -4"), Malformed::Length),
        (replaced("Length: 4", "Length: 99999"), Malformed::Length),
        (replaced("Length: 4", "Length: 4\r\nl: 3"), Malformed::Length),
        (replaced("Length: 4", "Length: 5"), Malformed::ShortBody),
        (datagram(b"SIP/2.0 99 x\r\n\r\n"), Malformed::FirstLine),
        (datagram(b" folded first\r\n\r\n"), Malformed::FirstLine),
    ];
    for (place, (read, expected)) in cases.into_iter().enumerate() {
        assert_eq!(read, Err(expected), "{place}");
    }
}

#[test]
fn what_is_huge_is_refused() {
    let line = format!("To: {}\r\n", "x".repeat(8_000));
    for huge in [
        line.repeat(2) + "Subject: " + &"x".repeat(400) + "\r\n",
        format!("To: {}\r\n", "x".repeat(9_000)),
        "a: b\r\n".repeat(200),
    ] {
        assert!(replaced("To:", &(huge + "To:")) == Err(Malformed::TooLarge));
    }
    assert!(replaced("To:", &format!("{}To:", "a: b\r\n".repeat(190))).is_ok());
}

#[test]
fn any_damage_is_refused_or_survives_its_own_text() {
    let mut dice = StdRng::seed_from_u64(7);
    let mut taken = 0;
    for _ in 0..20_000 {
        let mut bytes = PLAIN.as_bytes().to_vec();
        for _ in 0..dice.random_range(1..4) {
            let at = dice.random_range(0..bytes.len());
            match dice.random_range(0..3) {
                0 => bytes[at] = dice.random(),
                1 => drop(bytes.drain(at..(at + 9).min(bytes.len()))),
                _ => bytes.insert(at, *b"\r\n:;,<\">\0 \xFF".get(dice.random_range(0..11)).expect("within")),
            }
        }
        let in_pieces = framed(&bytes, dice.random_range(1..40));
        if let Ok(message) = datagram(&bytes) {
            taken += 1;
            let again = datagram(&message.bytes()).expect("its own text");
            assert_eq!((&again.start, &again.body), (&message.start, &message.body));
            if let Some(Frame::Message(streamed)) = in_pieces {
                assert_eq!(streamed.fields, message.fields);
            }
        }
    }
    assert!(taken > 1_000, "{taken} were taken");
}

/// The first message of a stream that comes in pieces.
fn framed(bytes: &[u8], size: usize) -> Option<Frame> {
    let mut framer = Framer::default();
    for piece in bytes.chunks(size) {
        framer.push(piece);
        match framer.next() {
            Ok(Some(frame)) => return Some(frame),
            Ok(None) => {}
            Err(_) => return None,
        }
    }
    None
}
