//! A RADIUS server that lets everybody in who knows the one password, so that signing in costs the engine no password hash.
//! Refuses requests without a right Message-Authenticator (RFC 3579 §3.2), and to listen beyond this machine.

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// What it shares with the engine of the run.
pub const SECRET: &str = "load test of this machine alone";
/// Everybody's password.
pub const PASSWORD: &str = "yellow duck in the rain";

/// Code, identifier, length, authenticator (RFC 2865 §3).
const HEAD: usize = 20;
/// RFC 2865 §3.
const LONGEST: usize = 4096;
const ACCESS_REQUEST: u8 = 1;
const ACCESS_ACCEPT: u8 = 2;
const ACCESS_REJECT: u8 = 3;
const USER_NAME: u8 = 1;
const USER_PASSWORD: u8 = 2;
const MESSAGE_AUTHENTICATOR: u8 = 80;

/// The server; it ends with this.
pub struct Radius {
    /// Where it listens.
    pub address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Drop for Radius {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Radius {
    /// Starts it on a free port; each answer takes it so long.
    pub fn start(takes: Duration) -> anyhow::Result<Self> {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let socket = Rc::new(UdpSocket::from_std(socket)?);
        Ok(Self { address, serving: tokio::task::spawn_local(serve(socket, takes)) })
    }
}

async fn serve(socket: Rc<UdpSocket>, takes: Duration) {
    let mut datagram = [0; LONGEST];
    loop {
        // A client that has gone makes the next call fail; the others are still there.
        let Ok((length, client)) = socket.recv_from(&mut datagram).await else { continue };
        if let Some(answer) = answer(&datagram[..length], SECRET.as_bytes()) {
            let socket = Rc::clone(&socket);
            tokio::task::spawn_local(async move {
                // A sleep of no time would wait for the next tick.
                if !takes.is_zero() {
                    tokio::time::sleep(takes).await;
                }
                // Who hears nothing asks again.
                let _ = socket.send_to(&answer, client).await;
            });
        }
    }
}

/// The answer to a request; none to what is not a signed one.
fn answer(datagram: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let length = usize::from(u16::from_be_bytes([*datagram.get(2)?, *datagram.get(3)?]));
    let packet = datagram.get(..length).filter(|packet| packet.len() >= HEAD && packet[0] == ACCESS_REQUEST)?;
    let attributes = attributes(packet)?;
    let one = |kind: u8| {
        let mut found = attributes.iter().filter(|(own, _, _)| *own == kind);
        found.next().filter(|_| found.next().is_none())
    };
    let (_, at, signature) = one(MESSAGE_AUTHENTICATOR).filter(|(_, _, value)| value.len() == 16)?;
    let unsigned = [&packet[..*at], &[0; 16], &packet[at + 16..]].concat();
    sign(&unsigned, secret).verify_slice(signature).ok()?;
    one(USER_NAME)?;
    let (_, _, hidden) = one(USER_PASSWORD)?;
    let right = shown(hidden, &packet[4..HEAD], secret) == PASSWORD.as_bytes();
    Some(made(if right { ACCESS_ACCEPT } else { ACCESS_REJECT }, packet, secret))
}

/// Kind, place and value of each attribute (RFC 2865 §5); none if a length is wrong.
fn attributes(packet: &[u8]) -> Option<Vec<(u8, usize, &[u8])>> {
    let (mut found, mut at) = (Vec::new(), HEAD);
    while at < packet.len() {
        let size = usize::from(*packet.get(at + 1)?);
        let value = packet.get(at + 2..at + size)?;
        found.push((packet[at], at + 2, value));
        at += size;
    }
    Some(found)
}

/// A password that was hidden (RFC 2865 §5.2), without the zeros that fill it up.
fn shown(hidden: &[u8], authenticator: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut previous = authenticator;
    let mut password = Vec::with_capacity(hidden.len());
    for block in hidden.chunks(16) {
        let mask = Md5::new().chain_update(secret).chain_update(previous).finalize();
        password.extend(block.iter().zip(mask).map(|(byte, mask)| byte ^ mask));
        previous = block;
    }
    let end = password.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    password.truncate(end);
    password
}

/// An answer of this code: its Message-Authenticator over the request's authenticator (RFC 3579 §3.2), then the Response
/// Authenticator over all of it (RFC 2865 §3).
fn made(code: u8, request: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut packet = vec![code, request[1], 0, 38];
    packet.extend_from_slice(&request[4..HEAD]);
    packet.extend_from_slice(&[MESSAGE_AUTHENTICATOR, 18]);
    packet.extend_from_slice(&[0; 16]);
    let signature = sign(&packet, secret).finalize().into_bytes();
    packet[HEAD + 2..].copy_from_slice(&signature);
    let response = Md5::new().chain_update(&packet).chain_update(secret).finalize();
    packet[4..HEAD].copy_from_slice(&response);
    packet
}

fn sign(packet: &[u8], secret: &[u8]) -> Hmac<Md5> {
    let mac: Hmac<Md5> = Hmac::new_from_slice(secret).expect("a key of any length is one");
    mac.chain_update(packet)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHERS: &[u8] = b"xyzzy5461";
    /// Request Authenticator and User-Password of RFC 2865 §7.1.
    const NEMO: [u8; 16] = *b"\x0f\x40\x3f\x94\x73\x97\x80\x57\xbd\x83\xd5\xcb\x98\xf4\x22\x7a";
    const HIDDEN: [u8; 16] = *b"\x0d\xbe\x70\x8d\x93\xd4\x13\xce\x31\x96\xe4\x3f\x78\x2a\x0a\xee";

    /// A password of the run, hidden as a client does it.
    fn hidden(password: &str) -> Vec<u8> {
        let mut previous = NEMO;
        let mut hidden = Vec::new();
        for block in password.as_bytes().chunks(16) {
            let mask: [u8; 16] = Md5::new().chain_update(SECRET).chain_update(previous).finalize().into();
            previous = mask;
            previous.iter_mut().zip(block).for_each(|(mask, byte)| *mask ^= byte);
            hidden.extend_from_slice(&previous);
        }
        hidden
    }

    fn request(password: &str) -> Vec<u8> {
        let hidden = hidden(password);
        let mut packet = [&[ACCESS_REQUEST, 7, 0, 0][..], &NEMO, &[80, 18], &[0; 16], &[1, 6], b"nemo"].concat();
        packet.extend([USER_PASSWORD, u8::try_from(hidden.len() + 2).unwrap()]);
        packet.extend(hidden);
        packet[3] = u8::try_from(packet.len()).unwrap();
        let signature = sign(&packet, SECRET.as_bytes()).finalize().into_bytes();
        packet[22..38].copy_from_slice(&signature);
        packet
    }

    #[test]
    fn the_password_of_the_rfc_is_read() {
        assert_eq!(shown(&HIDDEN, &NEMO, OTHERS), b"arctangent");
    }

    #[test]
    fn the_right_password_is_accepted_and_the_answer_is_signed() {
        for (password, code) in [(PASSWORD, ACCESS_ACCEPT), ("arctangent", ACCESS_REJECT)] {
            let request = request(password);
            let answer = answer(&request, SECRET.as_bytes()).unwrap();
            assert_eq!((answer[0], answer[1], usize::from(answer[3])), (code, 7, answer.len()));
            let asked = [&answer[..4], &NEMO, &answer[HEAD..]].concat();
            let response = Md5::new().chain_update(&asked).chain_update(SECRET).finalize();
            assert_eq!(answer[4..HEAD], response[..], "RFC 2865 §3");
            let unsigned = [&asked[..22], &[0; 16]].concat();
            assert!(sign(&unsigned, SECRET.as_bytes()).verify_slice(&answer[22..]).is_ok(), "RFC 3579 §3.2");
        }
    }

    #[test]
    fn what_is_not_signed_or_is_cut_is_not_answered() {
        let request = request(PASSWORD);
        for bit in 0..request.len() * 8 {
            let mut forged = request.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(answer(&forged, SECRET.as_bytes()), None, "bit {bit}");
        }
        for end in 0..request.len() {
            assert_eq!(answer(&request[..end], SECRET.as_bytes()), None, "{end}");
        }
    }
}
