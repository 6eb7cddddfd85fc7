//! A gateway made of a listener and a list of acts, one for each connection; it keeps what it was asked.
//! Refuses to hide a connection that no act was written for: it is counted like the others and closed.

use channels::text::{Text, TextGateway};
use channels::twilio::{Privacy, Twilio, TwilioSettings};
use engine::id::{AttemptId, VerificationId};
use engine::secret::Secret;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

pub const TOKEN: &str = "s3cret-token";
pub const NUMBER: &str = "+12025550100";

/// What the gateway does with one connection.
#[derive(Clone)]
pub enum Act {
    /// Reads a request, writes these bytes and closes.
    Answer(Vec<u8>),
    /// Reads and answers a request on a connection that is kept, then reads another and closes.
    AnswerOnceOfTwo(Vec<u8>),
    /// Reads nothing and closes.
    Close,
    /// Reads a request, writes these bytes and nothing more, until the client goes.
    Hang(Vec<u8>),
    /// Reads a request, writes the first, then the second without end, until the client goes.
    Pour(Vec<u8>, Vec<u8>),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Method, target and version.
    pub line: String,
    head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Asked {
    /// The value of a header that comes once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let value = found.by_ref().find(|(found, _)| found.eq_ignore_ascii_case(name))?.1;
        assert!(!found.any(|(found, _)| found.eq_ignore_ascii_case(name)), "{name} comes twice");
        Some(value)
    }

    /// The body's form.
    pub fn form(&self) -> Vec<(String, String)> {
        serde_urlencoded::from_bytes(&self.body).unwrap()
    }

    /// The query's parameters.
    pub fn query(&self) -> Vec<(String, String)> {
        let target = self.line.split(' ').nth(1).unwrap();
        serde_urlencoded::from_str(target.split_once('?').map_or("", |(_, query)| query)).unwrap()
    }
}

#[derive(Default)]
struct Seen {
    connections: usize,
    asked: Vec<Asked>,
    poured: usize,
}

/// A gateway that runs until the test ends.
pub struct Gateway {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Gateway {
    /// Listens on a free port and plays the acts in their order.
    pub async fn playing(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let seen = Arc::clone(&gateway.seen);
        tokio::spawn(async move {
            let mut acts = acts.into_iter();
            while let Ok((stream, _)) = listener.accept().await {
                seen.lock().unwrap().connections += 1;
                tokio::spawn(play(stream, acts.next().unwrap_or(Act::Close), Arc::clone(&seen)));
            }
        });
        gateway
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().asked.clone()
    }

    /// The one request that it got.
    pub fn only(&self) -> Asked {
        let asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked[0].clone()
    }

    pub fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// Bytes that the client's side took of an answer without end.
    pub fn poured(&self) -> usize {
        self.seen.lock().unwrap().poured
    }
}

/// One connection. Errors of writing are the client's going away, which is what some acts wait for.
async fn play<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, act: Act, seen: Arc<Mutex<Seen>>) {
    match act {
        Act::Close => {}
        Act::Answer(answer) => {
            hear(&mut stream, &seen).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
        Act::AnswerOnceOfTwo(answer) => {
            hear(&mut stream, &seen).await;
            let _ = stream.write_all(&answer).await;
            hear(&mut stream, &seen).await;
        }
        Act::Hang(beginning) => {
            hear(&mut stream, &seen).await;
            let _ = stream.write_all(&beginning).await;
            let _ = stream.read(&mut [0]).await;
        }
        Act::Pour(head, drop) => {
            hear(&mut stream, &seen).await;
            let _ = stream.write_all(&head).await;
            while stream.write_all(&drop).await.is_ok() {
                seen.lock().unwrap().poured += drop.len();
            }
        }
    }
}

/// Reads one request; one that breaks off is not kept.
async fn hear<S: AsyncRead + Unpin>(stream: &mut S, seen: &Mutex<Seen>) {
    let mut bytes = Vec::new();
    let end = loop {
        match bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            Some(end) => break end,
            None if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 => return,
            None => {}
        }
    };
    let mut body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).unwrap();
    let mut asked = Asked { line: head.lines().next().unwrap().to_owned(), head, body: Vec::new() };
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    while body.len() < length {
        if stream.read_buf(&mut body).await.unwrap_or(0) == 0 {
            return;
        }
    }
    asked.body = body;
    seen.lock().unwrap().asked.push(asked);
}

/// An answer with a body in JSON.
pub fn json(status: u16, body: &str) -> Vec<u8> {
    answer(status, "Content-Type: application/json\r\n", body)
}

/// An answer with further header lines, each ended by CRLF.
pub fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len()).into_bytes()
}

/// The settings of a client of `base_url`, as short of patience as they allow.
pub fn settings(base_url: &str) -> TwilioSettings {
    TwilioSettings {
        account_sid: "AC1".into(),
        auth_token: Secret::new(TOKEN.into()),
        second_auth_token: None,
        api_key_sid: None,
        api_key_secret: None,
        from: vec![NUMBER.into()],
        messaging_service_sid: None,
        base_url: base_url.into(),
        ca_file: None,
        timeout_seconds: 20,
        pipelining: std::num::NonZeroU8::MIN,
        risk_check: true,
        privacy: Privacy::default(),
    }
}

pub fn client(settings: TwilioSettings) -> Twilio {
    Twilio::new("sms", settings, "https://mfa.example.com/base/").unwrap()
}

pub fn attempt() -> AttemptId {
    AttemptId { verification: VerificationId::from_bits(7), rung: 1, send: 2 }
}

pub fn text() -> Text {
    Text {
        attempt: attempt(),
        to: "+12025550123".into(),
        body: Secret::new("Your code is 246810".into()),
        valid_for: Duration::from_secs(120),
    }
}

/// Gives the text to the gateway at `base_url`, once, by a client of its own.
pub async fn send_to(base_url: &str) -> Result<channels::text::Accepted, channels::text::SendError> {
    client(settings(base_url)).send(&text()).await
}
