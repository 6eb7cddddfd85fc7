//! A trunk between calls, on a clock that the test turns.
//! Refuses a trunk that answers.

use super::*;
use engine::secret::Secret;

fn upkeep(keep_alive: bool, register: bool) -> Upkeep {
    let identity = Identity {
        via: "UDP 192.0.2.1:5060".into(),
        contact: "sip:us@192.0.2.1:5060".into(),
        user: "us".into(),
        domain: "trunk".into(),
    };
    let wallet = Wallet::new("us".into(), Secret::new("secret".into()));
    let every = |wanted: bool, seconds| wanted.then(|| Duration::from_secs(seconds));
    let due = (every(keep_alive, 30), every(register, 3600));
    let mut upkeep = Upkeep::new(identity, wallet, Tokens::new([1; 32]), due);
    upkeep.found(Ok(vec![0, 1]));
    upkeep
}

fn answer(
    upkeep: &mut Upkeep,
    request: &Message,
    status: Option<u16>,
    header: (&str, &str),
    at: u64,
) -> Option<Sending> {
    let response = status.map(|status| Message::response(request, status, "x").with(header.0, header.1));
    upkeep.answered(request.branch().as_deref(), response.as_ref(), Duration::from_secs(at))
}

const NONE: (&str, &str) = ("Server", "x");

#[test]
fn addresses_that_do_not_answer_take_no_calls() {
    let mut upkeep = upkeep(true, false);
    let sent = upkeep.tick(Duration::ZERO);
    assert_eq!(sent.iter().map(|(_, peer)| *peer).collect::<Vec<_>>(), [0, 1]);
    answer(&mut upkeep, &sent[0].0, None, NONE, 32);
    answer(&mut upkeep, &sent[1].0, Some(404), NONE, 1);
    assert_eq!(upkeep.peers(Duration::from_secs(32)), Ok(vec![1]));
    assert_eq!(upkeep.trouble(), None);
    let again = upkeep.tick(Duration::from_secs(40));
    answer(&mut upkeep, &again[1].0, None, NONE, 80);
    assert_eq!(upkeep.peers(Duration::from_secs(80)), Err(NoPeer { retry_after: None }));
    assert!(upkeep.trouble().unwrap().contains("no answer to OPTIONS"));
    let back = upkeep.tick(Duration::from_secs(90));
    answer(&mut upkeep, &back[0].0, Some(200), NONE, 91);
    assert_eq!((upkeep.peers(Duration::from_secs(91)), upkeep.trouble()), (Ok(vec![0]), None));
}

#[test]
fn an_address_is_avoided_as_long_as_it_said() {
    let mut upkeep = upkeep(false, false);
    let now = Duration::from_secs(100);
    upkeep.avoid(0, Some(Duration::from_secs(20)), now);
    assert_eq!(upkeep.peers(now), Ok(vec![1]));
    upkeep.avoid(1, None, now);
    assert_eq!(upkeep.peers(now), Err(NoPeer { retry_after: Some(Duration::from_secs(20)) }));
    assert!(upkeep.trouble().is_some());
    assert_eq!(upkeep.peers(Duration::from_secs(121)), Ok(vec![0]));
}

#[test]
fn the_word_of_one_call_counts_for_half_a_minute_or_until_the_address_is_well() {
    let mut upkeep = upkeep(true, false);
    let now = Duration::from_secs(100);
    let sent = upkeep.tick(now);
    [0, 1].into_iter().for_each(|peer| upkeep.avoid(peer, Some(Duration::from_secs(600)), now));
    assert_eq!(upkeep.peers(now), Err(NoPeer { retry_after: Some(Duration::from_secs(30)) }));
    answer(&mut upkeep, &sent[0].0, Some(404), NONE, 101);
    answer(&mut upkeep, &sent[1].0, Some(200), NONE, 101);
    assert_eq!(upkeep.peers(Duration::from_secs(101)), Ok(vec![1]));
    assert_eq!(upkeep.peers(Duration::from_secs(130)), Ok(vec![0, 1]));
}

#[test]
fn a_registration_is_made_and_made_again_before_it_expires() {
    let mut upkeep = upkeep(false, true);
    let (register, peer) = upkeep.tick(Duration::ZERO).remove(0);
    assert_eq!((register.method(), peer, register.get("Expires")), (Some(&Method::Register), 0, Some("3600")));
    let challenge = ("WWW-Authenticate", "Digest realm=\"t\", nonce=\"1\"");
    let (signed, _) = answer(&mut upkeep, &register, Some(401), challenge, 1).unwrap();
    assert!(signed.get("Authorization").is_some());
    assert_eq!(signed.get("CSeq"), Some("2 REGISTER"));
    assert!(answer(&mut upkeep, &signed, Some(200), ("Contact", "<sip:us@192.0.2.1:5060>;expires=600"), 2).is_none());
    assert_eq!(upkeep.trouble(), None);
    assert_eq!(upkeep.deadline(), Some(Duration::from_secs(2 + 600 - 90)));
    assert_eq!(upkeep.tick(Duration::from_secs(512)).len(), 1);
    let (farewell, _) = upkeep.farewell().unwrap();
    assert_eq!(farewell.get("Expires"), Some("0"));
}

#[test]
fn what_a_registrar_grants_is_taken_within_reason() {
    for (granted, again) in [("18446744073709551615", 86_400 - 8670), ("0", 30), ("1", 30)] {
        let mut upkeep = upkeep(false, true);
        let (register, _) = upkeep.tick(Duration::ZERO).remove(0);
        let contact = format!("<sip:us@192.0.2.1:5060>;expires={granted}");
        assert!(answer(&mut upkeep, &register, Some(200), ("Contact", &contact), 2).is_none());
        assert_eq!(upkeep.deadline(), Some(Duration::from_secs(2 + again)), "{granted}");
    }
}

#[test]
fn a_wrong_password_is_told_and_tried_again_later_and_later() {
    let mut upkeep = upkeep(false, true);
    let challenge = ("WWW-Authenticate", "Digest realm=\"t\", nonce=\"1\"");
    let mut at = 0;
    for wait in [30, 60, 120] {
        let (register, _) = upkeep.tick(Duration::from_secs(at)).remove(0);
        let (signed, _) = answer(&mut upkeep, &register, Some(401), challenge, at).unwrap();
        assert!(answer(&mut upkeep, &signed, Some(401), challenge, at).is_none());
        assert!(upkeep.trouble().unwrap().contains("wrong user or password"), "{:?}", upkeep.trouble());
        assert_eq!(upkeep.deadline(), Some(Duration::from_secs(at + wait)));
        at += wait;
    }
}

#[test]
fn a_longer_registration_is_agreed_to_once() {
    let mut upkeep = upkeep(false, true);
    let (register, _) = upkeep.tick(Duration::ZERO).remove(0);
    let (longer, _) = answer(&mut upkeep, &register, Some(423), ("Min-Expires", "7200"), 0).unwrap();
    assert_eq!(longer.get("Expires"), Some("7200"));
    assert!(answer(&mut upkeep, &longer, Some(423), ("Min-Expires", "9000"), 0).is_none());
    assert!(upkeep.trouble().unwrap().contains("SIP 423"));
}

#[test]
fn what_cannot_be_resolved_is_told_until_it_can() {
    let mut upkeep = upkeep(false, false);
    upkeep.found(Err("gone".into()));
    assert_eq!(upkeep.peers(Duration::ZERO), Ok(vec![0, 1]), "what was known counts on");
    upkeep.found(Ok(vec![1, 2]));
    assert_eq!(upkeep.peers(Duration::ZERO), Ok(vec![1, 2]));
}

#[test]
fn what_a_call_was_told_is_trouble_until_one_rings() {
    let mut upkeep = upkeep(false, false);
    upkeep.heard(Some("wrong password".into()), Duration::ZERO);
    assert_eq!(upkeep.trouble().as_deref(), Some("wrong password"));
    upkeep.heard(None, Duration::ZERO);
    assert_eq!(upkeep.trouble(), None);
    upkeep.heard(Some("wrong password".into()), Duration::from_secs(5));
    assert_eq!(upkeep.deadline(), Some(Duration::from_secs(65)));
    upkeep.tick(Duration::from_secs(64));
    assert!(upkeep.trouble().is_some());
    upkeep.tick(Duration::from_secs(65));
    assert_eq!(upkeep.trouble(), None, "or for a minute");
}
