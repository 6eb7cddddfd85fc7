//! What is agreed about the sound of a call: a peer's SDP read, ours written (RFC 8866, RFC 3264).
//! Refuses what has no sound that we speak; never falls back from secure to plain sound.

mod crypto;
mod local;

pub(super) use crypto::{Crypto, MASTER, MasterKey, fresh_key};
pub(super) use local::Local;

use super::g711::{Law, TICK_SAMPLES};
use sdp_types::{Connection, Media, Session};
use std::net::{IpAddr, SocketAddr};

/// The number that we offer for telephone-event.
pub(super) const EVENTS: u8 = 101;
/// Longer texts are no description of a phone call.
const LONGEST: usize = 16 * 1024;
/// More streams than this are none either.
const MOST_LINES: usize = 16;
/// The shortest and longest packet that we send, in samples: 10 ms and 60 ms.
const PACKET: std::ops::RangeInclusive<usize> = 80..=480;

/// Why a description was not taken. For an offer it means 488; for an answer the call has no sound and must end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdpRefused {
    /// It cannot be read.
    #[error("the peer's SDP cannot be read ({0})")]
    Unreadable(String),
    /// It has no stream of sound, or refuses it.
    #[error("the peer's SDP has no sound, or refuses ours")]
    NoSound,
    /// Neither G.711 µ-law nor A-law is in it.
    #[error("the peer speaks no codec that we speak; the trunk must allow G.711 (PCMU or PCMA)")]
    NoCodec,
    /// Sound cannot be sent there.
    #[error("the peer's SDP asks for sound at an address that we cannot send to ({0})")]
    Address(String),
    /// It is plain where secure sound was agreed, the other way round, or something else.
    #[error("the peer's SDP asks for {0}; the trunk's setting for secure sound must be as the carrier's")]
    Transport(String),
    /// Secure sound without a key that we can use (RFC 4568).
    #[error("the peer's SDP has no key for AES_CM_128_HMAC_SHA1_80 that we can use")]
    NoKey,
}

/// Which way sound goes, as the peer says it of itself (RFC 3264 §6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Flow {
    /// Whether the peer listens; if not, we are on hold.
    pub const fn listens(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// Whether the peer speaks.
    pub const fn speaks(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// The word for our side of it.
    const fn answered(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "recvonly",
            Self::RecvOnly => "sendonly",
            Self::Inactive => "inactive",
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "sendrecv" => Some(Self::SendRecv),
            "sendonly" => Some(Self::SendOnly),
            "recvonly" => Some(Self::RecvOnly),
            "inactive" => Some(Self::Inactive),
            _ => None,
        }
    }

    /// The old way to hold is an address of zeros: nothing can be sent there, whatever else is said.
    const fn without_address(self) -> Self {
        if self.speaks() { Self::SendOnly } else { Self::Inactive }
    }
}

/// What the peer said about its side.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    /// `None` while it is all zeros, which means hold.
    pub address: Option<SocketAddr>,
    /// Payload types and what they are, in the peer's order; never empty.
    pub codecs: Vec<(u8, Law)>,
    /// The peer's number for telephone-event.
    pub events: Option<u8>,
    pub flow: Flow,
    /// Samples in a packet that is sent to it.
    pub packet: usize,
    /// The peer's key, if sound is secure.
    pub crypto: Option<Crypto>,
}

/// An offer, with what its answer has to repeat.
#[derive(Debug)]
pub(super) struct Offered {
    pub remote: Remote,
    /// Each `m=` line: media, protocol, formats.
    lines: Vec<[String; 3]>,
    /// Which of them is ours.
    taken: usize,
}

/// Reads an answer or an offer; the first stream of sound that can be spoken counts.
pub(super) fn read(text: &[u8], secure: bool, ours: IpAddr) -> Result<Offered, SdpRefused> {
    if text.len() > LONGEST {
        return Err(SdpRefused::Unreadable("it is too long".into()));
    }
    let session = Session::parse(text).map_err(|error| SdpRefused::Unreadable(error.to_string()))?;
    if session.medias.len() > MOST_LINES {
        return Err(SdpRefused::Unreadable("it has too many streams".into()));
    }
    let mut refused = SdpRefused::NoSound;
    for (taken, media) in session.medias.iter().enumerate().filter(|(_, media)| is_sound(media)) {
        match remote(&session, media, secure, ours) {
            Ok(remote) => return Ok(Offered { remote, lines: session.medias.iter().map(line).collect(), taken }),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

fn is_sound(media: &Media) -> bool {
    media.media == "audio" && media.port != 0
}

fn line(media: &Media) -> [String; 3] {
    [media.media.clone(), media.proto.clone(), media.fmt.clone()]
}

fn remote(session: &Session, media: &Media, secure: bool, ours: IpAddr) -> Result<Remote, SdpRefused> {
    if media.proto != local::protocol(secure) {
        return Err(SdpRefused::Transport(media.proto.clone()));
    }
    let crypto = if secure { Some(crypto::first(media).ok_or(SdpRefused::NoKey)?) } else { None };
    let address = address(session, media, ours)?;
    let flow = flow(session, media);
    let codecs = codecs(media);
    if codecs.is_empty() {
        return Err(SdpRefused::NoCodec);
    }
    Ok(Remote {
        address,
        codecs,
        events: events(media),
        flow: if address.is_some() { flow } else { flow.without_address() },
        packet: packet(session, media),
        crypto,
    })
}

/// The media's own line goes before the session's (RFC 8866 §5.7).
fn address(session: &Session, media: &Media, ours: IpAddr) -> Result<Option<SocketAddr>, SdpRefused> {
    let connection = media.connections.first().or(session.connection.as_ref());
    let connection = connection.ok_or_else(|| SdpRefused::Address("none is given".into()))?;
    let ip = ip(connection)?;
    if ip.is_unspecified() {
        return Ok(None);
    }
    let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    if ip.is_multicast() || is_broadcast || ip.is_ipv4() != ours.is_ipv4() {
        return Err(SdpRefused::Address(ip.to_string()));
    }
    Ok(Some(SocketAddr::new(ip, media.port)))
}

fn ip(connection: &Connection) -> Result<IpAddr, SdpRefused> {
    let address = &connection.connection_address;
    address.parse().map_err(|_| SdpRefused::Address(address.clone()))
}

fn flow(session: &Session, media: &Media) -> Flow {
    let of = |attributes: &[sdp_types::Attribute]| attributes.iter().find_map(|one| Flow::named(&one.attribute));
    of(&media.attributes).or_else(|| of(&session.attributes)).unwrap_or(Flow::SendRecv)
}

/// The payload types of a stream, in its order.
fn payload_types(media: &Media) -> impl Iterator<Item = u8> {
    media.fmt.split_ascii_whitespace().filter_map(|word| word.parse().ok()).filter(|number| *number < 128)
}

fn codecs(media: &Media) -> Vec<(u8, Law)> {
    let law = |number| Some((number, law(media, number)?));
    let mut codecs: Vec<_> = payload_types(media).filter_map(law).collect();
    codecs.truncate(MOST_LINES);
    codecs
}

/// What a payload type is; 0 and 8 need not be said (RFC 3551 §6).
fn law(media: &Media, number: u8) -> Option<Law> {
    let laws = [Law::Mu, Law::A];
    let Some(name) = encoding(media, number) else {
        return laws.into_iter().find(|law| law.payload_type() == number);
    };
    laws.into_iter().find(|law| is_encoding(name, law.name()))
}

fn events(media: &Media) -> Option<u8> {
    payload_types(media)
        .find(|number| encoding(media, *number).is_some_and(|name| is_encoding(name, "telephone-event")))
}

/// The name of an encoding with its clock, and what follows, of a payload type: `PCMU/8000`.
fn encoding(media: &Media, number: u8) -> Option<&str> {
    media.get_attribute_values("rtpmap").flatten().find_map(|value| {
        let (of, name) = value.split_once(' ')?;
        (of.parse() == Ok(number)).then(|| name.trim())
    })
}

/// Names are compared without case (RFC 8866 §6.6); the number of channels is optional.
fn is_encoding(name: &str, wanted: &str) -> bool {
    let mut parts = name.split('/');
    let is_named = parts.next().is_some_and(|part| part.eq_ignore_ascii_case(wanted));
    is_named && parts.next() == Some("8000") && parts.next().is_none_or(|channels| channels == "1")
}

/// How many samples the peer wants in a packet, 20 ms unless it says otherwise.
fn packet(session: &Session, media: &Media) -> usize {
    let samples = |name| milliseconds(session, media, name).map(|milliseconds| milliseconds * 8);
    let wanted = samples("ptime").unwrap_or(TICK_SAMPLES);
    let most = samples("maxptime").unwrap_or(*PACKET.end());
    wanted.min(most).clamp(*PACKET.start(), *PACKET.end())
}

fn milliseconds(session: &Session, media: &Media, name: &str) -> Option<usize> {
    let value = media.attributes.iter().chain(&session.attributes).find(|one| one.attribute == name)?;
    let milliseconds: usize = value.value.as_deref()?.trim().parse().ok()?;
    (1..=1000).contains(&milliseconds).then_some(milliseconds)
}

#[cfg(test)]
mod tests;
