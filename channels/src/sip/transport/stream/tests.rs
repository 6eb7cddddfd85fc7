//! Connections whose other side does not do its part.
//! Refuses the network: the other side is in memory.

use super::super::Sources;
use super::*;
use std::sync::Arc;
use tokio::sync::mpsc::Sender;

const HOP: Hop =
    Hop { peer: SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5060), carrier: Carrier::Tcp };
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(50);

/// A connection with so much room on its way, what is sent over it, and how it ends.
async fn ended(limits: Limits, other: impl AsyncFnOnce(tokio::io::DuplexStream, Sender<Vec<u8>>)) -> String {
    let (near, far) = tokio::io::duplex(16);
    let (sender, outgoing) = channel(MOST_OUTGOING);
    let (arrivals, _kept) = channel(16);
    let inlet = Inlet { arrivals, sources: Arc::new(Sources::default()), counts: Arc::new(Counts::default()) };
    let both = async {
        tokio::select! {
            biased;
            cause = carry(near, outgoing, HOP, &inlet, limits) => cause,
            () = async { other(far, sender).await; std::future::pending().await } => unreachable!("it is pending"),
        }
    };
    tokio::time::timeout(Duration::from_secs(10), both).await.expect("it does not end")
}

#[tokio::test]
async fn one_that_takes_nothing_is_ended() {
    let limits = Limits { write: SHORT, half: LONG, idle: LONG };
    let cause = ended(limits, async |far, sender| {
        sender.send(vec![b'x'; 100]).await.unwrap();
        let _held = (far, sender);
        std::future::pending().await
    });
    assert_eq!(cause.await, "the other side takes nothing");
}

#[tokio::test]
async fn a_message_that_comes_byte_by_byte_has_no_longer() {
    let limits = Limits { write: LONG, half: SHORT * 4, idle: LONG };
    let cause = ended(limits, async |mut far, sender| {
        let _held = sender;
        while far.write_all(b"x").await.is_ok() {
            tokio::time::sleep(SHORT).await;
        }
    });
    assert_eq!(cause.await, "half a message came");
}

#[tokio::test]
async fn one_on_which_nothing_comes_is_ended_at_last() {
    let limits = Limits { write: LONG, half: LONG, idle: SHORT };
    let cause = ended(limits, async |far, sender| {
        let _held = (far, sender);
        std::future::pending().await
    });
    assert_eq!(cause.await, "it was idle");
}
