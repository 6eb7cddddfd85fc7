//! Callees that pick up and then do what the standards allow and phones seldom do.
//! Refuses a callee that is content with less than its script.

use crate::call::{Placed, listen, place, settings};
use crate::callee::{Callee, HOLD, SDP, Script};
use channels::call::CallEnd;
use channels::sip::{Carrier, Sip};
use std::sync::Arc;
use std::time::Duration;

async fn answered(transport: &str, script: Script) -> (Callee, Arc<Sip>, Placed) {
    let callee = Callee::over(transport, script).await;
    let mut settings = settings(callee.port);
    if transport == "t1" {
        settings.transport = Carrier::Tcp;
    }
    let sip = Sip::start(settings).unwrap();
    let mut call = place(&sip, Duration::from_secs(20));
    call.answered().await;
    (callee, sip, call)
}

/// It picks up, does this, and hangs up.
async fn hangs_up_after(transport: &str, script: Script) {
    let (callee, _sip, call) = answered(transport, script).await;
    call.say(20_000, listen(5000));
    assert_eq!(call.end().await, CallEnd::HungUp);
    callee.content().await;
}

#[tokio::test]
async fn it_hangs_up() {
    hangs_up_after("u1", Script::called().picks_up("").hangs_up(1)).await;
}

#[tokio::test]
async fn over_tcp_it_hangs_up() {
    hangs_up_after("t1", Script::called().picks_up("").hangs_up(1)).await;
}

#[tokio::test]
async fn its_only_answer_is_a_reliable_one() {
    let script = Script::called()
        .answers("183 Progress", "a", "Require: 100rel\nRSeq: 5\n", SDP)
        .takes("PRACK")
        .answers_within("200 OK")
        .answers_invite("200 OK", "a", "", "")
        .takes("ACK")
        .hangs_up(1);
    hangs_up_after("u1", script).await;
}

#[tokio::test]
async fn a_second_fork_picks_up_too() {
    let script = Script::called()
        .picks_up("")
        .answers_invite("200 OK", "b", "", SDP)
        .takes("ACK")
        .hung_up()
        .waits(100)
        .hangs_up(1);
    hangs_up_after("u1", script).await;
}

#[tokio::test]
async fn it_holds_and_resumes() {
    let script = Script::called()
        .picks_up("")
        .asks("INVITE", 1, "", HOLD)
        .gets(200)
        .asks("ACK", 1, "", "")
        .waits(200)
        .asks("INVITE", 2, "", SDP)
        .gets(200)
        .asks("ACK", 2, "", "")
        .hangs_up(3);
    hangs_up_after("u1", script).await;
}

#[tokio::test]
async fn it_asks_for_our_offer() {
    let script = Script::called()
        .picks_up("")
        .asks("INVITE", 1, "", "")
        .gets(200)
        .asks("ACK", 1, "", SDP)
        .waits(100)
        .hangs_up(2);
    hangs_up_after("u1", script).await;
}

#[tokio::test]
async fn it_refreshes_by_update() {
    let timer = "Session-Expires: 1800;refresher=uas\nSupported: timer\n";
    let script = Script::called()
        .picks_up(timer)
        .asks("UPDATE", 1, "Session-Expires: 1800;refresher=uac\nSupported: timer\n", "")
        .gets(200)
        .asks("UPDATE", 2, "Session-Expires: 20;refresher=uac\nSupported: timer\n", "")
        .gets(422)
        .hangs_up(3);
    hangs_up_after("u1", script).await;
}

#[tokio::test]
async fn it_asks_what_we_do_not_know() {
    let script = Script::called()
        .picks_up("")
        .asks("OPTIONS", 1, "", "")
        .gets(200)
        .asks("REFER", 2, "Refer-To: <sip:x@y>\n", "")
        .gets(405)
        .asks("INVITE", 3, "Require: magic\n", SDP)
        .gets(420)
        .asks("ACK", 3, "", "")
        .asks("INFO", 2, "", "")
        .gets(500)
        .hangs_up(4);
    hangs_up_after("u1", script).await;
}

#[tokio::test]
async fn keys_come_as_info() {
    let script = Script::called()
        .picks_up("")
        .waits(300)
        .asks("INFO", 1, "", "Signal=4\nDuration=160\n")
        .gets(200)
        .asks("INFO", 2, "", "Signal=2\nDuration=160\n")
        .gets(200)
        .asks("INFO", 3, "", "Signal=#\nDuration=160\n")
        .gets(200)
        .hung_up();
    let (callee, _sip, mut call) = answered("u1", script).await;
    call.say(10_000, listen(5000));
    assert_eq!(call.keys().await, ("42".into(), true));
    call.say(50, None);
    assert_eq!(call.end().await, CallEnd::Done);
    callee.content().await;
}
