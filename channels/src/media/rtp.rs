//! RTP packets as bytes (RFC 3550 §5.1).
//! Refuses what is cut, of another version, or RTCP that came to the wrong port.

/// The length of a header without contributors and extension, which is how we write it.
pub(super) const HEADER: usize = 12;

/// A packet that was read; the payload is without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub head: Head,
    pub payload: &'a [u8],
}

/// What stands at the head of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub marker: bool,
    /// 0–127.
    pub payload_type: u8,
    pub sequence: u16,
    /// In samples: 8,000 a second.
    pub timestamp: u32,
    pub ssrc: u32,
}

impl Head {
    /// Writes the header to the front of a packet that has room for it.
    pub fn write(&self, packet: &mut [u8]) {
        packet[0] = 0x80;
        packet[1] = (u8::from(self.marker) << 7) | self.payload_type;
        packet[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        packet[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        packet[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }
}

/// Reads a packet; `None` for what is not one.
pub(super) fn parse(bytes: &[u8]) -> Option<Packet<'_>> {
    let start = payload_start(bytes)?;
    let payload = unpadded(bytes[0], &bytes[start..])?;
    Some(Packet { head: head(bytes), payload })
}

/// Where the payload begins, behind contributors and extension.
pub(super) fn payload_start(bytes: &[u8]) -> Option<usize> {
    if bytes.len() < HEADER || bytes[0] >> 6 != 2 || is_rtcp(bytes[1]) {
        return None;
    }
    let contributors = HEADER + 4 * usize::from(bytes[0] & 0x0f);
    let start = contributors + extension(bytes[0], bytes.get(contributors..)?)?;
    (start <= bytes.len()).then_some(start)
}

/// 192 to 223 are RTCP's packet types; with the marker bit they would be payload types that nobody uses (RFC 5761 §4).
const fn is_rtcp(second: u8) -> bool {
    second >= 192 && second <= 223
}

/// The length of the extension with its own head (§5.3.1).
fn extension(first: u8, rest: &[u8]) -> Option<usize> {
    if first & 0x10 == 0 {
        return Some(0);
    }
    let words = rest.get(2..4)?;
    Some(4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]])))
}

fn unpadded(first: u8, payload: &[u8]) -> Option<&[u8]> {
    if first & 0x20 == 0 {
        return Some(payload);
    }
    let padding = usize::from(*payload.last()?);
    if padding == 0 { None } else { payload.get(..payload.len().checked_sub(padding)?) }
}

fn head(bytes: &[u8]) -> Head {
    let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    Head {
        marker: bytes[1] & 0x80 != 0,
        payload_type: bytes[1] & 0x7f,
        sequence: u16::from_be_bytes([bytes[2], bytes[3]]),
        timestamp: word(4),
        ssrc: word(8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: [u8; 12] = [0x80, 0x80, 0xff, 0xfe, 0, 0, 0, 160, 1, 2, 3, 4];

    fn changed(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = HEAD.to_vec();
        bytes[0] = first;
        bytes.extend(rest);
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        let head = Head { marker: true, payload_type: 101, sequence: 65535, timestamp: u32::MAX, ssrc: 7 };
        let mut bytes = [0; 16];
        head.write(&mut bytes);
        assert_eq!(parse(&bytes), Some(Packet { head, payload: &[0; 4] }));
    }

    #[test]
    fn payload_is_found_behind_everything() {
        let cases = [
            ("plain", changed(0x80, b"abc"), Some("abc")),
            ("no payload", changed(0x80, b""), Some("")),
            ("contributor", changed(0x81, b"\0\0\0\x09abc"), Some("abc")),
            ("contributor cut", changed(0x82, b"\0\0\0\x09abc"), None),
            ("extension", changed(0x90, b"\xbe\xde\0\x01wordabc"), Some("abc")),
            ("empty extension", changed(0x90, b"\xbe\xde\0\0abc"), Some("abc")),
            ("extension cut", changed(0x90, b"\xbe\xde\0\x02word"), None),
            ("extension's head cut", changed(0x90, b"\xbe\xde"), None),
            ("padding", changed(0xa0, b"abc\0\x02"), Some("abc")),
            ("all padding", changed(0xa0, b"\x01"), Some("")),
            ("padding of nothing", changed(0xa0, b"abc\0"), None),
            ("more padding than there is", changed(0xa0, b"abc\x05"), None),
            ("version 1", changed(0x40, b"abc"), None),
            ("both", changed(0xb1, b"\0\0\0\x09\xbe\xde\0\x01wordabc\0\0\x03"), Some("abc")),
        ];
        for (name, bytes, payload) in cases {
            assert_eq!(parse(&bytes).map(|packet| packet.payload), payload.map(str::as_bytes), "{name}");
        }
    }

    #[test]
    fn rtcp_and_short_ones_are_none() {
        assert_eq!(parse(&[]), None);
        assert_eq!(parse(&HEAD[..11]), None);
        for kind in 192..=223 {
            let mut bytes = HEAD;
            bytes[1] = kind;
            assert_eq!(parse(&bytes), None, "{kind}");
        }
    }
}
