//! SIPp as a callee that follows a script, and says at its end whether we did what the script wants.
//! Refuses a script that we left before its end.

use crate::peer::{Peer, free_port};
use std::fmt::Write;
use std::net::{TcpListener, UdpSocket};
use std::process::Command;
use std::time::Duration;

/// What it does, one step after the other.
pub struct Script(String);

/// Sound that we speak.
pub const SDP: &str = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n\
    m=audio [media_port] RTP/AVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n";
/// The same, on hold.
pub const HOLD: &str = "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n\
    m=audio [media_port] RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000\na=sendonly\n";
/// Sound that we do not speak.
pub const G729: &str =
    "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio [media_port] RTP/AVP 18\n";

const ANSWER: &str = "[last_Via:]\n[last_From:]\n";

impl Script {
    /// Takes the INVITE.
    pub fn called() -> Self {
        Self(String::new()).invited()
    }

    /// Takes an INVITE, and keeps what requests to us need.
    pub fn invited(mut self) -> Self {
        self.0.push_str(
            "<recv request=\"INVITE\" rrs=\"true\"><action>\
             <ereg regexp=\":.*\" search_in=\"hdr\" header=\"From\" assign_to=\"from\"/>\
             <ereg regexp=\":.*\" search_in=\"hdr\" header=\"To\" assign_to=\"to\"/>\
             <ereg regexp=\"[0-9]+\" search_in=\"hdr\" header=\"CSeq\" assign_to=\"number\"/>\
             <ereg regexp=\"SIP/2.0/.*\" search_in=\"hdr\" header=\"Via\" assign_to=\"via\"/></action></recv>\n",
        );
        self
    }

    /// Takes a request.
    pub fn takes(mut self, method: &str) -> Self {
        writeln!(self.0, "<recv request=\"{method}\" rrs=\"true\"/>").unwrap();
        self
    }

    /// Takes an answer.
    pub fn gets(mut self, status: u16) -> Self {
        writeln!(self.0, "<recv response=\"{status}\" rrs=\"true\"/>").unwrap();
        self
    }

    /// Answers the last request, as the dialog of this tag.
    pub fn answers(self, status: &str, tag: &str, headers: &str, body: &str) -> Self {
        let to = format!("[last_To:];tag={tag}\n[last_Call-ID:]\n[last_CSeq:]\n");
        self.sends(&format!("SIP/2.0 {status}\n{ANSWER}{to}"), headers, body)
    }

    /// Answers a request within the call.
    pub fn answers_within(self, status: &str) -> Self {
        let rest = "[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n";
        self.sends(&format!("SIP/2.0 {status}\n{ANSWER}{rest}"), "", "")
    }

    /// Answers the INVITE, though another request came since.
    pub fn answers_invite(self, status: &str, tag: &str, headers: &str, body: &str) -> Self {
        let head = format!(
            "SIP/2.0 {status}\nVia: [$via]\nFrom[$from]\nTo[$to];tag={tag}\n[last_Call-ID:]\nCSeq: [$number] INVITE\n"
        );
        self.sends(&head, headers, body)
    }

    /// Asks something within the call, as the dialog `a`.
    pub fn asks(self, method: &str, number: u32, headers: &str, body: &str) -> Self {
        let head = format!(
            "{method} [next_url] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n\
             From[$to];tag=a\nTo[$from]\n[last_Call-ID:]\nCSeq: {number} {method}\nMax-Forwards: 70\n"
        );
        self.sends(&head, headers, body)
    }

    fn sends(mut self, head: &str, headers: &str, body: &str) -> Self {
        let content = match body {
            "" => String::new(),
            body if body.starts_with("Signal") => "Content-Type: application/dtmf-relay\n".into(),
            _ => "Content-Type: application/sdp\n".into(),
        };
        writeln!(
            self.0,
            "<send><![CDATA[\n{head}Contact: <sip:callee@[local_ip]:[local_port];transport=[transport]>\n\
             {headers}{content}Content-Length: [len]\n\n{body}\n]]></send>"
        )
        .unwrap();
        self
    }

    pub fn waits(mut self, milliseconds: u32) -> Self {
        writeln!(self.0, "<pause milliseconds=\"{milliseconds}\"/>").unwrap();
        self
    }

    /// Answers with sound and is acknowledged.
    pub fn picks_up(self, headers: &str) -> Self {
        self.answers("200 OK", "a", headers, SDP).takes("ACK")
    }

    /// Hangs up.
    pub fn hangs_up(self, number: u32) -> Self {
        self.asks("BYE", number, "", "").gets(200)
    }

    /// Takes our hanging up.
    pub fn hung_up(self) -> Self {
        self.takes("BYE").answers_within("200 OK")
    }
}

/// A callee.
pub struct Callee {
    peer: Peer,
    pub port: u16,
}

impl Callee {
    pub async fn start(script: Script) -> Self {
        Self::over("u1", script).await
    }

    /// `transport` as SIPp names it.
    pub async fn over(transport: &str, script: Script) -> Self {
        let (port, media) = (free_port(), free_port());
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"callee\">\n{}\
             <Reference variables=\"from,to,number,via\"/>\n</scenario>\n",
            script.0
        );
        std::fs::write(folder.path().join("script.xml"), text).unwrap();
        let mut command = Command::new("sipp");
        command.current_dir(folder.path()).args(["-sf", "script.xml", "-i", "127.0.0.1", "-m", "1", "-nostdin"]);
        command.args(["-p", &port.to_string(), "-mp", &media.to_string(), "-t", transport, "-timeout", "30s"]);
        command.args([
            "-timeout_error",
            "-trace_err",
            "-error_file",
            "errors",
            "-trace_msg",
            "-message_file",
            "messages",
        ]);
        let peer = Peer::start(&mut command, folder);
        let callee = Self { peer, port };
        callee.ready(transport).await;
        callee
    }

    async fn ready(&self, transport: &str) {
        for _ in 0..500 {
            let free = if transport.starts_with('u') {
                UdpSocket::bind(("127.0.0.1", self.port)).is_ok()
            } else {
                TcpListener::bind(("127.0.0.1", self.port)).is_ok()
            };
            if !free {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the callee does not start: {}", self.peer.log());
    }

    /// Until it ends: we did all that its script wants.
    pub async fn content(mut self) {
        let content = self.peer.is_content().await;
        let file = |name| std::fs::read_to_string(self.peer.folder().join(name)).unwrap_or_default();
        assert!(content, "{}\n{}\n{}", file("errors"), file("messages"), self.peer.log());
    }
}
