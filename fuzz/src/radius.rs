//! A datagram that comes to a client of RADIUS while it waits: the bytes as they are, and the same bytes signed as the
//! server would sign them.
//! Refuses an answer whose signature was not made with the secret, and a signature that does not cover every bit.

use directory::radius::packet::{Answer, NotAnAnswer, Request};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};

const IDENTIFIER: u8 = 7;
const AUTHENTICATOR: [u8; 16] = *b"0123456789abcdef";
const SECRET: &[u8] = b"a secret of the fuzzer";

/// What must hold; whether the bytes were taken for what they should be.
pub fn check(data: &[u8]) -> bool {
    let request = Request::new(IDENTIFIER, AUTHENTICATOR, SECRET, ("bob", "password"), "fuzz").expect("short enough");
    if request.answered_by(data).is_ok() {
        let length = usize::from(u16::from_be_bytes([data[2], data[3]]));
        assert_eq!(signed(&data[..length]).as_deref(), Some(&data[..length]), "it is signed as we sign");
    }
    let Some(signed) = signed(data) else { return false };
    let expected = match signed[0] {
        2 => Ok(Answer::Accept),
        3 => Ok(Answer::Reject),
        11 => Ok(Answer::Challenge),
        _ => Err(NotAnAnswer::Code),
    };
    assert_eq!(request.answered_by(&signed), expected);
    let sum = signed.iter().fold(0_usize, |sum, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let bit = sum % (signed.len() * 8);
    let mut forged = signed;
    forged[bit / 8] ^= 1 << (bit % 8);
    assert!(request.answered_by(&forged).is_err(), "bit {bit}");
    expected.is_ok()
}

/// The bytes as an answer of their whole length to our request; none if they are not whole attributes after a head, with one
/// signature among them.
fn signed(data: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(data.len()).ok().filter(|length| (20..=4096).contains(length))?;
    let signature = signature(data)?;
    let mut packet = data.to_vec();
    packet[1] = IDENTIFIER;
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    packet[4..20].copy_from_slice(&AUTHENTICATOR);
    packet[signature..signature + 16].fill(0);
    let mac: Hmac<Md5> = Hmac::new_from_slice(SECRET).expect("any key is taken");
    let mac = mac.chain_update(&packet).finalize().into_bytes();
    packet[signature..signature + 16].copy_from_slice(&mac);
    let response = Md5::new().chain_update(&packet).chain_update(SECRET).finalize();
    packet[4..20].copy_from_slice(&response);
    Some(packet)
}

/// Where the value of the one Message-Authenticator is.
fn signature(data: &[u8]) -> Option<usize> {
    let mut found = None;
    let mut at = 20;
    while at < data.len() {
        let size = usize::from(*data.get(at + 1)?);
        let value = data.get(at..at + size).filter(|_| size >= 2)?;
        match (value[0], size, found) {
            (80, 18, None) => found = Some(at + 2),
            (80, ..) => return None,
            _ => {}
        }
        at += size;
    }
    found
}
