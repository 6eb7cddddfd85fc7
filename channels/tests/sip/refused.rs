//! Callees that do not want the call.
//! Refuses a callee that picks up.

use crate::call::{place, settings};
use crate::callee::{Callee, Script};
use channels::call::{CallEnd, VoiceGateway};
use channels::sip::{Sip, SipSettings};
use engine::secret::Secret;
use std::time::Duration;

const RING: Duration = Duration::from_secs(20);

async fn end(script: Script) -> CallEnd {
    let callee = Callee::start(script).await;
    let sip = Sip::start(settings(callee.port)).unwrap();
    let end = place(&sip, RING).end().await;
    callee.content().await;
    end
}

fn refuses(status: &str, headers: &str) -> Script {
    Script::called().answers(status, "a", headers, "").takes("ACK")
}

#[tokio::test]
async fn a_status_says_how_it_ended() {
    assert_eq!(end(refuses("486 Busy Here", "")).await, CallEnd::Busy);
    assert_eq!(end(refuses("603 Decline", "")).await, CallEnd::Declined);
    assert_eq!(end(refuses("480 Gone", "Reason: Q.850;cause=17\n")).await, CallEnd::Busy);
    assert!(matches!(end(refuses("404 Not Found", "")).await, CallEnd::NumberInvalid { .. }));
    let end = end(refuses("503 No", "Retry-After: 7\n")).await;
    assert!(matches!(end, CallEnd::Unavailable { retry_after: Some(wait), .. } if wait == Duration::from_secs(7)));
}

#[tokio::test]
async fn a_redirection_elsewhere_is_not_followed() {
    let end = end(refuses("302 Moved", "Contact: <sip:+19005550123@127.0.0.1>\n")).await;
    assert!(matches!(end, CallEnd::Unreachable { .. }), "{end:?}");
}

#[tokio::test]
async fn a_password_that_is_not_taken_is_told_once() {
    let challenge = "WWW-Authenticate: Digest realm=\"t\", nonce=\"1\", algorithm=SHA-256, qop=\"auth\"\n";
    let script = refuses("401 Unauthorized", challenge).invited().answers("401 Unauthorized", "b", challenge, "");
    let callee = Callee::start(script.takes("ACK")).await;
    let account = SipSettings { user: "us".into(), password: Secret::new("x".into()), ..settings(callee.port) };
    let sip = Sip::start(account).unwrap();
    let end = place(&sip, RING).end().await;
    assert!(matches!(end, CallEnd::GatewayRefused { .. }), "{end:?}");
    assert!(sip.trouble().unwrap().contains("wrong user or password"));
    callee.content().await;
}

#[tokio::test]
async fn a_longer_session_is_agreed_to() {
    let script = refuses("422 Too Small", "Min-SE: 1900\n").invited().answers("486 Busy Here", "b", "", "");
    assert_eq!(end(script.takes("ACK")).await, CallEnd::Busy);
}

#[tokio::test]
async fn an_answer_after_the_cancel_is_ended() {
    let script = Script::called()
        .answers("180 Ringing", "a", "", "")
        .takes("CANCEL")
        .answers("200 OK", "a", "", "")
        .answers_invite("200 OK", "a", "", crate::callee::SDP)
        .takes("ACK")
        .hung_up();
    let callee = Callee::start(script).await;
    let sip = Sip::start(settings(callee.port)).unwrap();
    assert_eq!(place(&sip, Duration::from_secs(1)).end().await, CallEnd::NoAnswer);
    callee.content().await;
}

#[tokio::test]
async fn a_callee_without_our_codecs_is_hung_up_on() {
    let script = Script::called().answers("200 OK", "a", "", crate::callee::G729).takes("ACK").hung_up();
    let end = end(script).await;
    assert!(matches!(&end, CallEnd::Cut { cause } if cause.contains("no common media")), "{end:?}");
}

#[tokio::test]
async fn a_trunk_that_is_not_there_is_left_for_the_next_address() {
    let callee = Callee::over("t1", refuses("486 Busy Here", "")).await;
    let gone = crate::peer::free_port();
    let mut settings = settings(callee.port);
    settings.transport = channels::sip::Carrier::Tcp;
    settings.addresses.insert(0, format!("127.0.0.1:{gone}"));
    let sip = Sip::start(settings.clone()).unwrap();
    assert_eq!(place(&sip, RING).end().await, CallEnd::Busy);
    callee.content().await;
    settings.addresses.truncate(1);
    let end = place(&Sip::start(settings).unwrap(), RING).end().await;
    assert!(matches!(end, CallEnd::Unavailable { .. }), "{end:?}");
}
