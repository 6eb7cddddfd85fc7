//! Secure sound: SRTP with `AES_CM_128_HMAC_SHA1_80` (RFC 3711), the cipher and the digest being those of our TLS.
//! Refuses packets that are changed, come twice, or come from too far back.

use super::rtp;
use super::sdp::{MASTER, MasterKey};
use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::hmac;
use std::fmt;
use subtle::ConstantTimeEq;

/// Bytes of the digest behind each packet: 80 bits.
const TAG: usize = 10;
/// So many packets before the highest may still come.
const REPLAYS: u64 = 64;
/// So many sources of a peer are remembered, so that none of them can be sent again after another.
const SOURCES: usize = 8;

/// The keys of one direction.
struct Session {
    master: MasterKey,
    cipher: EncryptingKey,
    salt: [u8; 14],
    digest: hmac::Key,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    /// Derives the keys once for the whole call (§4.3): labels 0, 1 and 2 are those of RTP.
    fn new(master: &MasterKey) -> Self {
        let mut key = [0; 16];
        let (mut digest, mut salt) = ([0; 20], [0; 14]);
        derive(master, 0, &mut key);
        derive(master, 1, &mut digest);
        derive(master, 2, &mut salt);
        let digest = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &digest);
        Self { master: master.clone(), cipher: cipher(&key), salt, digest }
    }

    /// Encrypts or decrypts a payload, which is the same (§4.1.1).
    fn turn(&self, payload: &mut [u8], ssrc: u32, index: u64) {
        let mut counter = [0; 16];
        counter[..14].copy_from_slice(&self.salt);
        xor(&mut counter[4..8], &ssrc.to_be_bytes());
        xor(&mut counter[8..14], &index.to_be_bytes()[2..]);
        stream(&self.cipher, counter, payload);
    }

    /// The digest over the packet and the count of the times that its number began anew (§4.2).
    fn tag(&self, packet: &[u8], index: u64) -> [u8; TAG] {
        let mut context = hmac::Context::with_key(&self.digest);
        context.update(packet);
        context.update(&((index >> 16) as u32).to_be_bytes());
        let mut tag = [0; TAG];
        tag.copy_from_slice(&context.sign().as_ref()[..TAG]);
        tag
    }
}

fn cipher(key: &[u8; 16]) -> EncryptingKey {
    let key = UnboundCipherKey::new(&AES_128, key).expect("AES-128 has keys of 16 bytes");
    EncryptingKey::ctr(key).expect("AES-128 can count")
}

fn stream(cipher: &EncryptingKey, counter: [u8; 16], bytes: &mut [u8]) {
    let context = EncryptionContext::Iv128((&counter).into());
    cipher.less_safe_encrypt(bytes, context).expect("the counter has the length of a block");
}

fn derive(master: &MasterKey, label: u8, key: &mut [u8]) {
    let master = master.expose();
    let (mut secret, mut counter) = ([0; 16], [0; 16]);
    secret.copy_from_slice(&master[..16]);
    counter[..14].copy_from_slice(&master[16..MASTER]);
    counter[7] ^= label;
    stream(&cipher(&secret), counter, key);
}

fn xor(bytes: &mut [u8], with: &[u8]) {
    bytes.iter_mut().zip(with).for_each(|(byte, other)| *byte ^= other);
}

fn ssrc(packet: &[u8]) -> u32 {
    u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]])
}

fn sequence(packet: &[u8]) -> u64 {
    u64::from(u16::from_be_bytes([packet[2], packet[3]]))
}

/// What secures the packets that we send. They are of one source, and each has the next number.
#[derive(Debug)]
pub(super) struct Outbound {
    session: Session,
    /// How many times the number began anew, and the last number.
    rolls: u64,
    last: u64,
}

impl Outbound {
    pub fn new(key: &MasterKey) -> Self {
        Self { session: Session::new(key), rolls: 0, last: 0 }
    }

    /// Encrypts a packet of ours and puts the digest behind it.
    pub fn protect(&mut self, packet: &mut Vec<u8>) {
        let sequence = sequence(packet);
        self.rolls += u64::from(sequence < self.last);
        self.last = sequence;
        let (ssrc, index) = (ssrc(packet), (self.rolls << 16) | sequence);
        self.session.turn(&mut packet[rtp::HEADER..], ssrc, index);
        let tag = self.session.tag(packet, index);
        packet.extend_from_slice(&tag);
    }
}

/// What opens the packets of the peer.
#[derive(Debug)]
pub(super) struct Inbound {
    session: Session,
    sources: Vec<Source>,
}

#[derive(Debug, Clone, Copy)]
struct Source {
    ssrc: u32,
    /// The highest index that came.
    highest: u64,
    /// A bit for each index from the highest down: whether it came.
    seen: u64,
}

impl Inbound {
    /// Takes up a key; the same one again changes nothing, so that a refresh opens no way to send packets again.
    pub fn agree(current: &mut Option<Self>, key: &MasterKey) {
        let is_same = |one: &Self| bool::from(one.session.master.expose().ct_eq(key.expose()));
        if !current.as_ref().is_some_and(is_same) {
            *current = Some(Self { session: Session::new(key), sources: Vec::new() });
        }
    }

    /// Checks and decrypts a packet in place; its length without the digest, `None` if it must not be used.
    pub fn open(&mut self, datagram: &mut [u8]) -> Option<usize> {
        let length = datagram.len().checked_sub(TAG)?;
        let (packet, tag) = datagram.split_at_mut(length);
        let start = rtp::payload_start(packet)?;
        let ssrc = ssrc(packet);
        let at = self.sources.iter().position(|source| source.ssrc == ssrc);
        let source = at.map_or(Source { ssrc, highest: sequence(packet), seen: 0 }, |at| self.sources[at]);
        let index = source.index(sequence(packet))?;
        let is_ours = bool::from(self.session.tag(packet, index).ct_eq(tag));
        if !is_ours || (at.is_none() && self.sources.len() == SOURCES) {
            return None;
        }
        self.session.turn(&mut packet[start..], ssrc, index);
        let source = source.with(index);
        match at {
            Some(at) => self.sources[at] = source,
            None => self.sources.push(source),
        }
        Some(length)
    }
}

impl Source {
    /// The index nearest to the highest one that ends in this number (§3.3.1), unless it came before.
    fn index(self, sequence: u64) -> Option<u64> {
        let turn = 1 << 16;
        let near = (self.highest & !(turn - 1)) | sequence;
        let index = match near.abs_diff(self.highest) > turn / 2 {
            true if near > self.highest => near.checked_sub(turn)?,
            true => near + turn,
            false => near,
        };
        (!self.came(index)).then_some(index)
    }

    const fn came(self, index: u64) -> bool {
        let Some(behind) = self.highest.checked_sub(index) else { return false };
        behind >= REPLAYS || self.seen & (1 << behind) != 0
    }

    fn with(self, index: u64) -> Self {
        match index.checked_sub(self.highest) {
            Some(ahead) => {
                let seen = u32::try_from(ahead).ok().and_then(|ahead| self.seen.checked_shl(ahead)).unwrap_or(0);
                Self { highest: index, seen: seen | 1, ..self }
            }
            None => Self { seen: self.seen | (1 << (self.highest - index)), ..self },
        }
    }
}

#[cfg(test)]
mod tests;
