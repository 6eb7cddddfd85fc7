//! What comes to our port and belongs to no call: nonsense, half messages, and people who call us.
//! Refuses peers that speak SIP properly.

use crate::call::settings;
use channels::sip::{Carrier, Counts, Sip};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

fn request(method: &str, transport: &str) -> String {
    format!(
        "{method} sip:us@127.0.0.1 SIP/2.0\r\nv: SIP/2.0/{transport} 127.0.0.1:9;rport;branch=z9hG4bK{method}\r\n\
         f: <sip:x@y>;tag=1\r\nt: <sip:us@127.0.0.1>\r\ni: {method}@y\r\nCSeq: 1 {method}\r\n"
    )
}

async fn answer(socket: &UdpSocket, datagram: &[u8]) -> String {
    let mut buffer = [0; 4096];
    socket.send(datagram).await.unwrap();
    let read = tokio::time::timeout(Duration::from_secs(5), socket.recv(&mut buffer)).await.expect("no answer");
    String::from_utf8_lossy(&buffer[..read.unwrap()]).into_owned()
}

#[tokio::test]
async fn nonsense_is_counted_and_requests_are_answered() {
    let sip = Sip::start(settings(9)).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(sip.local_address()).await.unwrap();
    for nonsense in [&b"\xff\xfe\x00garbage"[..], b"INVITE", b"SIP/2.0 200 OK\r\n\r\n", b"\r\n\r\n", b""] {
        socket.send(nonsense).await.unwrap();
    }
    let options = request("OPTIONS", "UDP");
    let answered = answer(&socket, format!("{options}\r\n").as_bytes()).await;
    assert!(answered.starts_with("SIP/2.0 200 ") && answered.contains("Allow: "), "{answered}");
    let cut = request("INFO", "UDP");
    assert!(answer(&socket, format!("{cut}l: 50\r\n\r\nabc").as_bytes()).await.starts_with("SIP/2.0 400 "));
    assert!(answer(&socket, format!("{}\r\n", request("INVITE", "UDP")).as_bytes()).await.starts_with("SIP/2.0 403 "));
    let unknown = answer(&socket, format!("{}\r\n", request("MESSAGE", "UDP")).as_bytes()).await;
    assert!(unknown.starts_with("SIP/2.0 405 "), "{unknown}");
    let count = |count: fn(&Counts) -> &std::sync::atomic::AtomicU64| count(sip.counts()).load(Ordering::Relaxed);
    assert_eq!((count(|counts| &counts.unreadable), count(|counts| &counts.foreign)), (4, 0));
}

#[tokio::test]
async fn only_the_trunk_may_speak_to_us() {
    let mut settings = settings(9);
    settings.addresses = vec!["127.0.0.2:5060".into()];
    let sip = Sip::start(settings).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(sip.local_address()).await.unwrap();
    let ours = UdpSocket::bind("127.0.0.2:0").await.unwrap();
    ours.connect(sip.local_address()).await.unwrap();
    let options = format!("{}\r\n", request("OPTIONS", "UDP"));
    socket.send(options.as_bytes()).await.unwrap();
    assert!(answer(&ours, options.as_bytes()).await.starts_with("SIP/2.0 200 "));
    assert_eq!(sip.counts().foreign.load(Ordering::Relaxed), 1);
    assert!(socket.try_recv(&mut [0; 100]).is_err(), "nothing was answered to the other");
}

#[tokio::test]
async fn a_stream_is_pinged_and_closed_where_it_says_no_length() {
    let mut settings = settings(9);
    settings.transport = Carrier::Tcp;
    let sip = Sip::start(settings).unwrap();
    let mut stream = TcpStream::connect(sip.local_address()).await.unwrap();
    stream.write_all(b"\r\n\r\n").await.unwrap();
    let mut pong = [0; 2];
    stream.read_exact(&mut pong).await.unwrap();
    assert_eq!(&pong, b"\r\n");
    let options = request("OPTIONS", "TCP");
    stream.write_all(format!("{options}Content-Length: 0\r\n\r\n{options}").as_bytes()).await.unwrap();
    let mut answered = [0; 12];
    stream.read_exact(&mut answered).await.unwrap();
    assert_eq!(&answered, b"SIP/2.0 200 ");
    stream.write_all(b"\r\n").await.unwrap();
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "it is closed");
}

#[tokio::test]
async fn nobody_opens_connections_without_end() {
    let mut settings = settings(9);
    settings.transport = Carrier::Tcp;
    let sip = Sip::start(settings).unwrap();
    let mut streams = Vec::new();
    for _ in 0..16 {
        let mut stream = TcpStream::connect(sip.local_address()).await.unwrap();
        stream.write_all(b"\r\n\r\n").await.unwrap();
        stream.read_exact(&mut [0; 2]).await.unwrap();
        streams.push(stream);
    }
    let mut another = TcpStream::connect(sip.local_address()).await.unwrap();
    let closed = tokio::time::timeout(Duration::from_secs(5), another.read(&mut [0; 1])).await;
    assert!(matches!(closed.expect("it is closed"), Ok(0) | Err(_)));
    let again = async {
        drop(streams.pop());
        loop {
            let mut stream = TcpStream::connect(sip.local_address()).await.unwrap();
            let ponged = async {
                stream.write_all(b"\r\n\r\n").await?;
                stream.read_exact(&mut [0; 2]).await
            };
            if ponged.await.is_ok() {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), again).await.expect("there is room again");
}
