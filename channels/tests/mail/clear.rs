//! Servers that would have us talk in clear, or whom somebody on the way speaks for.
//! Refuses aiosmtpd here: it is honest.

use crate::authority::Authority;
use crate::server::{assert_not_now, settings, to};
use channels::mail::{Mail, MailSettings};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Answers each line of one connection with the next of `answers`, then waits for the end; gives what was said in clear.
async fn clear(answers: &'static [&'static str]) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        let mut heard = String::new();
        for answer in answers {
            if stream.write_all(answer.as_bytes()).await.is_err() || stream.read_line(&mut heard).await.is_err() {
                break;
            }
        }
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        heard + &String::from_utf8_lossy(&rest)
    });
    (port, heard)
}

#[tokio::test]
async fn nothing_is_sent_in_clear_whatever_is_offered() {
    let stripped: [&[&str]; 3] = [
        &["220 ready\r\n", "250-mail.example.com\r\n250 AUTH PLAIN LOGIN\r\n"],
        &[
            "220 ready\r\n",
            "250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
            "454 not now\r\n",
            "221 bye\r\n",
        ],
        &[
            "220 ready\r\n",
            "250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
            "502 what?\r\n",
            "221 bye\r\n",
        ],
    ];
    for answers in stripped {
        let (port, heard) = clear(answers).await;
        let client = Mail::new(MailSettings { timeout: Duration::from_secs(5), ..settings(port) }).unwrap();
        assert_not_now(client.send(&to("alice@example.com")).await, "");
        let heard = heard.await.unwrap();
        assert!(heard.starts_with("EHLO example.com\r\n"), "{heard}");
        for word in ["AUTH", "MAIL", "alice", "phone"] {
            assert!(!heard.contains(word), "{heard}");
        }
    }
}

#[tokio::test]
async fn a_server_that_never_speaks_or_speaks_nonsense_is_for_later() {
    let nonsense: [&[&str]; 4] = [&[], &["nonsense\r\n"], &["554 go away\r\n"], &["220 ready\r\n", "999 what\r\n"]];
    for answers in nonsense {
        let (port, _heard) = clear(answers).await;
        let client = Mail::new(MailSettings { timeout: Duration::from_secs(1), ..settings(port) }).unwrap();
        assert_not_now(client.send(&to("alice@example.com")).await, "");
    }
}

async fn say(stream: &mut (impl AsyncWrite + AsyncRead + Unpin), text: &str) {
    let _ = stream.write_all(text.as_bytes()).await;
}

/// STARTTLS with `behind` right behind its answer; then honest, and whoever comes gets every letter taken.
async fn injecting(authority: &Authority, behind: &'static str) -> (u16, JoinHandle<bool>) {
    let identity = authority.identity("localhost", 2100);
    let certificate = CertificateDer::from_pem_file(&identity.certificate).unwrap();
    let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = versions.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let secured = tokio::spawn(async move {
        let mut socket = listener.accept().await.unwrap().0;
        let mut heard = [0; 512];
        say(&mut socket, "220 ready\r\n").await;
        let _ = socket.read(&mut heard).await;
        say(&mut socket, "250-mail.example.com\r\n250 STARTTLS\r\n").await;
        let _ = socket.read(&mut heard).await;
        say(&mut socket, &format!("220 go\r\n{behind}")).await;
        let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(socket).await else { return false };
        for answer in ["250 AUTH PLAIN", "235 welcome", "250 sender", "250 recipient", "354 go on", "250 taken"] {
            let _ = stream.read(&mut heard).await;
            say(&mut stream, &format!("{answer}\r\n")).await;
        }
        let _ = stream.read(&mut heard).await;
        true
    });
    (port, secured)
}

#[tokio::test]
async fn what_is_slipped_in_behind_the_answer_to_starttls_breaks_the_handshake() {
    let authority = Authority::new();
    let ours =
        |port| MailSettings { ca_file: Some(authority.file()), timeout: Duration::from_secs(10), ..settings(port) };
    // The same server without it, so that the second half of this test can fail.
    let (port, secured) = injecting(&authority, "").await;
    let honest = Mail::new(ours(port)).unwrap();
    honest.send(&to("alice@example.com")).await.unwrap();
    drop(honest);
    assert!(secured.await.unwrap());
    let (port, secured) = injecting(&authority, "250-mail.example.com\r\n250 AUTH PLAIN\r\n").await;
    assert_not_now(Mail::new(ours(port)).unwrap().send(&to("alice@example.com")).await, "TLS");
    assert!(!secured.await.unwrap());
}
