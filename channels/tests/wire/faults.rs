//! Connections that fail, and answers that break off, never come or never end.
//! Refuses to wait for more than the client's own patience.

use crate::gateway::{Act, Gateway, answer, client, json, send_to, settings, text};
use channels::text::{SendError, TextGateway};
use channels::twilio::TwilioSettings;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout};

/// Nothing was sent: the same text may be sent again.
fn surely(error: &SendError, says: &str) {
    assert!(matches!(error, SendError::NoConnection { cause } if cause.contains(says)), "{error:?}");
    assert!(error.surely_not_taken() && error.is_retryable());
}

fn unknown(error: &SendError, says: &str) {
    assert!(matches!(error, SendError::Ambiguous { cause } if cause.contains(says)), "{error:?}");
    assert!(!error.surely_not_taken() && !error.is_retryable());
}

/// Whoever sends with a second's patience knows long before the usual twenty are over.
async fn impatient(base_url: &str) -> SendError {
    let client = client(TwilioSettings { timeout_seconds: 1, ..settings(base_url) });
    let began = Instant::now();
    let sent = client.send(&text()).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    sent.unwrap_err()
}

#[tokio::test]
async fn a_refused_connection_is_sure() {
    // Bound, so that nobody else takes the port, and not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base_url = format!("http://{}", socket.local_addr().unwrap());
    surely(&send_to(&base_url).await.unwrap_err(), "refused");
}

#[tokio::test]
async fn a_connection_that_does_not_come_is_sure() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts: once the queue is full, the system answers no further connection.
    let mut queue = Vec::new();
    while let Ok(stream) = timeout(Duration::from_secs(1), TcpStream::connect(address)).await {
        queue.push(stream.unwrap());
        assert!(queue.len() < 100, "the queue does not fill");
    }
    surely(&impatient(&format!("http://{address}")).await, "too long");
}

#[tokio::test]
async fn a_connection_that_ends_before_the_answer_is_ambiguous() {
    for act in [Act::Close, Act::Answer(Vec::new()), Act::Answer(b"HTTP/1.1 201 Crea".to_vec())] {
        let gateway = Gateway::playing(vec![act]).await;
        unknown(&send_to(&gateway.base_url()).await.unwrap_err(), "");
        assert_eq!(gateway.connections(), 1, "it is not sent again");
    }
}

#[tokio::test]
async fn what_is_not_http_is_ambiguous() {
    for bytes in ["SSH-2.0-x\r\n", "HTTP/9.9 201 X\r\n\r\n", "HTTP/1.1 2x1 X\r\n\r\n", "\0\0\0", "\r\n\r\n\r\n"] {
        let gateway = Gateway::playing(vec![Act::Answer(bytes.into())]).await;
        unknown(&send_to(&gateway.base_url()).await.unwrap_err(), "");
        assert_eq!(gateway.connections(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_ambiguous() {
    let short = b"HTTP/1.1 201 X\r\nContent-Length: 100\r\n\r\n{\"sid\":\"SM1\"}".to_vec();
    let chunks = b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n{\"sid\":\"SM1\"}\r\n".to_vec();
    let bad_chunk = b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}".to_vec();
    let refused = b"HTTP/1.1 400 X\r\nContent-Length: 100\r\n\r\n{\"code\":21211}".to_vec();
    for bytes in [short, chunks, bad_chunk, refused] {
        let gateway = Gateway::playing(vec![Act::Answer(bytes)]).await;
        unknown(&send_to(&gateway.base_url()).await.unwrap_err(), "broke off");
        assert_eq!(gateway.connections(), 1);
    }
}

#[tokio::test]
async fn silence_is_ambiguous_at_every_point() {
    let head = b"HTTP/1.1 201 X\r\nContent-Length: 100\r\n\r\n{".to_vec();
    for beginning in [Vec::new(), b"HTTP/1.1".to_vec(), head] {
        let gateway = Gateway::playing(vec![Act::Hang(beginning)]).await;
        unknown(&impatient(&gateway.base_url()).await, "too long");
        assert_eq!(gateway.connections(), 1);
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    const MUCH: usize = 50 * 1024 * 1024;
    let counted = format!("HTTP/1.1 201 X\r\nContent-Length: {MUCH}\r\n\r\n{{\"sid\":\"SM1\",\"x\":\"");
    let chunked = "HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    for (head, drop) in [(counted.as_str(), "x".repeat(0x8000)), (chunked, chunk)] {
        let gateway = Gateway::playing(vec![Act::Pour(head.into(), drop.into())]).await;
        unknown(&send_to(&gateway.base_url()).await.unwrap_err(), "longer than 256 KiB");
        // What it read, and what the system held for it.
        assert!(gateway.poured() < MUCH / 2, "{} bytes were taken", gateway.poured());
    }
}

#[tokio::test]
async fn headers_without_end_are_cut_off() {
    let line = format!("X-Long: {}\r\n", "x".repeat(1000));
    let gateway = Gateway::playing(vec![Act::Pour(b"HTTP/1.1 201 X\r\n".to_vec(), line.into_bytes())]).await;
    unknown(&send_to(&gateway.base_url()).await.unwrap_err(), "");
    assert!(gateway.poured() < 25 * 1024 * 1024, "{} bytes were taken", gateway.poured());
}

#[tokio::test]
async fn drops_that_never_end_do_not_outlast_the_clients_patience() {
    let gateway = Gateway::playing(vec![Act::Pour(
        b"HTTP/1.1 103 Early\r\n\r\n".to_vec(),
        b"HTTP/1.1 103 Early\r\n\r\n".to_vec(),
    )])
    .await;
    unknown(&impatient(&gateway.base_url()).await, "");
}

#[tokio::test]
async fn a_kept_connection_that_ends_is_not_tried_anew() {
    let created = json(201, r#"{"sid":"SM1"}"#);
    let gateway = Gateway::playing(vec![Act::AnswerOnceOfTwo(created), Act::Answer(answer(201, "", "{}"))]).await;
    let client = client(settings(&gateway.base_url()));
    assert_eq!(client.send(&text()).await.unwrap().provider_id, "SM1");
    unknown(&client.send(&text()).await.unwrap_err(), "");
    assert_eq!((gateway.connections(), gateway.asked().len()), (1, 2), "two texts, one connection, no third request");
}
