//! What a caller offers to speak and hear, and what the phone answers (RFC 3264, RFC 8866).
//! It refuses offers without G.711 sound over plain RTP.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use crate::sound::law::Law;

/// Which way sound goes, as one side says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    SendReceive,
    SendOnly,
    ReceiveOnly,
    Inactive,
}

impl Direction {
    fn word(self) -> &'static str {
        match self {
            Self::SendReceive => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::ReceiveOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// What answers it.
    pub(crate) fn turned(self) -> Self {
        match self {
            Self::SendReceive => Self::SendReceive,
            Self::SendOnly => Self::ReceiveOnly,
            Self::ReceiveOnly => Self::SendOnly,
            Self::Inactive => Self::Inactive,
        }
    }

    /// Whether whoever says it sends sound.
    pub(crate) fn sends(self) -> bool {
        matches!(self, Self::SendReceive | Self::SendOnly)
    }
}

/// What the other side said, offer or answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// Where it hears.
    pub(crate) address: SocketAddr,
    /// The laws it knows, the dearest first.
    pub(crate) laws: Vec<Law>,
    /// The payload type of its keys.
    pub(crate) event: Option<u8>,
    pub(crate) direction: Direction,
    /// Each `m=` line, without `m=`; the place of the one that is spoken on.
    media: Vec<String>,
    place: usize,
}

struct Media<'a> {
    line: &'a str,
    address: Option<&'a str>,
    attributes: Vec<&'a str>,
}

/// Reads an offer or an answer; the error says what is missing.
pub(crate) fn read(body: &[u8]) -> Result<Said, &'static str> {
    let text = std::str::from_utf8(body).map_err(|_| "the SDP is not UTF-8")?;
    let mut session = Media { line: "", address: None, attributes: Vec::new() };
    let mut media: Vec<Media<'_>> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (kind, value) = line.split_once('=').ok_or("a line of the SDP has no =")?;
        let part = media.last_mut().unwrap_or(&mut session);
        match kind {
            "m" => media.push(Media { line: value, address: None, attributes: Vec::new() }),
            "c" => part.address = Some(value),
            "a" => part.attributes.push(value),
            _ => {}
        }
    }
    let place = media.iter().position(is_spoken).ok_or("the SDP has no sound over RTP/AVP")?;
    let chosen = &media[place];
    let address = address(chosen, &session)?;
    let laws = laws(chosen);
    if laws.is_empty() {
        return Err("the SDP has neither PCMU nor PCMA");
    }
    let held = address.ip().is_unspecified();
    let direction = if held { Direction::Inactive } else { direction(chosen, &session) };
    let media = media.iter().map(|media| media.line.to_owned()).collect();
    Ok(Said { address, laws, event: event(chosen), direction, media, place })
}

fn is_spoken(media: &Media<'_>) -> bool {
    let parts: Vec<&str> = media.line.split_whitespace().collect();
    parts.len() > 3 && parts[0] == "audio" && parts[1] != "0" && parts[2] == "RTP/AVP"
}

fn address(media: &Media<'_>, session: &Media<'_>) -> Result<SocketAddr, &'static str> {
    let line = media.address.or(session.address).ok_or("the SDP has no c=")?;
    let ip: IpAddr = line.split_whitespace().nth(2).and_then(|ip| ip.parse().ok()).ok_or("c= has no address")?;
    let port = media.line.split_whitespace().nth(1).and_then(|port| port.parse().ok()).ok_or("m= has no port")?;
    Ok(SocketAddr::new(ip, port))
}

fn laws(media: &Media<'_>) -> Vec<Law> {
    // Their numbers are fixed (RFC 3551 §6), so they need no rtpmap.
    let known = |format: &str| match format {
        "0" => Some(Law::Mu),
        "8" => Some(Law::A),
        _ => None,
    };
    media.line.split_whitespace().skip(3).filter_map(known).collect()
}

fn event(media: &Media<'_>) -> Option<u8> {
    let maps = media.attributes.iter().filter_map(|attribute| attribute.strip_prefix("rtpmap:"));
    maps.filter_map(|map| map.split_once(' '))
        .find(|(_, name)| name.trim().to_ascii_lowercase().starts_with("telephone-event/8000"))
        .and_then(|(number, _)| number.parse().ok().filter(|number| *number < 128))
}

fn direction(media: &Media<'_>, session: &Media<'_>) -> Direction {
    let all = [Direction::SendReceive, Direction::SendOnly, Direction::ReceiveOnly, Direction::Inactive];
    let said = |part: &Media<'_>| all.into_iter().find(|direction| part.attributes.contains(&direction.word()));
    said(media).or_else(|| said(session)).unwrap_or(Direction::SendReceive)
}

/// What the phone says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ours {
    pub(crate) address: SocketAddr,
    pub(crate) law: Law,
    pub(crate) event: Option<u8>,
    pub(crate) direction: Direction,
    /// Unlike that of any other session from here.
    pub(crate) session: u64,
    /// Grows when what is said changes.
    pub(crate) version: u64,
}

/// An offer, or an answer to what was said: every other `m=` line is refused with port 0.
pub(crate) fn write(ours: &Ours, to: Option<&Said>) -> String {
    let family = if ours.address.is_ipv4() { "IP4" } else { "IP6" };
    let (session, version, ip) = (ours.session, ours.version, ours.address.ip());
    let mut text =
        format!("v=0\r\no=carrier {session} {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n");
    match to {
        None => write_media(&mut text, ours),
        Some(said) => {
            for (place, line) in said.media.iter().enumerate() {
                match place == said.place {
                    true => write_media(&mut text, ours),
                    false => refuse(&mut text, line),
                }
            }
        }
    }
    text
}

// Writing to a String has no way to fail, here and below.
fn refuse(text: &mut String, line: &str) {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let kind = parts.first().unwrap_or(&"audio");
    let rest = parts.get(2..).unwrap_or_default().join(" ");
    let _ = write!(text, "m={kind} 0 {rest}\r\n");
}

fn write_media(text: &mut String, ours: &Ours) {
    let (number, name) = match ours.law {
        Law::Mu => (0, "PCMU"),
        Law::A => (8, "PCMA"),
    };
    let event = ours.event.map_or_else(String::new, |event| format!(" {event}"));
    let _ =
        write!(text, "m=audio {} RTP/AVP {number}{event}\r\na=rtpmap:{number} {name}/8000\r\n", ours.address.port());
    if let Some(event) = ours.event {
        let _ = write!(text, "a=rtpmap:{event} telephone-event/8000\r\na=fmtp:{event} 0-15\r\n");
    }
    let _ = write!(text, "a=ptime:20\r\na={}\r\n", ours.direction.word());
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
        m=video 4000 RTP/AVP 96\r\nm=audio 4002 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n";

    fn ours(law: Law, event: Option<u8>, direction: Direction) -> Ours {
        Ours { address: SocketAddr::from(([127, 0, 0, 1], 6000)), law, event, direction, session: 7, version: 1 }
    }

    #[test]
    fn an_offer_and_its_answer() {
        let said = read(OFFER.as_bytes()).expect("valid");
        assert_eq!((said.address.port(), said.event, said.direction), (4002, Some(101), Direction::SendReceive));
        assert_eq!(said.laws, [Law::A, Law::Mu]);
        let answer = write(&ours(Law::A, said.event, Direction::SendReceive), Some(&said));
        assert!(answer.contains("m=video 0 RTP/AVP 96\r\nm=audio 6000 RTP/AVP 8 101\r\n"), "{answer}");
        let read = read(answer.as_bytes()).expect("its own text");
        assert_eq!((read.laws, read.event), (vec![Law::A], Some(101)));
    }

    #[test]
    fn hold_in_both_spellings() {
        let direction = |text: String| read(text.as_bytes()).expect("valid").direction;
        assert_eq!(direction(OFFER.replace("a=sendrecv", "a=sendonly")), Direction::SendOnly);
        assert_eq!(direction(OFFER.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0")), Direction::Inactive);
        assert_eq!(
            direction(OFFER.replace("t=0 0\r\n", "t=0 0\r\na=inactive\r\n").replace("a=sendrecv\r\n", "")),
            Direction::Inactive
        );
        assert_eq!(Direction::SendOnly.turned(), Direction::ReceiveOnly);
        assert!(!Direction::ReceiveOnly.sends() && Direction::SendReceive.turned().sends());
    }

    #[test]
    fn what_nobody_could_hear_is_refused() {
        let wrong = [
            String::new(),
            "nonsense".to_owned(),
            OFFER.replace("8 0 101", "18 101"),
            OFFER.replace("RTP/AVP 8", "RTP/SAVP 8"),
            OFFER.replace("audio 4002", "audio 0"),
            OFFER.replace("audio 4002", "audio 99999"),
            OFFER.replace("c=IN IP4 127.0.0.1", "c=IN IP4 host.example"),
            OFFER.replace("c=IN IP4 127.0.0.1\r\n", ""),
        ];
        for text in wrong {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        let offer = write(&ours(Law::Mu, None, Direction::SendOnly), None);
        assert_eq!(read(offer.as_bytes()).expect("its own text").event, None);
    }
}
