//! Connections that are given up.
//! Refuses a far side: nothing is sent.

use super::*;

const HOP: Hop =
    Hop { peer: SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9), carrier: Carrier::Tcp };

fn sockets() -> Sockets {
    Sockets::start(None, None, None, Default::default()).unwrap().0
}

#[tokio::test]
async fn a_connection_that_takes_no_more_is_given_up() {
    let mut sockets = sockets();
    // Nothing goes out before this test waits for something.
    let used: Vec<_> = (0..=MOST_OUTGOING).map(|_| sockets.send(vec![0], HOP)).collect();
    assert_eq!((used[0], used[MOST_OUTGOING - 1], used[MOST_OUTGOING]), (Some(0), Some(0), Some(1)));
}

#[tokio::test]
async fn a_connection_is_given_up_where_nothing_comes_while_an_answer_is_due() {
    let mut sockets = sockets();
    let first = sockets.send(vec![0], HOP).unwrap();
    sockets.doubt(first);
    assert_eq!(sockets.send(vec![0], HOP), Some(first), "something came a moment ago");
    sockets.streams.get_mut(&HOP).unwrap().heard -= DOUBTED;
    sockets.doubt(first + 1);
    assert_eq!(sockets.send(vec![0], HOP), Some(first), "it was another one");
    sockets.doubt(first);
    assert_ne!(sockets.send(vec![0], HOP), Some(first));
}
