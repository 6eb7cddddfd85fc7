//! The examples of RFC 2865 §7, and answers as servers give them and as others forge them.
//! Refuses the network.

use super::packet::{Answer, NotAnAnswer, Request, TooLong};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};

const SECRET: &[u8] = b"xyzzy5461";
/// Of the request in §7.1.
const NEMO: [u8; 16] = hex(b"0f403f9473978057bd83d5cb98f4227a");
/// Of the request in §7.3.
const MOPSY: [u8; 16] = hex(b"f3a47a1f6a6d76710b947ab93041a039");

const fn hex<const N: usize>(text: &[u8]) -> [u8; N] {
    const fn digit(byte: u8) -> u8 {
        if byte <= b'9' { byte - b'0' } else { byte - b'a' + 10 }
    }
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        bytes[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

fn request<'a>(identifier: u8, authenticator: [u8; 16], name: &str, password: &str) -> Request<'a> {
    Request::new(identifier, authenticator, SECRET, (name, password), "countersign").expect("short enough")
}

/// The attributes of a packet.
fn attributes(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    while let [kind, size, ..] = bytes {
        let (one, rest) = bytes.split_at((*size).into());
        found.push((*kind, &one[2..]));
        bytes = rest;
    }
    found
}

/// An answer, signed as a server does it; `signature` is what it puts into Message-Authenticator, if it puts one.
fn signed(code: u8, identifier: u8, authenticator: &[u8; 16], attributes: &[u8], with_signature: bool) -> Vec<u8> {
    let mut packet = [&[code, identifier, 0, 0][..], authenticator, attributes].concat();
    if with_signature {
        packet.extend([80, 18]);
        packet.extend([0; 16]);
    }
    let length = u16::try_from(packet.len()).expect("short");
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    if with_signature {
        let mut mac: Hmac<Md5> = Hmac::new_from_slice(SECRET).expect("any key");
        mac.update(&packet);
        let at = packet.len() - 16;
        packet[at..].copy_from_slice(&mac.finalize().into_bytes());
    }
    let response = Md5::new().chain_update(&packet).chain_update(SECRET).finalize();
    packet[4..20].copy_from_slice(&response);
    packet
}

#[test]
fn the_request_of_section_7_1() {
    let request = request(0, NEMO, "nemo", "arctangent");
    let bytes = request.bytes();
    assert_eq!(&bytes[..4], [&[1, 0][..], &u16::try_from(bytes.len()).expect("short").to_be_bytes()].concat());
    assert_eq!(bytes[4..20], NEMO);
    let hidden = hex::<16>(b"0dbe708d93d413ce3196e43f782a0aee");
    let expected = [(1, &b"nemo"[..]), (2, &hidden), (32, b"countersign")];
    let found = attributes(&bytes[20..]);
    assert_eq!(found[1..], expected);
    let (kind, signature) = found[0];
    assert_eq!(kind, 80, "Message-Authenticator is the first");
    let mut unsigned = bytes.to_vec();
    unsigned[22..38].fill(0);
    let mac: Hmac<Md5> = Hmac::new_from_slice(SECRET).expect("any key");
    mac.chain_update(unsigned).verify_slice(signature).expect("it signs the request");
}

#[test]
fn the_answers_of_section_7_are_right_and_not_signed() {
    let accept = hex::<38>(b"0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103");
    let nemo = request(0, NEMO, "nemo", "arctangent");
    assert_eq!(nemo.answered_by(&accept), Err(NotAnAnswer::MessageAuthenticator));
    let challenge = hex::<78>(
        b"0b02004e36f3c8764ae8c71157403c0c71ff9c4512304368616c6c656e67652033323736393433302e2020456e74657220\
726573706f6e73652061742070726f6d70742e180a3332373639343330",
    );
    let mopsy = request(2, MOPSY, "mopsy", "challenge");
    assert_eq!(mopsy.answered_by(&challenge), Err(NotAnAnswer::MessageAuthenticator));
    assert_eq!(attributes(&mopsy.bytes()[20..])[2].1, hex::<16>(b"33657573778289b570885e15084825c5"));
    for (answer, request) in [(&accept[..], &nemo), (&challenge[..], &mopsy)] {
        for at in 4..answer.len() {
            let mut forged = answer.to_vec();
            forged[at] ^= 1;
            assert_ne!(request.answered_by(&forged), Err(NotAnAnswer::MessageAuthenticator), "{at}");
        }
    }
}

#[test]
fn a_signed_answer_is_taken_and_no_bit_of_it_may_change() {
    let request = request(7, NEMO, "nemo", "arctangent");
    for (code, expected) in [(2, Answer::Accept), (3, Answer::Reject), (11, Answer::Challenge)] {
        let answer = signed(code, 7, &NEMO, &[18, 4, b'h', b'i'], true);
        assert_eq!(request.answered_by(&answer), Ok(expected));
        let padded = [&answer[..], b"padding"].concat();
        assert_eq!(request.answered_by(&padded), Ok(expected), "what follows the length is padding");
        for bit in 0..answer.len() * 8 {
            let mut forged = answer.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(request.answered_by(&forged).is_err(), "bit {bit}");
        }
        for end in 0..answer.len() {
            assert_eq!(request.answered_by(&answer[..end]), Err(NotAnAnswer::Length), "{end}");
        }
    }
}

#[test]
fn what_answers_nothing_is_told_apart() {
    let request = request(7, NEMO, "nemo", "arctangent");
    let signature_twice = signed(2, 7, &NEMO, &[&[80, 18][..], &[0; 16]].concat(), true);
    let short_signature = signed(2, 7, &NEMO, &[80, 4, 0, 0], false);
    for (answer, expected) in [
        (signed(2, 7, &NEMO, &[], false), NotAnAnswer::MessageAuthenticator),
        (signature_twice, NotAnAnswer::MessageAuthenticator),
        (short_signature, NotAnAnswer::MessageAuthenticator),
        (signed(2, 8, &NEMO, &[], true), NotAnAnswer::Identifier),
        (signed(1, 7, &NEMO, &[], true), NotAnAnswer::Code),
        (signed(5, 7, &NEMO, &[], true), NotAnAnswer::Code),
        (signed(2, 7, &MOPSY, &[], true), NotAnAnswer::Authenticator),
        (signed(2, 7, &NEMO, &[18, 1], true), NotAnAnswer::Length),
        (signed(2, 7, &NEMO, &[18], false), NotAnAnswer::Length),
        (signed(2, 7, &NEMO, &[18, 200], true), NotAnAnswer::Length),
        (Vec::new(), NotAnAnswer::Length),
    ] {
        assert_eq!(request.answered_by(&answer), Err(expected), "{answer:02x?}");
    }
}

#[test]
fn what_no_packet_can_carry_is_refused() {
    let made = |name: &str, password: &str, nas: &str| {
        Request::new(0, NEMO, SECRET, (name, password), nas).map(|request| request.bytes().len())
    };
    assert_eq!(made(&"x".repeat(253), &"x".repeat(128), &"x".repeat(253)), Ok(20 + 18 + 255 + 130 + 255));
    assert_eq!(made("x", "y", "z"), Ok(20 + 18 + 3 + 18 + 3), "a password is filled up to 16 bytes");
    assert_eq!(made("x", &"y".repeat(17), "z"), Ok(20 + 18 + 3 + 34 + 3));
    for (name, password, nas) in [
        (&*"x".repeat(254), "y", "z"),
        ("x", &*"y".repeat(129), "z"),
        ("x", "y", &*"z".repeat(254)),
        ("", "y", "z"),
        ("x", "", "z"),
        ("x", "y\0", "z"),
    ] {
        assert_eq!(made(name, password, nas), Err(TooLong), "{name} {password} {nas}");
    }
}
