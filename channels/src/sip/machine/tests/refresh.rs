//! Session timers, on both sides, and what crosses them.
//! Refuses sockets, and a clock that goes by itself.

use super::*;

const UPDATES: (&str, &str) = ("Allow", "UPDATE");

fn refreshed_by(who: &str, more: &[(&str, &str)]) -> Rig {
    let expires = format!("600;refresher={who}");
    let headers: Vec<_> = [("Session-Expires", expires.as_str())].into_iter().chain(more.iter().copied()).collect();
    Rig::up(&headers)
}

#[test]
fn without_session_expires_nothing_expires() {
    assert_eq!(Rig::up(&[]).machine.deadline(), None);
}

#[test]
fn we_refresh_by_update_where_it_is_taken() {
    let mut rig = refreshed_by("uac", &[UPDATES]);
    assert_eq!(rig.tick(), "UPDATE");
    assert_eq!(rig.now, Duration::from_secs(300));
    assert_eq!(rig.last(&Method::Update).get("Session-Expires"), Some("600;refresher=uac"));
    assert_eq!(rig.replied(&Method::Update, 200, &[("Session-Expires", "600;refresher=uac")]), "");
    assert_eq!(rig.tick(), "UPDATE");
    assert_eq!(rig.now, Duration::from_secs(600));
}

#[test]
fn else_we_refresh_by_invite_and_acknowledge() {
    let mut rig = refreshed_by("uac", &[]);
    assert_eq!(rig.tick(), "INVITE");
    assert_eq!(rig.last(&Method::Invite).body, b"offer");
    let ok = rig.for_invite(200, "a", &[("Session-Expires", "600")], "sdp");
    assert_eq!(rig.step(Event::Response(ok.clone())), "ACK");
    assert_eq!(rig.step(Event::Response(ok)), "ACK", "for each that comes");
    assert_eq!(rig.media.take(), "answer sdp");
}

#[test]
fn a_refresh_that_is_not_answered_ends_the_call() {
    let mut rig = refreshed_by("uac", &[UPDATES]);
    rig.tick();
    let update = rig.last(&Method::Update).clone();
    assert_eq!(rig.step(Event::TimedOut(update)), "BYE Cut");
    let mut rig = refreshed_by("uac", &[UPDATES]);
    rig.tick();
    assert_eq!(rig.replied(&Method::Update, 481, &[]), "BYE Cut");
}

#[test]
fn a_refresh_that_is_refused_leaves_the_call_to_its_expiry() {
    let mut rig = refreshed_by("uac", &[UPDATES]);
    rig.tick();
    assert_eq!(rig.replied(&Method::Update, 500, &[]), "");
    assert_eq!(rig.tick(), "BYE Cut");
    assert_eq!(rig.now, Duration::from_secs(568));
}

#[test]
fn a_refresh_waits_where_two_cross_and_grows_where_it_must() {
    let mut rig = refreshed_by("uac", &[UPDATES]);
    rig.tick();
    assert_eq!(rig.replied(&Method::Update, 491, &[]), "");
    let before = rig.now;
    assert_eq!(rig.tick(), "UPDATE");
    assert!((2100..=4000).contains(&(rig.now - before).as_millis()));
    assert_eq!(rig.replied(&Method::Update, 422, &[("Min-SE", "900")]), "UPDATE");
    assert_eq!(rig.last(&Method::Update).get("Min-SE"), Some("900"));
    assert_eq!(rig.last(&Method::Update).get("Session-Expires"), Some("900;refresher=uac"));
    assert_eq!(rig.replied(&Method::Update, 422, &[("Min-SE", "901")]), "UPDATE");
    assert_eq!(rig.replied(&Method::Update, 422, &[("Min-SE", "902")]), "", "but not for ever");
}

#[test]
fn a_refresh_is_sent_again_for_who_let_the_call_be_placed_alone() {
    let challenge = |realm: &str| format!("Digest realm=\"{realm}\", nonce=\"1\"");
    for (realm, expected) in [("t", "UPDATE"), ("other", "BYE Cut")] {
        let mut rig = Rig::placed();
        rig.invite_answered(407, "x", &[("Proxy-Authenticate", &challenge("t"))], "");
        rig.invite_answered(200, "a", &[UPDATES, ("Session-Expires", "600;refresher=uac")], "sdp");
        rig.tick();
        assert_eq!(rig.replied(&Method::Update, 407, &[("Proxy-Authenticate", &challenge(realm))]), expected);
        assert!(rig.last(&Method::Update).get("Session-Expires").is_some());
    }
}

#[test]
fn they_refresh_or_the_call_ends() {
    let mut rig = refreshed_by("uas", &[]);
    rig.now = Duration::from_secs(500);
    assert_eq!(rig.asked("UPDATE", &[("Session-Expires", "600;refresher=uac")], NO_BODY), "200");
    let answer = rig.answers.last().unwrap();
    assert_eq!((answer.get("Session-Expires"), answer.get("Require")), (Some("600;refresher=uac"), Some("timer")));
    assert_eq!(rig.tick(), "BYE Cut");
    assert_eq!(rig.now, Duration::from_secs(500 + 568));
}

#[test]
fn they_may_leave_it_to_us_or_ask_for_too_little() {
    let mut rig = refreshed_by("uas", &[UPDATES]);
    assert_eq!(rig.asked("INVITE", &[("Session-Expires", "600;refresher=uas")], SDP), "200");
    assert_eq!(rig.answers.last().unwrap().get("Session-Expires"), Some("600;refresher=uas"));
    rig.asked("ACK", &[], NO_BODY);
    assert_eq!(rig.tick(), "UPDATE");
    let brief = [("Session-Expires", "30"), ("Supported", "timer")];
    assert_eq!(rig.asked("UPDATE", &brief, NO_BODY), "422");
    assert_eq!(rig.answers.last().unwrap().get("Min-SE"), Some("90"));
}

#[test]
fn two_invites_cross() {
    let mut rig = refreshed_by("uac", &[]);
    rig.tick();
    assert_eq!(rig.asked("INVITE", &[], SDP), "491");
    assert_eq!(rig.asked("UPDATE", &[], SDP), "491");
}
