//! Requests of the far side within the call.
//! Refuses sockets, and a clock that goes by itself.

use super::*;

#[test]
fn the_person_hangs_up_or_the_line_is_cut() {
    assert_eq!(Rig::up(&[]).asked("BYE", &[], NO_BODY), "200 HungUp");
    assert_eq!(Rig::up(&[]).asked("BYE", &[("Reason", "Q.850;cause=16")], NO_BODY), "200 HungUp");
    assert_eq!(Rig::up(&[]).asked("BYE", &[("Reason", "Q.850;cause=41")], NO_BODY), "200 Cut");
}

#[test]
fn a_hold_is_answered_until_it_is_acknowledged() {
    let mut rig = Rig::up(&[]);
    assert_eq!(rig.asked("INVITE", &[], SDP), "200");
    assert_eq!(rig.media.take(), "offer theirs");
    assert_eq!(rig.answers.last().unwrap().body, b"our answer");
    assert_eq!(rig.tick(), "200");
    assert_eq!(rig.now, Duration::from_millis(500));
    assert_eq!(rig.asked("INVITE", &[], SDP), "500", "the one before is not through");
    assert!(rig.answers.last().unwrap().seconds("Retry-After").is_some_and(|seconds| seconds <= 10));
    rig.number -= 1;
    assert_eq!(rig.asked("ACK", &[], NO_BODY), "");
    assert_eq!(rig.machine.deadline(), None, "nothing is repeated any more");
}

#[test]
fn an_answer_that_is_never_acknowledged_ends_the_call() {
    let mut rig = Rig::up(&[]);
    rig.asked("INVITE", &[], SDP);
    let mut seen = Vec::new();
    while rig.machine.deadline().is_some() && !rig.is_over() {
        seen.push(rig.tick());
    }
    assert_eq!(seen.iter().filter(|word| *word == "200").count(), 10, "{seen:?}");
    assert!(seen.contains(&"BYE Cut".to_owned()), "{seen:?}");
}

#[test]
fn an_invite_without_an_offer_gets_ours() {
    let mut rig = Rig::up(&[]);
    assert_eq!(rig.asked("INVITE", &[], NO_BODY), "200");
    assert_eq!(rig.answers.last().unwrap().body, b"offer");
    assert_eq!(rig.asked("ACK", &[], SDP), "");
    assert_eq!(rig.media.take(), "answer theirs");
    rig.asked("INVITE", &[], NO_BODY);
    assert_eq!(rig.asked("ACK", &[], NO_BODY), "BYE Cut", "without an answer there is no session");
}

#[test]
fn a_bad_offer_is_refused_and_the_call_lives_on() {
    let mut rig = Rig::up(&[]);
    assert_eq!(rig.asked("INVITE", &[], ("application/sdp", "bad")), "488");
    assert_eq!(rig.asked("UPDATE", &[], ("application/sdp", "bad")), "488");
    assert_eq!(rig.asked("INVITE", &[], ("text/plain", "x")), "415");
    assert_eq!(rig.answers.last().unwrap().get("Accept"), Some("application/sdp"));
    assert_eq!(rig.asked("INVITE", &[], SDP), "200");
}

#[test]
fn an_update_changes_or_refreshes() {
    let mut rig = Rig::up(&[]);
    assert_eq!(rig.asked("UPDATE", &[("Contact", "<sip:new@192.0.2.10>")], SDP), "200");
    assert_eq!(rig.answers.last().unwrap().body, b"our answer");
    assert_eq!(rig.asked("UPDATE", &[], NO_BODY), "200");
    assert!(rig.answers.last().unwrap().body.is_empty());
    rig.step(Event::HangUp(CallEnd::Done));
    assert_eq!(rig.last(&Method::Bye).uri(), Some("sip:new@192.0.2.10"), "the target is the new one");
}

#[test]
fn an_update_before_the_answer_settles_the_media() {
    let mut rig = Rig::placed();
    rig.invite_answered(183, "a", &[], "");
    assert_eq!(rig.asked("UPDATE", &[], SDP), "491", "our offer is not answered");
    rig.invite_answered(183, "a", &[("Require", "100rel"), ("RSeq", "1")], "early");
    assert_eq!(rig.asked("UPDATE", &[], SDP), "200");
    rig.invite_answered(200, "a", &[], "");
    assert_eq!(rig.media.take(), "answer early, offer theirs, connect");
}

#[test]
fn keys_come_as_info_after_the_answer() {
    let relay = ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n");
    let mut rig = Rig::placed();
    rig.invite_answered(180, "a", &[], "");
    assert_eq!(rig.asked("INFO", &[], relay), "200");
    assert_eq!(rig.media.take(), "", "before the answer none counts");
    rig.invite_answered(200, "a", &[], "sdp");
    rig.media.take();
    assert_eq!(rig.asked("INFO", &[], relay), "200");
    assert_eq!(rig.media.take(), "key 5");
    assert_eq!(rig.asked("INFO", &[], ("text/plain", "5")), "415");
    assert_eq!(rig.answers.last().unwrap().get("Accept"), Some("application/dtmf-relay, application/dtmf"));
    assert_eq!(rig.asked("INFO", &[], ("application/dtmf", "x")), "400");
    assert_eq!(rig.asked("INFO", &[], NO_BODY), "200");
}

#[test]
fn what_is_not_known_is_refused_and_said() {
    let mut rig = Rig::up(&[]);
    assert_eq!(rig.asked("OPTIONS", &[], NO_BODY), "200");
    assert_eq!(rig.asked("REFER", &[("Refer-To", "<sip:+1900@x>")], NO_BODY), "405");
    assert!(rig.answers.last().unwrap().get("Allow").is_some());
    assert_eq!(rig.asked("INVITE", &[("Require", "timer"), ("Require", "magic")], SDP), "420");
    assert_eq!(rig.answers.last().unwrap().get("Unsupported"), Some("magic"));
    assert_eq!(rig.asked("PRACK", &[], NO_BODY), "481");
}

#[test]
fn old_numbers_and_strange_dialogs_are_refused() {
    let mut rig = Rig::up(&[]);
    rig.number = 10;
    rig.asked("OPTIONS", &[], NO_BODY);
    rig.number = 8;
    assert_eq!(rig.asked("OPTIONS", &[], NO_BODY), "500");
    rig.number = 10;
    assert_eq!(rig.asked("OPTIONS", &[], NO_BODY), "482", "after 9, the number that was");
    let mut strange = rig.request("BYE", &[], NO_BODY);
    strange.set("From", "<sip:x@y>;tag=nobody");
    assert_eq!(rig.step(Event::Request(strange.clone())), "481");
    strange.set("From", "<sip:x@y>;tag=a");
    strange.set("To", "<sip:us>;tag=other");
    assert_eq!(rig.step(Event::Request(strange)), "481");
}
