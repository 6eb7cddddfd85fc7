//! A caller of few lines for the stories of the carrier: SIP as text over a socket, and RTP beside it.
//! It follows no rules but those that a story writes down.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;

use super::{OURS, PHONE};

const PATIENCE: Duration = Duration::from_secs(10);

pub struct Caller {
    pub socket: UdpSocket,
    pub sound: UdpSocket,
    server: SocketAddr,
    call_id: String,
    pub to: String,
    pub from: String,
    /// The To of the last answer with a tag.
    pub dialog: String,
    /// The Contact of the last answer that has one.
    pub target: String,
    pub number: u32,
    pub branch: String,
    branches: u32,
}

/// What came.
#[derive(Debug, Clone)]
pub struct Told {
    pub text: String,
}

impl Told {
    pub fn code(&self) -> u16 {
        let code = self.text.strip_prefix("SIP/2.0 ").and_then(|rest| rest.get(..3));
        code.and_then(|code| code.parse().ok()).unwrap_or_default()
    }

    pub fn method(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }

    pub fn field(&self, name: &str) -> &str {
        let begin = format!("{name}: ");
        self.text.lines().find_map(|line| line.strip_prefix(&begin)).unwrap_or_default()
    }

    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

impl Caller {
    pub async fn new(server: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let sound = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let call_id = format!("{}@test", socket.local_addr().unwrap().port());
        Self {
            socket,
            sound,
            server,
            call_id,
            to: format!("sip:{PHONE}@{server}"),
            from: OURS.to_owned(),
            dialog: String::new(),
            target: String::new(),
            number: 0,
            branch: String::new(),
            branches: 0,
        }
    }

    pub fn offer(&self) -> String {
        let port = self.sound.local_addr().unwrap().port();
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 8 101\r\n\
             a=rtpmap:101 telephone-event/8000\r\n"
        )
    }

    /// Sends a request with a new branch and, but for ACK and CANCEL, a new number.
    pub async fn send(&mut self, method: &str, more: &str, body: &str) {
        if method != "CANCEL" {
            self.branches += 1;
            self.branch = format!("z9hG4bK{}x{}", self.call_id.split('@').next().unwrap(), self.branches);
        }
        if !matches!(method, "ACK" | "CANCEL") {
            self.number += 1;
        }
        let text = self.text(method, more, body);
        self.raw(&text).await;
    }

    pub fn text(&self, method: &str, more: &str, body: &str) -> String {
        let local = self.socket.local_addr().unwrap();
        let inside = !self.dialog.is_empty() && method != "CANCEL";
        let uri = if inside && !self.target.is_empty() { &self.target } else { &self.to };
        let to = if inside { self.dialog.clone() } else { format!("<{}>", self.to) };
        let kind =
            if body.is_empty() || more.contains("Content-Type") { "" } else { "Content-Type: application/sdp\r\n" };
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch={};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:{}@test>;tag=caller\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {} {method}\r\n\
             Contact: <sip:caller@{local}>\r\n{more}{kind}Content-Length: {}\r\n\r\n{body}",
            self.branch,
            self.from,
            self.call_id,
            self.number,
            body.len()
        )
    }

    pub async fn raw(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), self.server).await.unwrap();
    }

    pub async fn invite(&mut self, more: &str) {
        let offer = self.offer();
        self.send("INVITE", more, &offer).await;
    }

    /// The next message; the dialog is taken from it.
    pub async fn hear(&mut self) -> Told {
        let mut buffer = vec![0; 65_535];
        let heard = tokio::time::timeout(PATIENCE, self.socket.recv_from(&mut buffer)).await;
        let (length, _) = heard.expect("nothing came").unwrap();
        let told = Told { text: String::from_utf8(buffer[..length].to_vec()).unwrap() };
        if told.code() > 100 {
            if told.field("To").contains(";tag=") {
                self.dialog = told.field("To").to_owned();
            }
            if let Some(target) = told.field("Contact").split(['<', '>']).nth(1) {
                self.target = target.to_owned();
            }
        }
        told
    }

    /// Skips what comes before an answer with this code.
    pub async fn hear_code(&mut self, code: u16) -> Told {
        loop {
            let told = self.hear().await;
            if told.code() == code {
                return told;
            }
            assert!(told.code() < 200 || told.code() == 0, "{code} was waited for: {}", told.text);
        }
    }

    /// Skips answers before a request with this method.
    pub async fn hear_request(&mut self, method: &str) -> Told {
        loop {
            let told = self.hear().await;
            if told.method() == method {
                return told;
            }
            assert!(told.code() > 0, "{method} was waited for: {}", told.text);
        }
    }

    /// Places a call that is answered; gives the answer.
    pub async fn call(&mut self) -> Told {
        self.invite("").await;
        let told = self.hear_code(200).await;
        self.send("ACK", "", "").await;
        told
    }

    /// The ACK of a refusal: in the transaction of its INVITE.
    pub async fn ack_refusal(&mut self) {
        let text = self.text("ACK", "", "").replacen(&self.target_line(), &format!("ACK {} SIP/2.0", self.to), 1);
        self.raw(&text).await;
    }

    fn target_line(&self) -> String {
        let uri = if self.target.is_empty() { &self.to } else { &self.target };
        format!("ACK {uri} SIP/2.0")
    }

    /// Answers a request of the carrier.
    pub async fn answer(&self, request: &Told, body: &str) {
        let copied: String = ["Via", "From", "To", "Call-ID", "CSeq"]
            .map(|name| format!("{name}: {}\r\n", request.field(name)))
            .concat();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let contact = self.socket.local_addr().unwrap();
        let text = format!(
            "SIP/2.0 200 OK\r\n{copied}Contact: <sip:caller@{contact}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.raw(&text).await;
    }

    /// Sends so many packets of one byte, 20 ms apart, from packet `first` on.
    pub async fn speak(&self, answer: &Told, byte: u8, (first, count): (u16, u16)) {
        let port = answer.body().split("m=audio ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        let far: SocketAddr = format!("127.0.0.1:{port}").parse().unwrap();
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        for number in first..first + count {
            pace.tick().await;
            let mut packet = vec![0x80, 0];
            packet.extend(number.to_be_bytes());
            packet.extend((u32::from(number) * 160).to_be_bytes());
            packet.extend([0, 0, 0, 7]);
            packet.extend([byte; 160]);
            self.sound.send_to(&packet, far).await.unwrap();
        }
    }

    /// The next packet of sound: payload type and payload.
    pub async fn listen(&self) -> (u8, Vec<u8>) {
        let mut buffer = [0; 2_000];
        let heard = tokio::time::timeout(PATIENCE, self.sound.recv_from(&mut buffer)).await;
        let (length, _) = heard.expect("no sound came").unwrap();
        (buffer[1] & 0x7F, buffer[12..length].to_vec())
    }

    /// The next keys, from their events.
    pub async fn hear_keys(&self, count: usize) -> String {
        let mut keys = String::new();
        let mut last = u32::MAX;
        let mut buffer = [0; 2_000];
        while keys.len() < count {
            let heard = tokio::time::timeout(PATIENCE, self.sound.recv_from(&mut buffer)).await;
            let (length, _) = heard.expect("no keys came").unwrap();
            let start = u32::from_be_bytes(buffer[4..8].try_into().unwrap());
            if buffer[1] & 0x7F == 101 && length == 16 && start != last {
                last = start;
                keys.push(char::from(b"0123456789*#ABCD"[usize::from(buffer[12])]));
            }
        }
        keys
    }
}
