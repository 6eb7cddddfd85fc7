//! A far side without a program: a socket whose test writes the answers.
//! Refuses to answer by itself.

use std::time::Duration;
use tokio::net::UdpSocket;

/// A request with where it came from.
pub type Asked = (String, std::net::SocketAddr);

/// The far side.
pub struct Far(UdpSocket);

impl Far {
    pub async fn start() -> Self {
        Self(UdpSocket::bind("127.0.0.1:0").await.unwrap())
    }

    pub fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// The next request of this method; others are passed over.
    pub async fn takes(&self, method: &str) -> Asked {
        let asked = async {
            let mut buffer = [0; 4096];
            loop {
                let (length, peer) = self.0.recv_from(&mut buffer).await.unwrap();
                let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
                if request.starts_with(&format!("{method} ")) {
                    return (request, peer);
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(5), asked).await.expect("it does not come")
    }

    /// Answers it, as the dialog `a`.
    pub async fn answers(&self, (request, peer): &Asked, status: &str, headers: &str, body: &str) {
        let named = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
        let kept = request.lines().filter(|line| named.iter().any(|name| line.starts_with(name)));
        let tagged = |line: &str| line.starts_with("To:") && !line.contains("tag=");
        let kept: Vec<_> = kept.map(|line| if tagged(line) { format!("{line};tag=a") } else { line.into() }).collect();
        let length = body.len();
        let answer =
            format!("SIP/2.0 {status}\r\n{}\r\n{headers}Content-Length: {length}\r\n\r\n{body}", kept.join("\r\n"));
        self.0.send_to(answer.as_bytes(), peer).await.unwrap();
    }
}
