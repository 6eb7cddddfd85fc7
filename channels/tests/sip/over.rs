//! What is left of a call, and of a trunk, that is over.
//! Refuses programs: the far side is a socket that refuses each call.

use crate::call::{place, settings};
use crate::far::Far;
use channels::call::{CallEnd, VoiceGateway};
use channels::sip::Sip;
use std::time::Duration;

/// Two free ports in a row, the first of them even, above those that the system gives away.
fn pair() -> u16 {
    let is_free = |port: u16| std::net::UdpSocket::bind(("127.0.0.1", port)).is_ok();
    (61_000..65_000).step_by(2).find(|port| is_free(*port) && is_free(*port + 1)).expect("two ports are free")
}

#[tokio::test]
async fn the_ports_of_a_call_that_is_over_are_free_at_once() {
    let far = Far::start().await;
    let mut settings = settings(far.port());
    let even = pair();
    settings.rtp_ports = even..=even + 1;
    let far = tokio::spawn(async move {
        loop {
            far.answers(&far.takes("INVITE").await, "486 Busy", "", "").await;
        }
    });
    let sip = Sip::start(settings).unwrap();
    assert_eq!(place(&sip, Duration::from_secs(5)).end().await, CallEnd::Busy);
    let again = async {
        // The thread of the sound lets go of them in its next turn.
        while place(&sip, Duration::from_secs(5)).end().await != CallEnd::Busy {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), again).await.expect("the ports are held");
    far.abort();
}

#[test]
fn a_trunk_whose_task_is_gone_says_so() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sip = runtime.block_on(async { Sip::start(settings(9)).unwrap() });
    assert_eq!(sip.trouble(), None);
    drop(runtime);
    assert!(sip.trouble().is_some_and(|trouble| trouble.contains("task ended")));
}
