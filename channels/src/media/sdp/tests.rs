//! Descriptions as peers write them.

use super::*;
use engine::secret::Secret;

const OURS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const HEAD: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n";
const KEY: &str = "inline:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5";

fn read_lines(lines: &str) -> Result<Remote, SdpRefused> {
    read(format!("{HEAD}{}", lines.replace('\n', "\r\n")).as_bytes(), false, OURS).map(|offered| offered.remote)
}

fn taken(lines: &str) -> Remote {
    read_lines(lines).unwrap_or_else(|error| panic!("{lines}: {error}"))
}

#[test]
fn codecs_and_events_are_found_under_any_number() {
    let (mu, a) = (Law::Mu, Law::A);
    let cases: [(&str, &[_], _); 9] = [
        ("m=audio 4000 RTP/AVP 0 8\n", &[(0, mu), (8, a)], None),
        ("m=audio 4000 RTP/AVP 8 0 101\na=rtpmap:101 telephone-event/8000\n", &[(8, a), (0, mu)], Some(101)),
        ("m=audio 4000 RTP/AVP 0 96\na=rtpmap:96 TELEPHONE-EVENT/8000/1\n", &[(0, mu)], Some(96)),
        ("m=audio 4000 RTP/AVP 0 96\na=rtpmap:97 telephone-event/8000\n", &[(0, mu)], None),
        ("m=audio 4000 RTP/AVP 0 96\na=rtpmap:96 telephone-event/16000\n", &[(0, mu)], None),
        ("m=audio 4000 RTP/AVP 18 0\na=rtpmap:18 G729/8000\n", &[(0, mu)], None),
        ("m=audio 4000 RTP/AVP 110\na=rtpmap:110 pcma/8000\n", &[(110, a)], None),
        ("m=audio 4000 RTP/AVP 0 8\na=rtpmap:0 G729/8000\n", &[(8, a)], None),
        ("m=audio 4000 RTP/AVP 0 300 x\na=rtpmap\na=rtpmap:x\na=anything at all\n", &[(0, mu)], None),
    ];
    for (lines, codecs, events) in cases {
        let remote = taken(lines);
        assert_eq!((&remote.codecs[..], remote.events), (codecs, events), "{lines}");
    }
}

#[test]
fn sound_goes_to_the_address_that_counts() {
    let cases = [
        ("m=audio 4000 RTP/AVP 0\n", Some("192.0.2.9:4000")),
        ("m=audio 4000 RTP/AVP 0\nc=IN IP4 192.0.2.7\n", Some("192.0.2.7:4000")),
        ("m=video 5000 RTP/AVP 31\nc=IN IP4 192.0.2.7\nm=audio 4000 RTP/AVP 0\n", Some("192.0.2.9:4000")),
        ("m=audio 0 RTP/AVP 0\nm=audio 4002 RTP/AVP 0\n", Some("192.0.2.9:4002")),
        ("m=audio 4000 RTP/AVP 18\nm=audio 4002 RTP/AVP 0\n", Some("192.0.2.9:4002")),
        ("m=audio 4000 RTP/AVP 0\nc=IN IP4 0.0.0.0\n", None),
    ];
    for (lines, expected) in cases {
        assert_eq!(taken(lines).address, expected.map(|address| address.parse().unwrap()), "{lines}");
    }
}

#[test]
fn every_form_of_hold_is_one() {
    let cases = [
        ("", Flow::SendRecv, "a=sendrecv"),
        ("a=sendrecv\n", Flow::SendRecv, "a=sendrecv"),
        ("a=sendonly\n", Flow::SendOnly, "a=recvonly"),
        ("a=recvonly\n", Flow::RecvOnly, "a=sendonly"),
        ("a=inactive\n", Flow::Inactive, "a=inactive"),
        ("c=IN IP4 0.0.0.0\n", Flow::SendOnly, "a=recvonly"),
        ("c=IN IP4 0.0.0.0\na=recvonly\n", Flow::Inactive, "a=inactive"),
    ];
    for (lines, flow, answered) in cases {
        let text = format!("{HEAD}m=audio 4000 RTP/AVP 0\r\n{}", lines.replace('\n', "\r\n"));
        let offered = read(text.as_bytes(), false, OURS).unwrap();
        assert_eq!(offered.remote.flow, flow, "{lines}");
        let answer = String::from_utf8(local(None).answer(&offered)).unwrap();
        assert!(answer.contains(&format!("{answered}\r\n")), "{lines}{answer}");
    }
    let session_level = format!("{HEAD}a=sendonly\r\nm=audio 4000 RTP/AVP 0\r\n");
    assert_eq!(read(session_level.as_bytes(), false, OURS).unwrap().remote.flow, Flow::SendOnly);
}

#[test]
fn packets_are_as_long_as_the_peer_wants_within_reason() {
    let cases = [
        ("", 160),
        ("a=ptime:20\n", 160),
        ("a=ptime:10\n", 80),
        ("a=ptime:30\n", 240),
        ("a=ptime:60\na=maxptime:40\n", 320),
        ("a=maxptime:150\n", 160),
        ("a=ptime:1000\n", 480),
        ("a=ptime:1\n", 80),
        ("a=ptime:0\n", 160),
        ("a=ptime:99999999999999999999\n", 160),
        ("a=ptime\n", 160),
    ];
    for (lines, expected) in cases {
        assert_eq!(taken(&format!("m=audio 4000 RTP/AVP 0\n{lines}")).packet, expected, "{lines}");
    }
}

#[test]
fn what_cannot_be_spoken_is_refused() {
    let transport = |name: &str| SdpRefused::Transport(name.into());
    let address = |name: &str| SdpRefused::Address(name.into());
    let cases = [
        ("", SdpRefused::NoSound),
        ("m=video 4000 RTP/AVP 0\n", SdpRefused::NoSound),
        ("m=audio 0 RTP/AVP 0\n", SdpRefused::NoSound),
        ("m=audio 4000 RTP/AVP 18\na=rtpmap:18 G729/8000\n", SdpRefused::NoCodec),
        ("m=audio 4000 RTP/SAVP 0\n", transport("RTP/SAVP")),
        ("m=audio 4000 udp 0\n", transport("udp")),
        ("m=audio 4000 RTP/AVP 0\nc=IN IP6 2001:db8::1\n", address("2001:db8::1")),
        ("m=audio 4000 RTP/AVP 0\nc=IN IP4 224.0.0.1\n", address("224.0.0.1")),
        ("m=audio 4000 RTP/AVP 0\nc=IN IP4 255.255.255.255\n", address("255.255.255.255")),
        ("m=audio 4000 RTP/AVP 0\nc=IN IP4 phone.example\n", address("phone.example")),
    ];
    for (lines, expected) in cases {
        assert_eq!(read_lines(lines).unwrap_err(), expected, "{lines}");
    }
    let no_address = HEAD.replace("c=IN IP4 192.0.2.9\r\n", "") + "m=audio 4000 RTP/AVP 0\r\n";
    assert!(matches!(read(no_address.as_bytes(), false, OURS), Err(SdpRefused::Address(_))));
}

#[test]
fn what_is_no_description_is_refused() {
    let many = format!("{HEAD}{}", "m=audio 4000 RTP/AVP 0\r\n".repeat(17));
    let long = format!("{HEAD}m=audio 4000 RTP/AVP 0\r\n{}", "a=x\r\n".repeat(4000));
    for text in ["", "hello", "m=audio 4000 RTP/AVP 0", &format!("{HEAD}m=audio 4000 RTP/AVP\r\n"), &many, &long] {
        assert!(matches!(read(text.as_bytes(), false, OURS), Err(SdpRefused::Unreadable(_))), "{}", text.len());
    }
}

#[test]
fn ipv6_is_spoken_with_ipv6() {
    let ours = "2001:db8::1".parse().unwrap();
    let mut local = Local::new(ours, 4000, 9, None);
    let text = String::from_utf8(local.offer()).unwrap();
    assert!(text.contains("o=- 4 1 IN IP6 2001:db8::1\r\n") && text.contains("c=IN IP6 2001:db8::1\r\n"), "{text}");
    let remote = read(text.as_bytes(), false, ours).unwrap().remote;
    assert_eq!(remote.address, Some("[2001:db8::1]:4000".parse().unwrap()));
}

fn local(key: Option<MasterKey>) -> Local {
    Local::new(OURS, 4000, 84, key)
}

#[test]
fn our_offer_is_the_one_of_the_contract() {
    let expected = "v=0\r\no=- 42 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
        m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(String::from_utf8(local(None).offer()).unwrap(), expected);
}

fn version(text: &[u8]) -> u64 {
    Session::parse(text).unwrap().origin.sess_version
}

#[test]
fn the_version_counts_what_is_new() {
    let mut local = local(None);
    let offered = read(format!("{HEAD}m=audio 4000 RTP/AVP 0\r\n").as_bytes(), false, OURS).unwrap();
    assert_eq!([version(&local.offer()), version(&local.offer())], [1, 1]);
    assert_eq!([version(&local.answer(&offered)), version(&local.answer(&offered))], [2, 2]);
    assert_eq!(version(&local.offer()), 3);
}

#[test]
fn an_answer_takes_one_stream_and_repeats_the_others() {
    let lines = "m=video 5000 RTP/AVP 31 34\r\nm=audio 4000 RTP/AVP 18\r\nm=audio 4002 RTP/AVP 18 8 0 97\r\n\
        a=rtpmap:97 telephone-event/8000\r\na=ptime:30\r\nm=audio 4004 RTP/AVP 0\r\nm=image 6 udptl t38\r\n";
    let offered = read(format!("{HEAD}{lines}").as_bytes(), false, OURS).unwrap();
    let answer = String::from_utf8(local(None).answer(&offered)).unwrap();
    let expected = "m=video 0 RTP/AVP 31 34\r\nm=audio 0 RTP/AVP 18\r\nm=audio 4000 RTP/AVP 8 97\r\n\
        a=rtpmap:8 PCMA/8000\r\na=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-15\r\na=ptime:30\r\na=sendrecv\r\n\
        m=audio 0 RTP/AVP 0\r\nm=image 0 udptl t38\r\n";
    assert!(answer.ends_with(expected), "{answer}");
}

#[test]
fn keys_of_secure_sound_are_read_or_refused() {
    const SUITE: &str = "AES_CM_128_HMAC_SHA1_80";
    let cases = [
        (format!("1 {SUITE} {KEY}"), Some(1)),
        (format!("7 aes_cm_128_hmac_sha1_80 {KEY}|2^31"), Some(7)),
        (format!("1 AES_CM_128_HMAC_SHA1_32 {KEY}\r\na=crypto:2 {SUITE} {KEY}|1048576"), Some(2)),
        (format!("1 {SUITE} {KEY}|2^31|1:4"), None),
        (format!("1 {SUITE} {KEY}|1:4"), None),
        (format!("1 {SUITE} {KEY};{KEY}"), None),
        (format!("1 {SUITE} {KEY} UNENCRYPTED_SRTP"), None),
        (format!("1 {SUITE} {}", &KEY[..30]), None),
        (format!("1 {SUITE} {}", &KEY[7..]), None),
        (format!("1 {SUITE} inline:é"), None),
        (format!("x {SUITE} {KEY}"), None),
        (String::new(), None),
    ];
    for (crypto, tag) in cases {
        let text = format!("{HEAD}m=audio 4000 RTP/SAVP 0\r\na=crypto:{crypto}\r\n");
        let read = read(text.as_bytes(), true, OURS);
        assert_eq!(read.as_ref().ok().map(|offered| offered.remote.crypto.as_ref().unwrap().tag), tag, "{crypto}");
        assert!(tag.is_some() || read.unwrap_err() == SdpRefused::NoKey);
    }
    let plain = format!("{HEAD}m=audio 4000 RTP/AVP 0\r\na=crypto:1 {SUITE} {KEY}\r\n");
    assert_eq!(read(plain.as_bytes(), true, OURS).unwrap_err(), SdpRefused::Transport("RTP/AVP".into()));
}

#[test]
fn our_key_goes_where_it_is_asked_for_and_nowhere_else() {
    let key = || Secret::new(*b"012345678901234567890123456789");
    let offer = String::from_utf8(local(Some(key())).offer()).unwrap();
    let attribute = format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}\r\n");
    assert!(offer.contains("m=audio 4000 RTP/SAVP 0 8 101\r\n") && offer.contains(&attribute), "{offer}");
    let offered = read(offer.replace("crypto:1", "crypto:5").as_bytes(), true, OURS).unwrap();
    let answer = String::from_utf8(local(Some(key())).answer(&offered)).unwrap();
    assert!(answer.contains("a=crypto:5 AES"), "{answer}");
    assert!(!format!("{:?}{offered:?}", local(Some(key()))).contains("MDEy"));
}
