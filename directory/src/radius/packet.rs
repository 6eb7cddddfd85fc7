//! RADIUS packets (RFC 2865): a request for access with a password (PAP), and what answers it.
//! Refuses IO and randomness, and every answer that the server has not signed with Message-Authenticator (RFC 3579 §3.2).

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// Code, identifier, length, authenticator.
const HEAD: usize = 20;
/// RFC 2865 §3.
const LONGEST: usize = 4096;
/// Most bytes of a value in an attribute (RFC 2865 §5).
pub const LONGEST_VALUE: usize = 253;
/// Most bytes of a password (RFC 2865 §5.2).
pub const LONGEST_PASSWORD: usize = 128;

const ACCESS_REQUEST: u8 = 1;
const USER_NAME: u8 = 1;
const USER_PASSWORD: u8 = 2;
const NAS_IDENTIFIER: u8 = 32;
const MESSAGE_AUTHENTICATOR: u8 = 80;

/// A name, password or identifier that no packet can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name, the password or the identifier is empty or too long")]
pub struct TooLong;

/// Why some bytes answer nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAnswer {
    /// Its length or that of an attribute is wrong.
    #[error("its length is wrong")]
    Length,
    /// It answers something else.
    #[error("its identifier is another")]
    Identifier,
    /// It neither accepts nor rejects nor challenges.
    #[error("its code is unknown")]
    Code,
    /// The Response Authenticator is not that of the secret: usually the secrets differ.
    #[error("it is not signed with this secret")]
    Authenticator,
    /// It has no Message-Authenticator, or two, or a wrong one. Without it answers can be forged (CVE-2024-3596).
    #[error("it has no right Message-Authenticator")]
    MessageAuthenticator,
}

/// What the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Access-Accept.
    Accept,
    /// Access-Reject.
    Reject,
    /// Access-Challenge.
    Challenge,
}

/// An Access-Request. Its bytes are the same each time it is sent.
pub struct Request<'a> {
    bytes: Vec<u8>,
    secret: &'a [u8],
}

impl<'a> Request<'a> {
    /// Asks for access. The authenticator is random and never used again (RFC 2865 §3).
    pub fn new(
        identifier: u8,
        authenticator: [u8; 16],
        secret: &'a [u8],
        (name, password): (&str, &str),
        nas_identifier: &str,
    ) -> Result<Self, TooLong> {
        let hidden = hidden(password.as_bytes(), &authenticator, secret)?;
        let mut bytes = [&[ACCESS_REQUEST, identifier, 0, 0][..], &authenticator].concat();
        // The first, so that nobody can put anything before what it signs.
        attribute(&mut bytes, MESSAGE_AUTHENTICATOR, &[0; 16])?;
        attribute(&mut bytes, USER_NAME, name.as_bytes())?;
        attribute(&mut bytes, USER_PASSWORD, &hidden)?;
        attribute(&mut bytes, NAS_IDENTIFIER, nas_identifier.as_bytes())?;
        let length = u16::try_from(bytes.len()).map_err(|_| TooLong)?;
        bytes[2..4].copy_from_slice(&length.to_be_bytes());
        let signature = message_authenticator(&[&bytes], secret).finalize().into_bytes();
        bytes[HEAD + 2..HEAD + 18].copy_from_slice(&signature);
        Ok(Self { bytes, secret })
    }

    /// What is sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What these bytes answer to this request.
    pub fn answered_by(&self, datagram: &[u8]) -> Result<Answer, NotAnAnswer> {
        let packet = Packet::read(datagram).ok_or(NotAnAnswer::Length)?;
        if packet.bytes[1] != self.bytes[1] {
            return Err(NotAnAnswer::Identifier);
        }
        let answer = match packet.bytes[0] {
            2 => Answer::Accept,
            3 => Answer::Reject,
            11 => Answer::Challenge,
            _ => return Err(NotAnAnswer::Code),
        };
        if !packet.answers(&self.bytes[4..HEAD], self.secret) {
            return Err(NotAnAnswer::Authenticator);
        }
        if !packet.is_signed(&self.bytes[4..HEAD], self.secret) {
            return Err(NotAnAnswer::MessageAuthenticator);
        }
        Ok(answer)
    }
}

/// A packet of a right length, and where its one Message-Authenticator is.
struct Packet<'a> {
    bytes: &'a [u8],
    signature: Option<usize>,
}

impl<'a> Packet<'a> {
    /// What follows the length in a datagram is padding (RFC 2865 §3).
    fn read(datagram: &'a [u8]) -> Option<Self> {
        let length = usize::from(u16::from_be_bytes([*datagram.get(2)?, *datagram.get(3)?]));
        if !(HEAD..=LONGEST).contains(&length) {
            return None;
        }
        let bytes = datagram.get(..length)?;
        let mut signatures = Vec::new();
        let mut at = HEAD;
        while at < length {
            let size = usize::from(*bytes.get(at + 1)?);
            if size < 2 || at + size > length {
                return None;
            }
            if bytes[at] == MESSAGE_AUTHENTICATOR {
                signatures.push((at + 2, size));
            }
            at += size;
        }
        let signature = match signatures[..] {
            [(at, 18)] => Some(at),
            _ => None,
        };
        Some(Self { bytes, signature })
    }

    /// The Response Authenticator (RFC 2865 §3).
    fn answers(&self, request_authenticator: &[u8], secret: &[u8]) -> bool {
        let parts = [&self.bytes[..4], request_authenticator, &self.bytes[HEAD..], secret];
        let right = parts.iter().fold(Md5::new(), |hash, part| hash.chain_update(part)).finalize();
        right.ct_eq(&self.bytes[4..HEAD]).into()
    }

    /// The Message-Authenticator: over the packet with the request's authenticator and itself as zeros (RFC 3579 §3.2).
    fn is_signed(&self, request_authenticator: &[u8], secret: &[u8]) -> bool {
        let Some(at) = self.signature else { return false };
        let (before, after) = (&self.bytes[HEAD..at], &self.bytes[at + 16..]);
        let parts = [&self.bytes[..4], request_authenticator, before, &[0; 16], after];
        message_authenticator(&parts, secret).verify_slice(&self.bytes[at..at + 16]).is_ok()
    }
}

fn message_authenticator(parts: &[&[u8]], secret: &[u8]) -> Hmac<Md5> {
    let mac = Hmac::new_from_slice(secret).expect("a key of any length is taken");
    parts.iter().fold(mac, |mac: Hmac<Md5>, part| mac.chain_update(part))
}

fn attribute(bytes: &mut Vec<u8>, kind: u8, value: &[u8]) -> Result<(), TooLong> {
    let size = u8::try_from(value.len() + 2).map_err(|_| TooLong)?;
    if value.is_empty() {
        return Err(TooLong);
    }
    bytes.extend([kind, size]);
    bytes.extend(value);
    Ok(())
}

/// The password, hidden (RFC 2865 §5.2). It is filled up with zeros, so one that ends with them would be another.
fn hidden(password: &[u8], authenticator: &[u8; 16], secret: &[u8]) -> Result<Vec<u8>, TooLong> {
    if password.is_empty() || password.len() > LONGEST_PASSWORD || password.contains(&0) {
        return Err(TooLong);
    }
    let mut hidden = Vec::with_capacity(LONGEST_PASSWORD);
    let mut previous = *authenticator;
    for block in password.chunks(16) {
        let mut mask: [u8; 16] = Md5::new().chain_update(secret).chain_update(previous).finalize().into();
        mask.iter_mut().zip(block).for_each(|(mask, byte)| *mask ^= byte);
        hidden.extend(mask);
        previous = mask;
    }
    Ok(hidden)
}
