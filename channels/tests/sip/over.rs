//! What is left of a call, and of a trunk, that is over.
//! Refuses programs: the far side is a socket that refuses each call.

use crate::call::{place, settings};
use channels::call::{CallEnd, VoiceGateway};
use channels::sip::Sip;
use std::time::Duration;
use tokio::net::UdpSocket;

/// Answers each INVITE with 486.
async fn busy(socket: UdpSocket) {
    let mut buffer = [0; 4096];
    while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
        let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if request.starts_with("INVITE ") {
            let named = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
            let kept = request.lines().filter(|line| named.iter().any(|name| line.starts_with(name)));
            let kept: Vec<_> = kept.map(|line| line.replace("To: ", "To: <sip:x@y>;tag=a;x=")).collect();
            let answer = format!("SIP/2.0 486 Busy\r\n{}\r\nContent-Length: 0\r\n\r\n", kept.join("\r\n"));
            socket.send_to(answer.as_bytes(), peer).await.unwrap();
        }
    }
}

/// Two free ports in a row, the first of them even.
fn pair() -> u16 {
    let is_free = |port: u16| std::net::UdpSocket::bind(("127.0.0.1", port)).is_ok();
    (60_000..64_000).step_by(2).find(|port| is_free(*port) && is_free(*port + 1)).expect("two ports are free")
}

#[tokio::test]
async fn the_ports_of_a_call_that_is_over_are_free_at_once() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut settings = settings(socket.local_addr().unwrap().port());
    let even = pair();
    settings.rtp_ports = even..=even + 1;
    let far = tokio::spawn(busy(socket));
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
