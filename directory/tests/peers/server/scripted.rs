//! Servers of a few lines that answer as they were told: badly, late, or not at all.
//! Refuses to understand what it is asked: each message gets the next answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is done about one message.
#[derive(Clone)]
pub enum Answer {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Nothing, and the connection stays.
    Silence,
    /// The connection ends.
    Close,
}

/// A listening server.
pub struct Scripted {
    pub url: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Scripted {
    /// Answers the messages of each connection with these, one after the other; `greeting` is sent without being asked.
    pub async fn start(greeting: Option<Answer>, answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ldap://{}", listener.local_addr().unwrap());
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counted, asked) = (Arc::clone(&connections), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, greeting.clone(), answers.clone(), Arc::clone(&asked)));
            }
        });
        Self { url, connections, requests }
    }

    /// How many have connected.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// How many requests have come.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

async fn serve(mut stream: TcpStream, greeting: Option<Answer>, answers: Vec<Answer>, asked: Arc<AtomicUsize>) {
    let mut request = [0; 4096];
    let mut next = answers.into_iter();
    let mut answer = greeting;
    loop {
        match answer {
            Some(Answer::Bytes(bytes)) if stream.write_all(&bytes).await.is_ok() => {}
            Some(Answer::Silence) | None => {}
            Some(Answer::Bytes(_) | Answer::Close) => return,
        }
        match stream.read(&mut request).await {
            Ok(1..) => {
                asked.fetch_add(1, Ordering::Relaxed);
                answer = Some(next.next().unwrap_or(Answer::Silence));
            }
            Ok(0) | Err(_) => return,
        }
    }
}

/// An element of BER.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82][..], &length, &content].concat()
}

fn message(id: u8, operation: &[u8]) -> Vec<u8> {
    element(0x30, &[&[0x02, 0x01, id], operation])
}

/// A result: `tag` says of what, `code` how it went.
pub fn result(id: u8, tag: u8, code: u8, text: &str) -> Answer {
    let text = element(0x04, &[text.as_bytes()]);
    Answer::Bytes(message(id, &element(tag, &[&[0x0a, 0x01, code], &[0x04, 0x00], &text])))
}

pub const BIND: u8 = 0x61;
pub const SEARCH: u8 = 0x65;
pub const MODIFY: u8 = 0x67;
pub const EXTENDED: u8 = 0x78;

/// Entries with no attributes, then the end of the search.
pub fn entries(id: u8, names: &[&str]) -> Answer {
    let entry = |name: &&str| message(id, &element(0x64, &[&element(0x04, &[name.as_bytes()]), &[0x30, 0x00]]));
    let mut bytes: Vec<u8> = names.iter().flat_map(entry).collect();
    let Answer::Bytes(done) = result(id, SEARCH, 0, "") else { return Answer::Close };
    bytes.extend(done);
    Answer::Bytes(bytes)
}
