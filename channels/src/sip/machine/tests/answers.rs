//! What the answers to an INVITE do when nothing crosses.
//! Refuses sockets, and a clock that goes by itself.

use super::*;

const CHALLENGE: (&str, &str) = ("Proxy-Authenticate", "Digest realm=\"t\", nonce=\"1\", qop=\"auth\"");

#[test]
fn a_call_rings_and_is_answered() {
    let mut rig = Rig::placed();
    let invite = rig.last(&Method::Invite).clone();
    assert_eq!(invite.uri(), Some("sip:+12025550123@trunk;user=phone"));
    assert!(invite.get("From").unwrap().starts_with("<sip:+12025550100@trunk>;tag="));
    assert_eq!(invite.get("P-Asserted-Identity"), Some("<sip:+12025550100@trunk>"));
    assert!(invite.bytes().len() < 1300);
    assert_eq!(rig.invite_answered(100, "", &[], ""), "Placed");
    assert_eq!(rig.invite_answered(180, "a", &[], ""), "Ringing");
    assert_eq!(rig.invite_answered(180, "a", &[], ""), "");
    assert_eq!(rig.invite_answered(200, "a", &[("Record-Route", "<sip:edge;lr>")], "sdp"), "ACK Answered");
    assert_eq!(rig.media.take(), "answer sdp, connect");
    let ack = rig.last(&Method::Ack);
    assert_eq!((ack.uri(), ack.get("Route")), (Some("sip:a@192.0.2.9"), Some("<sip:edge;lr>")));
    assert_ne!(ack.branch(), invite.branch());
    assert_eq!(rig.step(Event::HangUp(CallEnd::Done)), "BYE Done");
    assert_eq!(rig.replied(&Method::Bye, 200, &[]), "");
    assert_eq!(rig.tick(), "");
    assert!(rig.is_over());
}

#[test]
fn a_challenge_is_answered_with_the_next_number() {
    let mut rig = Rig::placed();
    let first = rig.last(&Method::Invite).clone();
    assert_eq!(rig.invite_answered(407, "x", &[CHALLENGE], ""), "INVITE");
    let second = rig.last(&Method::Invite).clone();
    assert_eq!((second.get("CSeq"), second.to_tag()), (Some("2 INVITE"), None));
    assert_eq!((second.from_tag(), second.call_id()), (first.from_tag(), first.call_id()));
    assert_ne!(second.branch(), first.branch());
    let www = ("WWW-Authenticate", "Digest realm=\"u\", nonce=\"2\"");
    assert_eq!(rig.invite_answered(401, "x", &[www], ""), "INVITE", "a proxy, then the far end");
    let third = rig.last(&Method::Invite);
    assert!(third.get("Proxy-Authorization").unwrap().contains("nc=00000002"));
    assert!(third.get("Authorization").is_some());
    rig.invite_answered(200, "a", &[], "sdp");
    assert!(rig.last(&Method::Ack).get("Proxy-Authorization").is_some());
    rig.step(Event::HangUp(CallEnd::Done));
    let number = rig.last(&Method::Bye).cseq().unwrap().0;
    let again = ("Proxy-Authenticate", "Digest realm=\"t\", nonce=\"9\"");
    assert_eq!(rig.replied(&Method::Bye, 407, &[again]), "BYE", "another nonce, though not called stale");
    assert_eq!(rig.last(&Method::Bye).cseq().unwrap().0, number + 1);
    assert_eq!(rig.replied(&Method::Bye, 407, &[again]), "", "but not for ever, and that says nothing of the trunk");
}

#[test]
fn whoever_is_called_is_not_told_the_password() {
    let mut rig = Rig::placed();
    rig.invite_answered(407, "x", &[CHALLENGE], "");
    rig.invite_answered(200, "a", &[], "sdp");
    rig.step(Event::HangUp(CallEnd::Done));
    let theirs = ("WWW-Authenticate", "Digest realm=\"mine\", nonce=\"1\"");
    assert_eq!(rig.replied(&Method::Bye, 401, &[theirs]), "");
    let mut rig = Rig::placed();
    rig.invite_answered(180, "a", &[], "");
    assert_eq!(rig.invite_answered(401, "a", &[theirs], ""), "Unreachable");
}

#[test]
fn a_wrong_password_ends_the_call_and_is_told() {
    let mut rig = Rig::placed();
    rig.invite_answered(407, "x", &[CHALLENGE], "");
    assert_eq!(rig.invite_answered(407, "x", &[CHALLENGE], ""), "trouble GatewayRefused");
    let mut rig = Rig::with(&[0], "");
    rig.step(Event::Place);
    assert_eq!(rig.invite_answered(401, "x", &[], ""), "trouble GatewayRefused");
}

#[test]
fn a_longer_session_is_agreed_to_twice() {
    let mut rig = Rig::placed();
    assert_eq!(rig.invite_answered(422, "x", &[("Min-SE", "3600")], ""), "INVITE");
    let second = rig.last(&Method::Invite);
    assert_eq!((second.get("Session-Expires"), second.get("Min-SE")), (Some("3600"), Some("3600")));
    assert_eq!(rig.invite_answered(422, "x", &[("Min-SE", "3600")], ""), "GatewayRefused", "it asks for nothing new");
}

#[test]
fn redirections_lead_to_the_same_number_on_the_trunk_alone() {
    let check = |contacts: &[&str], expected: &str| {
        let mut rig = Rig::placed();
        let headers: Vec<_> = contacts.iter().map(|contact| ("Contact", *contact)).collect();
        assert_eq!(rig.invite_answered(302, "x", &headers, ""), expected, "{contacts:?}");
        rig
    };
    let rig = check(&["<sip:+12025550123@192.0.2.7:5070>"], "INVITE");
    assert_eq!(rig.last(&Method::Invite).uri(), Some("sip:+12025550123@192.0.2.7:5070;user=phone"));
    for routed in ["<sip:+12025550123;rn=+8829999;npdi@trunk>", "<sip:+12025550123@trunk;rn=+8829999?Route=x>"] {
        let rig = check(&[routed], "INVITE");
        assert_eq!(rig.last(&Method::Invite).uri(), Some("sip:+12025550123@trunk;user=phone"), "{routed}");
    }
    check(&["<sip:+12025550199@trunk>", "<sip:+12025550123@TRUNK>"], "INVITE");
    check(&["<sip:+12025550199@trunk>"], "Unreachable");
    check(&["<sip:+12025550123@elsewhere>"], "Unreachable");
    check(&["<tel:+12025550123>"], "Unreachable");
    check(&["<sip:+12025550123;x@trunk.elsewhere>"], "Unreachable");
    let mut rig = check(&["<sip:+12025550123@trunk>"], "INVITE");
    let same = [("Contact", "<sip:+12025550123@trunk>")];
    assert_eq!(rig.invite_answered(302, "x", &same, ""), "INVITE");
    assert_eq!(rig.invite_answered(302, "x", &same, ""), "Unreachable", "a third one is a loop");
}

#[test]
fn another_address_is_tried_only_where_surely_nothing_was_placed() {
    let mut rig = Rig::with(&[4, 5], "us");
    rig.step(Event::Place);
    assert_eq!(rig.invite_answered(503, "x", &[("Retry-After", "5")], ""), "avoid4 INVITE");
    assert_eq!(rig.invite_answered(503, "x", &[], ""), "Unavailable");
    let mut rig = Rig::with(&[4, 5], "us");
    rig.step(Event::Place);
    let invite = rig.last(&Method::Invite).clone();
    assert_eq!(rig.step(Event::Broken { request: invite, sent: false }), "avoid4 INVITE");
    let invite = rig.last(&Method::Invite).clone();
    assert_eq!(rig.step(Event::Broken { request: invite, sent: true }), "avoid5 Ambiguous");
    let mut rig = Rig::with(&[4, 5], "us");
    rig.step(Event::Place);
    let invite = rig.last(&Method::Invite).clone();
    assert_eq!(rig.step(Event::TimedOut(invite)), "avoid4 NoAnswer", "it may have rung");
    let mut rig = Rig::with(&[4, 5], "us");
    rig.step(Event::Place);
    rig.invite_answered(180, "a", &[], "");
    assert_eq!(rig.invite_answered(503, "a", &[], ""), "Unreachable", "it did ring");
    for status in [181, 182, 183, 199] {
        let mut rig = Rig::with(&[4, 5], "us");
        rig.step(Event::Place);
        assert_eq!(rig.invite_answered(status, "a", &[], ""), "Placed");
        assert_eq!(
            rig.invite_answered(503, "a", &[("Retry-After", "600")], ""),
            "Unreachable",
            "it may have rung: {status}"
        );
    }
}

#[test]
fn each_address_may_ask_for_the_password() {
    let mut rig = Rig::with(&[4, 5], "us");
    rig.step(Event::Place);
    assert_eq!(rig.invite_answered(407, "x", &[CHALLENGE], ""), "INVITE");
    assert_eq!(rig.invite_answered(503, "x", &[], ""), "INVITE");
    assert_eq!(rig.invite_answered(407, "x", &[CHALLENGE], ""), "INVITE");
    let moved = [("Contact", "<sip:+12025550123@192.0.2.7>")];
    assert_eq!(rig.invite_answered(302, "x", &moved, ""), "INVITE");
    assert_eq!(rig.invite_answered(407, "x", &[CHALLENGE], ""), "INVITE");
}

#[test]
fn an_answer_without_common_media_is_ended() {
    for sdp in ["bad", ""] {
        let mut rig = Rig::placed();
        assert_eq!(rig.invite_answered(200, "a", &[], sdp), "Placed ACK BYE Cut");
    }
}

#[test]
fn a_reliable_answer_is_acknowledged_in_order_and_may_be_the_only_one() {
    let mut rig = Rig::placed();
    let reliable = |rseq| [("Require", "100rel"), ("RSeq", rseq)];
    assert_eq!(rig.invite_answered(183, "a", &reliable("7"), "early"), "Placed PRACK");
    assert_eq!(rig.last(&Method::Prack).get("RAck"), Some("7 1 INVITE"));
    assert_eq!(rig.last(&Method::Prack).get("CSeq"), Some("2 PRACK"));
    assert_eq!(rig.invite_answered(183, "a", &reliable("7"), "early"), "", "the same again");
    assert_eq!(rig.invite_answered(180, "a", &reliable("9"), ""), "Ringing", "after a gap");
    assert_eq!(rig.invite_answered(180, "a", &reliable("8"), ""), "PRACK");
    assert_eq!(rig.invite_answered(180, "b", &reliable("1"), ""), "PRACK", "each dialog counts for itself");
    assert_eq!(rig.media.take(), "answer early");
    assert_eq!(rig.invite_answered(200, "a", &[], ""), "ACK Answered");
    assert_eq!(rig.media.take(), "connect");
}

#[test]
fn a_preview_is_confirmed_by_the_answer() {
    let mut rig = Rig::placed();
    rig.invite_answered(183, "a", &[], "preview");
    rig.invite_answered(183, "b", &[], "other");
    assert_eq!(rig.invite_answered(200, "a", &[], ""), "ACK Answered");
    assert_eq!(rig.media.take(), "answer preview, answer other, answer preview, connect");
}

#[test]
fn a_challenged_prack_is_sent_again() {
    let mut rig = Rig::placed();
    rig.invite_answered(407, "x", &[CHALLENGE], "");
    rig.invite_answered(183, "a", &[("Require", "100rel"), ("RSeq", "1")], "early");
    assert_eq!(rig.replied(&Method::Prack, 407, &[CHALLENGE]), "PRACK");
    let prack = rig.last(&Method::Prack);
    assert_eq!((prack.get("RAck"), prack.get("CSeq")), (Some("1 2 INVITE"), Some("4 PRACK")));
    assert!(prack.get("Proxy-Authorization").is_some());
}
