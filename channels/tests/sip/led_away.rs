//! Which way requests go: to the trunk, whatever the far side names, and by what the trunk takes.
//! Refuses programs: the far side is a socket.

use crate::call::{place, settings};
use crate::far::Far;
use channels::call::{CallEnd, Order};
use channels::sip::{Sip, SipSettings};
use std::time::Duration;

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n";

#[tokio::test]
async fn what_belongs_to_a_call_goes_to_the_trunk_whatever_address_the_callee_names() {
    let far = Far::start().await;
    let elsewhere = tokio::net::UdpSocket::bind("127.0.0.2:0").await.unwrap();
    let sip = Sip::start(settings(far.port())).unwrap();
    let mut call = place(&sip, Duration::from_secs(5));
    let target = format!("Contact: <sip:x@{}>\r\nContent-Type: application/sdp\r\n", elsewhere.local_addr().unwrap());
    far.answers(&far.takes("INVITE").await, "200 OK", &target, SDP).await;
    assert!(far.takes("ACK").await.0.contains("sip:x@127.0.0.2:"));
    call.answered().await;
    call.orders.send(Order::HangUp).unwrap();
    far.answers(&far.takes("BYE").await, "200 OK", "", "").await;
    assert_eq!(call.end().await, CallEnd::Done);
    assert!(elsewhere.try_recv(&mut [0; 10]).is_err());
}

/// The settings' domain makes each request larger than a datagram should be.
#[tokio::test]
async fn a_large_request_goes_by_datagram_where_no_connection_is_taken() {
    let far = Far::start().await;
    let domain = vec!["a".repeat(60); 5].join(".");
    let sip = Sip::start(SipSettings { tcp_for_large: true, domain, ..settings(far.port()) }).unwrap();
    for _ in 0..2 {
        let call = place(&sip, Duration::from_secs(5));
        let invite = far.takes("INVITE").await;
        assert!(invite.0.len() > 1300 && invite.0.contains("SIP/2.0/UDP "), "{}", invite.0);
        far.answers(&invite, "486 Busy", "", "").await;
        assert_eq!(call.end().await, CallEnd::Busy);
    }
}
