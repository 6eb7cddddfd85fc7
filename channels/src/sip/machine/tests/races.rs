//! What crosses on the way.
//! Refuses sockets, and a clock that goes by itself.

use super::*;

#[test]
fn a_wish_to_hang_up_waits_for_the_first_provisional_answer() {
    let mut rig = Rig::placed();
    assert_eq!(rig.step(Event::HangUp(CallEnd::Done)), "");
    assert_eq!(rig.invite_answered(100, "", &[], ""), "Placed CANCEL");
    let (invite, cancel) = (rig.last(&Method::Invite), rig.last(&Method::Cancel));
    assert_eq!((cancel.branch(), cancel.uri()), (invite.branch(), invite.uri()));
    assert_eq!((cancel.get("CSeq"), cancel.to_tag()), (Some("1 CANCEL"), None));
    assert_eq!(rig.invite_answered(180, "a", &[], ""), "", "a CANCEL goes once");
    assert_eq!(rig.replied(&Method::Cancel, 200, &[]), "");
    assert_eq!(rig.invite_answered(487, "a", &[], ""), "Done");
}

#[test]
fn a_call_that_rang_long_enough_is_taken_back() {
    let mut rig = Rig::placed();
    rig.invite_answered(180, "a", &[], "");
    assert_eq!(rig.tick(), "CANCEL");
    assert_eq!(rig.now, Duration::from_secs(30));
    assert_eq!(rig.invite_answered(487, "a", &[], ""), "NoAnswer");
}

#[test]
fn an_answer_that_crosses_the_cancel_is_ended_unheard() {
    let mut rig = Rig::placed();
    rig.invite_answered(180, "a", &[], "");
    rig.tick();
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK BYE NoAnswer");
    assert_eq!(rig.media.take(), "", "nothing is played");
    assert_eq!(rig.replied(&Method::Cancel, 481, &[]), "");
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK", "the same again");
}

#[test]
fn an_answer_before_any_other_meets_the_wish_to_hang_up() {
    let mut rig = Rig::placed();
    rig.step(Event::HangUp(CallEnd::Done));
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK BYE Done");
}

#[test]
fn a_cancel_without_a_final_answer_is_given_up_and_what_comes_late_is_ended() {
    let mut rig = Rig::placed();
    rig.invite_answered(180, "a", &[], "");
    rig.step(Event::HangUp(CallEnd::Done));
    assert_eq!(rig.tick(), "forget Done");
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK BYE");
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK");
}

#[test]
fn an_answer_after_timer_b_is_ended() {
    let mut rig = Rig::placed();
    let invite = rig.last(&Method::Invite).clone();
    assert_eq!(rig.step(Event::TimedOut(invite)), "avoid0 NoAnswer");
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK BYE");
    assert!(!rig.is_over());
}

#[test]
fn a_silent_trunk_ends_a_call_that_nobody_wants_any_more() {
    let mut rig = Rig::placed();
    rig.step(Event::HangUp(CallEnd::Done));
    let invite = rig.last(&Method::Invite).clone();
    assert_eq!(rig.step(Event::TimedOut(invite)), "avoid0 Done");
}

#[test]
fn a_connection_that_breaks_leaves_no_phone_ringing() {
    let broken = |rig: &mut Rig, sent| {
        let request = rig.last(&Method::Invite).clone();
        rig.step(Event::Broken { request, sent })
    };
    let mut rig = Rig::placed();
    rig.invite_answered(180, "a", &[], "");
    assert_eq!(broken(&mut rig, true), "avoid0 CANCEL Ambiguous");
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK BYE", "it was answered meanwhile");
    let mut rig = Rig::placed();
    rig.invite_answered(180, "a", &[], "");
    rig.step(Event::HangUp(CallEnd::Done));
    assert_eq!(broken(&mut rig, true), "CANCEL Done");
    let mut rig = Rig::with(&[4, 5], "us");
    rig.step(Event::Place);
    rig.invite_answered(100, "", &[], "");
    rig.invite_answered(503, "x", &[], "");
    assert_eq!(broken(&mut rig, false), "avoid5 Unavailable", "the other one had refused it");
}

#[test]
fn an_answer_of_a_branch_that_was_never_sent_is_none() {
    let mut rig = Rig::placed();
    let mut stray = rig.for_invite(200, "a", &[], "sdp");
    stray.set("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKother");
    assert_eq!(rig.step(Event::Response(stray.clone())), "");
    rig.invite_answered(486, "b", &[], "");
    assert_eq!(rig.step(Event::Response(stray)), "ACK BYE", "but once nothing else can end it");
}

#[test]
fn a_call_that_rings_for_ever_is_taken_back() {
    let mut rig = Rig::placed();
    rig.invite_answered(180, "a", &[], "");
    let invite = rig.last(&Method::Invite).clone();
    assert_eq!(rig.step(Event::TimedOut(invite)), "CANCEL NoAnswer");
}

#[test]
fn each_repeated_answer_is_acknowledged_again() {
    let mut rig = Rig::up(&[]);
    let ack = rig.last(&Method::Ack).clone();
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK");
    assert_eq!(*rig.last(&Method::Ack), ack);
    rig.step(Event::HangUp(CallEnd::Done));
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK", "after our BYE too");
}

#[test]
fn the_first_fork_wins_and_the_others_are_ended() {
    let mut rig = Rig::placed();
    rig.invite_answered(180, "a", &[], "");
    rig.invite_answered(180, "b", &[], "");
    assert_eq!(rig.invite_answered(200, "b", &[], "sdp"), "ACK Answered");
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK BYE");
    assert_eq!(rig.last(&Method::Bye).uri(), Some("sip:a@192.0.2.9"));
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK");
    assert_eq!(rig.media.take(), "answer sdp, connect", "of the winner alone");
    rig.step(Event::HangUp(CallEnd::Done));
    assert_eq!(rig.last(&Method::Bye).uri(), Some("sip:b@192.0.2.9"));
}

#[test]
fn a_fork_that_lost_is_not_heard() {
    let mut rig = Rig::placed();
    rig.invite_answered(183, "a", &[("Require", "100rel"), ("RSeq", "1")], "early");
    rig.invite_answered(200, "b", &[], "sdp");
    rig.media.take();
    assert_eq!(rig.asked("INFO", &[], ("application/dtmf", "#")), "481");
    assert_eq!(rig.asked("UPDATE", &[], SDP), "481");
    assert_eq!(rig.asked("BYE", &[], NO_BODY), "200");
    assert_eq!(rig.media.take(), "");
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK", "it has hung up");
}

#[test]
fn a_goodbye_may_come_before_the_answer_that_it_ends() {
    let mut rig = Rig::placed();
    rig.invite_answered(180, "a", &[], "");
    assert_eq!(rig.asked("BYE", &[], NO_BODY), "200");
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK HungUp");
    assert_eq!(rig.media.take(), "");
}

#[test]
fn dialogs_are_not_begun_without_end() {
    let mut rig = Rig::placed();
    for tag in 0..40 {
        rig.invite_answered(180, &tag.to_string(), &[("Require", "100rel"), ("RSeq", "1")], "");
    }
    assert_eq!(rig.sent.iter().filter(|sent| sent.method() == Some(&Method::Prack)).count(), 16);
    assert_eq!(rig.invite_answered(200, "a", &[], "sdp"), "ACK Answered");
    for _ in 0..2 {
        assert_eq!(rig.invite_answered(200, "39", &[], "sdp"), "ACK BYE");
        assert_eq!(rig.last(&Method::Bye).to_tag().as_deref(), Some("39"));
    }
    assert!(rig.machine.dialogs.len() <= 17);
    assert_eq!(rig.step(Event::HangUp(CallEnd::Done)), "BYE Done");
    assert_eq!(rig.last(&Method::Bye).to_tag().as_deref(), Some("a"));
}

#[test]
fn what_was_answered_over_the_first_address_is_ended_there() {
    let mut rig = Rig::with(&[4, 5], "us");
    rig.step(Event::Place);
    let late = rig.for_invite(200, "a", &[], "sdp");
    rig.invite_answered(503, "x", &[], "");
    rig.invite_answered(200, "b", &[], "sdp");
    assert_eq!(rig.step(Event::Response(late.clone())), "ACK BYE");
    assert_eq!(rig.step(Event::Response(late)), "ACK");
    rig.step(Event::HangUp(CallEnd::Done));
    assert_eq!(rig.peers, [4, 5, 5, 4, 4, 4, 5], "INVITE, INVITE and ACK, ACK, BYE and ACK, BYE");
}

#[test]
fn both_hang_up_at_once() {
    let mut rig = Rig::up(&[]);
    assert_eq!(rig.step(Event::HangUp(CallEnd::Done)), "BYE Done");
    assert_eq!(rig.asked("BYE", &[], NO_BODY), "200");
    assert_eq!(rig.replied(&Method::Bye, 481, &[]), "");
}

#[test]
fn nothing_is_told_after_the_end() {
    let mut rig = Rig::up(&[]);
    assert_eq!(rig.asked("BYE", &[], NO_BODY), "200 HungUp");
    assert_eq!(rig.step(Event::HangUp(CallEnd::Done)), "");
    assert_eq!(rig.asked("BYE", &[], NO_BODY), "200");
    assert_eq!(rig.asked("INFO", &[], NO_BODY), "481");
    let mut rig = Rig::placed();
    assert_eq!(rig.invite_answered(486, "a", &[], ""), "Busy");
    assert_eq!(rig.invite_answered(180, "a", &[], ""), "");
    assert_eq!(rig.invite_answered(603, "a", &[], ""), "");
}

#[test]
fn answers_to_an_attempt_before_this_one_say_nothing() {
    let mut rig = Rig::placed();
    let old = rig.for_invite(180, "a", &[], "");
    rig.invite_answered(407, "x", &[("Proxy-Authenticate", "Digest realm=\"t\", nonce=\"1\"")], "");
    assert_eq!(rig.step(Event::Response(old)), "");
}
