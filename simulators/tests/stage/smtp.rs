//! SMTP by hand, so that what no client library would send can be sent.
//! It refuses to wait for ever: after ten seconds without an answer the test fails.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Stage;

pub struct Smtp<S>(BufReader<S>);

/// Under TLS and logged in.
pub type Ready = Smtp<TlsStream<TcpStream>>;

async fn in_time<T>(waiting: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("no answer came")
}

impl<S: AsyncRead + AsyncWrite + Unpin> Smtp<S> {
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// One whole reply, `""` where the connection ends instead.
    pub async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let start = reply.len();
            let read = in_time(self.0.read_line(&mut reply)).await.unwrap_or(0);
            if read == 0 || reply[start..].chars().nth(3) != Some('-') {
                return reply;
            }
        }
    }

    /// Sends a line and gives the reply to it.
    pub async fn say(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n")).await;
        self.reply().await
    }

    /// Sends a line whose reply has to have this code.
    pub async fn expect(&mut self, code: u16, line: &str) -> String {
        let reply = self.say(line).await;
        assert!(reply.starts_with(&code.to_string()), "{line:?}: {reply:?} is not {code}");
        reply
    }

    /// A whole letter as it goes over the wire, without its end; gives the last reply.
    pub async fn letter(&mut self, to: &str, wire: impl AsRef<[u8]>) -> String {
        self.expect(250, "MAIL FROM:<mfa@example.com> BODY=8BITMIME").await;
        self.expect(250, &format!("RCPT TO:<{to}>")).await;
        self.expect(354, "DATA").await;
        self.send(wire).await;
        self.say("\r\n.").await
    }

    /// Waits until the other side has closed; gives what came before.
    pub async fn ended(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = in_time(self.0.read_to_end(&mut rest)).await;
        String::from_utf8(rest).unwrap()
    }
}

impl Smtp<TcpStream> {
    /// Connected and greeted.
    pub async fn connect(stage: &Stage) -> Self {
        let mut smtp =
            Self(BufReader::new(TcpStream::connect(stage.simulators.mail_address().unwrap()).await.unwrap()));
        assert!(smtp.reply().await.starts_with("220 "));
        smtp
    }

    /// The handshake; STARTTLS has been answered.
    pub async fn secure(self, stage: &Stage) -> std::io::Result<Ready> {
        let mut roots = RootCertStore::empty();
        let pem = stage.simulators.mail_certificate().unwrap();
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = versions.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, self.0.into_inner()).await?;
        Ok(Smtp(BufReader::new(stream)))
    }

    /// Under TLS, greeted again, not logged in.
    pub async fn secured(stage: &Stage) -> Ready {
        let mut smtp = Self::connect(stage).await;
        smtp.expect(250, "EHLO client.example.com").await;
        smtp.expect(220, "STARTTLS").await;
        let mut smtp = smtp.secure(stage).await.unwrap();
        smtp.expect(250, "EHLO client.example.com").await;
        smtp
    }

    /// Ready for letters.
    pub async fn ready(stage: &Stage) -> Ready {
        let mut smtp = Self::secured(stage).await;
        smtp.expect(235, &format!("AUTH PLAIN {}", plain("simulated"))).await;
        smtp
    }
}

/// The response of AUTH PLAIN.
pub fn plain(password: &str) -> String {
    BASE64.encode(format!("\0countersign\0{password}").as_bytes())
}
