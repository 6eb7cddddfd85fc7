//! Several requests on one real connection, against gateways that are slow to read or that close it.

use super::Pipe;
use crate::leg::LegError;
use crate::leg::connection::{Connection, Stream};
use futures_util::future::join_all;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const BODY: usize = 512 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

fn request() -> Vec<u8> {
    let mut request = format!("POST / HTTP/1.1\r\nHost: gateway\r\nContent-Length: {BODY}\r\n\r\n").into_bytes();
    request.resize(request.len() + BODY, b'x');
    request
}

fn answer(more: &str, body: usize) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\n{more}Content-Length: {body}\r\n\r\n").into_bytes();
    answer.resize(answer.len() + body, b'y');
    answer
}

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (near, listener.accept().await.unwrap().0)
}

/// Reads a request after the other and answers each before it reads on, as a server without a queue does.
async fn serve(mut far: TcpStream, answers: Vec<Vec<u8>>) {
    let mut one = request();
    for answer in answers {
        far.read_exact(&mut one).await.unwrap();
        far.write_all(&answer).await.unwrap();
    }
}

#[tokio::test]
async fn answers_are_taken_while_requests_are_written() {
    let (near, far) = pair().await;
    let server = tokio::spawn(serve(far, vec![answer("", BODY); 64]));
    let pipe = Pipe::start(Connection::new(Stream::Clear(near)), 64, BODY);
    let exchanges = join_all((0..64).map(|_| pipe.exchange(request(), PATIENCE))).await;
    for exchange in exchanges {
        let answer = exchange.unwrap();
        assert_eq!((answer.status, answer.body.len()), (200, BODY));
    }
    server.await.unwrap();
}

#[tokio::test]
async fn what_was_written_to_a_connection_that_is_closed_is_uncertain_and_the_rest_was_not_sent() {
    let (near, far) = pair().await;
    let server = tokio::spawn(serve(far, vec![answer("Connection: close\r\n", 2)]));
    let pipe = Pipe::start(Connection::new(Stream::Clear(near)), 64, BODY);
    let exchanges = join_all((0..2).map(|_| pipe.exchange(request(), PATIENCE))).await;
    assert_eq!(exchanges[0].as_ref().unwrap().status, 200);
    assert!(matches!(&exchanges[1], Err(LegError::Unknown(_))), "{exchanges:?}");
    server.await.unwrap();
    let late = pipe.exchange(request(), PATIENCE).await;
    assert!(matches!(&late, Err(LegError::NotSent(_))), "{late:?}");
}
