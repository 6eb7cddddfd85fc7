//! Packets of RTP (RFC 3550 §5.1) and the events of keys inside (RFC 4733 §2.3).
//! It refuses what is cut or of another version.

/// A packet, with what stands before its payload taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) kind: u8,
    pub(crate) marker: bool,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) source: u32,
    pub(crate) payload: Vec<u8>,
}

const HEAD: usize = 12;
const VERSION: u8 = 0x80;
const KEYS: &[u8; 16] = b"0123456789*#ABCD";
/// The end of an event.
const END: u8 = 0x80;
/// 10 dB below the loudest.
const VOLUME: u8 = 10;

impl Packet {
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let head = bytes.first_chunk::<HEAD>()?;
        if head[0] & 0xC0 != VERSION {
            return None;
        }
        let mut start = HEAD + usize::from(head[0] & 0x0F) * 4;
        if head[0] & 0x10 != 0 {
            let extension = bytes.get(start..start + 4)?;
            start += 4 + usize::from(u16::from_be_bytes([extension[2], extension[3]])) * 4;
        }
        let padding = if head[0] & 0x20 != 0 { usize::from(*bytes.last()?) } else { 0 };
        let end = bytes.len().checked_sub(padding)?;
        Some(Self {
            kind: head[1] & 0x7F,
            marker: head[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            timestamp: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            source: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
            payload: bytes.get(start..end)?.to_vec(),
        })
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + self.payload.len());
        bytes.extend([VERSION, self.kind | if self.marker { 0x80 } else { 0 }]);
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.source.to_be_bytes());
        bytes.extend(&self.payload);
        bytes
    }
}

/// The payload of a key that has lasted for `duration` samples.
pub(crate) fn event(key: char, end: bool, duration: u16) -> Option<Vec<u8>> {
    let code = KEYS.iter().position(|known| char::from(*known) == key)?;
    let [high, low] = duration.to_be_bytes();
    Some(vec![u8::try_from(code).ok()?, VOLUME | if end { END } else { 0 }, high, low])
}

/// The key of an event's payload.
pub(crate) fn key_of(payload: &[u8]) -> Option<char> {
    let code = payload.first_chunk::<4>()?[0];
    KEYS.get(usize::from(code)).map(|key| char::from(*key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_survives() {
        let packet =
            Packet { kind: 101, marker: true, sequence: 65_535, timestamp: 1 << 31, source: 9, payload: vec![1, 2] };
        assert_eq!(Packet::read(&packet.bytes()), Some(packet));
    }

    #[test]
    fn sources_extension_and_padding_are_taken_off() {
        let mut bytes = vec![0x80 | 0x20 | 0x10 | 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        bytes.extend([0; 4]);
        bytes.extend([0xBE, 0xDE, 0, 1, 9, 9, 9, 9]);
        bytes.extend([7, 8, 0, 2]);
        assert_eq!(Packet::read(&bytes).map(|packet| packet.payload), Some(vec![7, 8]));
        for length in 0..24 {
            assert!(Packet::read(&bytes[..length]).is_none(), "{length}");
        }
        bytes[0] = 0x40;
        assert_eq!(Packet::read(&bytes), None);
    }

    #[test]
    fn keys_and_their_codes() {
        for key in KEYS.iter().map(|key| char::from(*key)) {
            assert_eq!(key_of(&event(key, true, 800).expect("a key")), Some(key));
        }
        assert_eq!((event('x', false, 0), key_of(&[16, 0, 0, 0]), key_of(&[1, 0, 0])), (None, None, None));
        assert_eq!(event('#', true, 800), Some(vec![11, 0x8A, 3, 32]));
    }
}
